#include "protocol/config/daemon_values.h"

#include <algorithm>
#include <array>
#include <string>

#include "protocol/config/model.h"
#include "protocol/config/nearest_word.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr std::int64_t kLongestPause = 86400;
constexpr std::array<std::string_view, 3> kIncludeChecks{"match", "wildcard_match", "brace_match"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void wrong(Model& m, const Arguments& w, const Word& word, std::string expected, std::string nearest = {}) {
  m.report.error(RuleId::bad_value, word.spot, in_quotes(word.text) + " is not valid for " + in_quotes(w.keyword),
                 std::move(expected), std::move(nearest));
}

}  // namespace

void judge_include_check(Model& m, const Arguments& w) {
  for (std::size_t i = 0; i < w.words.size(); ++i) {
    const Word& word = w.words[i];
    const bool has_sign = word.text.starts_with('+') || word.text.starts_with('-');
    const std::string_view check = word.text.substr(has_sign ? 1 : 0);
    if (check == "readable") {
      note_newer_value(m, word, w.keyword);
    } else if (!is_one_of(check, kIncludeChecks)) {
      return wrong(m, w, word, "[+|-]match, wildcard_match, brace_match",
                   std::string{nearest_word(check, kIncludeChecks)});
    } else if (i > 0 && !has_sign) {
      m.report.warning(RuleId::setting_ignored, word.spot,
                       "keepalived 2.2.7 takes one check without a sign and ignores " + in_quotes(word.text),
                       "'+" + std::string{check} + "'");
    }
  }
}

void judge_receive_policy(Model& m, const Arguments& w) {
  std::string policy = w.text();
  for (char& c : policy) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (policy == "MTU" || policy == "ADVERT") return;
  const auto bytes = parse_integer(w.word());
  if (!bytes || *bytes < 0 || *bytes > kLargestUnsigned)
    wrong(m, w, w.words.front(), "MTU, ADVERT or a number of bytes");
}

void judge_extra_announcements(Model& m, const Arguments& w) {
  bool timed = false;
  for (const Word& word : w.words) {
    if (word.text == "all") continue;
    const auto pause = parse_integer(word.text);
    if (!pause || *pause < 0 || *pause > kLongestPause) return wrong(m, w, word, std::string{kExtraAnnouncements});
    if (*pause == 0) note_newer_value(m, word, w.keyword);
    timed = true;
  }
  if (timed) return;
  m.report.error(RuleId::missing_value, w.spot, in_quotes(w.keyword) + " needs a time",
                 std::string{kExtraAnnouncements});
}

void judge_old_extra_announcements(Model& m, const Arguments& w) {
  m.report.warning(RuleId::old_name, w.spot,
                   in_quotes(w.keyword) + " is the old name of " +
                       (w.keyword.starts_with("vrrp_") ? "'vrrp_garp_extra_if'" : "'garp_extra_if'"));
  judge_extra_announcements(m, w);
}

}  // namespace vipdrift::config
