#include "backends/linux/netlink.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/cache.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/object.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace vipdrift::linux_backend {
namespace {

constexpr int kReceiveBuffer = 4 << 20;

/// libnl's own numbers as errno values.
int errno_of(int nl_error) {
  switch (nl_error < 0 ? -nl_error : nl_error) {
    case NLE_SUCCESS:
      return 0;
    case NLE_EXIST:
      return EEXIST;
    case NLE_NOADDR:
      return EADDRNOTAVAIL;
    case NLE_NODEV:
      return ENODEV;
    case NLE_PERM:
    case NLE_NOACCESS:
      return EPERM;
    case NLE_OBJ_NOTFOUND:
      return ENOENT;
    case NLE_NOMEM:
      return ENOBUFS;
    case NLE_INVAL:
    case NLE_RANGE:
      return EINVAL;
    case NLE_OPNOTSUPP:
      return EOPNOTSUPP;
    case NLE_BUSY:
      return EBUSY;
    default:
      return EIO;
  }
}

struct PutAddress {
  void operator()(nl_addr* address) const { nl_addr_put(address); }
  void operator()(rtnl_addr* address) const { rtnl_addr_put(address); }
};
using NlAddress = std::unique_ptr<nl_addr, PutAddress>;
using InterfaceAddress = std::unique_ptr<rtnl_addr, PutAddress>;

struct FreeCache {
  void operator()(nl_cache* cache) const { nl_cache_free(cache); }
};
using Cache = std::unique_ptr<nl_cache, FreeCache>;

std::optional<IpAddress> from_nl(nl_addr* address) {
  if (address == nullptr) return std::nullopt;
  const auto* bytes = static_cast<const std::uint8_t*>(nl_addr_get_binary_addr(address));
  if (nl_addr_get_family(address) == AF_INET) return IpAddress::from_bytes(Family::ipv4, {bytes, 4});
  if (nl_addr_get_family(address) == AF_INET6) return IpAddress::from_bytes(Family::ipv6, {bytes, 16});
  return std::nullopt;
}

NlAddress to_nl(const IpPrefix& prefix) {
  const auto bytes = prefix.address.bytes();
  NlAddress address(nl_addr_build(prefix.address.family() == Family::ipv4 ? AF_INET : AF_INET6, bytes.data(),
                                  bytes.size()));
  nl_addr_set_prefixlen(address.get(), prefix.length);
  return address;
}

InterfaceAddress interface_address(InterfaceId interface, const IpPrefix& prefix) {
  InterfaceAddress address(rtnl_addr_alloc());
  rtnl_addr_set_ifindex(address.get(), static_cast<int>(interface.value));
  rtnl_addr_set_local(address.get(), to_nl(prefix).get());
  return address;
}

std::string_view type_of(nl_object* object) { return nl_object_get_type(object); }

}  // namespace

void Netlink::CloseSocket::operator()(nl_sock* socket) const { nl_socket_free(socket); }

Netlink::Netlink() { error_ = open(); }
Netlink::~Netlink() = default;

// Subscribed first, read afterwards: what changes in between is reported twice rather than never.
int Netlink::open() {
  events_.reset(nl_socket_alloc());
  requests_.reset(nl_socket_alloc());
  if (!events_ || !requests_) return ENOMEM;
  nl_socket_disable_seq_check(events_.get());
  nl_socket_modify_cb(events_.get(), NL_CB_VALID, NL_CB_CUSTOM, &Netlink::on_message, this);
  for (nl_sock* socket : {events_.get(), requests_.get()}) {
    if (const int error = nl_connect(socket, NETLINK_ROUTE); error < 0) return errno_of(error);
  }
  nl_socket_set_buffer_size(events_.get(), kReceiveBuffer, 0);
  const int joined =
      nl_socket_add_memberships(events_.get(), RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0);
  if (joined < 0) return errno_of(joined);
  nl_socket_set_nonblocking(events_.get());
  return dump();
}

int Netlink::dump() {
  interfaces_.clear();
  nl_cache* links = nullptr;
  if (const int error = rtnl_link_alloc_cache(requests_.get(), AF_UNSPEC, &links); error < 0) return errno_of(error);
  const Cache own_links(links);
  nl_cache* addresses = nullptr;
  if (const int error = rtnl_addr_alloc_cache(requests_.get(), &addresses); error < 0) return errno_of(error);
  const Cache own_addresses(addresses);
  for (nl_cache* cache : {links, addresses}) {
    for (nl_object* one = nl_cache_get_first(cache); one != nullptr; one = nl_cache_get_next(one)) note(one, true);
  }
  return 0;
}

int Netlink::descriptor() const { return nl_socket_get_fd(events_.get()); }

vrrp::HostFacts Netlink::facts() const {
  vrrp::HostFacts facts;
  for (const auto& [index, interface] : interfaces_) facts.interfaces.push_back(interface);
  return facts;
}

