#include "analysis/exhaustion.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "analysis/components.h"
#include "analysis/failures.h"
#include "analysis/rehearsal.h"
#include "analysis/router_names.h"
#include "analysis/words.h"

namespace vipdrift::analysis {
namespace {

using Seat = VirtualRouterSeats::Seat;

/// What became of one seat in one combination.
struct SeatRecord {
  bool up = false;
  vrrp::State state{};
  bool faulty = false;
  bool link = false;  ///< its interface is up
  int priority = 0;  ///< effective
  int total = 0;     ///< before the clamp
};

/// One combination after one history: by director the index of its state, and the records of all seats, virtual router
/// by virtual router.
struct Visit {
  std::size_t combination = 0;
  std::vector<std::size_t> states;
  std::vector<SeatRecord> seats;
  std::uint32_t failures = 0;
  bool flaps = false;
};

/// All combinations of a few virtual routers.
class Enumeration {
 public:
  /// `likes`: how many others each of them stands for.
  Enumeration(std::span<const Director> directors, const ExhaustionOptions& options,
              std::map<std::size_t, std::size_t> likes)
      : directors_(directors),
        options_(options),
        likes_(std::move(likes)),
        routers_(virtual_routers(directors)),
        settling_(settling_time(directors)) {
    for (std::size_t first = 0; first < directors.size(); ++first) peace_.push_back(begun_by(first));
    for (std::size_t i = 0; i < directors.size(); ++i) {
      classes_.push_back(failure_classes(*peace_.front().stack(i)));
      states_.push_back(director_states(classes_.back(), static_cast<std::size_t>(options.most_visits)));
    }
  }

  void run() {
    std::uint32_t most_failures = 0;
    for (const std::vector<DirectorState>& states : states_) most_failures += states.back().failures;
    for (std::uint32_t failures = 0; failures <= most_failures && !full(); ++failures) {
      chosen_.clear();
      choose(failures);
    }
  }

  /// What was found, and how many combinations there were.
  void add_findings(Exhaustion& result) {
    std::uint64_t folded = 1, possible = 1;
    for (const std::vector<FailureClass>& classes : classes_) {
      const StateCount count = count_states(classes);
      folded = bounded_product(folded, count.folded);
      possible = bounded_product(possible, count.possible);
    }
    result.visited += combinations_;
    result.folded = bounded_sum(result.folded, folded);
    result.possible = bounded_sum(result.possible, possible);
    judge(result);
  }

  void add_rows(Exhaustion& result) const {
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      const auto likes = likes_.find(i);
      result.virtual_routers.push_back(
          router_text(directors_, routers_[i], likes == likes_.end() ? std::size_t{0} : likes->second));
    }
    for (std::size_t i = 0; i < visits_.size(); i += peace_.size()) result.rows.push_back(row_of(i));
  }

 private:
  /// One director holds everything before the others begin.
  Rehearsal begun_by(std::size_t first) const {
    Rehearsal rehearsal(directors_, routers_, options_.profile);
    rehearsal.start(first);
    rehearsal.run_for(settling_);
    for (std::size_t i = 0; i < directors_.size(); ++i) {
      if (i != first) rehearsal.start(i);
    }
    rehearsal.run_for(settling_);
    return rehearsal;
  }

  bool full() const { return combinations_ >= options_.most_visits; }

  /// Visits every combination that goes on from chosen_ with exactly so many failures.
  void choose(std::uint32_t failures) {
    if (full()) return;
    const std::size_t director = chosen_.size();
    if (director == directors_.size()) {
      if (failures != 0) return;
      for (const Rehearsal& history : peace_) visit(history);
      ++combinations_;
      return;
    }
    for (std::size_t i = 0; i < states_[director].size(); ++i) {
      if (states_[director][i].failures > failures) continue;
      chosen_.push_back(i);
      choose(failures - states_[director][i].failures);
      chosen_.pop_back();
    }
  }

