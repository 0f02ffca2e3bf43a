#include "protocol/config/lexer.h"

#include <string>

#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

/// One pass over one line.
class Scan {
 public:
  Scan(const SourceLine& line, std::vector<Token>& tokens, Report& report)
      : line_{line}, tokens_{tokens}, report_{report} {}

  bool run() {
    while (true) {
      while (at_ < text().size() && is_blank(text()[at_])) ++at_;
      if (at_ == text().size()) return good_;
      const char c = text()[at_];
      if (c == '{' || c == '}') {
        add(c == '{' ? Token::Kind::open : Token::Kind::close, at_, at_ + 1, at_ + 1);
        ++at_;
      } else if (c == '"') {
        quoted_word();
      } else {
        plain_word();
      }
    }
  }

 private:
  std::string_view text() const { return line_.text; }

  void add(Token::Kind kind, std::size_t begin, std::size_t end, std::size_t behind) {
    tokens_.push_back({kind, {text().substr(begin, end - begin), line_.spot_at(begin), behind}});
  }

  void quoted_word() {
    const std::size_t open = at_++;
    while (at_ < text().size() && text()[at_] != '"') ++at_;
    note_escape(at_);
    if (at_ == text().size()) {
      good_ = false;
      if (escaped_quote_ != 0) return refuse_odd_quotes(open);
      report_.error(RuleId::unbalanced_quotes, line_.spot_at(open),
                    "a double quote is opened and not closed on this line", "'\"'");
    }
    add(Token::Kind::word, open + 1, at_, at_ == text().size() ? at_ : at_ + 1);
    if (at_ < text().size()) ++at_;
  }

  void note_escape(std::size_t quote) {
    if (escaped_quote_ == 0 && quote > 0 && quote < text().size() && text()[quote - 1] == '\\') escaped_quote_ = quote;
  }

  /// To keepalived 2.2.7 a quote is a quote, escaped or not ("Unmatched quote"): only in a command, whose text is read
  /// once more, the backslash counts.
  void refuse_odd_quotes(std::size_t open) {
    report_.error(RuleId::unbalanced_quotes, line_.spot_at(escaped_quote_),
                  "keepalived counts the double quotes of a line, escaped ones too, and refuses an odd number",
                  "'\\\\042' for the quote in a command");
    add(Token::Kind::word, open + 1, at_, at_);
  }

  void plain_word() {
    const std::size_t begin = at_;
    while (at_ < text().size()) {
      const char c = text()[at_];
      if (is_blank(c) || c == '}' || c == '"') break;
      if (c == '{') {
        if (at_ == begin || text()[at_ - 1] != '$') break;
        undefined_parameter(at_ - 1);
        continue;
      }
      ++at_;
    }
    note_escape(at_);
    const std::string_view word = text().substr(begin, at_ - begin);
    if (word.ends_with('\\') && at_ == text().size()) {
      report_.error(RuleId::unbalanced_quotes, line_.spot_at(at_ - 1),
                    "the line ends in '\\' outside of a $NAME= definition");
      good_ = false;
    }
    // Behind an escaped quote it is the middle of a command, whose `$1` is the shell's.
    if (escaped_quote_ == 0 && word.starts_with('$') && word.find_first_of("{(") == std::string_view::npos) {
      report_.warning(RuleId::undefined_parameter, line_.spot_at(begin),
                      in_quotes(word) + " is not replaced: no such parameter is defined above");
    }
    add(Token::Kind::word, begin, at_, at_);
  }

  /// keepalived would take the brace of an undefined ${NAME} for a block.
  void undefined_parameter(std::size_t dollar) {
    const std::size_t close = text().find('}', dollar);
    at_ = close == std::string_view::npos ? text().size() : close + 1;
    report_.error(RuleId::undefined_parameter, line_.spot_at(dollar),
                  "the parameter " + in_quotes(text().substr(dollar, at_ - dollar)) + " is not defined",
                  "a line '$NAME=VALUE' above");
    good_ = false;
  }

  const SourceLine& line_;
  std::vector<Token>& tokens_;
  Report& report_;
  std::size_t at_ = 0;
  std::size_t escaped_quote_ = 0;  ///< where the first one stands; 0: there is none
  bool good_ = true;
};

}  // namespace

bool tokenize(const SourceLine& line, std::vector<Token>& tokens, Report& report) {
  return Scan{line, tokens, report}.run();
}

}  // namespace vipdrift::config
