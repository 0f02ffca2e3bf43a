#include "protocol/config/formatter.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "protocol/config/comment.h"
#include "protocol/config/grammar.h"
#include "protocol/config/lexer.h"
#include "protocol/config/printer.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr std::size_t kWidestKeyword = 32;  // what is wider does not push the column of the others
constexpr std::size_t kWidestCode = 80;     // the same for comments
constexpr std::string_view kContinued = "\\";

/// One line on its way out.
struct FormattedLine {
  std::string keyword;      ///< or everything, when the line has no column
  std::string rest;         ///< behind the column
  std::string comment;      ///< with its '#'; empty: none
  std::string_view source;  ///< as it was, without blanks at the ends
  std::size_t depth = 0;
  bool has_column = false;
  bool ends_definition = false;  ///< an empty line that must stay
  bool is_simple = false;        ///< a statement without braces: goes on with a run of such

  bool is_empty() const { return keyword.empty() && comment.empty(); }
  std::string code(std::size_t column) const {
    std::string text(depth * kIndentation, ' ');
    text += keyword;
    if (rest.empty()) return text;
    const std::size_t width = keyword.size() + 1;
    text.append(width < column ? column - keyword.size() : 1, ' ');
    return text + rest;
  }
};

bool is_definition(std::string_view code) {
  if (code.size() < 3 || code.front() != '$' || is_digit(code[1])) return false;
  const auto end = std::find_if_not(code.begin() + 1, code.end(), is_name_character);
  return end != code.begin() + 1 && end != code.end() && *end == '=';
}

/// The block that `word` opens; in a file that is only a part, `context` is not known.
Block block_opened_by(Block context, std::string_view word) {
  if (context != Block::none && context != Block::root) {
    const Keyword* keyword = find_keyword(context, word);
    return keyword == nullptr ? Block::none : keyword->opens;
  }
  for (std::size_t i = 0; i < kBlocks; ++i) {
    const Keyword* keyword = find_keyword(static_cast<Block>(i), word);
    if (keyword != nullptr && keyword->opens != Block::none) return keyword->opens;
  }
  return Block::none;
}

