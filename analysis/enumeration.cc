#include "analysis/enumeration.h"

#include <utility>

#include "analysis/words.h"

namespace vipdrift::analysis {
namespace {

SeatRecord record_of(const Rehearsal& rehearsal, const VirtualRouterSeats::Seat& seat) {
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

}  // namespace

Enumeration::Enumeration(std::span<const Director> directors, const vrrp::Profile& profile, std::uint64_t most_visits)
    : directors_(directors),
      most_visits_(most_visits),
      routers_(virtual_routers(directors)),
      settling_(settling_time(directors)) {
  for (std::size_t first = 0; first < directors.size(); ++first) {
    peace_.push_back(at_peace(directors, routers_, profile, first));
  }
  for (std::size_t i = 0; i < directors.size(); ++i) {
    classes_.push_back(failure_classes(*peace_.front().stack(i)));
    states_.push_back(director_states(classes_.back(), static_cast<std::size_t>(most_visits)));
  }
}

void Enumeration::run() {
  std::uint32_t most_failures = 0;
  for (const std::vector<DirectorState>& states : states_) most_failures += states.back().failures;
  for (std::uint32_t failures = 0; failures <= most_failures && !full(); ++failures) {
    chosen_.clear();
    choose(failures);
  }
}

StateCount Enumeration::count() const {
  StateCount all{1, 1};
  for (const std::vector<FailureClass>& classes : classes_) {
    const StateCount count = count_states(classes);
    all.folded = bounded_product(all.folded, count.folded);
    all.possible = bounded_product(all.possible, count.possible);
  }
  return all;
}

/// Visits every combination that goes on from chosen_ with exactly so many failures.
void Enumeration::choose(std::uint32_t failures) {
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

void Enumeration::visit(const Rehearsal& history) {
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
    for (const VirtualRouterSeats::Seat& seat : router.seats) visit.seats.push_back(record_of(rehearsal, seat));
  }
  visits_.push_back(std::move(visit));
}

std::vector<Failure> Enumeration::failures_of(std::size_t director, const DirectorState& state) const {
  std::vector<Failure> failures;
  for (std::size_t k = 0; k < classes_[director].size(); ++k) {
    for (std::uint32_t n = 0; n < state.failing[k]; ++n) failures.push_back(classes_[director][k].members[n]);
  }
  return failures;
}

std::vector<Fault> Enumeration::faults_of(const Visit& visit) const {
  std::vector<Fault> faults;
  for (std::size_t i = 0; i < directors_.size(); ++i) {
    const DirectorState& state = states_[i][visit.states[i]];
    if (!state.up) faults.push_back({.director = directors_[i].name, .kind = Fault::Kind::down});
    for (const Failure& failure : failures_of(i, state)) {
      faults.push_back(fault_of(peace_.front(), i, failure));
      faults.back().director = directors_[i].name;
    }
  }
  return faults;
}

std::string Enumeration::failing_text(const Visit& visit) const {
  std::string text;
  for (std::size_t i = 0; i < directors_.size(); ++i) {
    const DirectorState& state = states_[i][visit.states[i]];
    if (state.failures == 0) continue;
    text += (text.empty() ? "" : "; ") + directors_[i].name +
            (state.up ? ": " + list_text(failing_words(i, state)) : " is down");
  }
  return text.empty() ? "nothing" : text;
}

std::string Enumeration::failing_sentence(const Visit& visit) const {
  std::vector<std::string> down;
  for (std::size_t i = 0; i < directors_.size(); ++i) {
    if (!states_[i][visit.states[i]].up) down.push_back(directors_[i].name);
  }
  std::string text = down.empty() ? "" : list_text(down) + (down.size() == 1 ? " is down" : " are down");
  for (std::size_t i = 0; i < directors_.size(); ++i) {
    const DirectorState& state = states_[i][visit.states[i]];
    if (state.failures == 0 || !state.up) continue;
    const std::vector<std::string> words = failing_words(i, state);
    text += (text.empty() ? "" : ", and ") + list_text(words) + (state.failures == 1 ? " fails on " : " fail on ") +
            directors_[i].name;
  }
  return text.empty() ? "all is well" : text;
}

/// "chk_a", "1 of chk_a and chk_b", "interface eth1"
std::vector<std::string> Enumeration::failing_words(std::size_t director, const DirectorState& state) const {
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
  return words;
}

}  // namespace vipdrift::analysis