  void visit(const Rehearsal& history) {
    Visit visit{.combination = combinations_, .states = chosen_, .seats = {}, .failures = 0, .flaps = false};
    Rehearsal rehearsal = history;
    for (std::size_t i = 0; i < directors_.size(); ++i) {
      const DirectorState& state = states_[i][chosen_[i]];
      visit.failures += state.failures;
      if (!state.up) rehearsal.crash(i);
      for (const Failure& failure : failures_of(i, state)) rehearsal.fail(i, failure);
    }
    if (visit.failures > 0) rehearsal.run_for(settling_);
    const std::uint64_t changes = rehearsal.changes();
    rehearsal.run_for(settling_);
    visit.flaps = rehearsal.changes() != changes;
    for (const VirtualRouterSeats& router : routers_) {
      for (const Seat& seat : router.seats) visit.seats.push_back(record_of(rehearsal, seat));
    }
    visits_.push_back(std::move(visit));
  }

  std::vector<Failure> failures_of(std::size_t director, const DirectorState& state) const {
    std::vector<Failure> failures;
    for (std::size_t k = 0; k < classes_[director].size(); ++k) {
      for (std::uint32_t n = 0; n < state.failing[k]; ++n) failures.push_back(classes_[director][k].members[n]);
    }
    return failures;
  }

  static SeatRecord record_of(const Rehearsal& rehearsal, const Seat& seat) {
    const vrrp::VrrpStack* stack = rehearsal.stack(seat.director);
    if (stack == nullptr) return {};
    const vrrp::VirtualRouter& router = stack->routers()[seat.instance];
    return {.up = true,
            .state = router.state(),
            .faulty = router.state() == vrrp::State::fault || router.faults().any(),
            .link = !router.faults().interface_down,
            .priority = router.effective_priority(),
            .total = router.total_priority()};
  }

  // ---- judgement

  /// What a rule found about one virtual router: its smallest combination, and how many there were.
  struct Case {
    Finding finding;
    std::uint64_t count = 0;
    std::size_t last = 0;  ///< the combination that was counted last
  };
  using Cases = std::map<std::pair<std::size_t, RuleId>, Case>;

  void judge(Exhaustion& result) {
    best_.assign(visits_.front().seats.size(), std::numeric_limits<int>::min());
    for (const Visit& visit : visits_) {
      for (std::size_t i = 0; i < visit.seats.size(); ++i) {
        if (visit.seats[i].up) best_[i] = std::max(best_[i], visit.seats[i].total);
      }
    }
    Cases cases;
    for (const Visit& visit : visits_) {
      std::size_t first = 0;
      for (std::size_t router = 0; router < routers_.size(); ++router) {
        judge_router(visit, router, first, cases);
        first += routers_[router].seats.size();
      }
    }
    for (auto& [key, one] : cases) {
      one.finding.message += " (" + std::to_string(one.count) + " of " + std::to_string(combinations_) +
                             (combinations_ == 1 ? " combination" : " combinations") + likes_text(key.first) + ")";
      result.findings.push_back(std::move(one.finding));
    }
  }

  bool well(const Visit& visit, std::size_t record) const {
    const SeatRecord& seat = visit.seats[record];
    return seat.up && !seat.faulty && seat.total >= best_[record];
  }

