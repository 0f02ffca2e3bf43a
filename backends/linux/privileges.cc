#include "backends/linux/privileges.h"

#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <type_traits>
#include <variant>
#include <vector>

#include "protocol/check/check_plan.h"

namespace vipdrift::linux_backend {
namespace {

struct FreeCapabilities {
  void operator()(cap_t set) const { cap_free(set); }
};
using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCapabilities>;

std::string failed(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

/// Of `wanted`, those that this process has.
std::vector<cap_value_t> held_of(const std::vector<cap_value_t>& wanted) {
  const Capabilities own(cap_get_proc());
  std::vector<cap_value_t> held;
  for (const cap_value_t one : wanted) {
    cap_flag_value_t has = CAP_CLEAR;
    if (own != nullptr && cap_get_flag(own.get(), one, CAP_PERMITTED, &has) == 0 && has == CAP_SET) {
      held.push_back(one);
    }
  }
  return held;
}

bool contains(const std::vector<cap_value_t>& set, cap_value_t one) {
  for (const cap_value_t other : set) {
    if (other == one) return true;
  }
  return false;
}

std::optional<std::string> keep(const std::vector<cap_value_t>& wanted, bool for_programs_too) {
  const std::vector<cap_value_t> held = held_of(wanted);
  if (for_programs_too) {
    // Needs CAP_SETPCAP, so it comes first; without that nothing can be lost here that no_new_privs does not lock.
    for (cap_value_t one = 0; CAP_IS_SUPPORTED(one); ++one) {
      if (!contains(wanted, one)) cap_drop_bound(one);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
  }
  const Capabilities reduced(cap_init());
  const auto count = static_cast<int>(held.size());
  if (reduced == nullptr) return failed("capabilities");
  if (count > 0 && (cap_set_flag(reduced.get(), CAP_PERMITTED, count, held.data(), CAP_SET) != 0 ||
                    cap_set_flag(reduced.get(), CAP_EFFECTIVE, count, held.data(), CAP_SET) != 0)) {
    return failed("capabilities");
  }
  if (cap_set_proc(reduced.get()) != 0) return failed("capabilities");
  return std::nullopt;
}

bool from_low_port(const check::Probe& probe) {
  constexpr std::uint16_t kFirstFree = 1024;  // net.ipv4.ip_unprivileged_port_start may be less, never more by default
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.connection; }) {
          return one.connection.from_port != 0 && one.connection.from_port < kFirstFree;
        } else {
          return false;
        }
      },
      probe);
}

class NeedsOfCommands {
 public:
  NeedsOfCommands(Identities& identities, PrivilegeNeeds& needs) : identities_(identities), needs_(needs) {}

  void add(const config::Command& command) {
    if (command.empty()) return;
    const Identity* const identity = identities_.find(command.user, command.group);
    if (identity == nullptr) return;
    if (identity->user != geteuid() || identity->group != getegid()) {
      needs_.other_users = true;
    } else if (identity->user == 0) {
      needs_.root_commands = true;
    }
  }

  void add(const config::Notifies& notifies) {
    for (const config::Command* command :
         {&notifies.master, &notifies.backup, &notifies.fault, &notifies.stop, &notifies.deleted,
          &notifies.master_rx_lower_priority, &notifies.generic}) {
      add(*command);
    }
  }

  void add(const config::NotifyFifo& fifo) {
    if (fifo.path.empty()) return;
    add(fifo.script);
    const Identity* const owner = identities_.find(fifo.user, fifo.group);
    if (owner != nullptr && (owner->user != geteuid() || owner->group != getegid())) needs_.foreign_fifo = true;
  }

 private:
  Identities& identities_;
  PrivilegeNeeds& needs_;
};

}  // namespace

PrivilegeNeeds privilege_needs(const config::Configuration& configuration, Identities& identities) {
  PrivilegeNeeds needs;
  NeedsOfCommands commands(identities, needs);
  for (const config::VrrpScript& script : configuration.scripts) {
    if (!script.disabled) commands.add(script.command);
  }
  for (const config::VrrpInstance& instance : configuration.instances) commands.add(instance.notifies);
  for (const config::SyncGroup& group : configuration.sync_groups) commands.add(group.notifies);
  commands.add(configuration.global.vrrp_notify_fifo);
  commands.add(configuration.global.notify_fifo);
  return needs;
}

PrivilegeNeeds check_privilege_needs(const config::Configuration& configuration, Identities& identities) {
  PrivilegeNeeds needs;
  NeedsOfCommands commands(identities, needs);
  for (const config::VirtualServer& service : configuration.virtual_servers) {
    commands.add(service.quorum_up);
    commands.add(service.quorum_down);
    for (const config::RealServer& server : service.real_servers) {
      commands.add(server.notify_up);
      commands.add(server.notify_down);
      for (const config::Checker& checker : server.checkers) {
        const check::CheckerPlan plan = check::plan_checker(configuration, service, server, checker);
        for (const check::Question& question : plan.questions) {
          if (const auto* program = std::get_if<check::MiscProbe>(&question.probe)) commands.add(program->command);
          needs.low_ports = needs.low_ports || from_low_port(question.probe);
        }
      }
    }
  }
  commands.add(configuration.global.lvs_notify_fifo);
  commands.add(configuration.global.notify_fifo);
  return needs;
}

std::optional<std::string> reduce_privileges(const PrivilegeNeeds& needs) {
  std::vector<cap_value_t> wanted = {CAP_NET_ADMIN, CAP_NET_RAW};
  if (needs.other_users) wanted.insert(wanted.end(), {CAP_SETUID, CAP_SETGID, CAP_KILL});
  if (needs.foreign_fifo) wanted.push_back(CAP_CHOWN);
  if (needs.low_ports) wanted.push_back(CAP_NET_BIND_SERVICE);
  return keep(wanted, !needs.root_commands && !needs.other_users);
}

}  // namespace vipdrift::linux_backend
