#include "backends/netns/port_shaper.h"

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_mirred.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/act/mirred.h>
#include <netlink/route/action.h>
#include <netlink/route/classifier.h>
#include <netlink/route/cls/matchall.h>
#include <netlink/route/link.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/qdisc/netem.h>
#include <netlink/route/tc.h>
#include <netlink/socket.h>

#include <utility>

namespace vipdrift::netns {
namespace {

/// Frames that wait: a segment carries some hundred a second.
constexpr int kLimit = 10000;
constexpr int kFirstPriority = 1;

struct Put {
  void operator()(rtnl_qdisc* it) const { rtnl_qdisc_put(it); }
  void operator()(rtnl_cls* it) const { rtnl_cls_put(it); }
  void operator()(rtnl_act* it) const { rtnl_act_put(it); }
  void operator()(rtnl_link* it) const { rtnl_link_put(it); }
};
template <class T>
using Owned = std::unique_ptr<T, Put>;

PortShaper::Error outcome(int result, const std::string& what) {
  if (result >= 0) return std::nullopt;
  return what + ": " + nl_geterror(result);
}

int add_ifb(nl_sock* socket, const std::string& name) {
  const Owned<rtnl_link> link(rtnl_link_alloc());
  rtnl_link_set_name(link.get(), name.c_str());
  rtnl_link_set_flags(link.get(), IFF_UP);
  if (const int result = rtnl_link_set_type(link.get(), "ifb"); result < 0) return result;
  return rtnl_link_add(socket, link.get(), NLM_F_CREATE | NLM_F_EXCL);
}

int add_ingress(nl_sock* socket, int interface) {
  const Owned<rtnl_qdisc> qdisc(rtnl_qdisc_alloc());
  rtnl_tc_set_ifindex(TC_CAST(qdisc.get()), interface);
  rtnl_tc_set_parent(TC_CAST(qdisc.get()), TC_H_INGRESS);
  rtnl_tc_set_handle(TC_CAST(qdisc.get()), TC_HANDLE(0xffff, 0));
  if (const int result = rtnl_tc_set_kind(TC_CAST(qdisc.get()), "ingress"); result < 0) return result;
  return rtnl_qdisc_add(socket, qdisc.get(), NLM_F_CREATE | NLM_F_EXCL);
}

/// Everything that enters `from` goes on by `to`.
int redirect(nl_sock* socket, int from, int to) {
  const Owned<rtnl_cls> all(rtnl_cls_alloc());
  rtnl_tc_set_ifindex(TC_CAST(all.get()), from);
  rtnl_tc_set_parent(TC_CAST(all.get()), TC_HANDLE(0xffff, 0));
  rtnl_cls_set_prio(all.get(), kFirstPriority);
  rtnl_cls_set_protocol(all.get(), ETH_P_ALL);
  if (const int result = rtnl_tc_set_kind(TC_CAST(all.get()), "matchall"); result < 0) return result;
  const Owned<rtnl_act> onward(rtnl_act_alloc());
  if (const int result = rtnl_tc_set_kind(TC_CAST(onward.get()), "mirred"); result < 0) return result;
  rtnl_mirred_set_action(onward.get(), TCA_EGRESS_REDIR);
  rtnl_mirred_set_policy(onward.get(), TC_ACT_STOLEN);
  rtnl_mirred_set_ifindex(onward.get(), static_cast<std::uint32_t>(to));
  if (const int result = rtnl_mall_append_action(all.get(), onward.get()); result < 0) return result;
  return rtnl_cls_add(socket, all.get(), NLM_F_CREATE | NLM_F_EXCL);
}

std::string detour_of(const std::string& port) { return "by-" + port; }

}  // namespace

void PortShaper::CloseSocket::operator()(nl_sock* socket) const { nl_socket_free(socket); }

PortShaper::PortShaper() : socket_(nl_socket_alloc()) {
  if (socket_ && nl_connect(socket_.get(), NETLINK_ROUTE) < 0) socket_.reset();
}

int PortShaper::index_of(const std::string& interface) const {
  rtnl_link* found = nullptr;
  if (rtnl_link_get_kernel(socket_.get(), 0, interface.c_str(), &found) < 0) return 0;
  const Owned<rtnl_link> link(found);
  return rtnl_link_get_ifindex(link.get());
}

// Parameters of a netem that is there already change for the frames to come; those that wait keep their times.
int PortShaper::set_netem(int interface, const NetemSetting& setting) {
  const Owned<rtnl_qdisc> qdisc(rtnl_qdisc_alloc());
  rtnl_tc_set_ifindex(TC_CAST(qdisc.get()), interface);
  rtnl_tc_set_parent(TC_CAST(qdisc.get()), TC_H_ROOT);
  if (const int result = rtnl_tc_set_kind(TC_CAST(qdisc.get()), "netem"); result < 0) return result;
  rtnl_netem_set_limit(qdisc.get(), kLimit);
  rtnl_netem_set_delay(qdisc.get(), static_cast<int>(setting.mean.count()));
  rtnl_netem_set_jitter(qdisc.get(), static_cast<int>(setting.deviation.count()));
  rtnl_netem_set_duplicate(qdisc.get(), static_cast<int>(setting.duplication));
  rtnl_netem_set_corruption_probability(qdisc.get(), static_cast<int>(setting.corruption));
  if (!setting.table.empty()) {
    const int result =
        rtnl_netem_set_delay_distribution_data(qdisc.get(), setting.table.data(), setting.table.size());
    if (result < 0) return result;
  }
  return rtnl_qdisc_add(socket_.get(), qdisc.get(), NLM_F_CREATE | NLM_F_REPLACE);
}

PortShaper::Error PortShaper::shape_leaving(const std::string& port, const NetemSetting& setting) {
  const auto known = leaving_.find(port);
  if (known == leaving_.end() ? setting == NetemSetting{} : known->second == setting) return std::nullopt;
  if (!socket_) return "rtnetlink cannot be used";
  if (auto error = outcome(set_netem(index_of(port), setting), "netem refuses what is to happen at " + port)) {
    return error;
  }
  leaving_[port] = setting;
  return std::nullopt;
}

PortShaper::Error PortShaper::shape_entering(const std::string& port, const NetemSetting& setting) {
  const auto known = entering_.find(port);
  if (known == entering_.end() ? setting == NetemSetting{} : known->second == setting) return std::nullopt;
  if (!socket_) return "rtnetlink cannot be used";
  const std::string by = detour_of(port);
  if (known == entering_.end()) {
    if (auto error = detour(port, by)) return error;
  }
  if (auto error = outcome(set_netem(index_of(by), setting), "netem refuses what is to happen behind " + port)) {
    return error;
  }
  entering_[port] = setting;
  return std::nullopt;
}

PortShaper::Error PortShaper::detour(const std::string& port, const std::string& by) {
  if (index_of(by) == 0) {
    if (auto error = outcome(add_ifb(socket_.get(), by), "cannot make the interface " + by)) return error;
  }
  if (auto error = outcome(add_ingress(socket_.get(), index_of(port)), "no ingress at " + port)) return error;
  const int result = redirect(socket_.get(), index_of(port), index_of(by));
  return outcome(result, "cannot lead frames from " + port + " to " + by);
}

void PortShaper::forget(const std::string& port) {
  leaving_.erase(port);
  entering_.erase(port);
}

}  // namespace vipdrift::netns
