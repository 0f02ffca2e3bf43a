// Everything a VRRP stack asks of the world: a closed set. The order in the list is part of the contract.
#ifndef VIPDRIFT_PROTOCOL_VRRP_ACTION_H_
#define VIPDRIFT_PROTOCOL_VRRP_ACTION_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/base/boxed.h"
#include "protocol/base/strong_id.h"
#include "protocol/base/time.h"
#include "protocol/config/configuration.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::vrrp {

/// State of a virtual router. keepalived's words; RFC 9568 says Active for master.
enum class State : std::uint8_t { initialize, backup, master, fault };
/// "INIT", "BACKUP", "MASTER", "FAULT", as keepalived prints them.
std::string_view to_string(State state);

/// Send one datagram of protocol 112. The bytes are in the list that holds the action: ActionList::bytes().
struct SendAdvertisement {
  InstanceId instance;
  InterfaceId interface;
  IpAddress source;
  IpAddress destination;
  std::uint8_t ttl = 255;
  std::uint8_t priority = 0;  ///< also in the bytes; here for those who only watch
  MacAddress virtual_mac{};   ///< zero: from `interface` itself; else through its macvlan of this address
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

/// Make the macvlan of `mac` on `interface` (use_vmac), or take over one that is there; bring it up. It stays until
/// RemoveVirtualMac, whatever the state of the instance.
struct AddVirtualMac {
  InstanceId instance;
  InterfaceId interface;  ///< the one below
  MacAddress mac;
  std::string name;
};
struct RemoveVirtualMac {
  InstanceId instance;
  InterfaceId interface;
  MacAddress mac;
  std::string name;
};

/// What few addresses have.
struct AddressDetails {
  std::string label;
  std::optional<IpAddress> broadcast{};
  std::string scope{};                           ///< a name or a number; empty: the kernel's default
  std::optional<IpAddress> peer{};               ///< then prefix_length is the peer's
  std::optional<Duration> preferred_lifetime{};  ///< zero: deprecated; Duration::max(): for ever; absent: as lifetime
  config::AddressOptions options{};

