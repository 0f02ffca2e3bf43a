#include "backends/linux/netlink.h"

#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace vipdrift::linux_backend {
namespace {

/// Notifications read with one system call, and room for each.
constexpr std::size_t kBatch = 8;
constexpr std::size_t kLargestNotification = 16384;
/// A table that changes while it is read is read again, so many times.
constexpr int kDumps = 10;

std::span<const std::uint8_t> payload(const nlattr& attribute) {
  return {static_cast<const std::uint8_t*>(mnl_attr_get_payload(&attribute)), mnl_attr_get_payload_len(&attribute)};
}

std::optional<IpAddress> address_in(const nlattr* attribute, int family) {
  if (attribute == nullptr) return std::nullopt;
  const std::span<const std::uint8_t> bytes = payload(*attribute);
  if (family == AF_INET && bytes.size() == 4) return IpAddress::from_bytes(Family::ipv4, bytes);
  if (family == AF_INET6 && bytes.size() == 16) return IpAddress::from_bytes(Family::ipv6, bytes);
  return std::nullopt;
}

/// Whether `held` has `address`, with whatever prefix.
bool holds(const std::map<IpPrefix, Netlink::Held>& held, const IpAddress& address) {
  const auto found = held.lower_bound({address, 0});
  return found != held.end() && found->first.address == address;
}

/// What only an earlier daemon of ours can have made, and what nobody renews any more.
bool is_leased_leftover(const Netlink::Interface& interface) {
  const bool virtual_router = interface.mac == virtual_router_mac(Family::ipv4, interface.mac.bytes.back()) ||
                              interface.mac == virtual_router_mac(Family::ipv6, interface.mac.bytes.back());
  return interface.is_vepa && virtual_router && !interface.addresses.empty() &&
         std::all_of(interface.addresses.begin(), interface.addresses.end(),
                     [](const auto& address) { return address.second.leased; });
}

}  // namespace

Netlink::Netlink(NetlinkSocket& requests, int receive_buffer)
    : requests_(requests), buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kBatch * kLargestNotification)) {
  error_ = requests_.error() != 0 ? requests_.error() : open(receive_buffer);
}

// Subscribed first, read afterwards: what changes in between is reported twice rather than never.
int Netlink::open(int receive_buffer) {
  events_ = FileDescriptor(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  const int fd = events_.get();
  if (fd < 0) return errno;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  if (const int error = filter_own_renewals(); error != 0) return error;
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  own.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) return errno;
  return dump();
}

// The kernel tells of a renewed lease with the number and the sequence of whoever asked for it. Loads are big endian.
int Netlink::filter_own_renewals() {
  std::array<sock_filter, 9> program{{
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(nlmsghdr, nlmsg_type)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 5, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWADDR), 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(nlmsghdr, nlmsg_pid)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(requests_.port()), 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(nlmsghdr, nlmsg_seq)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, htonl(NetlinkSocket::kMark), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
  }};
  const sock_fprog filter{program.size(), program.data()};
  return setsockopt(events_.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0 ? 0 : errno;
}

int Netlink::watch_routes() {
  for (const int group : {RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE}) {
    if (setsockopt(events_.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0) return errno;
  }
  return 0;
}

int Netlink::dump() {
  int error = EINTR;
  for (int i = 0; i < kDumps && error == EINTR; ++i) error = dump_once();
  return error;
}

int Netlink::dump_once() {
  interfaces_.clear();
  std::vector<vrrp::Event> no_news;
  const auto take = [&](const nlmsghdr& message) { note(message, no_news); };
  requests_.begin(RTM_GETLINK, NLM_F_DUMP, ifinfomsg{});
  if (const int error = requests_.dump(take); error != 0) return error;
  requests_.begin(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{});
  return requests_.dump(take);
}

vrrp::HostFacts Netlink::facts() const {
  vrrp::HostFacts facts;
  for (const auto& [index, interface] : interfaces_) {
    if (adopted_.contains(index) || is_leased_leftover(interface)) continue;
    facts.interfaces.push_back(facts_of(index, interface));
  }
  return facts;
}

vrrp::InterfaceFacts Netlink::facts_of(std::uint32_t index, const Interface& interface) const {
  vrrp::InterfaceFacts facts{InterfaceId{index}, interface.name, interface.mac, interface.up, {}, {}};
  std::vector<std::pair<std::pair<bool, std::uint64_t>, IpAddress>> sorted;
  for (const auto& [prefix, held] : interface.addresses)
    sorted.push_back({{held.secondary, held.order}, prefix.address});
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [place, address] : sorted) {
    if (std::find(facts.addresses.begin(), facts.addresses.end(), address) == facts.addresses.end()) {
      facts.addresses.push_back(address);
    }
  }
  for (const auto& [prefix, held] : interface.addresses) {
    if (held.leased) facts.leased.push_back(prefix.address);
  }
  for (const auto& [above, leftover] : interfaces_) {
    if (leftover.below != index || adopted_.contains(above) || !is_leased_leftover(leftover)) continue;
    for (const auto& [prefix, held] : leftover.addresses) {
      facts.addresses.push_back(prefix.address);
      facts.leased.push_back(prefix.address);
    }
  }
  return facts;
}

