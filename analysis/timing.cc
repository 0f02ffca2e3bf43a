#include "analysis/timing.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>
#include <tuple>
#include <utility>

#include "analysis/components.h"
#include "analysis/detection.h"
#include "analysis/failures.h"
#include "analysis/rehearsal.h"
#include "analysis/router_names.h"
#include "analysis/timing_words.h"
#include "analysis/words.h"

namespace vipdrift::analysis {
namespace {

using Kind = vrrp::TrackReference::Kind;
using Happening = std::function<void(Rehearsal&)>;

/// Moments at which a cluster is looked at: between two advertisements of each of its masters.
constexpr std::int64_t kGrid = 8;
constexpr std::size_t kMostMoments = 40;

constexpr const char* kNobody = "nobody";

/// The greatest time over all moments, and who had the addresses then.
struct Outcome {
  Duration worst{0};
  std::size_t to = 0;
  int priority = 0;  ///< its effective one
  Rehearsal after;   ///< a while later
};

class Measurement {
 public:
  /// `likes`: by virtual router, for how many others it stands.
  Measurement(std::span<const Director> directors, std::span<const std::size_t> likes, const vrrp::Profile& profile,
              std::vector<TimingRow>& rows)
      : directors_(directors),
        likes_of_(likes),
        profile_(profile),
        routers_(virtual_routers(directors)),
        settling_(settling_time(directors)),
        rows_(rows) {
    for (const Director& director : directors) {
      for (const config::VrrpInstance& instance : director.configuration->instances) {
        interval_ = std::max(interval_, instance.advert_int);
      }
    }
  }

  void run() {
    for (std::size_t first = 0; first < directors_.size(); ++first) {
      const Rehearsal peace = at_peace(directors_, routers_, profile_, first);
      for (const RouterKind& kind : distinct_routers(directors_, routers_)) {
        router_ = kind.router;
        likes_ = likes_of_[kind.router] + kind.likes;
        measure_holders(peace);
      }
    }
  }

 private:
  /// Who holds the addresses, and after its crash the next one, and so on.
  void measure_holders(Rehearsal peace) {
    std::vector<std::string> down;
    while (const std::optional<std::size_t> holder = only_master(peace)) {
      if (down.size() + 1 == routers_[router_].seats.size() && !down.empty()) return;  // nobody is left
      holder_ = *holder;
      suffix_ = down.empty() ? "" : " while " + list_text(down) + (down.size() == 1 ? " is down" : " are down");
      if (told_.insert({router_, holder_, down.size()}).second) {
        moments_ = moments_of(peace);
        if (down.empty()) {
          measure_everything(peace);
        } else {
          measure_crash();
        }
      }
      down.push_back(directors_[holder_].name);
      peace.crash(holder_);
      peace.run_for(settling_);
    }
  }

  void measure_everything(const Rehearsal& peace) {
    if (const auto outcome = measure_crash()) measure_restart(*outcome);
    measure_cut();
    measure_stop();
    for (const FailureClass& alike : failure_classes(*peace.stack(holder_))) {
      for (const Failure& failure : alike.members) measure_failure(peace, failure);
    }
  }

  // ---- faults

  const std::string& name() const { return directors_[holder_].name; }
  const config::Configuration& configuration() const { return *directors_[holder_].configuration; }

  std::optional<Outcome> measure_crash() {
    const auto outcome = takeover([this](Rehearsal& rehearsal) { rehearsal.crash(holder_); });
    add_takeover({.event = name() + " crashes or loses power" + suffix_}, Wait::master_down, outcome);
    return outcome;
  }
  void measure_restart(const Outcome& crash) {
    const auto back = homecoming(crash, [this](Rehearsal& rehearsal) { rehearsal.restart(holder_); });
    Detection start = start_of(configuration());
    start.event = name() + " starts again";
    add_return(start, Wait::start, crash, back);
  }
  void measure_cut() {
    const auto outcome = takeover([this](Rehearsal& rehearsal) { rehearsal.cut_off(holder_); });
    add_takeover({.event = name() + " is cut off from the others"}, Wait::master_down, outcome);
  }
  void measure_stop() {
    const auto outcome = takeover([this](Rehearsal& rehearsal) { rehearsal.stop(holder_); });
    add_takeover({.event = name() + " is stopped"}, Wait::skew, outcome);
  }

  void measure_failure(const Rehearsal& peace, const Failure& failure) {
    const std::string what = failure_text(peace, holder_, failure);
    const auto outcome = takeover([&](Rehearsal& rehearsal) { rehearsal.decide(holder_, failure, false); });
    const Wait wait = wait_after(*peace.stack(holder_), failure);
    for (Detection& detection : detections_of(configuration(), failure, what)) {
      // Nobody waits for the delay of a link that carries nothing.
      if (is_own_link(*peace.stack(holder_), failure)) detection = {.event = detection.event};
      detection.event += " on " + name();
      add_takeover(detection, wait, outcome);
    }
    if (!outcome) return;
    const auto back = homecoming(*outcome, [&](Rehearsal& rehearsal) { rehearsal.decide(holder_, failure, true); });
    Detection recovery = recovery_of(configuration(), failure, what);
    recovery.event += " on " + name();
    add_return(recovery, Wait::preemption, *outcome, back);
  }

