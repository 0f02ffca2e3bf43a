// Clusters without a simulator around them: directors on one lossless wire, and the floor of the same work.
#ifndef VIPDRIFT_BENCH_BARE_CLUSTER_H_
#define VIPDRIFT_BENCH_BARE_CLUSTER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "protocol/vrrp/vrrp_stack.h"

namespace vipdrift::bench {

struct ClusterSize {
  int directors = 2;
  int routers = 2;  ///< virtual routers, each at home on director (number mod directors), at 1 s, v2 PASS
};

/// keepalived.conf of one director of such a cluster.
config::Configuration configuration_of(const ClusterSize& size, int director);

/// Stacks joined by a wire that delivers at once: what the core alone costs.
class BareCluster {
 public:
  explicit BareCluster(const ClusterSize& size);
  /// Runs on until `end`; returns the number of advertisements sent.
  std::uint64_t run_until(Duration end);
  /// Every router has exactly one master, at home.
  bool settled() const;

 private:
  ClusterSize size_;
  std::vector<vrrp::VrrpStack> stacks_;
  DeadlineIndex deadlines_;
  vrrp::ActionList actions_;
  vrrp::ActionList replies_;
};

/// Straight code: a queue of the masters' advertisements; every other director checks the 28 bytes (header, VRID,
/// authentication, checksum) and stores a deadline.
class FloorCluster {
 public:
  explicit FloorCluster(const ClusterSize& size);
  std::uint64_t run_until(Duration end);

 private:
  bool accept(const std::vector<std::uint8_t>& message) const;

  using Due = std::pair<std::int64_t, int>;
  ClusterSize size_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> queue_;
  std::vector<std::vector<std::uint8_t>> messages_;
  std::vector<std::int64_t> deadlines_;
};

}  // namespace vipdrift::bench

#endif  // VIPDRIFT_BENCH_BARE_CLUSTER_H_
