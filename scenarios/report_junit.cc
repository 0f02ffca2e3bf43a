#include "scenarios/report_junit.h"

#include <cstdint>

#include "scenarios/comparison.h"
#include "scenarios/report_text.h"

namespace vipdrift::scenarios {
namespace {

/// Text and attribute values alike. XML 1.0 has no way to write most control characters.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&apos;";
        break;
      case '\n':
        result += "\n";
        break;
      case '\t':
        result += "\t";
        break;
      default:
        result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
  }
  return result;
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string{name} + "=\"" + escaped(value) + "\"";
}

/// Seconds with milliseconds, the schema's unit.
std::string seconds(Duration duration) {
  const std::int64_t milliseconds = duration.count() / 1'000'000;
  std::string fraction = std::to_string(milliseconds % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return std::to_string(milliseconds / 1000) + "." + fraction;
}

struct Suite {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
  std::string cases;
};

void add_error(Suite& suite, const ScenarioReport& report, const std::string& message, const std::string& details) {
  ++suite.tests;
  ++suite.errors;
  suite.cases += "    <testcase" + attribute("classname", report.file) + attribute("name", "run") + ">\n      <error" +
                 attribute("message", message) + ">" + escaped(details) + "</error>\n    </testcase>\n";
}

void add_judgement(Suite& suite, const ScenarioReport& report, const Judgement& judgement) {
  ++suite.tests;
  const std::string name = judgement.expected + " [line " + std::to_string(judgement.place.line) + "]";
  suite.cases += "    <testcase" + attribute("classname", report.file) + attribute("name", name);
  if (judgement.held) {
    suite.cases += "/>\n";
    return;
  }
  if (!judgement.judged()) {
    ++suite.skipped;
    suite.cases += ">\n      <skipped" + attribute("message", "not observable here: " + judgement.not_judged) +
                   "/>\n    </testcase>\n";
    return;
  }
  ++suite.failures;
  suite.cases += ">\n      <failure" + attribute("message", judgement.seen) + ">" + escaped(judgement.place.file) +
                 ":" + std::to_string(judgement.place.line) + "\n" +
                 escaped(render_timeline(report.result->timeline, judgement.around, {})) +
                 "</failure>\n    </testcase>\n";
}

Suite suite_of(const ScenarioReport& report) {
  Suite suite;
  if (!report.scenario) {
    add_error(suite, report, "the scenario could not be loaded", render_diagnostics(report.diagnostics, {}));
  } else if (!report.result) {
    add_error(suite, report, "the scenario was not run", "");
  } else if (report.result->error) {
    const WorldError& error = *report.result->error;
    add_error(suite, report, error.message, error.place.file + ":" + std::to_string(error.place.line));
  } else {
    for (const Judgement& judgement : report.result->verdict.judgements) add_judgement(suite, report, judgement);
  }
  return suite;
}

std::string suite_name(const ScenarioReport& report) {
  const std::string world = world_label(report);
  return world == "sim" ? report.title() : report.title() + " (" + world + ")";
}

std::string counts(const Suite& suite, Duration wall) {
  return attribute("tests", std::to_string(suite.tests)) + attribute("failures", std::to_string(suite.failures)) +
         attribute("errors", std::to_string(suite.errors)) + attribute("skipped", std::to_string(suite.skipped)) +
         attribute("time", seconds(wall));
}

}  // namespace

std::string report_junit(const std::vector<ScenarioReport>& reports) {
  Suite total;
  Duration wall{0};
  std::string body;
  for (const ScenarioReport& report : reports) {
    const Suite suite = suite_of(report);
    total.tests += suite.tests;
    total.failures += suite.failures;
    total.errors += suite.errors;
    total.skipped += suite.skipped;
    wall += report.wall;
    body += "  <testsuite" + attribute("name", suite_name(report)) + counts(suite, report.wall) + ">\n" + suite.cases +
            "  </testsuite>\n";
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", "vipdrift") +
         counts(total, wall) + ">\n" + body + "</testsuites>\n";
}

}  // namespace vipdrift::scenarios