  bool is_own_link(const vrrp::VrrpStack& stack, const Failure& failure) const {
    return failure.kind == Kind::interface && own_plan(stack).interface.value == failure.index;
  }
  /// What others wait for when the master has noticed the failure: it goes into FAULT with a farewell that gets out, or
  /// goes on with a lower priority, from which they preempt it.
  Wait wait_after(const vrrp::VrrpStack& stack, const Failure& failure) const {
    if (is_own_link(stack, failure)) return Wait::master_down;
    for (const vrrp::VirtualRouter& router : stack.routers()) {
      if (failure.kind == Kind::interface && router.plan().interface.value == failure.index) return Wait::skew;
      for (const vrrp::TrackReference& reference : router.plan().tracked) {
        if (reference.kind == failure.kind && reference.index == failure.index && reference.weight == 0) {
          return Wait::skew;
        }
      }
    }
    return Wait::preemption;
  }
  const vrrp::InstancePlan& own_plan(const vrrp::VrrpStack& stack) const {
    for (const VirtualRouterSeats::Seat& seat : routers_[router_].seats) {
      if (seat.director == holder_) return stack.routers()[seat.instance].plan();
    }
    return stack.routers().front().plan();
  }

  // ---- measuring

  bool is_master(const Rehearsal& rehearsal, const VirtualRouterSeats::Seat& seat) const {
    const vrrp::VrrpStack* stack = rehearsal.stack(seat.director);
    return stack != nullptr && stack->routers()[seat.instance].state() == vrrp::State::master;
  }
  std::optional<std::size_t> only_master(const Rehearsal& rehearsal) const {
    std::optional<std::size_t> master;
    for (const VirtualRouterSeats::Seat& seat : routers_[router_].seats) {
      if (!is_master(rehearsal, seat)) continue;
      if (master) return std::nullopt;
      master = seat.director;
    }
    return master;
  }

  /// Right after each advertisement of the holder, and evenly between them.
  std::vector<Rehearsal> moments_of(Rehearsal peace) const {
    std::vector<Rehearsal> moments;
    const TimePoint begin = peace.now();
    for (std::int64_t i = 1; i <= kGrid; ++i) {
      const TimePoint end = begin + 2 * interval_ * i / kGrid;
      std::uint64_t sent = peace.sent(holder_);
      while (peace.play_next(end)) {
        if (peace.sent(holder_) == std::exchange(sent, peace.sent(holder_))) continue;
        // Of several at one moment, all must be out.
        if (!moments.empty() && moments.back().now() == peace.now()) moments.pop_back();
        moments.push_back(peace);
      }
      moments.push_back(peace);
    }
    // Of many, evenly spread ones, and the last.
    while (moments.size() > kMostMoments) {
      std::vector<Rehearsal> fewer;
      for (std::size_t i = (moments.size() - 1) % 2; i < moments.size(); i += 2) fewer.push_back(std::move(moments[i]));
      moments = std::move(fewer);
    }
    return moments;
  }

  /// How long until somebody else has the addresses; nullopt: they stay, or nobody has them any more (left_).
  std::optional<Outcome> takeover(const Happening& happening) {
    std::optional<Outcome> found;
    for (const Rehearsal& moment : moments_) {
      Rehearsal rehearsal = moment;
      happening(rehearsal);
      const auto to = play_until(rehearsal, [this](std::size_t director) { return director != holder_; });
      if (!to) {
        left_ = is_master(rehearsal, seat_of(holder_)) ? name() : std::string{kNobody};
        return std::nullopt;
      }
      const Duration time = rehearsal.now() - moment.now();
      if (found && found->worst >= time) continue;
      rehearsal.run_for(settling_);
      found.emplace(Outcome{time, *to, priority_of(rehearsal, *to), std::move(rehearsal)});
    }
    return found;
  }

  /// How long until the holder has the addresses again, and its priority then; nullopt: it does not get them.
  struct Homecoming {
    Duration worst{0};
    int priority = 0;
  };
  std::optional<Homecoming> homecoming(const Outcome& away, const Happening& happening) const {
    std::optional<Homecoming> found;
    Rehearsal walker = away.after;
    for (std::int64_t i = 1; i <= kGrid; ++i) {
      const TimePoint end = walker.now() + interval_ / kGrid;
      std::uint64_t sent = walker.sent(away.to);
      bool more = true;
      while (more) {
        more = walker.play_next(end);
        if (more && walker.sent(away.to) == std::exchange(sent, walker.sent(away.to))) continue;
        Rehearsal rehearsal = walker;
        happening(rehearsal);
        const auto home = play_until(rehearsal, [this](std::size_t director) { return director == holder_; });
        if (!home) return std::nullopt;
        const Duration time = rehearsal.now() - walker.now();
        if (!found || time > found->worst) found = Homecoming{time, priority_of(rehearsal, holder_)};
      }
    }
    return found;
  }

