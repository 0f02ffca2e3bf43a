// Every rule that `vipdrift check` knows, those of the parser and those of clusters, as one book.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_RULE_BOOK_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_RULE_BOOK_H_

#include <string>
#include <string_view>
#include <vector>

namespace vipdrift::tools {

struct BookedRule {
  std::string_view name;      ///< "equal-priorities"
  std::string_view severity;  ///< "error", "warning", "note"; the gravest one when it depends
  bool depends = false;       ///< it is a warning where keepalived goes on
  bool of_file = false;       ///< of the parser
  std::string_view meaning;   ///< one sentence: what it finds
  std::string_view why;       ///< why that hurts
  std::string_view mend;      ///< what to do about it

  /// Whether a comment can allow it: neither what is wrong with such comments, nor what only refuses a file.
  bool can_be_allowed() const;
};

/// First what is said of a cluster, then what is said of a file alone.
std::vector<BookedRule> rule_book();

/// One line a rule, as a table of Markdown: name, severity, meaning.
std::string render_rules();

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_RULE_BOOK_H_
