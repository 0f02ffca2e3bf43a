#include "tools/vipdrift/allowances.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/config/nearest_word.h"
#include "protocol/config/text.h"
#include "tools/vipdrift/rule_book.h"

namespace vipdrift::tools {
namespace {

constexpr std::array<std::string_view, 2> kVerbs{"allow", "allow-file"};

/// Takes the first word off a text.
std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text = config::trim(text.substr(word.size()));
  return word;
}

std::string meant(std::string_view word, std::span<const std::string_view> words) {
  const std::string_view nearest = config::nearest_word(word, words);
  return nearest.empty() ? std::string{} : fmt::format("; did you mean '{}'?", nearest);
}

}  // namespace

void Allowances::add(std::span<const config::Remark> remarks) {
  std::vector<std::string_view> names;
  const std::vector<BookedRule> book = rule_book();
  for (const BookedRule& rule : book) names.push_back(rule.name);
  for (const config::Remark& remark : remarks) {
    // A file that several directors include is read several times.
    if (!read_.emplace(remark.place.file, remark.place.line, remark.place.column).second) continue;
    std::string_view rest = remark.text;
    const std::string_view verb = take_word(rest);
    const std::string_view rule = take_word(rest);
    if (std::find(kVerbs.begin(), kVerbs.end(), verb) == kVerbs.end()) {
      complain(remark.place, fmt::format("'{}' is nothing that a comment can say; expected 'allow RULE reason' or "
                                         "'allow-file RULE reason'{}",
                                         verb, meant(verb, kVerbs)));
      continue;
    }
    const auto booked = std::find_if(book.begin(), book.end(), [&](const BookedRule& it) { return it.name == rule; });
    if (booked == book.end()) {
      complain(remark.place,
               rule.empty() ? std::string{"which rule is not said; expected 'allow RULE reason'"}
                            : fmt::format("there is no rule '{}': nothing is allowed{}", rule, meant(rule, names)));
    } else if (!booked->can_be_allowed()) {
      complain(remark.place, fmt::format("{} cannot be allowed{}: this comment allows nothing", rule,
                                         booked->of_file ? ", as the file is refused" : ""));
    } else if (rest.empty()) {
      complain(remark.place,
               fmt::format("why {} is allowed is not said: nothing is; expected a reason behind the rule", rule));
    } else {
      allowances_.push_back({.place = remark.place,
                             .rule = std::string{rule},
                             .reason = std::string{rest},
                             .line = verb == "allow" ? std::optional{remark.line} : std::nullopt});
    }
  }
}

std::optional<std::string> Allowances::reason_for(std::string_view rule, const config::Place& place,
                                                  std::span<const config::Place> others) {
  std::optional<std::string> reason;
  for (Allowance& allowance : allowances_) {
    const auto covers = [&](const config::Place& it) {
      return it.file == allowance.place.file && (!allowance.line || *allowance.line == it.line);
    };
    if (allowance.rule != rule) continue;
    if (!covers(place) && std::none_of(others.begin(), others.end(), covers)) continue;
    allowance.used = true;
    if (!reason) reason = allowance.reason;
  }
  return reason;
}

std::vector<analysis::Finding> Allowances::complaints(const std::set<std::string_view>& judged) const {
  std::vector<analysis::Finding> findings = wrong_;
  for (const Allowance& allowance : allowances_) {
    if (allowance.used || judged.count(allowance.rule) == 0) continue;
    const std::string where = allowance.line ? (*allowance.line == 0 ? std::string{"no line follows"}
                                                                     : fmt::format("line {}", *allowance.line))
                                             : std::string{"this file"};
    findings.push_back({analysis::RuleId::unused_allowance,
                        allowance.place,
                        fmt::format("nothing breaks {} here ({}): this comment allows nothing", allowance.rule, where),
                        {}});
  }
  return findings;
}

void Allowances::complain(const config::Place& place, std::string message) {
  wrong_.push_back({analysis::RuleId::bad_allowance, place, std::move(message), {}});
}

}  // namespace vipdrift::tools
