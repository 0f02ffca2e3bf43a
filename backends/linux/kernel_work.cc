#include "backends/linux/kernel_work.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "backends/linux/route_requests.h"

namespace vipdrift::linux_backend {
namespace {

constexpr std::uint32_t kForEver = 0xffffffff;  ///< INFINITY_LIFE_TIME
/// Different reasons of the kernel that are said once each; then no more are remembered.
constexpr std::size_t kReasons = 256;

std::uint32_t seconds(Duration lifetime) {
  const auto count = std::chrono::ceil<std::chrono::seconds>(lifetime).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 0, kForEver));
}

ifa_cacheinfo lifetimes(const vrrp::AddAddress& action) {
  ifa_cacheinfo info{};
  info.ifa_valid = action.lifetime > Duration{0} ? seconds(action.lifetime) : kForEver;
  info.ifa_prefered = info.ifa_valid;
  const std::optional<Duration>& preferred = action.details->preferred_lifetime;
  if (preferred && *preferred != Duration::max()) {
    info.ifa_prefered = std::min(info.ifa_valid, seconds(*preferred));
  }
  return info;
}

std::uint32_t flags_of(const vrrp::AddAddress& action) {
  const config::AddressOptions& options = action.details->options;
  std::uint32_t flags = 0;
  if (options.noprefixroute) flags |= IFA_F_NOPREFIXROUTE;
  if (options.autojoin) flags |= IFA_F_MCAUTOJOIN;
  if (action.address.family() == Family::ipv4) return flags;
  // A master that waits for duplicate detection is none for a second.
  if (action.instance || options.nodad) flags |= IFA_F_NODAD;
  if (options.home) flags |= IFA_F_HOMEADDRESS;
  if (options.mngtmpaddr) flags |= IFA_F_MANAGETEMPADDR;
  return flags;
}

void put(nlmsghdr* message, std::uint16_t type, const IpAddress& address) {
  mnl_attr_put(message, type, address.bytes().size(), address.bytes().data());
}

}  // namespace

KernelWork::KernelWork(NetlinkSocket& requests, Netlink& table, Sinks sinks)
    : requests_(requests),
      table_(table),
      sinks_(std::move(sinks)),
      virtual_macs_(requests, table, [this](const std::string& line) { sinks_.log(line); }) {
  PacketFilter::remove_leftovers();
}

std::uint32_t KernelWork::index_for(InterfaceId interface, const MacAddress& virtual_mac) const {
  return virtual_mac.is_zero() ? interface.value : table_.adopted(interface, virtual_mac);
}

// No more wait than go into one system call: thousands would only take memory.
void KernelWork::remember(Waiting waiting) {
  waiting_.push_back(std::move(waiting));
  if (waiting_.size() >= NetlinkSocket::kAtOnce) send_requests();
}

// ---------------------------------------------------------------- addresses

void KernelWork::carry_out(const vrrp::AddAddress& action) {
  Waiting waiting{{What::add_address, action.instance, action.address, 0, {}}, {EEXIST}};
  const std::uint32_t index = index_for(action.interface, action.virtual_mac);
  if (index == 0) {
    report(waiting, ENODEV, {});
    return;
  }
  if (action.refuse_packets && refused_.insert(action.address).second) {
    to_refuse_.push_back(action.address);
  }
  if (!action.refuse_packets && refused_.erase(action.address) != 0) to_accept_.push_back(action.address);
  append_address(action, index);
  if (requests_.waiting() > waiting_.size()) remember(std::move(waiting));
}

