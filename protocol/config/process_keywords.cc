#include "protocol/config/process_keywords.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr std::size_t kLongestName = 15;  // TASK_COMM_LEN without the zero at its end, prctl(2)
constexpr std::int64_t kMostProcessors = 1024;
constexpr std::uint16_t kLargestMask = 0777;

/// The bits of <sys/stat.h> without their S_.
constexpr std::array<std::pair<std::string_view, std::uint16_t>, 9> kPermissions{{{"IRUSR", 0400},
                                                                                  {"IWUSR", 0200},
                                                                                  {"IXUSR", 0100},
                                                                                  {"IRGRP", 040},
                                                                                  {"IWGRP", 020},
                                                                                  {"IXGRP", 010},
                                                                                  {"IROTH", 04},
                                                                                  {"IWOTH", 02},
                                                                                  {"IXOTH", 01}}};

/// Octal with a zero in front, hexadecimal with 0x, or decimal.
std::optional<std::uint16_t> mask_of(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.front() == '0') {
    base = 8;
  }
  std::uint16_t mask = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, mask, base);
  if (text.empty() || error != std::errc{} || stop != end || mask > kLargestMask) return std::nullopt;
  return mask;
}

std::optional<std::uint16_t> permission_named(std::string_view name) {
  for (const auto& [known, bit] : kPermissions) {
    if (known == name) return bit;
  }
  return std::nullopt;
}

/// "IWGRP | IWOTH", with or without blanks.
std::optional<std::uint16_t> permissions_of(const Arguments& words) {
  std::string text;
  for (const Word& word : words.words) {
    // A blank separates no two bits.
    if (!text.empty() && text.back() != '|' && !word.text.starts_with('|')) return std::nullopt;
    text += word.text;
  }
  std::uint16_t mask = 0;
  for (std::string_view rest = text;;) {
    const std::size_t bar = rest.find('|');
    const std::optional<std::uint16_t> bit = permission_named(rest.substr(0, bar));
    if (!bit) return std::nullopt;
    mask = static_cast<std::uint16_t>(mask | *bit);
    if (bar == std::string_view::npos) return mask;
    rest.remove_prefix(bar + 1);
  }
}

}  // namespace

ProcessSettings& process_settings(Model& model) { return model.configuration.global.processes; }
ProcessTuning& vrrp_tuning(Model& model) { return process_settings(model).vrrp; }
ProcessTuning& checker_tuning(Model& model) { return process_settings(model).checker; }

void set_umask(Model& model, const Arguments& words) {
  const std::string_view first = words.word();
  std::optional<std::uint16_t> mask;
  if (first.empty() || !is_digit(first.front())) {
    mask = permissions_of(words);
  } else if (words.words.size() == 1) {
    mask = mask_of(first);
  }
  if (mask) {
    process_settings(model).umask = mask;
    return;
  }
  model.report.error(RuleId::bad_value, words.word_spot(), in_quotes(first) + " is not valid for 'umask'",
                     "a number up to 0777, or bits of IRUSR, IWUSR, IXUSR, IRGRP, IWGRP, IXGRP, IROTH, IWOTH and IXOTH "
                     "with '|' between them");
}

void set_process_name(Model& model, const Arguments& words, std::string& name) {
  name = words.text();
  if (name.size() <= kLongestName) return;
  name.resize(kLongestName);
  model.report.warning(RuleId::value_changed, words.word_spot(),
                       "the kernel knows names of at most 15 characters: the name is cut to " + in_quotes(name));
}

void set_processors(Model& model, const Arguments& words, ProcessTuning& process) {
  process.processors.clear();
  for (const Word& word : words.words) {
    const std::optional<std::int64_t> number = parse_integer(word.text);
    if (!number || *number < 0 || *number >= kMostProcessors) {
      model.report.error(RuleId::bad_value, word.spot, in_quotes(word.text) + " is not the number of a processor",
                         std::string{kProcessors});
      return;
    }
    process.processors.push_back(static_cast<std::uint16_t>(*number));
  }
  std::sort(process.processors.begin(), process.processors.end());
  process.processors.erase(std::unique(process.processors.begin(), process.processors.end()), process.processors.end());
}

void judge_processors(Model& model, const Arguments& words) {
  ProcessTuning nobody;
  set_processors(model, words, nobody);
}

}  // namespace vipdrift::config
