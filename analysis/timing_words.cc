#include "analysis/timing_words.h"

#include "analysis/detection.h"
#include "analysis/words.h"
#include "protocol/vrrp/timers.h"

namespace vipdrift::analysis {
namespace {

using Kind = vrrp::TrackReference::Kind;

std::string plus(const std::string& a, const std::string& b) { return a.empty() || b.empty() ? a + b : a + " + " + b; }

std::string interval_text(const config::VrrpScript& script, const char* keyword, int times) {
  return "interval " + seconds_text(script.interval) + " x " + keyword + " " + std::to_string(times);
}

std::string named_delay(const char* keyword, Duration delay) {
  return delay == Duration{0} ? std::string{} : keyword + (" " + seconds_text(delay));
}

/// What interface_up_down_delays says of the interface that is called so in findings.
Duration link_delay(const config::Configuration& configuration, const std::string& what, bool up) {
  for (const config::InterfaceDelays& delays : configuration.interface_delays) {
    if ("interface " + delays.interface == what) return up ? delays.up : delays.down;
  }
  return Duration{0};
}

Detection delayed(std::string event, const char* keyword, Duration delay, config::Place place) {
  return {std::move(event), Duration{0}, delay, named_delay(keyword, delay), std::move(place)};
}

std::vector<Detection> script_detections(const config::VrrpScript& script) {
  const Duration fails = worst_detection(script, ScriptOutcome::fails);
  const Duration hangs = worst_detection(script, ScriptOutcome::hangs);
  const Duration timeout = script.timeout == Duration{0} ? script.interval : script.timeout;
  return {{script.name + " fails", fails, Duration{0}, interval_text(script, "fall", script.fall), script.place},
          {script.name + " hangs", hangs, Duration{0},
           seconds_text(hangs) + " for " + interval_text(script, "fall", script.fall) + ", each until its timeout " +
               seconds_text(timeout),
           script.place}};
}

}  // namespace

std::vector<Detection> detections_of(const config::Configuration& configuration, const Failure& failure,
                                     const std::string& what) {
  switch (failure.kind) {
    case Kind::script:
      return script_detections(configuration.scripts[failure.index]);
    case Kind::interface:
      return {delayed(what + " is down", "down delay", link_delay(configuration, what, false), {})};
    case Kind::file:
      return {delayed(what + " turns bad", "", Duration{0}, configuration.track_files[failure.index].place)};
    case Kind::process: {
      const config::TrackProcess& process = configuration.track_processes[failure.index];
      return {delayed(what + " ends", "terminate_delay", process.terminate_delay, process.place)};
    }
    case Kind::quorum:
      return {delayed(what + " is lost", "", Duration{0}, configuration.virtual_servers[failure.index].place)};
  }
  return {};
}

Detection recovery_of(const config::Configuration& configuration, const Failure& failure, const std::string& what) {
  const std::string event = what + " is well again";
  if (failure.kind == Kind::script) {
    const config::VrrpScript& script = configuration.scripts[failure.index];
    return {event, worst_detection(script, ScriptOutcome::succeeds), Duration{0},
            interval_text(script, "rise", script.rise), script.place};
  }
  if (failure.kind == Kind::process) {
    const config::TrackProcess& process = configuration.track_processes[failure.index];
    return delayed(event, "fork_delay", process.fork_delay, process.place);
  }
  const Duration delay = failure.kind == Kind::interface ? link_delay(configuration, what, true) : Duration{0};
  return delayed(event, "up delay", delay, {});
}

Detection start_of(const config::Configuration& configuration) {
  return delayed("", "vrrp_startup_delay", configuration.global.vrrp_startup_delay, {});
}

std::string formula_text(const Detection& detection, Wait wait, const Taker& taker, const vrrp::Profile& profile,
                         Duration measured) {
  const config::VrrpInstance& instance = *taker.instance;
  const Duration skew = vrrp::skew_time(instance.version, taker.priority, taker.interval, profile);
  std::string words = detection.words;
  Duration formula = detection.before + detection.delay + skew;
  if (wait == Wait::preemption || wait == Wait::start) {
    if (instance.preempt_delay > Duration{0}) {
      words = plus(words, "preempt_delay " + seconds_text(instance.preempt_delay));
      formula += instance.preempt_delay;
    }
  }
  if (wait != Wait::skew) {
    const bool soon = wait == Wait::start && profile.state_master_starts_sooner &&
                      instance.state == config::WantedState::master;
    const int adverts = soon ? 1 : instance.down_timer_adverts;
    words = plus(words, std::to_string(adverts) + " x advert_int " + seconds_text(taker.interval));
    formula += adverts * taker.interval;
  }
  words = plus(words, "skew " + seconds_text(skew) + " of " + taker.name + " (priority " +
                          std::to_string(taker.priority) + ")");
  const Duration rest = measured - formula;
  if (rest > std::chrono::milliseconds{1}) return words + ", and " + seconds_text(rest) + " more in the core";
  if (-rest > std::chrono::milliseconds{1}) return words + ", at most: the core needs " + seconds_text(-rest) + " less";
  return words;
}

}  // namespace vipdrift::analysis
