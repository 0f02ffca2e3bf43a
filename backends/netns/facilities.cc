#include <nftables/libnftables.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "backends/linux/ipvs.h"
#include "backends/netns/lab.h"
#include "backends/netns/port_shaper.h"

namespace vipdrift::netns {
namespace {

/// In a network namespace of its own: as on the ports of a segment.
bool has_netem() {
  const NetemSetting some{.mean = std::chrono::milliseconds{1}};
  PortShaper shaper;
  return !shaper.shape_leaving("lo", some) && !shaper.shape_entering("lo", some);
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
    if (unshare(CLONE_NEWNET) != 0) return;
    found.ipvs = linux_backend::Ipvs{}.error() == 0;
    found.netem = has_netem();
    found.filters = has_filters();
  }).join();
  return found;
}

}  // namespace vipdrift::netns