void KernelWork::append_address(const vrrp::AddAddress& action, std::uint32_t index) {
  const bool v4 = action.address.family() == Family::ipv4;
  std::optional<std::uint32_t> scope = 0;
  const vrrp::AddressDetails& details = *action.details;
  if (!details.scope.empty()) {
    scope = config::scope_number(details.scope);
    if (!scope) scope = names_.number("rt_scopes", details.scope);
    if (!scope) {
      Waiting waiting{{What::add_address, action.instance, action.address, 0, {}}, {}};
      report(waiting, EINVAL, "no scope '" + details.scope + "' in /etc/iproute2/rt_scopes");
      return;
    }
  }
  // A renewal of what is there: the kernel need not tell us.
  const auto known = table_.interfaces().find(index);
  const bool renewed = known != table_.interfaces().end() && action.lifetime > Duration{0} &&
                       known->second.addresses.contains({action.address, action.prefix_length});
  ifaddrmsg fixed{};
  fixed.ifa_family = v4 ? AF_INET : AF_INET6;
  fixed.ifa_prefixlen = action.prefix_length;
  fixed.ifa_scope = static_cast<unsigned char>(*scope);
  fixed.ifa_index = index;
  const std::uint32_t flags = flags_of(action);
  fixed.ifa_flags = static_cast<unsigned char>(flags);
  // A static address that somebody else has given a lifetime keeps it.
  const auto how = static_cast<std::uint16_t>(NLM_F_CREATE | (action.instance ? NLM_F_REPLACE : NLM_F_EXCL));
  nlmsghdr* const message = requests_.begin(RTM_NEWADDR, how, fixed, renewed ? NetlinkSocket::kMark : 0);
  put(message, IFA_LOCAL, action.address);
  put(message, IFA_ADDRESS, details.peer.value_or(action.address));
  if (details.broadcast && v4) put(message, IFA_BROADCAST, *details.broadcast);
  if (!details.label.empty() && v4) mnl_attr_put_strz(message, IFA_LABEL, details.label.c_str());
  if (flags > 0xff) mnl_attr_put_u32(message, IFA_FLAGS, flags);
  const ifa_cacheinfo info = lifetimes(action);
  if (info.ifa_valid != kForEver || info.ifa_prefered != kForEver) {
    mnl_attr_put(message, IFA_CACHEINFO, sizeof info, &info);
  }
}

void KernelWork::carry_out(const vrrp::RemoveAddress& action) {
  if (refused_.erase(action.address) != 0) to_accept_.push_back(action.address);
  const std::uint32_t index = index_for(action.interface, action.virtual_mac);
  if (index == 0) return;  // with its interface the address is gone
  ifaddrmsg fixed{};
  fixed.ifa_family = action.address.family() == Family::ipv4 ? AF_INET : AF_INET6;
  fixed.ifa_prefixlen = action.prefix_length;
  fixed.ifa_index = index;
  put(requests_.begin(RTM_DELADDR, 0, fixed), IFA_LOCAL, action.address);
  remember({{What::remove_address, action.instance, action.address, 0, {}}, {EADDRNOTAVAIL, ENODEV}});
}

// ---------------------------------------------------------------- routes and rules

void KernelWork::carry_out(const vrrp::AddRoute& action) {
  watch_routes();
  Waiting waiting{{What::add_route, action.instance, {}, 0, to_string(action.route)}, {EEXIST}};
  const Unsayable unsayable = append_route(requests_, true, action.route, table_, names_);
  if (unsayable.error != 0) {
    report(waiting, unsayable.error, unsayable.text);
    return;
  }
  remember(routes_, requests_.last(), *action.route);
  remember(std::move(waiting));
}

void KernelWork::carry_out(const vrrp::RemoveRoute& action) {
  std::erase_if(routes_, [&](const auto& one) { return one.thing == *action.route; });
  Waiting waiting{{What::remove_route, action.instance, {}, 0, to_string(action.route)}, {ESRCH, ENODEV, ENOENT}};
  const Unsayable unsayable = append_route(requests_, false, action.route, table_, names_);
  if (unsayable.error == 0) {
    remember(std::move(waiting));
  } else if (unsayable.error != ENODEV) {
    report(waiting, unsayable.error, unsayable.text);
  }
}

void KernelWork::carry_out(const vrrp::AddRule& action) {
  watch_routes();
  Waiting waiting{{What::add_rule, action.instance, {}, 0, to_string(action.rule)}, {EEXIST}};
  const Unsayable unsayable = append_rule(requests_, true, action.rule, names_);
  if (unsayable.error != 0) {
    report(waiting, unsayable.error, unsayable.text);
    return;
  }
  remember(rules_, requests_.last(), *action.rule);
  remember(std::move(waiting));
}

void KernelWork::carry_out(const vrrp::RemoveRule& action) {
  std::erase_if(rules_, [&](const auto& one) { return one.thing == *action.rule; });
  Waiting waiting{{What::remove_rule, action.instance, {}, 0, to_string(action.rule)}, {ENOENT, ESRCH}};
  const Unsayable unsayable = append_rule(requests_, false, action.rule, names_);
  if (unsayable.error != 0) {
    report(waiting, unsayable.error, unsayable.text);
    return;
  }
  remember(std::move(waiting));
}

