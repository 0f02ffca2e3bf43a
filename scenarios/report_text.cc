#include "scenarios/report_text.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "scenarios/durations.h"
#include "scenarios/request_runs.h"
#include "scenarios/text_columns.h"

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
  const auto line = [&](const Observation& seen, std::string text) {
    return right(clock_text(seen.at), clock_width) + "  " + padded(printable(seen.node), node_width) + "  " +
           paint(printable(std::move(text)), std::visit(ColourOf{}, seen.what), style) + "\n";
  };
  std::vector<RequestRun> runs;
  if (style.requests == Requests::runs) runs = request_runs(timeline, part);
  auto run = runs.begin();
  std::string lines;
  for (std::size_t i = part.begin; i < part.end; ++i) {
    const Observation& seen = timeline.observations()[i];
    if (style.requests == Requests::each || !std::holds_alternative<RequestDone>(seen.what)) {
      lines += line(seen, describe(seen.what));
    } else if (run != runs.end() && run->members.front() == i) {
      lines += line(seen, describe(*run++, timeline));
    }
  }
  return lines;
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