int Netlink::on_message(nl_msg* message, void* self) {
  const int type = nlmsg_hdr(message)->nlmsg_type;
  const bool present = type == RTM_NEWLINK || type == RTM_NEWADDR;
  if (!present && type != RTM_DELLINK && type != RTM_DELADDR) return NL_OK;
  std::pair<Netlink*, bool> context{static_cast<Netlink*>(self), present};
  nl_msg_parse(
      message,
      [](nl_object* object, void* argument) {
        const auto& [netlink, is_there] = *static_cast<std::pair<Netlink*, bool>*>(argument);
        netlink->note(object, is_there);
      },
      &context);
  return NL_OK;
}

void Netlink::note(nl_object* object, bool present) {
  if (type_of(object) == "route/link") {
    auto* link = reinterpret_cast<rtnl_link*>(object);
    const auto index = static_cast<std::uint32_t>(rtnl_link_get_ifindex(link));
    if (!present) {
      interfaces_.erase(index);
      return;
    }
    vrrp::InterfaceFacts& interface = interfaces_[index];
    interface.id = InterfaceId{index};
    if (const char* name = rtnl_link_get_name(link)) interface.name = name;
    constexpr unsigned kUsable = IFF_UP | IFF_RUNNING;
    interface.up = (rtnl_link_get_flags(link) & kUsable) == kUsable;
    if (nl_addr* mac = rtnl_link_get_addr(link); mac != nullptr && nl_addr_get_len(mac) == interface.mac.bytes.size()) {
      std::memcpy(interface.mac.bytes.data(), nl_addr_get_binary_addr(mac), interface.mac.bytes.size());
    }
  } else if (type_of(object) == "route/addr") {
    auto* address = reinterpret_cast<rtnl_addr*>(object);
    const auto found = interfaces_.find(static_cast<std::uint32_t>(rtnl_addr_get_ifindex(address)));
    const std::optional<IpAddress> local = from_nl(rtnl_addr_get_local(address));
    if (found == interfaces_.end() || !local) return;
    std::vector<IpAddress>& held = found->second.addresses;
    const auto place = std::find(held.begin(), held.end(), *local);
    // An IPv6 address that is still tentative cannot be spoken from.
    const bool usable = present && (rtnl_addr_get_flags(address) & IFA_F_TENTATIVE) == 0;
    if (usable && place == held.end()) held.push_back(*local);
    if (!usable && place != held.end()) held.erase(place);
  }
}

void Netlink::receive(const Changes& changes) {
  const std::map<std::uint32_t, vrrp::InterfaceFacts> before = interfaces_;
  int error = 0;
  while ((error = nl_recvmsgs_default(events_.get())) >= 0) {
  }
  if (error != -NLE_AGAIN) dump();  // notifications were lost: the truth is in a dump
  const vrrp::InterfaceFacts nothing{.id = {}, .name = {}, .mac = {}, .up = false, .addresses = {}};
  const auto in = [&nothing](const auto& table, std::uint32_t index) -> const vrrp::InterfaceFacts& {
    const auto found = table.find(index);
    return found == table.end() ? nothing : found->second;
  };
  std::set<std::uint32_t> all;
  for (const auto& [index, facts] : before) all.insert(index);
  for (const auto& [index, facts] : interfaces_) all.insert(index);
  for (const std::uint32_t index : all) {
    const vrrp::InterfaceFacts& was = in(before, index);
    const vrrp::InterfaceFacts now = in(interfaces_, index);  // a copy: sinks may cause more changes
    for (const IpAddress& address : was.addresses) {
      if (std::find(now.addresses.begin(), now.addresses.end(), address) == now.addresses.end()) {
        changes.address(InterfaceId{index}, address, false);
      }
    }
    if (was.up != now.up) changes.link(InterfaceId{index}, now.up);
    for (const IpAddress& address : now.addresses) {
      if (std::find(was.addresses.begin(), was.addresses.end(), address) == was.addresses.end()) {
        changes.address(InterfaceId{index}, address, true);
      }
    }
  }
}

int Netlink::add_address(InterfaceId interface, const NewAddress& wanted) {
  const InterfaceAddress address = interface_address(interface, wanted.prefix);
  const bool v4 = wanted.prefix.address.family() == Family::ipv4;
  if (v4 && !wanted.label.empty()) rtnl_addr_set_label(address.get(), wanted.label.c_str());
  if (!v4) rtnl_addr_set_flags(address.get(), IFA_F_NODAD);
  if (wanted.lifetime > Duration{0}) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wanted.lifetime).count();
    rtnl_addr_set_valid_lifetime(address.get(), static_cast<std::uint32_t>(seconds));
    rtnl_addr_set_preferred_lifetime(address.get(), static_cast<std::uint32_t>(seconds));
  }
  const int flags = NLM_F_CREATE | (wanted.lifetime > Duration{0} ? NLM_F_REPLACE : NLM_F_EXCL);
  return errno_of(rtnl_addr_add(requests_.get(), address.get(), flags));
}

int Netlink::remove_address(InterfaceId interface, const IpPrefix& address) {
  return errno_of(rtnl_addr_delete(requests_.get(), interface_address(interface, address).get(), 0));
}

}  // namespace vipdrift::linux_backend
