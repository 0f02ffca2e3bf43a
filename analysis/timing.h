// How long addresses take to move, at worst: measured with the core itself, with the formula in words.
#ifndef VIPDRIFT_ANALYSIS_TIMING_H_
#define VIPDRIFT_ANALYSIS_TIMING_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "protocol/base/time.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::analysis {

/// One virtual router, one director that holds its addresses, and one thing that happens to it.
struct TimingRow {
  std::string virtual_router;  ///< "VI_1 (10.1.10.7)", "VI_1 (10.1.10.7) and 9 like it"
  std::string event;           ///< "lvs1 crashes", "chk_httpd fails on lvs1", "chk_httpd is well again on lvs1"
  bool is_return = false;      ///< home to a director that has become better; nobody is without an answer meanwhile
  std::string from;
  std::string to;                 ///< "nobody" when there is none
  std::optional<Duration> worst;  ///< from the event on; absent: the addresses stay where they are
  std::string formula;            ///< "3 x advert_int 1 s + skew 0.609375 s of lvs2 (priority 100)"
  std::vector<config::Place> places;  ///< the lines it is made of: first the instance that takes over
};

/// Of virtual routers that are alike one stands for all. For each director that holds one when all is well, and for
/// each that holds it when the better ones are down: everything that may happen to it, at the worst moment between two
/// of its advertisements. What the network and the machine take is not counted.
std::vector<TimingRow> measure_timing(std::span<const Director> directors,
                                      const vrrp::Profile& profile = vrrp::keepalived_profile());

/// Takeovers that may take longer than `within`, and addresses that nobody takes over at all. Returns are not judged:
/// they are no interruption, and often delayed on purpose.
std::vector<Finding> judge_timing(std::span<const TimingRow> rows, Duration within);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_TIMING_H_