template <class Thing>
void KernelWork::remember(std::vector<Asked<Thing>>& asked, const nlmsghdr& message, const Thing& thing) {
  for (const Asked<Thing>& one : asked) {
    if (one.thing == thing) return;
  }
  std::vector<std::uint32_t> request((message.nlmsg_len + 3) / 4);
  std::memcpy(request.data(), &message, message.nlmsg_len);
  asked.push_back({std::move(request), thing});
}

// A router may change thousands of routes in a second: whoever has none of his own need not hear of them.
void KernelWork::watch_routes() {
  if (std::exchange(watches_routes_, true)) return;
  if (const int error = table_.watch_routes(); error != 0) {
    sinks_.log(std::string("cannot watch routes and rules: ") + std::strerror(error));
  }
}

template <class Thing>
std::optional<Thing> KernelWork::take_gone(std::vector<Asked<Thing>>& asked, const nlmsghdr& told) {
  const auto found =
      std::find_if(asked.begin(), asked.end(), [&](const auto& one) { return is_about(told, one.message()); });
  if (found == asked.end()) return std::nullopt;
  std::optional<Thing> gone = std::move(found->thing);
  asked.erase(found);
  return gone;
}

std::optional<vrrp::Event> KernelWork::removed(const nlmsghdr& told) {
  if (told.nlmsg_pid == requests_.port()) return std::nullopt;
  if (auto route = take_gone(routes_, told)) return vrrp::RouteRemoved{std::move(*route)};
  if (auto rule = take_gone(rules_, told)) return vrrp::RuleRemoved{std::move(*rule)};
  return std::nullopt;
}

// ---------------------------------------------------------------- virtual MACs

void KernelWork::carry_out(const vrrp::AddVirtualMac& action) {
  flush();
  Waiting waiting{{What::add_virtual_mac, action.instance, {}, 0, action.name}, {}};
  if (const int error = virtual_macs_.add(action.interface, action.mac, action.name); error != 0) {
    report(waiting, error, {});
  }
}

void KernelWork::carry_out(const vrrp::RemoveVirtualMac& action) { macs_to_remove_.push_back(action); }

// ---------------------------------------------------------------- the batch

// Packets are refused before the address is there, and pass again when it is gone.
void KernelWork::flush() {
  send_requests();
  if (!macs_to_remove_.empty()) {
    std::vector<std::pair<InterfaceId, MacAddress>> which;
    for (const vrrp::RemoveVirtualMac& one : macs_to_remove_) which.emplace_back(one.interface, one.mac);
    const vrrp::RemoveVirtualMac first = std::move(macs_to_remove_.front());
    macs_to_remove_.clear();
    Waiting waiting{{What::remove_virtual_mac, first.instance, {}, 0, first.name}, {}};
    if (const int error = virtual_macs_.remove(which); error != 0) report(waiting, error, {});
  }
  if (to_accept_.empty()) return;
  if (const int error = filter_.accept(to_accept_); error != 0) {
    say_once(std::string("cannot let packets to virtual addresses pass again: ") + std::strerror(error));
  }
  to_accept_.clear();
}

void KernelWork::send_requests() {
  filter_first();
  if (waiting_.empty()) return;
  const std::vector<NetlinkSocket::Refusal> refusals = requests_.flush();
  std::vector<Waiting> answered = std::exchange(waiting_, {});
  for (const auto& refusal : refusals) report(answered[refusal.position], refusal.error, refusal.text);
  answered.clear();
  if (waiting_.empty()) waiting_ = std::move(answered);  // keeps its memory
}

// Without the filter the address would be served although nobody may: it is added all the same, since no address at
// all would be worse, and the operator is told.
void KernelWork::filter_first() {
  if (to_refuse_.empty()) return;
  if (const int error = filter_.refuse(to_refuse_); error != 0) {
    say_once(std::string("no_accept: nftables refuses, packets to virtual addresses are accepted: ") +
             std::strerror(error));
    for (const IpAddress& address : to_refuse_) refused_.erase(address);
  }
  to_refuse_.clear();
}

void KernelWork::report(Waiting& waiting, int error, const std::string& text) {
  if (std::find(waiting.fine.begin(), waiting.fine.end(), error) != waiting.fine.end()) return;
  waiting.failure.error = error;
  if (!text.empty()) {
    const std::string& subject =
        waiting.failure.subject.empty() ? waiting.failure.address.to_string() : waiting.failure.subject;
    say_once(subject + ": " + text);
  }
  sinks_.failed(waiting.failure);
}

void KernelWork::say_once(const std::string& line) {
  if (said_.size() < kReasons && said_.insert(line).second) sinks_.log(line);
}

}  // namespace vipdrift::linux_backend
