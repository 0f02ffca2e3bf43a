// For tests: one stack driven by hand, its actions as lines of text that a test can quote.
#ifndef VIPDRIFT_PROTOCOL_VRRP_STACK_DRIVER_H_
#define VIPDRIFT_PROTOCOL_VRRP_STACK_DRIVER_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/vrrp/vrrp_stack.h"

namespace vipdrift::vrrp::testing {

inline constexpr InterfaceId kEth0{2};
inline constexpr InterfaceId kEth1{3};
inline constexpr IpAddress kOurs = IpAddress::v4(10, 1, 10, 2);
inline constexpr IpAddress kLowerPeer = IpAddress::v4(10, 1, 10, 1);
inline constexpr IpAddress kHigherPeer = IpAddress::v4(10, 1, 10, 3);
inline constexpr IpAddress kVip = IpAddress::v4(10, 1, 10, 7);

/// The article's VI_1 on one director, without authentication.
inline config::VrrpInstance make_instance(std::string name = "VI_1", std::uint8_t vrid = 151,
                                          std::uint8_t priority = 100, IpAddress vip = kVip) {
  config::VrrpInstance instance;
  instance.name = std::move(name);
  instance.interface = "eth0";
  instance.virtual_router_id = vrid;
  instance.priority = priority;
  instance.family = vip.family();
  config::VirtualAddress address;
  address.address = vip;
  address.prefix_length = vip.family() == Family::ipv4 ? 32 : 128;
  instance.virtual_addresses.push_back(address);
  return instance;
}

inline config::Configuration make_configuration(std::vector<config::VrrpInstance> instances) {
  config::Configuration configuration;
  configuration.instances = std::move(instances);
  return configuration;
}

inline HostFacts make_host() {
  HostFacts host;
  host.interfaces.push_back({kEth0, "eth0", {{2, 0, 0, 0, 0, 2}}, true, {kOurs, *IpAddress::parse("fe80::2")}});
  host.interfaces.push_back({kEth1, "eth1", {{2, 0, 0, 0, 1, 2}}, true, {IpAddress::v4(192, 168, 0, 2)}});
  return host;
}

/// What a test says about an advertisement from a peer; the rest follows the instance.
struct PeerAdvertisement {
  int priority = 100;
  IpAddress from = kLowerPeer;
  std::size_t instance = 0;
  std::optional<Duration> interval = {};  ///< absent: the instance's
  std::string password = {};              ///< empty: the instance's
  std::uint8_t ttl = 255;
  std::vector<IpAddress> addresses = {};  ///< empty: the instance's
  Ipv4Checksum ipv4_checksum = Ipv4Checksum::with_pseudo_header;
  Duration age{0};
};

class StackDriver {
 public:
  explicit StackDriver(config::Configuration configuration, Profile profile = keepalived_profile(),
                       HostFacts host = make_host())
      : stack(std::make_shared<const config::Configuration>(std::move(configuration)), std::move(host), profile) {}
  explicit StackDriver(config::VrrpInstance instance, Profile profile = keepalived_profile())
      : StackDriver(make_configuration({std::move(instance)}), profile) {}

  TimePoint now{};
  VrrpStack stack;

  /// Steps one event now; returns its actions as lines.
  std::vector<std::string> feed(const Event& event) {
    actions_.clear();
    stack.step(now, event, actions_);
    return lines();
  }

  std::vector<std::string> start() { return feed(Started{}); }

  /// Runs all deadlines up to `until`; returns all actions, each with its time in front: "3.609375 send 100".
  std::vector<std::string> run_until(Duration until) {
    std::vector<std::string> all;
    const TimePoint end{until};
    while (stack.next_deadline() <= end) {
      now = std::max(now, stack.next_deadline());
      const std::string stamp = seconds(now.time_since_epoch());
      for (const std::string& line : feed(DeadlineReached{})) all.push_back(stamp + " " + line);
    }
    now = end;
    return all;
  }

  std::vector<std::string> receive(const PeerAdvertisement& peer) {
    const config::VrrpInstance& instance = stack.configuration().instances[peer.instance];
    std::vector<IpAddress> addresses = peer.addresses;
    if (addresses.empty()) {
      for (const config::VirtualAddress& address : instance.virtual_addresses) addresses.push_back(address.address);
    }
    const IpAddress group = instance.family == Family::ipv4 ? stack.configuration().global.vrrp_mcast_group4
                                                            : stack.configuration().global.vrrp_mcast_group6;
    const bool zero_interval = peer.interval == Duration{0};
    const AdvertisementContent content{
        .version = instance.version,
        .family = instance.family,
        .vrid = instance.virtual_router_id,
        .priority = static_cast<std::uint8_t>(peer.priority),
        .interval = zero_interval ? Duration{Centiseconds{1}} : peer.interval.value_or(instance.advert_int),
        .auth_type = instance.auth_type,
        .password = make_password(peer.password.empty() ? instance.auth_pass : peer.password),
        .ipv4_checksum = peer.ipv4_checksum,
        .source = peer.from,
        .destination = instance.unicast_peers.empty() ? group : kOurs,
        .addresses = addresses};
    std::vector<std::uint8_t> bytes(encoded_size(content));
    encode(content, bytes);
    if (zero_interval) {  // the encoder makes no such thing: one hundredth less, and so much more in the checksum
      bytes[5] = 0;
      const unsigned sum = (unsigned{bytes[6]} << 8U | bytes[7]) + 1;
      bytes[6] = static_cast<std::uint8_t>(sum >> 8U);
      bytes[7] = static_cast<std::uint8_t>(sum + (sum >> 16U));
    }
    Datagram datagram;
    datagram.interface = kEth0;
    datagram.source = content.source;
    datagram.destination = content.destination;
    datagram.ttl = peer.ttl;
    datagram.age = peer.age;
    datagram.ip_payload_length = static_cast<std::uint16_t>(bytes.size());
    datagram.payload = bytes;
    actions_.clear();
    stack.step(now, datagram, actions_);
    return lines();
  }

