#include "tools/vipdrift/check_command.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

#include "protocol/config/parser.h"
#include "scenarios/report_text.h"
#include "tools/vipdrift/terminal.h"

namespace vipdrift::tools {
namespace {

std::optional<std::string> read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

/// The files that an include names, relative to the file that includes them.
std::vector<config::SourceFile> included_files(std::string_view pattern, std::string_view including_file) {
  const std::filesystem::path full = std::filesystem::path(including_file).parent_path() / pattern;
  glob_t matches{};
  std::vector<config::SourceFile> files;
  if (glob(full.c_str(), 0, nullptr, &matches) == 0) {
    for (std::size_t i = 0; i < matches.gl_pathc; ++i) {
      const std::string path = matches.gl_pathv[i];
      if (std::optional<std::string> text = read(path)) files.push_back({path, std::move(*text)});
    }
  }
  globfree(&matches);
  return files;
}

bool is_error(const config::Diagnostic& diagnostic) { return diagnostic.severity == config::Severity::error; }

bool check(const std::string& file, const CheckArguments& arguments) {
  const std::optional<std::string> text = read(file);
  if (!text) {
    fmt::print(stderr, "vipdrift: {}: cannot be read\n", file);
    return false;
  }
  config::ParseOptions options;
  options.file_name = file;
  options.config_id = arguments.config_id;
  options.include = included_files;
  const config::ParseResult result = config::parse(*text, options);
  fmt::print("{}", scenarios::render_diagnostics(result.diagnostics, standard_output_style()));
  const auto errors = std::count_if(result.diagnostics.begin(), result.diagnostics.end(), is_error);
  const auto warnings = std::ssize(result.diagnostics) - errors;
  if (!result.ok()) {
    fmt::print("{}: {} error{}, {} warning{}\n", file, errors, errors == 1 ? "" : "s", warnings,
               warnings == 1 ? "" : "s");
    return false;
  }
  fmt::print("{}: ok, {} vrrp_instance, {} vrrp_sync_group, {} vrrp_script, {} warning{}\n", file,
             result.configuration->instances.size(), result.configuration->sync_groups.size(),
             result.configuration->scripts.size(), warnings, warnings == 1 ? "" : "s");
  return true;
}

}  // namespace

ExitStatus check_command(const CheckArguments& arguments) {
  ExitStatus status = ExitStatus::held;
  for (const std::string& file : arguments.files) {
    if (!check(file, arguments)) status = ExitStatus::wrong_input;
  }
  return status;
}

}  // namespace vipdrift::tools
