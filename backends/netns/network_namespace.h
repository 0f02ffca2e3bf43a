// Network namespaces, which belong to threads.
#ifndef VIPDRIFT_BACKENDS_NETNS_NETWORK_NAMESPACE_H_
#define VIPDRIFT_BACKENDS_NETNS_NETWORK_NAMESPACE_H_

#include <optional>
#include <string>

#include "backends/netns/descriptor.h"

namespace vipdrift::netns {

/// Alive while this object, a process, a thread or a socket is in it.
class NetworkNamespace {
 public:
  /// The one in which this thread is now.
  static std::optional<NetworkNamespace> here(std::string& error);
  /// A new one; this thread is in it afterwards. No IPv6 address is tentative in it, and none is made by itself.
  static std::optional<NetworkNamespace> create(std::string& error);

  /// Brings this thread there; sockets that it opens from then on are there too.
  bool enter() const;
  int descriptor() const { return descriptor_.get(); }

 private:
  explicit NetworkNamespace(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  Descriptor descriptor_;
};

/// Writes below /proc/sys/net of this thread's network namespace: "ipv4/ip_forward". False when it is not there.
bool set_network_option(const std::string& name, const std::string& value);

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_NETWORK_NAMESPACE_H_
