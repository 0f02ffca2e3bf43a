#include "backends/netns/network_namespace.h"

#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace vipdrift::netns {

std::optional<NetworkNamespace> NetworkNamespace::here(std::string& error) {
  Descriptor descriptor(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!descriptor) {
    error = std::string("/proc/thread-self/ns/net: ") + std::strerror(errno);
    return std::nullopt;
  }
  return NetworkNamespace(std::move(descriptor));
}

std::optional<NetworkNamespace> NetworkNamespace::create(std::string& error) {
  if (unshare(CLONE_NEWNET) != 0) {
    error = std::string("cannot make a network namespace: ") + std::strerror(errno);
    return std::nullopt;
  }
  for (const char* scope : {"all", "default"}) {
    const std::string prefix = std::string("ipv6/conf/") + scope + "/";
    set_network_option(prefix + "accept_dad", "0");
    set_network_option(prefix + "autoconf", "0");
    set_network_option(prefix + "accept_ra", "0");
    set_network_option(prefix + "keep_addr_on_down", "1");
  }
  set_network_option("ipv6/conf/default/addr_gen_mode", "1");
  return here(error);
}

bool NetworkNamespace::enter() const { return setns(descriptor_.get(), CLONE_NEWNET) == 0; }

bool set_network_option(const std::string& name, const std::string& value) {
  const Descriptor file(open(("/proc/sys/net/" + name).c_str(), O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

}  // namespace vipdrift::netns
