#include "scenarios/report_text.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "scenarios/durations.h"
#include "scenarios/text_columns.h"
#include "scenarios/world_state.h"

namespace vipdrift::scenarios {
namespace {

// ------------------------------------------------------------------ paint

std::string_view colour_of(vrrp::State state) {
  switch (state) {
    case vrrp::State::master:
      return kGreen;
    case vrrp::State::backup:
      return kBlue;
    case vrrp::State::fault:
      return kRed;
    case vrrp::State::initialize:
      return kDim;
  }
  return {};
}

struct ColourOf {
  std::string_view operator()(const StepDone&) const { return kBold; }
  std::string_view operator()(const DaemonChanged& it) const {
    return it.event == DaemonEvent::started || it.event == DaemonEvent::resumed ? kCyan : kYellow;
  }
  std::string_view operator()(const InstanceChanged& it) const { return colour_of(it.to); }
  std::string_view operator()(const AddressAdded&) const { return kGreen; }
  std::string_view operator()(const AddressRemoved&) const { return kYellow; }
  std::string_view operator()(const AdvertisementDiscarded&) const { return kYellow; }
  std::string_view operator()(const LinkState& it) const { return it.up ? kCyan : kYellow; }
  std::string_view operator()(const ProbeAnswers& it) const { return it.node.empty() ? kRed : kGreen; }
  std::string_view operator()(const RequestDone& it) const {
    return it.failure == RequestFailure::none ? kDim : kRed;
  }
  std::string_view operator()(const ConnectionChanged& it) const {
    return it.state == ConnectionState::alive ? kGreen : kRed;
  }
  std::string_view operator()(const ServerChanged& it) const { return it.present ? kGreen : kYellow; }
  std::string_view operator()(const QuorumChanged& it) const { return it.up ? kGreen : kRed; }
  std::string_view operator()(const AdvertisementSent&) const { return kDim; }
  std::string_view operator()(const LogWritten&) const { return kDim; }
  template <class Other>
  std::string_view operator()(const Other&) const {
    return {};
  }
};

// ------------------------------------------------------------------ swim lane

constexpr char kHeld = '=';
constexpr char kLeftOver = '-';
constexpr char kNotHeld = '.';

/// A virtual address on one director, over the columns of the lane.
struct Lane {
  IpAddress vip;
  std::string director;
  std::string cells;
};

std::set<IpAddress> virtual_addresses(const Scenario& scenario) {
  std::set<IpAddress> all;
  for (const DirectorConfig& config : scenario.configs) {
    if (!config.configuration) continue;
    for (const config::VrrpInstance& instance : config.configuration->instances) {
      for (const auto& address : instance.virtual_addresses) all.insert(address.address);
      for (const auto& address : instance.excluded_addresses) all.insert(address.address);
    }
  }
  return all;
}

char cell_of(const WorldState& world, const Lane& lane) {
  if (!world.holds(lane.director, lane.vip)) return kNotHeld;
  return world.director(lane.director).life == Life::running ? kHeld : kLeftOver;
}

/// Length of time that one column stands for.
Duration cell_length(Duration end, std::size_t width) {
  return std::max(end, Duration{0}) / static_cast<Duration::rep>(width) + Duration{1};
}

/// Column of a moment; the end of the run falls into the last one.
std::size_t column_of(Duration at, Duration end, std::size_t width) {
  const Duration::rep column = std::max(at, Duration{0}) / cell_length(end, width);
  return std::min(width - 1, static_cast<std::size_t>(column));
}

/// A cell shows the state at its end: what happened within it is in the timeline.
void fill_lanes(const Scenario& scenario, const Timeline& timeline, std::size_t width, std::vector<Lane>& lanes) {
  WorldState world{scenario};
  const auto draw_to = [&](std::size_t column) {
    for (Lane& lane : lanes) {
      if (lane.cells.size() < column) lane.cells.append(column - lane.cells.size(), cell_of(world, lane));
    }
  };
  for (const Observation& seen : timeline.observations()) {
    draw_to(column_of(seen.at, scenario.end, width));
    world.apply(seen);
  }
  draw_to(width);
}

/// "0s        20s        40s" over `width` columns.
std::string axis(Duration end, std::size_t width) {
  constexpr std::size_t kTickDistance = 20;
  std::string line;
  for (std::size_t column = 0; column < width; column += kTickDistance) {
    const Duration at = cell_length(end, width) * static_cast<Duration::rep>(column);
    const std::int64_t tenths = at.count() / 100'000'000;
    const std::string label = "|" + to_text(Duration{tenths * 100'000'000});
    if (column + label.size() > width) break;
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

StepMarks mark_steps(const Scenario& scenario, std::size_t width, const TextStyle& style) {
  StepMarks marks{std::string(width, ' '), {}};
  std::size_t index = 0;
  for (const Step& step : scenario.steps) {
    if (belongs_to_an_expectation(step)) continue;
    const char letter = index < 26 ? static_cast<char>('a' + index) : '*';
    ++index;
    std::size_t column = column_of(step.at, scenario.end, width);
    while (column + 1 < width && marks.row[column] != ' ') ++column;
    marks.row[column] = letter;
    marks.legend += std::string{"  "} + letter + " " + right(to_text(step.at), 10) + "  " +
                    paint(printable(step.text), kBold, style) + "\n";
  }
  return marks;
}

// ------------------------------------------------------------------ verdict

std::string margin_text(const Judgement& judgement) {
  if (!judgement.margin) return {};
  if (*judgement.margin < Duration{0}) return " (missed by " + to_text(-*judgement.margin) + ")";
  return " (margin " + to_text(*judgement.margin) + ")";
}

std::string indented(const std::string& lines, std::string_view indent) {
  std::string result;
  std::size_t begin = 0;
  while (begin < lines.size()) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    result += std::string{indent} + lines.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return result;
}

}  // namespace

std::string render_timeline(const Timeline& timeline, const TextStyle& style) {
  return render_timeline(timeline, {0, timeline.size()}, style);
}

std::string render_timeline(const Timeline& timeline, Slice part, const TextStyle& style) {
  std::size_t clock_width = 10;
  std::size_t node_width = 4;
  for (std::size_t i = part.begin; i < part.end; ++i) {
    clock_width = std::max(clock_width, clock_text(timeline.observations()[i].at).size());
    node_width = std::max(node_width, timeline.observations()[i].node.size());
  }
  std::string lines;
  for (std::size_t i = part.begin; i < part.end; ++i) {
    const Observation& seen = timeline.observations()[i];
    lines += right(clock_text(seen.at), clock_width) + "  " + padded(printable(seen.node), node_width) + "  " +
             paint(printable(describe(seen.what)), std::visit(ColourOf{}, seen.what), style) + "\n";
  }
  return lines;
}

std::string render_swim_lane(const Scenario& scenario, const Timeline& timeline, const TextStyle& style) {
  std::vector<Lane> lanes;
  std::size_t vip_width = 3;
  std::size_t director_width = 4;
  for (const IpAddress& vip : virtual_addresses(scenario)) {
    vip_width = std::max(vip_width, vip.to_string().size());
    for (const DirectorSpec& director : scenario.cluster.directors) {
      director_width = std::max(director_width, director.name.size());
      lanes.push_back({vip, director.name, {}});
    }
  }
  const std::size_t margin = vip_width + director_width + 4;
  const std::size_t width = std::max<std::size_t>(20, style.width > margin ? style.width - margin : 0);
  fill_lanes(scenario, timeline, width, lanes);

  const StepMarks marks = mark_steps(scenario, width, style);
  const std::string indent(margin, ' ');
  std::string text = indent + axis(scenario.end, width) + "\n" + indent + paint(marks.row, kBold, style) + "\n";
  const IpAddress* above = nullptr;
  for (const Lane& lane : lanes) {
    const bool first_of_vip = above == nullptr || *above != lane.vip;
    above = &lane.vip;
    text += padded(first_of_vip ? lane.vip.to_string() : "", vip_width) + "  " + padded(lane.director, director_width) +
            "  " + paint(lane.cells, kGreen, style) + "\n";
  }
  return text + marks.legend;
}

std::string render_verdict(const Verdict& verdict, const Timeline& timeline, const TextStyle& style) {
  std::string text;
  for (const Judgement& judgement : verdict.judgements) {
    if (!judgement.judged()) {
      text += paint("unseen", kYellow, style) + "  " + printable(judgement.expected) + "\n";
      text += "          not observable here: " + printable(judgement.not_judged) + "\n";
      continue;
    }
    const std::string what = printable(judgement.expected) + ": " + printable(judgement.seen) + margin_text(judgement);
    if (judgement.held) {
      text += paint("    ok", kGreen, style) + "  " + what + "\n";
      continue;
    }
    text += paint("FAILED", kRed, style) + "  " + printable(judgement.expected) + "\n";
    text += "          at    " + judgement.place.file + ":" + std::to_string(judgement.place.line) + "\n";
    text += "          seen  " + printable(judgement.seen) + margin_text(judgement) + "\n";
    text += indented(render_timeline(timeline, judgement.around, style), "          | ");
  }
  return text;
}

std::string render_diagnostics(const std::vector<config::Diagnostic>& diagnostics, const TextStyle& style) {
  std::string text;
  for (const config::Diagnostic& diagnostic : diagnostics) {
    text +=
        paint(diagnostic.to_string(), diagnostic.severity == config::Severity::error ? kRed : kYellow, style) + "\n";
  }
  return text;
}

}  // namespace vipdrift::scenarios
