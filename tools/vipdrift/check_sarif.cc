#include "tools/vipdrift/check_sarif.h"

#include <fmt/format.h>

#include <cctype>
#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "tools/vipdrift/rule_book.h"
#include "tools/vipdrift/rule_pages.h"

namespace vipdrift::tools {
namespace {

using Json = nlohmann::ordered_json;

/// RFC 3986: a path as a relative reference, or as a file URI when it is absolute.
std::string uri_of(const std::string& path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view{"-._~/"}.find(c) != std::string_view::npos;
    uri += plain ? std::string{c} : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

Json location_of(const config::Place& place) {
  Json physical = {{"artifactLocation", {{"uri", uri_of(place.file)}}}};
  if (place.line > 0) physical["region"]["startLine"] = place.line;
  if (place.line > 0 && place.column > 0) physical["region"]["startColumn"] = place.column;
  return {{"physicalLocation", std::move(physical)}};
}

Json rules_of(const std::vector<BookedRule>& book, const std::string& help_uri) {
  Json rules = Json::array();
  for (const BookedRule& rule : book) {
    Json one = {{"id", rule.name},
                {"shortDescription", {{"text", rule.meaning}}},
                {"fullDescription", {{"text", fmt::format("{} {}", rule.meaning, rule.why)}}},
                {"help", {{"text", fmt::format("{} {}", rule.why, rule.mend)}, {"markdown", rule_text(rule)}}},
                {"defaultConfiguration", {{"level", rule.severity}}}};
    if (!help_uri.empty()) one["helpUri"] = fmt::format("{}#{}", help_uri, rule.name);
    rules.push_back(std::move(one));
  }
  return rules;
}

/// Results that refer to the rules of a book by their index.
class Results {
 public:
  explicit Results(const std::vector<BookedRule>& book) {
    for (std::size_t i = 0; i < book.size(); ++i) index_[book[i].name] = i;
  }

  void add(std::string_view rule, std::string_view level, const std::string& message, const config::Place& place,
           const std::vector<config::Place>& others, const std::optional<std::string>& allowed) {
    Json result = {{"ruleId", rule}, {"level", level}, {"message", {{"text", message}}}};
    if (const auto found = index_.find(rule); found != index_.end()) result["ruleIndex"] = found->second;
    result["locations"] = Json::array({location_of(place)});
    for (const config::Place& other : others) {
      Json location = location_of(other);
      location["id"] = result["relatedLocations"].size() + 1;
      result["relatedLocations"].push_back(std::move(location));
    }
    if (allowed) result["suppressions"] = Json::array({{{"kind", "inSource"}, {"justification", *allowed}}});
    results_.push_back(std::move(result));
  }

  Json take() { return std::move(results_); }

 private:
  std::map<std::string_view, std::size_t> index_;
  Json results_ = Json::array();
};

/// The run was a success when every file could be read and written, whatever was found in them.
Json invocation_of(const std::vector<FileFailure>& failures) {
  Json invocation = {{"executionSuccessful", failures.empty()}};
  for (const FileFailure& failure : failures) {
    invocation["toolExecutionNotifications"].push_back(
        {{"level", "error"},
         {"message", {{"text", fmt::format("{}: {}", failure.file, failure.message)}}},
         {"locations", Json::array({location_of({failure.file, 0, 0})})}});
  }
  return invocation;
}

std::string message_of(const config::Diagnostic& it) {
  std::string text = it.message;
  if (!it.expected.empty()) text += "; expected " + it.expected;
  if (!it.nearest.empty()) text += "; did you mean '" + it.nearest + "'?";
  return text;
}

}  // namespace

std::string cluster_sarif(const ClusterReport& report, const std::string& help_uri) {
  const std::vector<BookedRule> book = rule_book();
  Results results(book);
  for (const SaidDiagnostic& said : report.diagnostics) {
    if (!said.it.rule) continue;  // of no keepalived.conf
    results.add(config::rule_of(*said.it.rule).name, said.it.severity == config::Severity::error ? "error" : "warning",
                message_of(said.it), said.it.place, {}, said.allowed);
  }
  for (const SaidFinding& said : report.findings) {
    results.add(said.it.its_rule().name, to_string(said.severity()), said.it.message, said.it.place, said.it.others,
                said.allowed);
  }
  const Json driver = {{"name", "vipdrift"},
                       {"version", VIPDRIFT_VERSION},
                       {"semanticVersion", VIPDRIFT_VERSION},
                       {"rules", rules_of(book, help_uri)}};
  const Json run = {{"tool", {{"driver", driver}}},
                    {"invocations", Json::array({invocation_of(report.failures)})},
                    {"columnKind", "utf16CodeUnits"},
                    {"results", results.take()}};
  const Json document = {
      {"$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"},
      {"version", "2.1.0"},
      {"runs", Json::array({run})}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vipdrift::tools
