#include "analysis/exhaustion.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "analysis/components.h"
#include "analysis/enumeration.h"
#include "analysis/judgement.h"
#include "analysis/router_names.h"
#include "analysis/words.h"

namespace vipdrift::analysis {
namespace {

std::string holders_text(std::span<const Director> directors, const Visit& visit, const VirtualRouterSeats& router,
                         std::size_t first) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < router.seats.size(); ++i) {
    const SeatRecord& seat = visit.seats[first + i];
    if (seat.up && seat.state == vrrp::State::master) names.push_back(directors[router.seats[i].director].name);
  }
  return names.empty() ? "nobody" : list_text(names);
}

/// Of the combination whose visits begin there, one a history.
ExhaustionRow row_of(const Enumeration& all, std::size_t begin) {
  ExhaustionRow row{all.failing_text(all.visits()[begin]), {}};
  std::size_t first = 0;
  for (const VirtualRouterSeats& router : all.routers()) {
    std::vector<std::string> seen;
    for (std::size_t history = 0; history < all.histories(); ++history) {
      std::string names = holders_text(all.directors(), all.visits()[begin + history], router, first);
      if (std::find(seen.begin(), seen.end(), names) == seen.end()) seen.push_back(std::move(names));
    }
    std::string holders = seen.front();
    for (std::size_t i = 1; i < seen.size(); ++i) holders += " or " + seen[i];
    row.holders.push_back(std::move(holders));
    first += router.seats.size();
  }
  return row;
}

/// With those that others stand for.
std::uint64_t possible_states(std::span<const Director> directors, const vrrp::Profile& profile) {
  const Rehearsal rehearsal(directors, virtual_routers(directors), profile);
  std::uint64_t possible = 1;
  for (std::size_t i = 0; i < directors.size(); ++i) {
    possible = bounded_product(possible, count_states(failure_classes(*rehearsal.stack(i))).possible);
  }
  return possible;
}

}  // namespace

Exhaustion exhaust(std::span<const Director> directors, const ExhaustionOptions& options) {
  const std::vector<VirtualRouterSeats> routers = virtual_routers(directors);
  Exhaustion result;
  std::map<std::size_t, std::size_t> likes;  // by the virtual router that stands for others
  for (const Component& component : distinct_components(directors, routers)) {
    std::vector<std::size_t> members, member_likes;
    for (const RouterKind& kind : members_apart(directors, routers, component.routers)) {
      members.push_back(kind.router);
      member_likes.push_back((component.likes + 1) * (kind.likes + 1) - 1);
      likes[kind.router] = member_likes.back();
    }
    const std::vector<Director> part = restricted_to(directors, routers, members);
    Enumeration enumeration(part, options.profile, options.most_visits);
    enumeration.run();
    StateCount count = enumeration.count();
    if (members.size() < component.routers.size()) {
      count.possible = possible_states(restricted_to(directors, routers, component.routers), options.profile);
    }
    result.visited += enumeration.combinations();
    result.folded = bounded_sum(result.folded, count.folded);
    result.possible = bounded_sum(result.possible, count.possible);
    std::vector<Finding> findings = judge(enumeration, member_likes);
    std::move(findings.begin(), findings.end(), std::back_inserter(result.findings));
  }
  if (!options.keep_rows || routers.empty()) return result;
  std::vector<std::size_t> representatives;
  for (const auto& [router, others] : likes) representatives.push_back(router);
  const std::vector<Director> all = restricted_to(directors, routers, representatives);
  Enumeration together(all, options.profile, options.most_visits);
  together.run();
  for (std::size_t i = 0; i < representatives.size(); ++i) {
    result.virtual_routers.push_back(router_text(all, together.routers()[i], likes[representatives[i]]));
  }
  for (std::size_t i = 0; i < together.visits().size(); i += together.histories()) {
    result.rows.push_back(row_of(together, i));
  }
  return result;
}

}  // namespace vipdrift::analysis
