// `vipdrift config fmt`.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <system_error>

#include "protocol/config/formatter.h"
#include "tools/config_files.h"
#include "tools/vipdrift/config_command.h"

namespace vipdrift::tools {
namespace {

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Whoever owned the file it replaces owns it, group included: daemons read their configuration through the group.
bool give_to(int file, const struct stat& old) {
  struct stat made {};
  if (fstat(file, &made) != 0) return false;
  return (made.st_uid == old.st_uid && made.st_gid == old.st_gid) || fchown(file, old.st_uid, old.st_gid) == 0;
}

/// Puts `text` in the place of the file in one go, with its owner and mode; errno, or 0. Nobody sees half of it, and
/// after an error the file is what it was.
int replace_file(const std::string& path, std::string_view text) {
  std::error_code failure;
  const std::string target = std::filesystem::canonical(path, failure).string();  // of a link, what it points to
  struct stat old {};
  if (failure) return failure.value();
  if (stat(target.c_str(), &old) != 0) return errno;
  std::string temporary = target + ".XXXXXX";
  const int file = mkstemp(temporary.data());
  if (file < 0) return errno;
  const bool done =
      give_to(file, old) && fchmod(file, old.st_mode & 07777U) == 0 && write_all(file, text) && fsync(file) == 0;
  int error = done ? 0 : errno;
  if (close(file) != 0 && error == 0) error = errno;
  if (error == 0 && rename(temporary.c_str(), target.c_str()) != 0) error = errno;
  if (error != 0) unlink(temporary.c_str());
  return error;
}

/// The ids that conditions (@ID, @^ID) of the file ask for, and none.
std::set<std::string> ids_in(const std::string& text) {
  std::set<std::string> ids{""};
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string::npos || line[begin] != '@') continue;
    if (line.compare(begin, 2, "@^") == 0) ++begin;
    ids.insert(line.substr(begin + 1, line.find_first_of(" \t\r", begin) - begin - 1));
  }
  return ids;
}

/// A quote that is not closed, or a brace without its partner: who wrote that meant another form than what would come
/// out. Braces need be paired for one id at least, and only where all that stands between them is known.
std::optional<config::Diagnostic> broken_form(const std::string& path, const std::string& text) {
  using config::RuleId;
  std::optional<config::Diagnostic> unpaired;
  bool can_be_paired = false;
  for (const std::string& id : ids_in(text)) {
    const config::ParseResult read = parse_text(text, path, id);
    bool is_paired = true;
    for (const config::Diagnostic& it : read.diagnostics) {
      if (it.rule == RuleId::undefined_parameter || it.rule == RuleId::include_not_found) can_be_paired = true;
      if (it.place.file != path) continue;
      if (it.rule == RuleId::unbalanced_quotes) return it;
      if (it.rule != RuleId::unbalanced_braces) continue;
      is_paired = false;
      if (!unpaired) unpaired = it;
    }
    can_be_paired = can_be_paired || is_paired;
  }
  return can_be_paired ? std::nullopt : unpaired;
}

ExitStatus format_file(const std::string& path, const ConfigArguments& arguments) {
  const std::optional<std::string> text = read_text(path);
  if (!text) {
    fmt::print(stderr, "vipdrift: {}: {}\n", path, why_unreadable(path));
    return ExitStatus::wrong_input;
  }
  if (const std::optional<config::Diagnostic> broken = broken_form(path, *text)) {
    fmt::print(stderr, "{}; it is not formatted\n", broken->to_string());
    return ExitStatus::wrong_input;
  }
  const std::string formatted = config::format(*text);
  if (!arguments.check && !arguments.write) {
    fmt::print("{}", formatted);
    return ExitStatus::held;
  }
  if (formatted == *text) return ExitStatus::held;
  if (arguments.check) {
    fmt::print("{}\n", path);
    return ExitStatus::failed;
  }
  const int error = replace_file(path, formatted);
  if (error == 0) return ExitStatus::held;
  fmt::print(stderr, "vipdrift: {}: cannot be written: {}; it is as it was\n", path, std::strerror(error));
  return ExitStatus::wrong_input;
}

}  // namespace

ExitStatus config_fmt_command(const ConfigArguments& arguments) {
  ExitStatus status = ExitStatus::held;
  for (const std::string& path : arguments.files) status = gravest(status, format_file(path, arguments));
  return status;
}

}  // namespace vipdrift::tools
