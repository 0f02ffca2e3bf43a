// Everything that can happen to a VRRP stack: a closed set. Each comes with its time as an argument of step().
#ifndef VIPDRIFT_PROTOCOL_VRRP_EVENT_H_
#define VIPDRIFT_PROTOCOL_VRRP_EVENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "protocol/base/strong_id.h"
#include "protocol/config/configuration.h"
#include "protocol/net/ip_address.h"
#include "protocol/vrrp/advertisement.h"
#include "protocol/vrrp/host_facts.h"

namespace vipdrift::vrrp {

/// The daemon has started: instances leave Initialize. Exactly once, first.
struct Started {};

/// A datagram of protocol 112 arrived.
using DatagramReceived = Datagram;

/// An interface went up or down, administratively or by carrier.
struct LinkChanged {
  InterfaceId interface;
  bool up = false;
};

/// An interface is new, or one that was known has another name, MAC address or other addresses now: the facts replace
/// what was known of that id. macvlans that AddVirtualMac made are none of the stack's interfaces.
struct InterfaceAppeared {
  InterfaceFacts facts;
};

/// An interface is gone, and everything on it. Its id may come back as another interface.
struct InterfaceVanished {
  InterfaceId interface;
};

/// The kernel's list of addresses changed, whoever did it; the stack knows its own doing from others'. An IPv6 address
/// is present once it may be used (duplicate detection is over). Addresses that an AddAddress put on a macvlan are told
/// with the interface of that action.
struct AddressChanged {
  InterfaceId interface;
  IpAddress address;
  bool present = false;
};

/// A route or rule that the stack had asked for was removed by somebody else (or by the kernel, with its interface).
struct RouteRemoved {
  config::Route route;
};
struct RuleRemoved {
  config::Rule rule;
};

/// The macvlan that an AddVirtualMac made was removed by somebody else.
struct VirtualMacRemoved {
  InterfaceId interface;
  MacAddress mac;
};

/// A track script ended. `exit_status` as wait(2) tells it; a script killed for its time-out sets `timed_out`.
struct ScriptFinished {
  ScriptId script;
  int exit_status = 0;
  bool timed_out = false;
};

/// The number in a tracked file; nullopt: the file is absent (counts as 0).
struct FileChanged {
  FileId file;
  std::optional<std::int64_t> value;
};

/// How many processes now match a track_process.
struct ProcessCountChanged {
  ProcessId process;
  int running = 0;
};

/// A virtual server lost its quorum or has it (again): the health checks say so. Until they speak, it counts as there.
struct QuorumChanged {
  VirtualServerId server;
  bool up = false;
};

/// A new configuration, already parsed and checked (SIGHUP). The old one is gone when step() returns.
struct ConfigurationLoaded {
  std::shared_ptr<const config::Configuration> configuration;
};

/// Stop gracefully (SIGTERM): priority 0, addresses out, notify STOP. Nothing but events of the world follows.
struct StopRequested {};

/// now >= next_deadline(). Harmless when early.
struct DeadlineReached {};

/// The world could not carry out an action; `error` is its errno value.
struct ActionFailed {
  enum class What : std::uint8_t {
    send_advertisement,
    add_address,
    remove_address,
    announce,
    run_script,
    add_route,
    remove_route,
    add_rule,
    remove_rule,
    add_virtual_mac,
    remove_virtual_mac,
  } what{};
  std::optional<InstanceId> instance;  ///< absent: a static address, route or rule
  IpAddress address = {};              ///< for addresses; for send_advertisement the destination
  int error = 0;
  std::string subject = {};  ///< for routes, rules and macvlans: in words for the log, as config::to_string() has them
};

using Event = std::variant<DatagramReceived, DeadlineReached, Started, LinkChanged, AddressChanged, ScriptFinished,
                           FileChanged, ProcessCountChanged, ConfigurationLoaded, StopRequested, ActionFailed,
                           InterfaceAppeared, InterfaceVanished, RouteRemoved, RuleRemoved, VirtualMacRemoved,
                           QuorumChanged>;

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_EVENT_H_
