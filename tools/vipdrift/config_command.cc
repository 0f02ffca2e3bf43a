#include "tools/vipdrift/config_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "protocol/check/checker_settings.h"
#include "protocol/config/printer.h"
#include "protocol/vrrp/profile_text.h"
#include "scenarios/report_text.h"
#include "scenarios/text_columns.h"
#include "tools/config_files.h"
#include "tools/vipdrift/terminal.h"

namespace vipdrift::tools {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const config::EffectiveStatement& statement, const config::WrittenConfiguration& written) {
  Json json;
  if (!statement.keyword.empty()) json["keyword"] = statement.keyword;
  if (!statement.value.empty()) json["value"] = statement.value;
  json["origin"] = to_string(statement.origination);
  if (!statement.active) json["active"] = false;
  if (!statement.note.empty()) json["note"] = statement.note;
  if (statement.written != nullptr) {
    const config::Place place = written.place(statement.written->spot);
    json["place"] = {{"file", place.file}, {"line", place.line}};
  }
  if (!statement.opens_block) return json;
  json["block"] = Json::array();
  for (const config::EffectiveStatement& inner : statement.inner) json["block"].push_back(json_of(inner, written));
  return json;
}

/// What definitions stood for may be longer than what can be written.
bool has_long_line(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > config::kLongestLine) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

/// Block by block: the whole may be large.
void print_text(const config::Configuration& configuration, const config::EffectiveOptions& options) {
  std::string text;
  bool first = true;
  config::tell_effective(configuration, options, [&](const config::EffectiveStatement& statement) {
    text.clear();
    if (!first) text += '\n';
    first = false;
    config::print(statement, 0, text);
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (!has_long_line(text)) return;
    fmt::print(stderr, "vipdrift: {} {}: a line is longer than {} characters, and would be refused when it is read\n",
               statement.keyword, scenarios::printable(statement.value), config::kLongestLine);
  });
}

}  // namespace

ExitStatus config_show_command(const ConfigArguments& arguments) {
  const std::string& file = arguments.file;
  const vrrp::Profile profile = *vrrp::parse_profile(arguments.profile).profile;
  const std::optional<ReadConfiguration> read = read_configuration(file, arguments.config_id, profile);
  if (!read) {
    fmt::print(stderr, "vipdrift: {}: {}\n", file, why_unreadable(file));
    return ExitStatus::wrong_input;
  }
  fmt::print(stderr, "{}", scenarios::render_diagnostics(read->parsed.diagnostics, standard_error_style()));
  if (!read->parsed.ok()) return ExitStatus::wrong_input;
  const config::Configuration& configuration = *read->parsed.configuration;
  config::EffectiveOptions options;
  options.written = &read->written;
  options.checker_settings = [&configuration](const config::VirtualServer& service, const config::RealServer& server,
                                              const config::Checker& checker) {
    return check::checker_settings(configuration, service, server, checker);
  };
  if (!arguments.json) {
    print_text(configuration, options);
    return ExitStatus::held;
  }
  Json document = {{"file", file}, {"statements", Json::array()}};
  config::tell_effective(configuration, options, [&](const config::EffectiveStatement& statement) {
    document["statements"].push_back(json_of(statement, read->written));
  });
  fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
  return ExitStatus::held;
}

}  // namespace vipdrift::tools
