#include "scenarios/swim_lane.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "scenarios/durations.h"
#include "scenarios/text_columns.h"
#include "scenarios/virtual_addresses.h"
#include "scenarios/world_state.h"

namespace vipdrift::scenarios {
namespace {

constexpr char kHeld = '=';
constexpr char kLeftOver = '-';
constexpr char kNotHeld = '.';
constexpr char kAnswers = '=';
constexpr char kNobody = 'x';
constexpr std::size_t kLeastWidth = 20;

/// A row: what it is about, who, and a cell for each column.
struct Lane {
  std::string subject;
  std::string who;
  std::string cells;
  std::string_view colour = kGreen;
};

/// The columns: what each stands for.
class Columns {
 public:
  Columns(Duration end, std::size_t width) : end_(end), width_(width) {}

  std::size_t width() const { return width_; }
  /// Length of time that one column stands for.
  Duration length() const {
    return std::max(end_, Duration{0}) / static_cast<Duration::rep>(width_) + Duration{1};
  }
  /// Column of a moment; the end of the run falls into the last one.
  std::size_t of(Duration at) const {
    const Duration::rep column = std::max(at, Duration{0}) / length();
    return std::min(width_ - 1, static_cast<std::size_t>(column));
  }

 private:
  Duration end_;
  std::size_t width_;
};

char holding(const WorldState& world, const std::string& director, const IpAddress& vip) {
  if (!world.holds(director, vip)) return kNotHeld;
  return world.director(director).life == Life::running ? kHeld : kLeftOver;
}

/// A cell shows the state at its end: what happened within it is in the timeline.
std::vector<Lane> address_lanes(const Scenario& scenario, const Timeline& timeline, const Columns& columns) {
  std::vector<Lane> lanes;
  std::vector<IpAddress> vips;
  for (const IpAddress& vip : virtual_addresses(scenario)) {
    for (const DirectorSpec& director : scenario.cluster.directors) {
      lanes.push_back({.subject = vip.to_string(), .who = director.name, .cells = {}});
      vips.push_back(vip);
    }
  }
  WorldState world{scenario};
  const auto draw_to = [&](std::size_t column) {
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      std::string& cells = lanes[i].cells;
      if (cells.size() < column) cells.append(column - cells.size(), holding(world, lanes[i].who, vips[i]));
    }
  };
  for (const Observation& seen : timeline.observations()) {
    draw_to(columns.of(seen.at));
    world.apply(seen);
  }
  draw_to(columns.width());
  return lanes;
}

/// A cell shows whether there was such an answer within it.
std::vector<Lane> answer_lanes(const Timeline& timeline, const Columns& columns) {
  std::map<Url, std::map<std::string, std::string>> answers;
  for (const Observation& seen : timeline.observations()) {
    const auto* request = std::get_if<RequestDone>(&seen.what);
    if (request == nullptr) continue;
    const bool answered = request->failure == RequestFailure::none;
    std::string& cells = answers[request->url][answered ? request->node : ""];
    cells.resize(columns.width(), kNotHeld);
    cells[columns.of(seen.at)] = answered ? kAnswers : kNobody;
  }
  std::vector<Lane> lanes;
  for (auto& [url, by] : answers) {
    for (auto& [node, cells] : by) {
      if (!node.empty()) lanes.push_back({.subject = to_string(url), .who = node, .cells = std::move(cells)});
    }
    if (const auto nobody = by.find(""); nobody != by.end()) {
      lanes.push_back({.subject = to_string(url), .who = "nobody", .cells = std::move(nobody->second), .colour = kRed});
    }
  }
  return lanes;
}

/// "0s        20s        40s" over all columns.
std::string axis(const Columns& columns) {
  constexpr std::size_t kTickDistance = 20;
  std::string line;
  for (std::size_t column = 0; column < columns.width(); column += kTickDistance) {
    const Duration at = columns.length() * static_cast<Duration::rep>(column);
    const std::int64_t tenths = at.count() / 100'000'000;
    const std::string label = "|" + to_text(Duration{tenths * 100'000'000});
    if (column + label.size() > columns.width()) break;
    line = padded(line, column) + label;
  }
  return line;
}

/// Probes and requests that nobody wrote as a step.
bool belongs_to_an_expectation(const Step& step) {
  if (std::holds_alternative<StartProbe>(step.action)) return true;
  const bool client = std::holds_alternative<StartRequests>(step.action) ||
                      std::holds_alternative<OpenConnection>(step.action);
  return client && step.place.line == 0;
}

/// A letter where each step happens, and what the letters mean.
struct StepMarks {
  std::string row;
  std::string legend;
};

StepMarks mark_steps(const Scenario& scenario, const Columns& columns, const TextStyle& style) {
  StepMarks marks{std::string(columns.width(), ' '), {}};
  std::size_t index = 0;
  for (const Step& step : scenario.steps) {
    if (belongs_to_an_expectation(step)) continue;
    const char letter = index < 26 ? static_cast<char>('a' + index) : '*';
    ++index;
    std::size_t column = columns.of(step.at);
    while (column + 1 < columns.width() && marks.row[column] != ' ') ++column;
    marks.row[column] = letter;
    marks.legend += std::string{"  "} + letter + " " + right(to_text(step.at), 10) + "  " +
                    paint(printable(step.text), kBold, style) + "\n";
  }
  return marks;
}

/// Widths of the names before the cells.
struct Names {
  std::size_t subject = 3;
  std::size_t who = 4;

  std::size_t margin() const { return subject + who + 4; }
};

Names names_of(const Scenario& scenario, const Timeline& timeline) {
  Names names;
  for (const IpAddress& vip : virtual_addresses(scenario)) {
    names.subject = std::max(names.subject, vip.to_string().size());
  }
  for (const DirectorSpec& director : scenario.cluster.directors) names.who = std::max(names.who, director.name.size());
  for (const Observation& seen : timeline.observations()) {
    const auto* request = std::get_if<RequestDone>(&seen.what);
    if (request == nullptr) continue;
    names.subject = std::max(names.subject, to_string(request->url).size());
    names.who = std::max(names.who, request->failure == RequestFailure::none ? request->node.size() : 6);
  }
  return names;
}

}  // namespace

std::string render_swim_lane(const Scenario& scenario, const Timeline& timeline, const TextStyle& style) {
  const Names names = names_of(scenario, timeline);
  const std::size_t width = style.width > names.margin() ? style.width - names.margin() : 0;
  const Columns columns(scenario.end, std::max(kLeastWidth, width));
  std::vector<Lane> lanes = address_lanes(scenario, timeline, columns);
  for (Lane& lane : answer_lanes(timeline, columns)) lanes.push_back(std::move(lane));

  const StepMarks marks = mark_steps(scenario, columns, style);
  const std::string indent(names.margin(), ' ');
  std::string text = indent + axis(columns) + "\n" + indent + paint(marks.row, kBold, style) + "\n";
  std::string_view above;
  for (const Lane& lane : lanes) {
    text += padded(lane.subject == above ? "" : printable(lane.subject), names.subject) + "  " +
            padded(printable(lane.who), names.who) + "  " + paint(lane.cells, lane.colour, style) + "\n";
    above = lane.subject;
  }
  return text + marks.legend;
}

}  // namespace vipdrift::scenarios