std::uint32_t Netlink::index_of(const std::string& name) const {
  for (const auto& [index, interface] : interfaces_) {
    if (interface.name == name) return index;
  }
  return 0;
}

void Netlink::adopt(std::uint32_t index, InterfaceId base, const MacAddress& mac) {
  adopted_[index] = {base, mac};
  adopted_as_[{base, mac}] = index;
}

void Netlink::disown(std::uint32_t index) {
  const auto found = adopted_.find(index);
  if (found == adopted_.end()) return;
  adopted_as_.erase(found->second);
  adopted_.erase(found);
}

std::uint32_t Netlink::adopted(InterfaceId base, const MacAddress& mac) const {
  const auto found = adopted_as_.find({base, mac});
  return found == adopted_as_.end() ? 0 : found->second;
}

bool Netlink::has_adopted(InterfaceId base) const {
  const auto found = adopted_as_.lower_bound({base, MacAddress{}});
  return found != adopted_as_.end() && found->first.first == base;
}

std::uint32_t Netlink::leased_leftover(InterfaceId base, const MacAddress& mac, const std::string& name) const {
  for (const auto& [index, interface] : interfaces_) {
    const bool meant = interface.below == base.value && interface.mac == mac && interface.name == name;
    if (meant && !adopted_.contains(index) && is_leased_leftover(interface)) return index;
  }
  return 0;
}

InterfaceId Netlink::reported_as(std::uint32_t index) const {
  const auto found = adopted_.find(index);
  return found == adopted_.end() ? InterfaceId{index} : found->second.first;
}

// ---------------------------------------------------------------- changes

void Netlink::receive(const Changes& changes) {
  std::vector<vrrp::Event> events;
  bool more = true;
  while (more) {
    more = read(events, changes);
    // Whoever hears of a change may ask for more, which reads the table but not the socket.
    for (const vrrp::Event& event : events) changes.event(event);
    events.clear();
  }
}

// False when everything is read.
bool Netlink::read(std::vector<vrrp::Event>& events, const Changes& changes) {
  std::array<mmsghdr, kBatch> headers{};
  std::array<iovec, kBatch> vectors{};
  for (std::size_t i = 0; i < kBatch; ++i) {
    vectors[i] = {buffer_.get() + i * kLargestNotification, kLargestNotification};
    headers[i].msg_hdr.msg_iov = &vectors[i];
    headers[i].msg_hdr.msg_iovlen = 1;
  }
  const int count = recvmmsg(events_.get(), headers.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (count < 0 && errno == EINTR) return true;
  if (count < 0 && errno == ENOBUFS) {
    resynchronise(events);
    return true;
  }
  for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i) {
    int left = static_cast<int>(headers[i].msg_len);
    const auto* message = static_cast<const nlmsghdr*>(vectors[i].iov_base);
    for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
      const bool route = message->nlmsg_type == RTM_DELROUTE || message->nlmsg_type == RTM_DELRULE;
      if (!route) note(*message, events);
      if (route && changes.route) changes.route(*message);
    }
  }
  return count == static_cast<int>(kBatch);
}

// What waits was true before the dump; applied after it, it comes to the same.
void Netlink::resynchronise(std::vector<vrrp::Event>& events) {
  const Table before = std::exchange(interfaces_, {});
  dump();
  Table now = std::exchange(interfaces_, before);
  for (const auto& [index, was] : before) {
    const auto found = now.find(index);
    if (found == now.end()) {
      note_vanished(index, events);
      continue;
    }
    for (const auto& [prefix, held] : was.addresses) {
      if (!holds(found->second.addresses, prefix.address)) {
        events.push_back(vrrp::AddressChanged{reported_as(index), prefix.address, false});
      }
    }
  }
  for (const auto& [index, is] : now) {
    const auto was = before.find(index);
    const bool own = adopted_.contains(index);
    if (!own && (was == before.end() || was->second.name != is.name || was->second.mac != is.mac)) {
      events.push_back(vrrp::InterfaceAppeared{facts_of(index, is)});
      continue;
    }
    if (!own && was->second.up != is.up) events.push_back(vrrp::LinkChanged{InterfaceId{index}, is.up});
    for (const auto& [prefix, held] : is.addresses) {
      if (was == before.end() || !holds(was->second.addresses, prefix.address)) {
        events.push_back(vrrp::AddressChanged{reported_as(index), prefix.address, true});
      }
    }
  }
  interfaces_ = std::move(now);
}

void Netlink::note(const nlmsghdr& message, std::vector<vrrp::Event>& events) {
  switch (message.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      note_link(message, events);
      break;
    case RTM_NEWADDR:
    case RTM_DELADDR:
      note_address(message, events);
      break;
    default:
      break;
  }
}

