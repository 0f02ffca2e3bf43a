#include "scenarios/request_runs.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <variant>

#include "scenarios/durations.h"
#include "scenarios/text_columns.h"

namespace vipdrift::scenarios {
namespace {

const RequestDone& request_at(const Timeline& timeline, std::size_t index) {
  return std::get<RequestDone>(timeline.observations()[index].what);
}

bool alike(const Observation& one, const Observation& other) {
  const auto& a = std::get<RequestDone>(one.what);
  const auto& b = std::get<RequestDone>(other.what);
  return one.node == other.node && a.url == b.url && a.failure == b.failure && a.status == b.status;
}

/// Every answer comes from whom it came from so many answers before.
bool in_turn(const RequestRun& run, const Timeline& timeline, std::size_t servers) {
  for (std::size_t i = servers; i < run.members.size(); ++i) {
    if (request_at(timeline, run.members[i]).node != request_at(timeline, run.members[i - servers]).node) return false;
  }
  return servers > 1 && run.members.size() > servers;
}

/// ": rs1 25, rs2 25, in turn"
std::string answers_text(const RequestRun& run, const Timeline& timeline) {
  std::map<std::string_view, std::size_t> answers;
  for (const std::size_t index : run.members) ++answers[request_at(timeline, index).node];
  std::string text;
  for (const auto& [node, count] : answers) {
    text += (text.empty() ? ": " : ", ") + std::string{node} + " " + std::to_string(count);
  }
  return text + (in_turn(run, timeline, answers.size()) ? ", in turn" : "");
}

std::string times_text(const RequestRun& run, const Timeline& timeline) {
  const auto [least, most] =
      std::minmax_element(run.members.begin(), run.members.end(), [&](std::size_t one, std::size_t other) {
        return request_at(timeline, one).took < request_at(timeline, other).took;
      });
  const Duration shortest = request_at(timeline, *least).took;
  const Duration longest = request_at(timeline, *most).took;
  if (shortest == longest) return " (" + to_text(shortest) + ")";
  return " (" + to_text(shortest) + " to " + to_text(longest) + ")";
}

}  // namespace

std::vector<RequestRun> request_runs(const Timeline& timeline, Slice part) {
  std::vector<RequestRun> runs;
  std::size_t open = 0;  // the first that may go on
  for (std::size_t i = part.begin; i < part.end; ++i) {
    const Observation& seen = timeline.observations()[i];
    if (std::holds_alternative<NeighbourLearned>(seen.what)) continue;
    if (!std::holds_alternative<RequestDone>(seen.what)) {
      open = runs.size();
      continue;
    }
    const auto first = runs.begin() + static_cast<std::ptrdiff_t>(open);
    const auto same_client = [&](const RequestRun& run) {
      const Observation& last = timeline.observations()[run.members.back()];
      return last.node == seen.node && std::get<RequestDone>(last.what).url == std::get<RequestDone>(seen.what).url;
    };
    const auto newest = std::find_if(runs.rbegin(), std::make_reverse_iterator(first), same_client);
    const bool goes_on = newest != std::make_reverse_iterator(first) &&
                         alike(timeline.observations()[newest->members.back()], seen);
    if (goes_on) {
      newest->members.push_back(i);
    } else {
      runs.push_back({{i}});
    }
  }
  return runs;
}

std::string describe(const RequestRun& run, const Timeline& timeline) {
  const RequestDone& first = request_at(timeline, run.members.front());
  if (run.members.size() == 1) return describe(What{first});
  const std::string times = " " + std::to_string(run.members.size()) + " times";
  const std::string until = " until " + clock_text(timeline.observations()[run.members.back()].at);
  std::string line = to_string(first.url) + " " + std::string{to_string(first.failure)} + times;
  if (first.status != 0) line += " with " + std::to_string(first.status);
  line += until;
  if (first.failure == RequestFailure::none) line += answers_text(run, timeline);
  return line + times_text(run, timeline);
}

}  // namespace vipdrift::scenarios
