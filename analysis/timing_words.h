// What the time of a takeover is made of, in words: the formulas beside what the core does.
#ifndef VIPDRIFT_ANALYSIS_TIMING_WORDS_H_
#define VIPDRIFT_ANALYSIS_TIMING_WORDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/rehearsal.h"
#include "protocol/config/configuration.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::analysis {

/// How something is noticed.
struct Detection {
  std::string event = {};  ///< "chk_httpd hangs"
  Duration before{0};      ///< until it is noticed: to be added to what the core measures
  Duration delay{0};       ///< a delay of the configuration that the core keeps itself
  std::string words = {};  ///< of both; empty: at once
  config::Place place = {};
};
/// A script may fail in two ways.
std::vector<Detection> detections_of(const config::Configuration& configuration, const Failure& failure,
                                     const std::string& what);
Detection recovery_of(const config::Configuration& configuration, const Failure& failure, const std::string& what);
/// Of a daemon that begins.
Detection start_of(const config::Configuration& configuration);

/// What ends the wait of the director that becomes master.
enum class Wait : std::uint8_t {
  master_down,      ///< nothing more is heard
  skew,             ///< priority 0 was heard
  preemption,       ///< it has become better than the master
  start,            ///< the same, right after its daemon has begun
};

/// The director that becomes master.
struct Taker {
  std::string name;
  const config::VrrpInstance* instance = nullptr;
  int priority = 0;  ///< effective
  Duration interval{0};  ///< of the advertisements that it has heard
};

/// "3 x advert_int 1 s + skew 0.609 s of lvs2 (priority 100)"; then how much more or less the core needed, if it did.
std::string formula_text(const Detection& detection, Wait wait, const Taker& taker, const vrrp::Profile& profile,
                         Duration measured);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_TIMING_WORDS_H_