  const VirtualRouter& router(std::size_t index = 0) const { return stack.routers()[index]; }
  State state(std::size_t index = 0) const { return router(index).state(); }
  /// From now to the next deadline of the stack.
  Duration left() const { return stack.next_deadline() - now; }
  const ActionList& actions() const { return actions_; }

  static std::string seconds(Duration time) {
    std::string fraction = std::to_string(time.count() % 1'000'000'000);
    fraction.insert(0, 9 - fraction.size(), '0');
    while (fraction.size() > 1 && fraction.back() == '0') fraction.pop_back();
    return std::to_string(time.count() / 1'000'000'000) + "." + fraction;
  }

 private:
  std::vector<std::string> lines() const;

  ActionList actions_;
};

/// One action as a short line: "send 151 100", "add 10.1.10.7", "announce 10.1.10.7", "log (VI_1) ...".
std::string describe(const Action& action, const VrrpStack& stack);

inline std::vector<std::string> StackDriver::lines() const {
  std::vector<std::string> result;
  for (const Action& action : actions_) result.push_back(describe(action, stack));
  return result;
}

inline std::string describe(const Action& action, const VrrpStack& stack) {
  struct Describer {
    const VrrpStack& stack;
    std::string name(InstanceId id) const {
      const auto& instances = stack.configuration().instances;
      return id.value < instances.size() ? instances[id.value].name : "?";
    }
    std::string operator()(const SendAdvertisement& send) const {
      return "send " + name(send.instance) + " " + std::to_string(send.priority) + " to " +
             send.destination.to_string();
    }
    std::string operator()(const AddAddress& add) const {
      const std::string lifetime =
          add.lifetime > Duration{0} ? " for " + std::to_string(add.lifetime / std::chrono::seconds{1}) + "s" : "";
      return "add " + add.address.to_string() + lifetime;
    }
    std::string operator()(const RemoveAddress& remove) const { return "remove " + remove.address.to_string(); }
    std::string operator()(const AnnounceAddress& announce) const { return "announce " + announce.address.to_string(); }
    std::string operator()(const RunScript& run) const {
      return "run " + stack.configuration().scripts[run.script.value].name;
    }
    std::string operator()(const KillScript& kill) const {
      return std::string(kill.force ? "kill -9 " : "kill ") + stack.configuration().scripts[kill.script.value].name;
    }
    std::string operator()(const NotifyScript& notify) const {
      std::string line = "notify";
      for (const std::string& word : notify.command->argv) line += " " + word;
      return line;
    }
    std::string operator()(const NotifyFifo& fifo) const { return "fifo " + fifo.line; }
    std::string operator()(const NotifyMail& mail) const { return "mail " + mail.subject; }
    std::string operator()(const StateNote& note) const {
      return "state " + note.name + " " + std::string(to_string(note.from)) + " -> " + std::string(to_string(note.to));
    }
    std::string operator()(const PriorityNote& note) const {
      return "priority " + name(note.instance) + " " + std::to_string(note.from) + " -> " + std::to_string(note.to);
    }
    std::string operator()(const DiscardNote& note) const { return "discard " + std::string(to_string(note.reason)); }
    std::string operator()(const LogLine& log) const { return "log " + log.text; }
    std::string operator()(const Stopped&) const { return "stopped"; }
    std::string operator()(const AddVirtualMac& add) const { return "add macvlan " + add.name; }
    std::string operator()(const RemoveVirtualMac& remove) const { return "remove macvlan " + remove.name; }
    std::string operator()(const AddRoute& add) const { return "add route " + config::to_string(add.route); }
    std::string operator()(const RemoveRoute& remove) const {
      return "remove route " + config::to_string(remove.route);
    }
    std::string operator()(const AddRule& add) const { return "add rule " + config::to_string(add.rule); }
    std::string operator()(const RemoveRule& remove) const { return "remove rule " + config::to_string(remove.rule); }
  };
  return std::visit(Describer{stack}, action);
}

/// The lines without log lines and state notes: what the world has to do.
inline std::vector<std::string> deeds(const std::vector<std::string>& lines) {
  std::vector<std::string> result;
  for (const std::string& line : lines) {
    if (line.find("log (") == std::string::npos && line.find("log VRRP") == std::string::npos &&
        line.find("state ") == std::string::npos) {
      result.push_back(line);
    }
  }
  return result;
}

inline bool contains(const std::vector<std::string>& lines, const std::string& part) {
  for (const std::string& line : lines) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

inline int count(const std::vector<std::string>& lines, const std::string& part) {
  int found = 0;
  for (const std::string& line : lines) found += line.find(part) != std::string::npos ? 1 : 0;
  return found;
}

}  // namespace vipdrift::vrrp::testing

#endif  // VIPDRIFT_PROTOCOL_VRRP_STACK_DRIVER_H_