/// Walks through the lines of a file.
class Formatter {
 public:
  explicit Formatter(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      add_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  std::string take() {
    while (!lines_.empty() && lines_.back().is_empty() && !lines_.back().ends_definition) lines_.pop_back();
    std::string text;
    for (std::size_t i = 0; i < lines_.size();) {
      std::size_t end = i + 1;
      if (lines_[i].is_simple) {
        while (end < lines_.size() && goes_on(lines_[i], lines_[end])) ++end;
        while (end > i + 1 && !lines_[end - 1].is_simple) --end;
      }
      write(i, end, text);
      i = end;
    }
    return text;
  }

 private:
  void add_line(std::string_view physical) {
    const CommentSplit split = split_comment(physical);
    FormattedLine line;
    line.source = trim(physical);
    line.comment = trim(physical.substr(split.begin));
    line.depth = blocks_.size();
    std::string_view code = trim(physical.substr(0, split.begin));
    const bool continued = code.ends_with(kContinued);
    if (code.empty()) {
      const bool superfluous = line.comment.empty() && (lines_.empty() || lines_.back().is_empty());
      line.ends_definition = line.comment.empty() && in_definition_;
      if (line.ends_definition) end_definition();
      if (!superfluous || line.ends_definition) lines_.push_back(std::move(line));
      return;
    }
    if (in_definition_) {
      if (continued) code = trim(code.substr(0, code.size() - 1));
      add_code(code, line);
      if (continued) continue_line(line);
      if (!continued) end_definition();
    } else if (is_definition(code)) {
      add_definition(code, line);
    } else {
      add_code(code, line);
    }
    lines_.push_back(std::move(line));
  }

  /// The words of a definition mean nothing until it is used: its braces are its own.
  void add_definition(std::string_view code, FormattedLine& line) {
    line.keyword = code;
    if (!code.ends_with(kContinued)) return;
    in_definition_ = true;
    outside_ = blocks_;
    blocks_.push_back(Block::none);
    const std::size_t equals = code.find('=');
    const std::string_view value = trim(code.substr(equals + 1, code.size() - equals - 2));
    line.keyword = std::string{code.substr(0, equals + 1)};
    if (!value.empty()) {
      FormattedLine first;
      add_code(value, first);
      line.keyword += first.keyword + (first.rest.empty() ? "" : " ") + first.rest + ' ';
    }
    line.keyword += kContinued;
  }

  void end_definition() {
    in_definition_ = false;
    blocks_ = outside_;
    pending_.clear();
  }

  static void continue_line(FormattedLine& line) {
    line.keyword += (line.rest.empty() ? "" : " ") + line.rest;
    line.keyword += (line.keyword.empty() ? "" : " ") + std::string{kContinued};
    line.rest.clear();
    line.has_column = line.is_simple = false;
  }

  void add_code(std::string_view code, FormattedLine& line) {
    std::size_t prefix = 0;  // what is no statement and stays as it is
    if (code.starts_with('@')) {
      prefix = static_cast<std::size_t>(std::find_if(code.begin(), code.end(), is_blank) - code.begin());
    } else if (code.starts_with("~SEQ") || code.starts_with("~LST")) {
      const std::size_t close = code.find(')');
      prefix = close == std::string_view::npos ? code.size() : close + 1;
    }
    const std::string_view statement = trim(code.substr(prefix));
    add_statement(statement, line);
    if (prefix == 0) return;
    const bool is_condition = code.starts_with('@');
    if (is_definition(statement)) line.rest.clear(), line.keyword = statement;
    std::string whole{code.substr(0, prefix)};
    if (!statement.empty()) whole += (is_condition || is_blank(code[prefix]) ? " " : "") + line.keyword;
    if (!line.rest.empty()) whole += ' ' + line.rest;
    line.keyword = std::move(whole);
    line.rest.clear();
    line.has_column = line.is_simple = false;
  }

  void add_statement(std::string_view code, FormattedLine& line) {
    tokens_.clear();
    Report report;
    const SourceLine source{.text = code, .start = {.file = report.add_file({}), .line = 1, .column = 1}};
    const bool good = tokenize(source, tokens_, report);
    if (tokens_.empty()) return;
    const bool in_values = !blocks_.empty() && rules_line(blocks_.back());
    // Blanks between words count inside of the single quotes of a command, and who knows what a parameter holds.
    const bool is_include = code.starts_with("include");
    const bool as_it_is = !good || is_include || code.find_first_of("'\\$") != std::string_view::npos;
    const std::size_t first_end = end_of(tokens_.front(), code);
    bool braces = false;
    std::size_t leading_closes = 0;
    for (const Token& token : tokens_) {
      braces |= token.kind != Token::Kind::word;
      if (token.kind != Token::Kind::close) break;
      ++leading_closes;
    }
    line.depth = blocks_.size() - std::min(leading_closes, blocks_.size());
    braces |= std::any_of(tokens_.begin(), tokens_.end(), [](const Token& t) { return t.kind != Token::Kind::word; });
    follow_braces();

    const std::string text = as_it_is ? spaced_as_written(code, first_end) : joined(code);
    const bool adjacent = first_end < code.size() && !is_blank(code[first_end]) && !braces;
    line.is_simple = !braces && !in_values;
    line.has_column =
        line.is_simple && !adjacent && tokens_.size() > 1 && code.front() != '$' && code.front() != '"' && !is_include;
    if (!line.has_column) {
      line.keyword = text;
      return;
    }
    line.keyword = code.substr(0, first_end);
    line.rest = trim(std::string_view{text}.substr(first_end));
  }

  static bool rules_line(Block block) { return block != Block::none && rules_of(block).line != nullptr; }

  /// Offset behind a token and its quotes.
  static std::size_t end_of(const Token& token, std::string_view code) { return std::min(token.word.end, code.size()); }
  /// Offset of a token, or of the double quote before it. Every quote is closed.
  static std::size_t begin_of(const Token& token, std::string_view code) {
    const auto begin = static_cast<std::size_t>(token.word.text.data() - code.data());
    const bool quoted = token.kind == Token::Kind::word && end_of(token, code) > begin + token.word.text.size();
    return quoted ? begin - 1 : begin;
  }

  /// The words with one blank between, and around braces; what touches goes on touching.
  std::string joined(std::string_view code) const {
    std::string text;
    std::size_t before = 0;
    bool brace_before = false;
    for (const Token& token : tokens_) {
      const std::size_t begin = begin_of(token, code);
      const bool brace = token.kind != Token::Kind::word;
      if (!text.empty() && (begin > before || brace || brace_before)) text += ' ';
      before = end_of(token, code);
      text += code.substr(begin, before - begin);
      brace_before = brace;
    }
    return text;
  }

  /// Blanks stay but those behind the first word.
  static std::string spaced_as_written(std::string_view code, std::size_t first_end) {
    const std::string_view rest = code.substr(first_end);
    const std::string_view trimmed = trim(rest);
    return std::string{code.substr(0, first_end)} + (trimmed.size() < rest.size() ? " " : "") + std::string{trimmed};
  }

  void follow_braces() {
    std::string_view keyword;
    for (const Token& token : tokens_) {
      if (token.kind == Token::Kind::word) {
        if (keyword.empty()) keyword = token.word.text;
      } else if (token.kind == Token::Kind::open) {
        const std::string_view opener = keyword.empty() ? std::string_view{pending_} : keyword;
        blocks_.push_back(block_opened_by(blocks_.empty() ? Block::root : blocks_.back(), opener));
        keyword = {};
        pending_.clear();
      } else {
        if (!blocks_.empty()) blocks_.pop_back();
        keyword = {};
        pending_.clear();
      }
    }
    if (!keyword.empty()) pending_ = keyword;
  }

  static bool goes_on(const FormattedLine& run, const FormattedLine& next) {
    const bool only_comment = next.keyword.empty() && !next.comment.empty();
    return (next.is_simple || only_comment) && next.depth == run.depth;
  }

  /// The lines of one run, with their columns.
  void write(std::size_t begin, std::size_t end, std::string& text) const {
    std::size_t column = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t width = lines_[i].keyword.size() + 1;
      if (lines_[i].has_column && width <= kWidestKeyword) column = std::max(column, width);
    }
    std::size_t comments = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t width = lines_[i].code(column).size() + 2;
      const bool beside = !lines_[i].comment.empty() && !lines_[i].keyword.empty();
      if (beside && width <= kWidestCode) comments = std::max(comments, width);
    }
    for (std::size_t i = begin; i < end; ++i) write_line(lines_[i], column, comments, text);
  }

  static void write_line(const FormattedLine& line, std::size_t column, std::size_t comments, std::string& text) {
    if (line.is_empty()) {
      text += '\n';
      return;
    }
    std::string made = line.code(column);
    if (!line.comment.empty() && !line.keyword.empty()) {
      made.append(made.size() + 2 < comments ? comments - made.size() : 2, ' ');
    }
    made += line.comment;
    text += made.size() > kLongestLine ? std::string{line.source} : made;
    text += '\n';
  }

  std::vector<FormattedLine> lines_;
  std::vector<Block> blocks_;   ///< that are open; none: of no known kind
  std::vector<Block> outside_;  ///< of the definition
  bool in_definition_ = false;
  std::string pending_;  ///< first word of a statement whose brace may be on the next line
  std::vector<Token> tokens_;
};

}  // namespace

std::string format(std::string_view text) { return Formatter{text}.take(); }

}  // namespace vipdrift::config
