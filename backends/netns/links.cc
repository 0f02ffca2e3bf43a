#include "backends/netns/links.h"

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/nexthop.h>
#include <netlink/socket.h>

#include <linux/if_link.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "backends/netns/nl_values.h"

namespace vipdrift::netns {
namespace {

Links::Error outcome(int result, const std::string& what) {
  if (result >= 0) return std::nullopt;
  return what + ": " + nl_geterror(result);
}

Owned<rtnl_link> link_named(nl_sock* socket, const std::string& name) {
  rtnl_link* found = nullptr;
  return rtnl_link_get_kernel(socket, 0, name.c_str(), &found) < 0 ? nullptr : Owned<rtnl_link>(found);
}

int change(nl_sock* socket, const std::string& name, rtnl_link* changes) {
  const Owned<rtnl_link> present = link_named(socket, name);
  return present ? rtnl_link_change(socket, present.get(), changes, 0) : -NLE_NODEV;
}

Owned<rtnl_addr> interface_address(int index, const IpPrefix& prefix) {
  Owned<rtnl_addr> address(rtnl_addr_alloc());
  rtnl_addr_set_ifindex(address.get(), index);
  rtnl_addr_set_local(address.get(), to_nl(prefix).get());
  if (prefix.address.family() == Family::ipv6) rtnl_addr_set_flags(address.get(), IFA_F_NODAD);
  return address;
}

/// RTM_NEWLINK of a bridge; libnl 3.7 cannot say these options.
int new_bridge(nl_sock* socket, const std::string& name) {
  const std::unique_ptr<nl_msg, decltype(&nlmsg_free)> message(
      nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK), nlmsg_free);
  ifinfomsg header{};
  header.ifi_flags = IFF_UP;
  header.ifi_change = IFF_UP;
  nlmsg_append(message.get(), &header, sizeof header, NLMSG_ALIGNTO);
  nla_put_string(message.get(), IFLA_IFNAME, name.c_str());
  nlattr* const info = nla_nest_start(message.get(), IFLA_LINKINFO);
  nla_put_string(message.get(), IFLA_INFO_KIND, "bridge");
  nlattr* const data = nla_nest_start(message.get(), IFLA_INFO_DATA);
  nla_put_u32(message.get(), IFLA_BR_STP_STATE, 0);
  nla_put_u8(message.get(), IFLA_BR_MCAST_SNOOPING, 0);
  nla_nest_end(message.get(), data);
  nla_nest_end(message.get(), info);
  if (const int sent = nl_send_auto(socket, message.get()); sent < 0) return sent;
  return nl_wait_for_ack(socket);
}

}  // namespace

void Links::CloseSocket::operator()(nl_sock* socket) const { nl_socket_free(socket); }

Links::Links() : socket_(nl_socket_alloc()) {
  if (socket_ && nl_connect(socket_.get(), NETLINK_ROUTE) < 0) socket_.reset();
}

Links::Error Links::add_bridge(const std::string& name) {
  return outcome(new_bridge(socket_.get(), name), "cannot make a bridge");
}

Links::Error Links::add_cable(const std::string& name, const std::string& far_name, int far_namespace,
                              const MacAddress& far_mac) {
  const Owned<rtnl_link> near(rtnl_link_veth_alloc());
  rtnl_link_set_name(near.get(), name.c_str());
  const Owned<rtnl_link> far(rtnl_link_veth_get_peer(near.get()));
  rtnl_link_set_name(far.get(), far_name.c_str());
  rtnl_link_set_ns_fd(far.get(), far_namespace);
  rtnl_link_set_addr(far.get(), to_nl(far_mac).get());
  return outcome(rtnl_link_add(socket_.get(), near.get(), NLM_F_CREATE | NLM_F_EXCL),
                 "cannot make the interface " + far_name);
}

