// What the kernel's netem does at the ports of one segment: delay, jitter, reordering, duplication, corruption.
#ifndef VIPDRIFT_BACKENDS_NETNS_PORT_SHAPER_H_
#define VIPDRIFT_BACKENDS_NETNS_PORT_SHAPER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "backends/netns/netem_setting.h"

struct nl_sock;

namespace vipdrift::netns {

class PortShaper {
 public:
  using Error = std::optional<std::string>;

  /// Works in the network namespace in which the thread is now.
  PortShaper();

  /// Frames that leave the switch through `port`, after they have been seen to leave; the latter is the wire's end.
  Error shape_leaving(const std::string& port, const NetemSetting& setting);
  /// Frames that enter through `port`, after they have been seen to enter: they pass an interface of their own that
  /// only delays them (ifb).
  Error shape_entering(const std::string& port, const NetemSetting& setting);
  /// The interface of `port` is gone, or another one: nothing is known of it.
  void forget(const std::string& port);

 private:
  struct CloseSocket {
    void operator()(nl_sock* socket) const;
  };

  /// In the namespace of the socket, wherever the thread is. 0: there is none.
  int index_of(const std::string& interface) const;
  int set_netem(int interface, const NetemSetting& setting);
  Error detour(const std::string& port, const std::string& by);

  std::unique_ptr<nl_sock, CloseSocket> socket_;
  std::map<std::string, NetemSetting> leaving_;   ///< in force, by port
  std::map<std::string, NetemSetting> entering_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_PORT_SHAPER_H_
