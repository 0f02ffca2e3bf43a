#include "backends/netns/kernel_monitor.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/object.h>
#include <netlink/socket.h>

#include <cstring>
#include <string_view>
#include <vector>

#include "backends/netns/link_local.h"
#include "backends/netns/nl_values.h"

namespace vipdrift::netns {
namespace {

constexpr int kReceiveBuffer = 1 << 20;

}  // namespace

void KernelMonitor::CloseSocket::operator()(nl_sock* socket) const { nl_socket_free(socket); }

// Subscribed first, read afterwards: what changes in between is reported rather than lost.
KernelMonitor::KernelMonitor(Changes changes) : changes_(std::move(changes)), events_(nl_socket_alloc()) {
  if (!events_) return;
  nl_socket_disable_seq_check(events_.get());
  nl_socket_modify_cb(events_.get(), NL_CB_VALID, NL_CB_CUSTOM, &KernelMonitor::on_message, this);
  if (nl_connect(events_.get(), NETLINK_ROUTE) < 0) return;
  nl_socket_set_buffer_size(events_.get(), kReceiveBuffer, 0);
  if (nl_socket_add_memberships(events_.get(), RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_NEIGH,
                                0) < 0) {
    return;
  }
  nl_socket_set_nonblocking(events_.get());
  good_ = dump();
  silent_ = false;
}

KernelMonitor::~KernelMonitor() = default;

int KernelMonitor::descriptor() const { return nl_socket_get_fd(events_.get()); }

bool KernelMonitor::dump() {
  const std::unique_ptr<nl_sock, CloseSocket> requests(nl_socket_alloc());
  if (!requests || nl_connect(requests.get(), NETLINK_ROUTE) < 0) return false;
  nl_cache* links = nullptr;
  nl_cache* addresses = nullptr;
  if (rtnl_link_alloc_cache(requests.get(), AF_UNSPEC, &links) < 0) return false;
  const Owned<nl_cache> all_links(links);
  if (rtnl_addr_alloc_cache(requests.get(), &addresses) < 0) return false;
  const Owned<nl_cache> all_addresses(addresses);
  seen_in_dump_.clear();
  for (nl_cache* cache : {links, addresses}) {
    for (nl_object* object = nl_cache_get_first(cache); object != nullptr; object = nl_cache_get_next(object)) {
      note(object, true);
    }
  }
  std::vector<HeldAddress> gone;
  for (const auto& [address, prefix] : addresses_) {
    if (!seen_in_dump_.contains(address)) gone.push_back(address);
  }
  for (const HeldAddress& address : gone) forget(address);
  return true;
}

void KernelMonitor::receive() {
  for (int result = 0; result >= 0;) {
    result = nl_recvmsgs_default(events_.get());
    if (result == -NLE_NOMEM) {  // the buffer ran over
      dump();
      result = 0;
    }
  }
}

int KernelMonitor::on_message(nl_msg* message, void* self) {
  const auto parsed = [](nl_object* object, void* monitor) {
    const int type = nl_object_get_msgtype(object);
    const bool present = type == RTM_NEWLINK || type == RTM_NEWADDR || type == RTM_NEWNEIGH;
    static_cast<KernelMonitor*>(monitor)->note(object, present);
  };
  nl_msg_parse(message, parsed, self);
  return NL_OK;
}

void KernelMonitor::note(nl_object* object, bool present) {
  const std::string_view type = nl_object_get_type(object);
  if (type == "route/link") note_link(object, present);
  if (type == "route/addr") note_address(object, present);
  if (type == "route/neigh") note_neighbour(object, present);
}

void KernelMonitor::note_link(nl_object* object, bool present) {
  auto* link = reinterpret_cast<rtnl_link*>(object);
  const int index = rtnl_link_get_ifindex(link);
  const unsigned flags = rtnl_link_get_flags(link);
  if ((flags & IFF_LOOPBACK) != 0) return;
  if (!present) {
    std::vector<HeldAddress> gone;
    for (const auto& [address, prefix] : addresses_) {
      if (address.first == index) gone.push_back(address);
    }
    for (const HeldAddress& address : gone) forget(address);
    links_.erase(index);
    return;
  }
  Link& known = links_[index];
  if (const char* name = rtnl_link_get_name(link)) known.name = name;
  if (const auto mac = mac_from_nl(rtnl_link_get_addr(link))) known.mac = *mac;
  const char* kind = rtnl_link_get_type(link);
  known.below = kind != nullptr && std::strcmp(kind, "macvlan") == 0 ? rtnl_link_get_link(link) : 0;
  const bool up = (flags & IFF_UP) != 0 && (flags & IFF_RUNNING) != 0;
  if (std::exchange(known.up, up) == up || silent_ || known.below != 0) return;
  changes_.link(known.name, up);
}

std::string KernelMonitor::reported_name(int index) const {
  const auto found = links_.find(index);
  if (found == links_.end()) return {};
  const auto below = links_.find(found->second.below);
  return below == links_.end() ? found->second.name : below->second.name;
}

void KernelMonitor::note_address(nl_object* object, bool present) {
  auto* read = reinterpret_cast<rtnl_addr*>(object);
  const int index = rtnl_addr_get_ifindex(read);
  const auto link = links_.find(index);
  const std::optional<IpAddress> address = from_nl(rtnl_addr_get_local(read));
  if (!address || link == links_.end()) return;
  // Nobody asked for the address that an interface on top makes for itself.
  if (link->second.below != 0 && *address == link_local_of(link->second.mac)) return;
  const HeldAddress key{index, *address};
  if (!present) return forget(key);
  seen_in_dump_.insert(key);
  const IpPrefix prefix{*address, static_cast<std::uint8_t>(rtnl_addr_get_prefixlen(read))};
  if (addresses_.insert_or_assign(key, prefix).second && !silent_) changes_.address(reported_name(index), prefix, true);
}

void KernelMonitor::forget(const HeldAddress& address) {
  const auto found = addresses_.find(address);
  if (found == addresses_.end()) return;
  const IpPrefix prefix = found->second;
  addresses_.erase(found);
  if (!silent_) changes_.address(reported_name(address.first), prefix, false);
}

void KernelMonitor::note_neighbour(nl_object* object, bool present) {
  auto* read = reinterpret_cast<rtnl_neigh*>(object);
  const std::optional<IpAddress> address = from_nl(rtnl_neigh_get_dst(read));
  const std::optional<MacAddress> mac = mac_from_nl(rtnl_neigh_get_lladdr(read));
  if (!address || (rtnl_neigh_get_state(read) & NUD_NOARP) != 0) return;
  const std::pair<int, IpAddress> key{rtnl_neigh_get_ifindex(read), *address};
  if (!present) {
    neighbours_.erase(key);
    return;
  }
  if (!mac || (rtnl_neigh_get_state(read) & (NUD_INCOMPLETE | NUD_FAILED)) != 0) return;
  MacAddress& known = neighbours_[key];
  if (known == *mac) return;
  known = *mac;
  if (!silent_) changes_.neighbour(*address, *mac);
}

bool KernelMonitor::up(const std::string& interface) const {
  for (const auto& [index, link] : links_) {
    if (link.name == interface) return link.up;
  }
  return false;
}

std::map<IpAddress, std::pair<std::string, IpPrefix>> KernelMonitor::addresses() const {
  std::map<IpAddress, std::pair<std::string, IpPrefix>> held;
  for (const auto& [key, prefix] : addresses_) {
    const auto link = links_.find(key.first);
    if (link != links_.end()) held.emplace(key.second, std::pair{link->second.name, prefix});
  }
  return held;
}

}  // namespace vipdrift::netns