  void judge_router(const Visit& visit, std::size_t router, std::size_t first, Cases& cases) const {
    const std::vector<Seat>& seats = routers_[router].seats;
    std::vector<std::size_t> holders, up, fit;
    bool some_link = false;
    for (std::size_t i = 0; i < seats.size(); ++i) {
      const SeatRecord& seat = visit.seats[first + i];
      if (!seat.up) continue;
      up.push_back(i);
      some_link = some_link || seat.link;
      if (seat.state == vrrp::State::master) holders.push_back(i);
      if (well(visit, first + i)) fit.push_back(i);
    }
    const auto add = [&](RuleId rule, std::size_t seat, const std::string& message) {
      Case& one = cases[{router, rule}];
      if (one.count > 0 && one.last == visit.combination) return;
      one.last = visit.combination;
      if (++one.count > 1) return;
      one.finding = {rule, instance_of(directors_, seats[seat]).place, message, {}};
      for (std::size_t i = 0; i < seats.size(); ++i) {
        if (i != seat) one.finding.others.push_back(instance_of(directors_, seats[i]).place);
      }
    };
    if (up.empty()) return;
    const std::string what = addresses_text(directors_, routers_[router]);
    const std::string when = visit.failures == 0 ? " when all is well" : " when this fails: " + state_text(visit);
    if (visit.flaps) add(RuleId::flaps, up.front(), what + ": states go on changing" + when);
    if (holders.size() > 1) {
      std::vector<std::string> names;
      for (const std::size_t holder : holders) names.push_back(directors_[seats[holder].director].name);
      add(RuleId::several_hold, holders.front(), what + " is on " + list_text(names) + when);
    } else if (holders.empty()) {
      // Without a link there is nobody who could: no news.
      const RuleId rule = fit.empty() ? RuleId::nobody_left : RuleId::nobody_holds;
      if (some_link) add(rule, up.front(), what + " is on no director" + when);
    } else if (!fit.empty() && !well(visit, first + holders.front())) {
      add(RuleId::failed_keeps_address, holders.front(),
          kept_text(visit, router, first, holders.front(), fit.front()) + when);
    }
    if (!same_holders(visit, visits_[visit.combination * peace_.size()], first, seats.size())) {
      add(RuleId::depends_on_history, up.front(), what + " is on the director that began first" + when);
    }
    judge_priorities(visit, router, first, up, what + "%" + when, add);
  }

  static bool same_holders(const Visit& a, const Visit& b, std::size_t first, std::size_t count) {
    for (std::size_t i = first; i < first + count; ++i) {
      if ((a.seats[i].state == vrrp::State::master) != (b.seats[i].state == vrrp::State::master)) return false;
    }
    return true;
  }

  template <class Add>
  void judge_priorities(const Visit& visit, std::size_t router, std::size_t first, const std::vector<std::size_t>& up,
                        const std::string& frame, const Add& add) const {
    const std::vector<Seat>& seats = routers_[router].seats;
    const auto framed = [&](const std::string& words) {
      const std::size_t gap = frame.find('%');
      return frame.substr(0, gap) + words + frame.substr(gap + 1);
    };
    std::optional<std::size_t> top;
    bool shared = false;
    for (const std::size_t i : up) {
      const SeatRecord& seat = visit.seats[first + i];
      if (seat.faulty) continue;
      if (seat.total < 1 || (seat.total > 254 && seat.priority != 255)) {
        add(RuleId::clamp_hides, i,
            framed(": " + directors_[seats[i].director].name + " would have priority " + std::to_string(seat.total) +
                   " and has " + std::to_string(seat.priority)));
      }
      const int best = top ? visit.seats[first + *top].priority : -1;
      shared = seat.priority == best || (shared && seat.priority < best);
      if (seat.priority > best) top = i;
    }
    if (!shared || visit.failures == 0) return;
    add(RuleId::tie, *top,
        framed(": several directors have priority " + std::to_string(visit.seats[first + *top].priority)));
  }

  std::string kept_text(const Visit& visit, std::size_t router, std::size_t first, std::size_t holder,
                        std::size_t other) const {
    const std::vector<Seat>& seats = routers_[router].seats;
    const SeatRecord& keeps = visit.seats[first + holder];
    const SeatRecord& could = visit.seats[first + other];
    std::string text = addresses_text(directors_, routers_[router]) + " stays on " +
                       directors_[seats[holder].director].name + " with priority " +
                       std::to_string(keeps.priority) + " although " +
                       directors_[seats[other].director].name + ", where nothing has failed, has " +
                       std::to_string(could.priority);
    const int missing = keeps.priority - could.priority;
    if (missing >= 0) return text + " (the weight is too small by " + std::to_string(missing + 1) + ")";
    return text + " (nopreempt)";
  }

  // ---- words