Links::Error Links::plug_into(const std::string& bridge, const std::string& name) {
  const Owned<rtnl_link> master = link_named(socket_.get(), bridge);
  if (!master) return "there is no bridge " + bridge;
  const Owned<rtnl_link> changes(rtnl_link_alloc());
  rtnl_link_set_master(changes.get(), rtnl_link_get_ifindex(master.get()));
  return outcome(change(socket_.get(), name, changes.get()), "cannot plug " + name + " into " + bridge);
}

Links::Error Links::set_link(const std::string& name, bool up) {
  const Owned<rtnl_link> changes(rtnl_link_alloc());
  up ? rtnl_link_set_flags(changes.get(), IFF_UP) : rtnl_link_unset_flags(changes.get(), IFF_UP);
  return outcome(change(socket_.get(), name, changes.get()), "cannot set " + name + (up ? " up" : " down"));
}

Links::Error Links::remove_link(const std::string& name) {
  const Owned<rtnl_link> present = link_named(socket_.get(), name);
  return outcome(present ? rtnl_link_delete(socket_.get(), present.get()) : -NLE_NODEV, "cannot delete " + name);
}

Links::Error Links::add_address(const std::string& interface, const IpPrefix& address) {
  const Owned<rtnl_link> link = link_named(socket_.get(), interface);
  if (!link) return "there is no interface " + interface;
  const Owned<rtnl_addr> wanted = interface_address(rtnl_link_get_ifindex(link.get()), address);
  const int result = rtnl_addr_add(socket_.get(), wanted.get(), 0);
  return outcome(result == -NLE_EXIST ? 0 : result, "cannot add " + address.address.to_string() + " to " + interface);
}

Links::Error Links::remove_address(const std::string& interface, const IpPrefix& address) {
  const Owned<rtnl_link> link = link_named(socket_.get(), interface);
  if (!link) return "there is no interface " + interface;
  const Owned<rtnl_addr> wanted = interface_address(rtnl_link_get_ifindex(link.get()), address);
  return outcome(rtnl_addr_delete(socket_.get(), wanted.get(), 0),
                 "cannot remove " + address.address.to_string() + " from " + interface);
}

Links::Error Links::add_default_route(const IpAddress& gateway, const std::string& interface) {
  const Owned<rtnl_link> link = link_named(socket_.get(), interface);
  if (!link) return "there is no interface " + interface;
  const Owned<rtnl_route> route(rtnl_route_alloc());
  rtnl_nexthop* hop = rtnl_route_nh_alloc();  // the route's, once it is added
  rtnl_route_nh_set_ifindex(hop, rtnl_link_get_ifindex(link.get()));
  rtnl_route_nh_set_gateway(hop, to_nl(host_prefix(gateway)).get());
  rtnl_route_add_nexthop(route.get(), hop);
  const bool v4 = gateway.family() == Family::ipv4;
  rtnl_route_set_family(route.get(), v4 ? AF_INET : AF_INET6);
  rtnl_route_set_dst(route.get(), to_nl(IpPrefix{v4 ? IpAddress{} : IpAddress::v6({}), 0}).get());
  const int result = rtnl_route_add(socket_.get(), route.get(), 0);
  return outcome(result == -NLE_EXIST ? 0 : result, "cannot add a default route by " + gateway.to_string());
}

Links::Error Links::flush_neighbours() {
  nl_cache* read = nullptr;
  if (const int result = rtnl_neigh_alloc_cache(socket_.get(), &read); result < 0) {
    return outcome(result, "cannot read the neighbours");
  }
  const Owned<nl_cache> known(read);
  for (nl_object* object = nl_cache_get_first(read); object != nullptr; object = nl_cache_get_next(object)) {
    auto* neighbour = reinterpret_cast<rtnl_neigh*>(object);
    const int state = rtnl_neigh_get_state(neighbour);
    if ((state & (NUD_NOARP | NUD_PERMANENT)) != 0) continue;
    const int result = rtnl_neigh_delete(socket_.get(), neighbour, 0);
    if (result < 0 && result != -NLE_OBJ_NOTFOUND) return outcome(result, "cannot forget a neighbour");
  }
  return std::nullopt;
}

}  // namespace vipdrift::netns