// A port that leaves its bridge is told as RTM_DELLINK of the family AF_BRIDGE: the interface stays.
void Netlink::note_link(const nlmsghdr& message, std::vector<vrrp::Event>& events) {
  const auto& link = fixed_part<ifinfomsg>(message);
  if (link.ifi_family != AF_UNSPEC) return;
  const auto index = static_cast<std::uint32_t>(link.ifi_index);
  if (message.nlmsg_type == RTM_DELLINK) {
    note_vanished(index, events);
    return;
  }
  const NetlinkAttributes attributes(message, sizeof link);
  Interface is;
  if (const nlattr* name = attributes[IFLA_IFNAME]) is.name = mnl_attr_get_str(name);
  if (const nlattr* mac = attributes[IFLA_ADDRESS]; mac != nullptr && payload(*mac).size() == is.mac.bytes.size()) {
    std::copy_n(payload(*mac).begin(), is.mac.bytes.size(), is.mac.bytes.begin());
  }
  if (const nlattr* below = attributes[IFLA_LINK]) is.below = mnl_attr_get_u32(below);
  if (const nlattr* info = attributes[IFLA_LINKINFO]) {
    const NetlinkAttributes of_kind(*info);
    const nlattr* const kind = of_kind[IFLA_INFO_KIND];
    const std::string_view name = kind == nullptr ? "" : mnl_attr_get_str(kind);
    is.is_macvlan = name == "macvlan";
    if (const nlattr* data = of_kind[IFLA_INFO_DATA]; data != nullptr) {
      const NetlinkAttributes options(*data);
      if (const nlattr* table = options[IFLA_VRF_TABLE]; name == "vrf" && table != nullptr) {
        is.vrf_table = mnl_attr_get_u32(table);
      }
      if (const nlattr* mode = options[IFLA_MACVLAN_MODE]; is.is_macvlan && mode != nullptr) {
        is.is_vepa = mnl_attr_get_u32(mode) == MACVLAN_MODE_VEPA;
      }
    }
  }
  constexpr unsigned kUsable = IFF_UP | IFF_RUNNING;
  is.up = (link.ifi_flags & kUsable) == kUsable;

  const auto [place, is_new] = interfaces_.try_emplace(index);
  Interface& known = place->second;
  is.addresses = std::move(known.addresses);
  std::swap(known, is);
  const Interface& was = is;
  if (adopted_.contains(index)) return;
  if (is_new || was.name != known.name || was.mac != known.mac) {
    events.push_back(vrrp::InterfaceAppeared{facts_of(index, known)});
  } else if (was.up != known.up) {
    events.push_back(vrrp::LinkChanged{InterfaceId{index}, known.up});
  }
}

void Netlink::note_vanished(std::uint32_t index, std::vector<vrrp::Event>& events) {
  const bool known = interfaces_.erase(index) != 0;
  if (const auto own = adopted_.find(index); own != adopted_.end()) {
    events.push_back(vrrp::VirtualMacRemoved{own->second.first, own->second.second});
    disown(index);
  } else if (known) {
    events.push_back(vrrp::InterfaceVanished{InterfaceId{index}});
  }
}

// An IPv6 address that is still tentative, or whose duplicate was found, cannot be spoken from.
void Netlink::note_address(const nlmsghdr& message, std::vector<vrrp::Event>& events) {
  const auto& told = fixed_part<ifaddrmsg>(message);
  const auto interface = interfaces_.find(told.ifa_index);
  if (interface == interfaces_.end()) return;
  const NetlinkAttributes attributes(message, sizeof told);
  const nlattr* const local = attributes[IFA_LOCAL] != nullptr ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
  const std::optional<IpAddress> address = address_in(local, told.ifa_family);
  if (!address) return;
  std::uint32_t flags = told.ifa_flags;
  if (const nlattr* wide = attributes[IFA_FLAGS]) flags = mnl_attr_get_u32(wide);
  const bool present = message.nlmsg_type == RTM_NEWADDR && (flags & IFA_F_TENTATIVE) == 0;

  std::map<IpPrefix, Held>& held = interface->second.addresses;
  const IpPrefix prefix{*address, told.ifa_prefixlen};
  const bool was_present = holds(held, *address);
  if (present) {
    const auto [place, is_new] = held.try_emplace(prefix, Held{next_order_, false, false});
    place->second.secondary = told.ifa_family == AF_INET && (flags & IFA_F_SECONDARY) != 0;
    place->second.leased = (flags & IFA_F_PERMANENT) == 0;
    if (is_new) ++next_order_;
  } else {
    held.erase(prefix);
  }
  if (holds(held, *address) != was_present) {
    events.push_back(vrrp::AddressChanged{reported_as(told.ifa_index), *address, present});
  }
}

}  // namespace vipdrift::linux_backend