  friend bool operator==(const AddressDetails&, const AddressDetails&) = default;
};

/// Add an address, or renew its lifetime. One that is there already is as good as added.
struct AddAddress {
  std::optional<InstanceId> instance;  ///< absent: a static address
  InterfaceId interface;
  IpAddress address;
  std::uint8_t prefix_length = 32;
  Duration lifetime{0};         ///< zero: for ever; else the kernel removes it unless renewed by another AddAddress
  MacAddress virtual_mac{};     ///< not zero: to a macvlan of this address on `interface` (use_vmac)
  bool refuse_packets = false;  ///< no_accept: until RemoveAddress, drop what is sent to it but answer ARP and ND
  Boxed<AddressDetails> details{};
};

/// One that is gone already is as good as removed.
struct RemoveAddress {
  std::optional<InstanceId> instance;
  InterfaceId interface;
  IpAddress address;
  std::uint8_t prefix_length = 32;
  MacAddress virtual_mac{};  ///< as in AddAddress
};

/// Add a route or a rule. One that is there already is as good as added, one that is gone as good as removed.
struct AddRoute {
  std::optional<InstanceId> instance;  ///< absent: a static one
  Boxed<config::Route> route;
};
struct RemoveRoute {
  std::optional<InstanceId> instance;
  Boxed<config::Route> route;
};
struct AddRule {
  std::optional<InstanceId> instance;
  Boxed<config::Rule> rule;
};
struct RemoveRule {
  std::optional<InstanceId> instance;
  Boxed<config::Rule> rule;
};

/// Send `repeats` gratuitous ARP requests (IPv4) or unsolicited neighbour advertisements (IPv6) back to back.
struct AnnounceAddress {
  InstanceId instance;
  InterfaceId interface;
  IpAddress address;
  std::uint8_t repeats = 1;
  MacAddress virtual_mac;  ///< zero: the interface's own
};

/// Start a track script; answered by ScriptFinished.
struct RunScript {
  ScriptId script;
};

/// Signal the process group of a running track script (its time-out has passed).
struct KillScript {
  ScriptId script;
  bool force = false;  ///< SIGKILL instead of SIGTERM
};

enum class NotifyState : std::uint8_t { master, backup, fault, stop, deleted, master_rx_lower_priority };
/// "MASTER", "BACKUP", "FAULT", "STOP", "DELETED", "MASTER_RX_LOWER_PRI".
std::string_view to_string(NotifyState state);

/// One state change told to the outside, in keepalived's order: specific script, generic script, FIFO, mail.
struct NotifyScript {
  bool group = false;
  bool generic = false;  ///< the `notify` command: its argv already ends in its four words
  NotifyState state{};
  int priority = 0;  ///< effective; 0 for a group
  std::string name;  ///< of the instance or group
  Boxed<config::Command> command;
};
/// To each of vrrp_notify_fifo and notify_fifo that is configured.
struct NotifyFifo {
  std::string line;  ///< `INSTANCE "VI_1" MASTER 100`, without newline
};
struct NotifyMail {
  std::string subject;
  std::string body;
};

/// For the record, not for the world: an instance changed its state, or its effective priority. The name is told
/// because a reload that deletes an instance numbers the others anew.
struct StateNote {
  InstanceId instance;
  State from{};
  State to{};
  std::string name;
  std::uint8_t vrid = 0;
};
struct PriorityNote {
  InstanceId instance;
  int from = 0;
  int to = 0;
};

/// For the record: an advertisement was thrown away. `instance` is absent when no instance has this VRID.
struct DiscardNote {
  std::optional<InstanceId> instance;
  std::uint8_t vrid = 0;
  Discard reason{};
  IpAddress source;
};

/// A line for the log, worded as keepalived words it. `detail`: only with -D.
struct LogLine {
  std::string text;
  bool detail = false;
};

/// The stop is complete; the daemon may exit.
struct Stopped {};

// Small: thousands of instances may have something to say in one step.
using Action = std::variant<SendAdvertisement, AddAddress, RemoveAddress, AnnounceAddress, RunScript, KillScript,
                            NotifyScript, NotifyFifo, NotifyMail, StateNote, PriorityNote, DiscardNote, LogLine,
                            Stopped, AddVirtualMac, RemoveVirtualMac, AddRoute, RemoveRoute, AddRule, RemoveRule>;

static_assert(sizeof(Action) <= 72);

/// Actions of one or more steps, in order, with the bytes of their advertisements. Reused, it stops allocating.
class ActionList {
 public:
  bool empty() const { return actions_.empty(); }
  std::size_t size() const { return actions_.size(); }
  auto begin() const { return actions_.begin(); }
  auto end() const { return actions_.end(); }
  const Action& operator[](std::size_t index) const { return actions_[index]; }

  /// The VRRP message of `action`, an element of this list. Valid until the list changes.
  std::span<const std::uint8_t> bytes(const SendAdvertisement& action) const {
    return std::span{bytes_}.subspan(action.offset, action.size);
  }

  /// Forgets everything but keeps the memory.
  void clear() {
    actions_.clear();
    bytes_.clear();
  }
  /// clear(), and gives back what a burst has taken: memory for `most` actions may stay.
  void clear_to(std::size_t most) {
    clear();
    if (actions_.capacity() <= most) return;
    std::vector<Action>().swap(actions_);
    std::vector<std::uint8_t>().swap(bytes_);
  }

  void push(Action action) { actions_.push_back(std::move(action)); }
  /// Appends `action` with a copy of `message`.
  void push(SendAdvertisement action, std::span<const std::uint8_t> message) {
    action.offset = static_cast<std::uint32_t>(bytes_.size());
    action.size = static_cast<std::uint32_t>(message.size());
    bytes_.insert(bytes_.end(), message.begin(), message.end());
    actions_.emplace_back(action);
  }

 private:
  std::vector<Action> actions_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_ACTION_H_
