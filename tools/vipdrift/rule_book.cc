#include "tools/vipdrift/rule_book.h"

#include <fmt/format.h>

#include "analysis/finding.h"
#include "protocol/config/diagnostic_rules.h"

namespace vipdrift::tools {

bool BookedRule::can_be_allowed() const {
  if (of_file) return severity != "error" || depends;
  return name != analysis::rule_of(analysis::RuleId::bad_allowance).name &&
         name != analysis::rule_of(analysis::RuleId::unused_allowance).name;
}

std::vector<BookedRule> rule_book() {
  std::vector<BookedRule> book;
  for (const analysis::Rule& rule : analysis::rules()) {
    book.push_back({rule.name, to_string(rule.severity), false, false, rule.meaning, rule.why, rule.mend});
  }
  for (const config::DiagnosticRule& rule : config::diagnostic_rules()) {
    book.push_back({rule.name, rule.most == config::Severity::error ? "error" : "warning", rule.least != rule.most,
                    true, rule.meaning, rule.why, rule.mend});
  }
  return book;
}

std::string render_rules() {
  std::string text = "| rule | severity | what it finds |\n|---|---|---|\n";
  for (const BookedRule& rule : rule_book()) {
    text += fmt::format("| `{}` | {}{} | {} |\n", rule.name, rule.severity, rule.depends ? " or warning" : "",
                        rule.meaning);
  }
  return text;
}

}  // namespace vipdrift::tools