  std::string likes_text(std::size_t router) const {
    const auto found = likes_.find(router);
    if (found == likes_.end() || found->second == 0) return {};
    return "; so it is with " + std::to_string(found->second) + " like it";
  }
  std::string state_text(const Visit& visit) const {
    std::string text;
    for (std::size_t i = 0; i < directors_.size(); ++i) {
      const DirectorState& state = states_[i][visit.states[i]];
      if (state.failures == 0) continue;
      text += (text.empty() ? "" : "; ") + directors_[i].name + (state.up ? ": " + failing_text(i, state) : " is down");
    }
    return text.empty() ? "nothing" : text;
  }

  /// "chk_a", "1 of chk_a and chk_b"
  std::string failing_text(std::size_t director, const DirectorState& state) const {
    std::vector<std::string> words;
    for (std::size_t k = 0; k < classes_[director].size(); ++k) {
      const std::uint32_t count = state.failing[k];
      if (count == 0) continue;
      std::vector<std::string> names;
      for (const Failure& failure : classes_[director][k].members) {
        names.push_back(failure_text(peace_.front(), director, failure));
      }
      if (count < names.size()) {
        words.push_back(std::to_string(count) + " of " + list_text(names));
      } else {
        words.insert(words.end(), names.begin(), names.end());
      }
    }
    return list_text(words);
  }

  /// Of the combination whose visits begin there, one a history.
  ExhaustionRow row_of(std::size_t begin) const {
    ExhaustionRow row{state_text(visits_[begin]), {}};
    std::size_t first = 0;
    for (const VirtualRouterSeats& router : routers_) {
      std::string holders;
      for (std::size_t history = 0; history < peace_.size(); ++history) {
        const std::string names = holders_text(visits_[begin + history], router, first);
        if (history == 0) {
          holders = names;
        } else if (holders.find(names) == std::string::npos) {
          holders += " or " + names;
        }
      }
      row.holders.push_back(holders);
      first += router.seats.size();
    }
    return row;
  }

  std::string holders_text(const Visit& visit, const VirtualRouterSeats& router, std::size_t first) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < router.seats.size(); ++i) {
      const SeatRecord& seat = visit.seats[first + i];
      if (seat.up && seat.state == vrrp::State::master) names.push_back(directors_[router.seats[i].director].name);
    }
    return names.empty() ? "nobody" : list_text(names);
  }

  std::span<const Director> directors_;
  ExhaustionOptions options_;
  std::map<std::size_t, std::size_t> likes_;  ///< by virtual router
  std::vector<VirtualRouterSeats> routers_;
  Duration settling_;
  std::vector<Rehearsal> peace_;  ///< one for each director that may have begun first
  std::vector<std::vector<FailureClass>> classes_;  ///< by director
  std::vector<std::vector<DirectorState>> states_;  ///< by director
  std::vector<std::size_t> chosen_;
  std::size_t combinations_ = 0;
  std::vector<Visit> visits_;
  std::vector<int> best_;  ///< by seat: its priority when all is well
};

}  // namespace

Exhaustion exhaust(std::span<const Director> directors, const ExhaustionOptions& options) {
  const std::vector<VirtualRouterSeats> routers = virtual_routers(directors);
  Exhaustion result;
  std::vector<std::size_t> representatives;
  std::map<std::size_t, std::size_t> likes;
  for (const Component& component : distinct_components(directors, routers)) {
    std::map<std::size_t, std::size_t> own;
    for (std::size_t i = 0; i < component.routers.size(); ++i) own[i] = component.likes;
    for (const std::size_t router : component.routers) {
      likes[router] = component.likes;
      representatives.push_back(router);
    }
    const std::vector<Director> part = restricted_to(directors, routers, component.routers);
    Enumeration enumeration(part, options, std::move(own));
    enumeration.run();
    enumeration.add_findings(result);
  }
  if (!options.keep_rows || routers.empty()) return result;
  std::sort(representatives.begin(), representatives.end());
  std::map<std::size_t, std::size_t> columns;
  for (std::size_t i = 0; i < representatives.size(); ++i) columns[i] = likes[representatives[i]];
  const std::vector<Director> all = restricted_to(directors, routers, representatives);
  Enumeration together(all, options, std::move(columns));
  together.run();
  together.add_rows(result);
  return result;
}

}  // namespace vipdrift::analysis
