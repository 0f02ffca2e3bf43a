// What this process may do, reduced to what it needs (capabilities(7)).
#ifndef VIPDRIFT_BACKENDS_LINUX_PRIVILEGES_H_
#define VIPDRIFT_BACKENDS_LINUX_PRIVILEGES_H_

#include <optional>
#include <string>

#include "backends/linux/identity.h"
#include "protocol/config/configuration.h"

namespace vipdrift::linux_backend {

/// What a configuration needs beyond CAP_NET_ADMIN and CAP_NET_RAW.
struct PrivilegeNeeds {
  bool other_users = false;   ///< commands run as others than us: CAP_SETUID, CAP_SETGID, CAP_KILL
  bool foreign_fifo = false;  ///< a FIFO belongs to another: CAP_CHOWN
  bool low_ports = false;      ///< checks are bound to ports below 1024 (bind_port): CAP_NET_BIND_SERVICE
  bool root_commands = false; ///< commands run as root, which then shall find root's full power

  /// Whether a process that kept only what `*this` needs can do what `other` needs. Commands that run as root it can
  /// always run, though with fewer privileges than a new start would give them.
  bool cover(const PrivilegeNeeds& other) const {
    return (other_users || !other.other_users) && (foreign_fifo || !other.foreign_fifo) &&
           (low_ports || !other.low_ports);
  }
  friend bool operator==(const PrivilegeNeeds&, const PrivilegeNeeds&) = default;
};

PrivilegeNeeds privilege_needs(const config::Configuration& configuration, Identities& identities);
/// The same for the process that checks real servers.
PrivilegeNeeds check_privilege_needs(const config::Configuration& configuration, Identities& identities);

/// Keeps what is needed and drops everything else for good: the effective and permitted sets, and unless commands run
/// as root or as others also the bounding set, with no_new_privs, so that no program run from here can gain anything.
/// Commands that run as root then get what root had before. An error in words when the kernel refuses.
std::optional<std::string> reduce_privileges(const PrivilegeNeeds& needs);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_PRIVILEGES_H_
