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
  Judge(const Enumeration& enumeration, std::span<const std::size_t> likes)
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
                             (combinations() == 1 ? " combination" : " combinations") + likes_text(likes_[key.first]) +
                             ")";
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
  static std::string likes_text(std::size_t likes) {
    return likes == 0 ? std::string{} : "; so it is with " + std::to_string(likes) + " like it";
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
    const auto add = [&](RuleId rule, std::size_t seat, const auto& message) {
      Case& one = cases[{router, rule}];
      if (one.count > 0 && one.last == visit.combination) return;
      one.last = visit.combination;
      const bool shows_later = rule == RuleId::clamp_hides || rule == RuleId::tie;
      if (++one.count > 1) {
        if (shows_later && !one.finding.demonstration) {
          one.finding.demonstration = demonstrated(rule, visit, router, first);
        }
        return;
      }
      one.finding = {
          rule, instance_of(directors_, seats[seat]).place, message(), {}, demonstrated(rule, visit, router, first)};
      for (std::size_t i = 0; i < seats.size(); ++i) {
        if (i != seat) one.finding.others.push_back(instance_of(directors_, seats[i]).place);
      }
    };
    if (up.empty()) return;
    // Words are for the first combination alone: most find nothing.
    const auto what = [&] { return addresses_text(directors_, routers_[router]); };
    const auto when = [&] { return " when " + enumeration_.failing_sentence(visit); };
    const auto is_on = [&](const std::string& whom) {
      const bool several = instance_of(directors_, seats.front()).virtual_addresses.size() > 1;
      return what() + (several ? " are on " : " is on ") + whom + when();
    };
    if (visit.flaps) {
      add(RuleId::flaps, up.front(),
          [&] { return "the directors of " + what() + " go on changing their states" + when(); });
    }
    if (holders.size() > 1) {
      add(RuleId::several_hold, holders.front(), [&] {
        std::vector<std::string> names;
        for (const std::size_t holder : holders) names.push_back(directors_[seats[holder].director].name);
        return is_on(list_text(names) + " at a time");
      });
    } else if (holders.empty()) {
      // Without a link there is nobody who could: no news.
      const RuleId rule = fit.empty() ? RuleId::nobody_left : RuleId::nobody_holds;
      if (some_link) add(rule, up.front(), [&] { return is_on("no director"); });
    } else if (!fit.empty() && !well(visit, first + holders.front())) {
      add(RuleId::failed_keeps_address, holders.front(),
          [&] { return kept_text(visit, router, first, holders.front(), fit.front()) + when(); });
    }
    if (!same_holders(visit, visits()[visit.combination * histories()], first, seats.size())) {
      add(RuleId::depends_on_history, up.front(), [&] { return is_on("the director that began first"); });
    }
    judge_priorities(
        visit, router, first, up, [&] { return " for " + what() + when(); }, add);
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

  /// Who holds the address alone, if anybody does.
  std::optional<std::size_t> only_holder(const Visit& visit, std::size_t router, std::size_t first) const {
    std::optional<std::size_t> holder;
    for (std::size_t i = 0; i < routers_[router].seats.size(); ++i) {
      const SeatRecord& seat = visit.seats[first + i];
      if (!seat.up || seat.state != vrrp::State::master) continue;
      if (holder) return std::nullopt;
      holder = i;
    }
    return holder;
  }

  /// Of a clamp: somebody would be worth more than the holder if it were not for the clamp. Of a tie: somebody is worth
  /// more; or else the holder does not get the address back when it has been away.
  std::shared_ptr<const Demonstration> undecided(RuleId rule, const Visit& visit, std::size_t router,
                                                 std::size_t first) const {
    const std::vector<Seat>& seats = routers_[router].seats;
    const std::optional<std::size_t> holder = only_holder(visit, router, first);
    if (!holder) return nullptr;
    Demonstration one = demonstration_of(visit, router);
    std::size_t best = *holder;
    if (rule == RuleId::tie) best = worthiest(visit, router, first).value_or(best);
    for (std::size_t i = 0; rule == RuleId::clamp_hides && i < seats.size(); ++i) {
      const SeatRecord& seat = visit.seats[first + i];
      if (seat.up && !seat.faulty && seat.total > visit.seats[first + best].total) best = i;
    }
    one.holder = directors_[seats[best].director].name;
    if (best == *holder) {
      const bool stays_away = std::all_of(one.faults.begin(), one.faults.end(), [&](const Fault& fault) {
        return fault.director != one.holder || fault.kind == Fault::Kind::script || fault.kind == Fault::Kind::file;
      });
      if (rule == RuleId::clamp_hides || !stays_away || instance_of(directors_, seats[best]).nopreempt) return nullptr;
      one.returns = one.holder;
    }
    return can_be_played(one) ? std::make_shared<const Demonstration>(std::move(one)) : nullptr;
  }

  /// What happens in it; what should come of that remains to be said.
  Demonstration demonstration_of(const Visit& visit, std::size_t router) const {
    const config::VrrpInstance& instance = instance_of(directors_, routers_[router].seats.front());
    return {.begins_first = directors_[enumeration_.begun_by(visit)].name,
            .faults = enumeration_.faults_of(visit),
            .address = instance.virtual_addresses.front().address,
            .holder = {},
            .settling = enumeration_.settling()};
  }
  bool can_be_played(const Demonstration& shown) const {
    return std::all_of(shown.faults.begin(), shown.faults.end(), [&](const Fault& it) { return can_be_played(it); });
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
    if (instance.virtual_addresses.empty()) return nullptr;
    if (rule == RuleId::tie || rule == RuleId::clamp_hides) return undecided(rule, visit, router, first);
    if (!anybody && !(certain && best)) return nullptr;
    Demonstration shown = demonstration_of(visit, router);
    if (!can_be_played(shown)) return nullptr;
    if (!anybody) shown.holder = directors_[seats[*best].director].name;
    shown.alone = rule == RuleId::several_hold;
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

  template <class When, class Add>
  void judge_priorities(const Visit& visit, std::size_t router, std::size_t first, const std::vector<std::size_t>& up,
                        const When& when, const Add& add) const {
    const std::vector<Seat>& seats = routers_[router].seats;
    std::optional<std::size_t> top;
    std::vector<std::string> equal;
    for (const std::size_t i : up) {
      const SeatRecord& seat = visit.seats[first + i];
      if (seat.faulty) continue;
      const std::string& name = directors_[seats[i].director].name;
      if (seat.total < 1 || (seat.total > 254 && seat.priority != 255)) {
        add(RuleId::clamp_hides, i, [&] {
          return name + " would have priority " + std::to_string(seat.total) + " and has " +
                 std::to_string(seat.priority) + when();
        });
      }
      const int best = top ? visit.seats[first + *top].priority : -1;
      if (seat.priority < best) continue;
      if (seat.priority > best) {
        top = i;
        equal.clear();
      }
      equal.push_back(name);
    }
    if (equal.size() < 2 || visit.failures == 0) return;
    add(RuleId::tie, *top, [&] {
      return list_text(equal) + (equal.size() == 2 ? " both" : " all") + " have priority " +
             std::to_string(visit.seats[first + *top].priority) + when();
    });
  }

  std::string kept_text(const Visit& visit, std::size_t router, std::size_t first, std::size_t holder,
                        std::size_t other) const {
    const std::vector<Seat>& seats = routers_[router].seats;
    const SeatRecord& keeps = visit.seats[first + holder];
    const SeatRecord& could = visit.seats[first + other];
    const bool several = instance_of(directors_, seats.front()).virtual_addresses.size() > 1;
    std::string text = addresses_text(directors_, routers_[router]) + (several ? " stay on " : " stays on ") +
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
  std::span<const std::size_t> likes_;  ///< by virtual router
  std::span<const Director> directors_;
  const std::vector<VirtualRouterSeats>& routers_;
  std::vector<int> best_;  ///< by seat: its priority when all is well
};

}  // namespace

std::vector<Finding> judge(const Enumeration& enumeration, std::span<const std::size_t> likes) {
  return Judge(enumeration, likes).run();
}

}  // namespace vipdrift::analysis
