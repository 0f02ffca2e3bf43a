#include "backends/netns/log_line.h"

#include <array>
#include <charconv>
#include <utility>

namespace vipdrift::netns {
namespace {

std::optional<vrrp::State> state_named(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, vrrp::State>, 3> kWords{{
      {"MASTER", vrrp::State::master},
      {"BACKUP", vrrp::State::backup},
      {"FAULT", vrrp::State::fault},
  }};
  for (const auto& [known, state] : kWords) {
    if (word == known) return state;
  }
  return std::nullopt;
}

/// What stands between `before` and `after`, which both must be there.
std::optional<std::string_view> between(std::string_view line, std::string_view before, std::string_view after) {
  const std::size_t begin = line.find(before);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t from = begin + before.size();
  const std::size_t end = line.find(after, from);
  if (end == std::string_view::npos) return std::nullopt;
  return line.substr(from, end - from);
}

/// "NAME" of "... (NAME) Rest", where `at` is the place of " Rest".
std::optional<std::string> name_before(std::string_view line, std::size_t at) {
  if (at == 0 || at == std::string_view::npos || line[at - 1] != ')') return std::nullopt;
  const std::size_t open = line.rfind('(', at - 1);
  if (open == std::string_view::npos) return std::nullopt;
  return std::string{line.substr(open + 1, at - open - 2)};
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional<int>{value} : std::nullopt;
}

std::optional<LogEvent> state_entered(std::string_view line) {
  const auto name = name_before(line, line.find(" Entering "));
  const auto word = between(line, " Entering ", " STATE");
  const auto state = word ? state_named(*word) : std::nullopt;
  if (!name || !state) return std::nullopt;
  return StateEntered{*name, *state};
}

std::optional<LogEvent> group_entered(std::string_view line) {
  const auto name = between(line, "VRRP_Group(", ") Syncing instances to ");
  const auto word = between(line, ") Syncing instances to ", " state");
  const auto state = word ? state_named(*word) : std::nullopt;
  if (!name || !state) return std::nullopt;
  return GroupEntered{std::string{*name}, *state};
}

std::optional<LogEvent> priority_set(std::string_view line) {
  constexpr std::string_view kBefore = " Changing effective priority from ";
  const auto name = name_before(line, line.find(kBefore));
  const auto first = between(line, kBefore, " to ");
  if (!name || !first) return std::nullopt;
  std::string_view second = line.substr(line.find(" to ", line.find(kBefore)) + 4);
  second = second.substr(0, second.find_first_not_of("0123456789"));
  const auto from = number(*first), to = number(second);
  if (!from || !to) return std::nullopt;
  return PrioritySet{*name, *from, *to};
}

std::optional<LogEvent> lower_priority_heard(std::string_view line) {
  const auto name = name_before(line, line.find(" Received advert from "));
  if (!name || !between(line, " with lower priority ", ", forcing new election")) return std::nullopt;
  return LowerPriorityHeard{*name};
}

std::optional<LogEvent> quorum_heard(std::string_view line) {
  constexpr std::string_view kService = " for VS ";
  const bool gained = line.find("Gained quorum ") != std::string_view::npos;
  if (!gained && line.find("Lost quorum ") == std::string_view::npos) return std::nullopt;
  const std::size_t at = line.find(kService);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view name = line.substr(at + kService.size());
  name = name.substr(0, name.find_last_not_of(" \r\n") + 1);
  return QuorumHeard{std::string{name}, gained};
}

}  // namespace

std::string_view without_stamp(std::string_view line) {
  // "Fri Nov 27 02:04:33 2026: " has always the same length.
  constexpr std::string_view kShape = "Aaa Aaa 00 00:00:00 0000: ";
  if (line.size() < kShape.size()) return line;
  const auto digit = [](char c) { return (c >= '0' && c <= '9') || c == ' '; };
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const char wanted = kShape[i];
    const bool letter = wanted == 'A' || wanted == 'a';
    if (letter ? line[i] < 'A' : wanted == '0' ? !digit(line[i]) : line[i] != wanted) return line;
  }
  return line.substr(kShape.size());
}

std::optional<LogEvent> read_log_line(std::string_view line) {
  if (auto event = state_entered(line)) return event;
  if (auto event = group_entered(line)) return event;
  if (auto event = lower_priority_heard(line)) return event;
  if (auto event = quorum_heard(line)) return event;
  return priority_set(line);
}

}  // namespace vipdrift::netns
