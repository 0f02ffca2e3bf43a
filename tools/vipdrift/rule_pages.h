// What is to be known about each rule of `vipdrift check`, as pages of Markdown.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_RULE_PAGES_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_RULE_PAGES_H_

#include <span>
#include <string>
#include <string_view>

#include "tools/vipdrift/rule_book.h"

namespace vipdrift::tools {

/// One file below scenarios/check, embedded at build time: the configuration of one director.
struct RuleExample {
  std::string_view rule;
  std::string_view kind;  ///< "bad" breaks the rule, "good" does not
  std::string_view file;  ///< "lb1.conf"
  std::string_view text;
};

/// By rule, the bad ones first.
std::span<const RuleExample> rule_examples();

/// Meaning, reason, remedy, and how to allow it.
std::string rule_text(const BookedRule& rule);

/// The same below the rule's name, and an example that breaks it beside one that does not.
std::string rule_page(const BookedRule& rule);

/// All pages, with links to the examples: docs/rules.md. The headings are names, so that these are the anchors too.
std::string all_rule_pages();

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_RULE_PAGES_H_
