#include <netlink/netlink.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/tc.h>
#include <netlink/socket.h>
#include <nftables/libnftables.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/pkt_sched.h>

#include <memory>
#include <thread>

#include "backends/netns/lab.h"

namespace vipdrift::netns {
namespace {

constexpr int kLoopback = 1;

bool has_netem() {
  const std::unique_ptr<nl_sock, decltype(&nl_socket_free)> socket(nl_socket_alloc(), nl_socket_free);
  const std::unique_ptr<rtnl_qdisc, decltype(&rtnl_qdisc_put)> qdisc(rtnl_qdisc_alloc(), rtnl_qdisc_put);
  if (!socket || !qdisc || nl_connect(socket.get(), NETLINK_ROUTE) < 0) return false;
  rtnl_tc_set_ifindex(TC_CAST(qdisc.get()), kLoopback);
  rtnl_tc_set_parent(TC_CAST(qdisc.get()), TC_H_ROOT);
  return rtnl_tc_set_kind(TC_CAST(qdisc.get()), "netem") == 0 &&
         rtnl_qdisc_add(socket.get(), qdisc.get(), NLM_F_CREATE) == 0;
}

bool has_filters() {
  const std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)> context(nft_ctx_new(NFT_CTX_DEFAULT), nft_ctx_free);
  if (!context) return false;
  nft_ctx_buffer_error(context.get());
  return nft_run_cmd_from_buffer(context.get(),
                                 "add table bridge probe\n"
                                 "add chain bridge probe passing { type filter hook forward priority 0; }\n"
                                 "add rule bridge probe passing iifname \"a\" numgen random mod 10 < 5 drop\n") == 0;
}

}  // namespace

Facilities probe_facilities() {
  Facilities found;
  std::thread([&found] {
    // A raw call is about this thread alone.
    found.all_groups = syscall(SYS_setgroups, 0, nullptr) == 0;
    found.ipvs = access("/proc/thread-self/net/ip_vs", F_OK) == 0;
    if (unshare(CLONE_NEWNET) != 0) return;
    found.netem = has_netem();
    found.filters = has_filters();
  }).join();
  return found;
}

}  // namespace vipdrift::netns
