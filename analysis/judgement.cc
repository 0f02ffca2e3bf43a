#include "analysis/judgement.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "analysis/router_names.h"
#include "analysis/words.h"

namespace vipdrift::analysis {
namespace {

using Seat = VirtualRouterSeats::Seat;

class Judge {
 public:
  Judge(const Enumeration& enumeration, std::size_t likes)
      : enumeration_(enumeration),
        likes_(likes),
        directors_(enumeration.directors()),
        routers_(enumeration.routers()) {}

  std::vector<Finding> run() {
    best_.assign(visits().front().seats.size(), std::numeric_limits<int>::min());
    for (const Visit& visit : visits()) {
      for (std::size_t i = 0; i < visit.seats.size(); ++i) {
        if (visit.seats[i].up) best_[i] = std::max(best_[i], visit.seats[i].total);
      }
    }
    Cases cases;
    for (const Visit& visit : visits()) {
      std::size_t first = 0;
      for (std::size_t router = 0; router < routers_.size(); ++router) {
        judge_router(visit, router, first, cases);
        first += routers_[router].seats.size();
      }
    }
    std::vector<Finding> findings;
    for (auto& [key, one] : cases) {
      one.finding.message += " (" + std::to_string(one.count) + " of " + std::to_string(combinations()) +
                             (combinations() == 1 ? " combination" : " combinations") + likes_text() + ")";
      findings.push_back(std::move(one.finding));
    }
    return findings;
  }

 private:
  /// What a rule found about one virtual router: its smallest combination, and how many there were.
  struct Case {
    Finding finding;
    std::uint64_t count = 0;
    std::size_t last = 0;  ///< the combination that was counted last
  };
  using Cases = std::map<std::pair<std::size_t, RuleId>, Case>;

  const std::vector<Visit>& visits() const { return enumeration_.visits(); }
  std::size_t histories() const { return enumeration_.histories(); }
  std::size_t combinations() const { return enumeration_.combinations(); }
  std::string likes_text() const {
    return likes_ == 0 ? std::string{} : "; so it is with " + std::to_string(likes_) + " like it";
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
      one.finding = {
          rule, instance_of(directors_, seats[seat]).place, message, {}, demonstrated(rule, visit, router, first)};
      for (std::size_t i = 0; i < seats.size(); ++i) {
        if (i != seat) one.finding.others.push_back(instance_of(directors_, seats[i]).place);
      }
    };
    if (up.empty()) return;
    const std::string what = addresses_text(directors_, routers_[router]);
    const std::string when =
        visit.failures == 0 ? " when all is well" : " when this fails: " + enumeration_.failing_text(visit);
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
    if (!same_holders(visit, visits()[visit.combination * histories()], first, seats.size())) {
      add(RuleId::depends_on_history, up.front(), what + " is on the director that began first" + when);
    }
    judge_priorities(visit, router, first, up, what + "%" + when, add);
  }

  /// Who should have the address, with the highest priority of those that are well, or else of those that can work.
  std::optional<std::size_t> worthiest(const Visit& visit, std::size_t router, std::size_t first) const {
    std::optional<std::size_t> best;
    const auto worth = [&](std::size_t i) {
      const SeatRecord& seat = visit.seats[first + i];
      return std::pair{well(visit, first + i), seat.total};
    };
    for (std::size_t i = 0; i < routers_[router].seats.size(); ++i) {
      const SeatRecord& seat = visit.seats[first + i];
      if (!seat.up || seat.faulty) continue;
      if (!best || worth(*best) < worth(i)) best = i;
    }
    return best;
  }

  /// How real servers answer is not in the files; a scenario has one process of a name, without arguments.
  bool can_be_played(const Fault& fault) const {
    if (fault.kind == Fault::Kind::quorum) return false;
    if (fault.kind != Fault::Kind::process) return true;
    for (const Director& director : directors_) {
      if (director.name != fault.director) continue;
      for (const config::TrackProcess& process : director.configuration->track_processes) {
        if (process.name == fault.name) return !process.full_command && process.quorum == 1;
      }
    }
    return false;
  }

  /// Nothing for rules of which nobody can say what a cluster without the finding does.
  std::shared_ptr<const Demonstration> demonstrated(RuleId rule, const Visit& visit, std::size_t router,
                                                    std::size_t first) const {
    const std::vector<Seat>& seats = routers_[router].seats;
    const config::VrrpInstance& instance = instance_of(directors_, seats.front());
    const std::optional<std::size_t> best = worthiest(visit, router, first);
    const bool anybody = rule == RuleId::nobody_left || rule == RuleId::nobody_holds;
    const bool certain = rule == RuleId::failed_keeps_address || rule == RuleId::several_hold ||
                         rule == RuleId::depends_on_history || rule == RuleId::flaps;
    if (instance.virtual_addresses.empty() || (!anybody && !(certain && best))) return nullptr;
    Demonstration shown{.begins_first = directors_[enumeration_.begun_by(visit)].name,
                        .faults = enumeration_.faults_of(visit),
                        .address = instance.virtual_addresses.front().address,
                        .holder = anybody ? std::string{} : directors_[seats[*best].director].name,
                        .alone = rule == RuleId::several_hold,
                        .settling = enumeration_.settling()};
    if (!std::all_of(shown.faults.begin(), shown.faults.end(), [&](const Fault& it) { return can_be_played(it); })) {
      return nullptr;
    }
    if (rule == RuleId::depends_on_history && visit.seats[first + *best].state == vrrp::State::master) {
      // It is right after this history, and so wrong after the one that it differs from.
      shown.begins_first = directors_[0].name;
    }
    return std::make_shared<const Demonstration>(std::move(shown));
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
                       directors_[seats[holder].director].name + " with priority " + std::to_string(keeps.priority) +
                       " although " + directors_[seats[other].director].name + ", where nothing has failed, has " +
                       std::to_string(could.priority);
    const int missing = keeps.priority - could.priority;
    if (missing >= 0) return text + " (the weight is too small by " + std::to_string(missing + 1) + ")";
    return text + holding_text(seats[other]);
  }

  /// What keeps a director from taking over from one with a lower priority; nothing when it is neither of these.
  std::string holding_text(const Seat& seat) const {
    const config::VrrpInstance& instance = instance_of(directors_, seat);
    if (instance.nopreempt) return " (nopreempt)";
    const std::vector<config::SyncGroup>& groups = directors_[seat.director].configuration->sync_groups;
    const bool grouped = std::any_of(groups.begin(), groups.end(), [&](const config::SyncGroup& group) {
      return std::find(group.members.begin(), group.members.end(), instance.name) != group.members.end();
    });
    return grouped ? " (its sync group moves only as a whole)" : "";
  }

  const Enumeration& enumeration_;
  std::size_t likes_;
  std::span<const Director> directors_;
  const std::vector<VirtualRouterSeats>& routers_;
  std::vector<int> best_;  ///< by seat: its priority when all is well
};

}  // namespace

std::vector<Finding> judge(const Enumeration& enumeration, std::size_t likes) {
  return Judge(enumeration, likes).run();
}

}  // namespace vipdrift::analysis