  template <class Wanted>
  std::optional<std::size_t> play_until(Rehearsal& rehearsal, const Wanted& wanted) const {
    const TimePoint end = rehearsal.now() + 2 * settling_;
    do {
      for (const VirtualRouterSeats::Seat& seat : routers_[router_].seats) {
        if (wanted(seat.director) && is_master(rehearsal, seat)) return seat.director;
      }
    } while (rehearsal.play_next(end));
    return std::nullopt;
  }

  const VirtualRouterSeats::Seat& seat_of(std::size_t director) const {
    const auto& seats = routers_[router_].seats;
    return *std::find_if(seats.begin(), seats.end(),
                         [&](const VirtualRouterSeats::Seat& seat) { return seat.director == director; });
  }
  int priority_of(const Rehearsal& rehearsal, std::size_t director) const {
    return rehearsal.stack(director)->routers()[seat_of(director).instance].effective_priority();
  }

  // ---- rows

  TimingRow row(const std::string& event) const {
    TimingRow row;
    row.virtual_router = router_text(directors_, routers_[router_], likes_);
    row.event = event;
    row.from = name();
    row.to = name();
    row.places = {instance_of(directors_, seat_of(holder_)).place};
    return row;
  }

  /// Version 3 waits in the intervals of the master that it heard.
  Taker taker(std::size_t director, int priority, std::size_t master) const {
    const config::VrrpInstance& own = instance_of(directors_, seat_of(director));
    const config::VrrpInstance& heard = instance_of(directors_, seat_of(master));
    return {directors_[director].name, &own, priority,
            own.version == vrrp::Version::v3 ? heard.advert_int : own.advert_int};
  }

  void add_takeover(const Detection& detection, Wait wait, const std::optional<Outcome>& outcome) {
    TimingRow one = row(detection.event);
    one.to = left_;
    if (outcome) {
      one.to = directors_[outcome->to].name;
      one.worst = detection.before + outcome->worst;
      one.formula = formula_text(detection, wait, taker(outcome->to, outcome->priority, holder_), profile_, *one.worst);
      one.places.insert(one.places.begin(), instance_of(directors_, seat_of(outcome->to)).place);
      if (detection.place.line > 0) one.places.push_back(detection.place);
    }
    rows_.push_back(std::move(one));
  }

  void add_return(const Detection& detection, Wait wait, const Outcome& away, const std::optional<Homecoming>& home) {
    TimingRow one = row(detection.event);
    one.is_return = true;
    one.from = directors_[away.to].name;
    one.to = home ? name() : one.from;
    if (home) {
      one.worst = detection.before + home->worst;
      one.formula = formula_text(detection, wait, taker(holder_, home->priority, holder_), profile_, *one.worst);
    }
    rows_.push_back(std::move(one));
  }

  std::span<const Director> directors_;
  std::span<const std::size_t> likes_of_;
  vrrp::Profile profile_;
  std::vector<VirtualRouterSeats> routers_;
  Duration settling_;
  Duration interval_{0};  ///< the longest of advertisements
  std::vector<TimingRow>& rows_;
  std::set<std::tuple<std::size_t, std::size_t, std::size_t>> told_;  ///< router, holder, how many are down
  std::size_t router_ = 0;
  std::size_t likes_ = 0;  ///< how many virtual routers it stands for beside itself
  std::size_t holder_ = 0;
  std::string suffix_;
  std::vector<Rehearsal> moments_;
  std::string left_;  ///< who has the addresses when nobody took them over
};

}  // namespace

std::vector<TimingRow> measure_timing(std::span<const Director> directors, const vrrp::Profile& profile) {
  std::vector<TimingRow> rows;
  const std::vector<VirtualRouterSeats> routers = virtual_routers(directors);
  for (const Component& component : distinct_components(directors, routers)) {
    std::vector<std::size_t> members, likes;
    for (const RouterKind& kind : members_apart(directors, routers, component.routers)) {
      members.push_back(kind.router);
      likes.push_back((component.likes + 1) * (kind.likes + 1) - 1);
    }
    const std::vector<Director> part = restricted_to(directors, routers, members);
    Measurement(part, likes, profile, rows).run();
  }
  return rows;
}

std::vector<Finding> judge_timing(std::span<const TimingRow> rows, Duration within) {
  std::vector<Finding> findings;
  for (const TimingRow& row : rows) {
    const bool lost = !row.worst && row.to == kNobody;
    const bool slow = row.worst && *row.worst > within;
    if (row.is_return || !(lost || slow)) continue;
    std::string message = lost ? "nobody takes over " + row.virtual_router + " from " + row.from + " when " + row.event
                               : row.virtual_router + " needs up to " + seconds_text(*row.worst) + " from " + row.from +
                                     " to " + row.to + " when " + row.event + " (" + row.formula + ")";
    message += "; wanted within " + seconds_text(within);
    findings.push_back({RuleId::takeover_too_slow,
                        row.places.front(),
                        std::move(message),
                        {row.places.begin() + 1, row.places.end()}});
  }
  return findings;
}

}  // namespace vipdrift::analysis
