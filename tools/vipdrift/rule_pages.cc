#include "tools/vipdrift/rule_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace vipdrift::tools {
namespace {

constexpr std::size_t kLongestLine = 120;

/// A line that is too long for a page is cut.
std::string shown(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    out += line.size() > kLongestLine ? fmt::format("{}... ({} characters more)", line.substr(0, 60), line.size() - 60)
                                      : std::string{line};
    out += '\n';
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return out;
}

/// The files of one kind that differ from those of the other: what is the same on both sides explains nothing.
std::vector<const RuleExample*> telling_files(std::string_view rule, std::string_view kind) {
  std::vector<const RuleExample*> telling;
  const auto examples = rule_examples();
  for (const RuleExample& example : examples) {
    if (example.rule != rule || example.kind != kind) continue;
    const bool same = std::any_of(examples.begin(), examples.end(), [&](const RuleExample& other) {
      return other.rule == rule && other.kind != kind && other.file == example.file && other.text == example.text;
    });
    if (!same) telling.push_back(&example);
  }
  return telling;
}

std::string examples_of(std::string_view rule, std::string_view kind, std::string_view heading) {
  std::string text;
  for (const RuleExample* example : telling_files(rule, kind)) {
    text += fmt::format("\n{} (`scenarios/check/{}/{}/{}`):\n\n```\n{}```\n", heading, rule, kind, example->file,
                        shown(example->text));
  }
  return text;
}

/// The first line of an example says what is wrong or right.
std::string links_to(std::string_view rule, std::string_view kind, std::string_view verdict) {
  std::string text;
  for (const RuleExample* example : telling_files(rule, kind)) {
    std::string_view line = example->text.substr(0, example->text.find('\n'));
    line.remove_prefix(std::min(line.find_first_not_of("#! "), line.size()));
    text += fmt::format("- [{0}/{1}](../scenarios/check/{2}/{0}/{1}) {3}: {4}\n", kind, example->file, rule, verdict,
                        line.substr(0, kLongestLine));
  }
  return text;
}

std::string allowing(const BookedRule& rule) {
  if (!rule.can_be_allowed()) {
    return rule.of_file ? "It cannot be allowed: the file is refused." : "It cannot be allowed.";
  }
  return fmt::format("`# vipdrift: allow {} REASON` at the end of the line that the message names, or above it{}.",
                     rule.name, rule.depends ? "; never where it is an error of the file" : "");
}

}  // namespace

std::string rule_text(const BookedRule& rule) {
  return fmt::format("*{}{}.* {}\n\n**Why it hurts.** {}\n\n**What to do.** {}\n\n**When it is meant.** {}\n",
                     rule.severity, rule.depends ? " or warning" : "", rule.meaning, rule.why, rule.mend,
                     allowing(rule));
}

std::string rule_page(const BookedRule& rule) {
  return fmt::format("## {}\n\n{}{}{}", rule.name, rule_text(rule), examples_of(rule.name, "bad", "Breaks it"),
                     examples_of(rule.name, "good", "Does not"));
}

std::string all_rule_pages() {
  std::string text =
      "# The rules of vipdrift check\n\n"
      "Written by `vipdrift check --rules --pages`; `vipdrift check --explain RULE` prints one of these pages, its "
      "examples\n"
      "in full. An *error* fails the check, a *warning* or *note* does not.\n\n";
  for (const BookedRule& rule : rule_book())
    text += fmt::format("- [{}](#{}): {}\n", rule.name, rule.name, rule.meaning);
  for (const BookedRule& rule : rule_book()) {
    text += fmt::format("\n## {}\n\n{}\n**By example.**\n\n{}{}", rule.name, rule_text(rule),
                        links_to(rule.name, "bad", "breaks it"), links_to(rule.name, "good", "does not"));
  }
  return text;
}

}  // namespace vipdrift::tools
