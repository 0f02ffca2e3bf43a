#include "protocol/config/written.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "protocol/config/preprocessor.h"
#include "protocol/config/statement_reader.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

/// Deeper than any block of the language: what stands below is left out.
constexpr std::size_t kDeepest = 16;

std::string as_written(const Word& word, const SourceLine& line) {
  const bool quoted = word.end > word.text.size() && line.text[word.end - 1] == '"';
  return quoted ? '"' + std::string{word.text} + '"' : std::string{word.text};
}

/// A command whose quotes are escaped is more words than it looks: it stays as it is.
std::vector<std::string> words_of(const Statement& statement) {
  std::vector<std::string> words{as_written(statement.words.front(), statement.line)};
  const std::string_view raw = trim(statement.raw_arguments().text);
  if (raw.find("\\\"") != std::string_view::npos) {
    words.emplace_back(raw);
    return words;
  }
  for (const Word& word : statement.arguments()) words.push_back(as_written(word, statement.line));
  return words;
}

void read_block(StatementReader& reader, std::vector<WrittenStatement>& into, std::size_t depth) {
  Statement next;
  while (true) {
    switch (reader.next(next)) {
      case StatementReader::Item::end:
        return;
      case StatementReader::Item::close:
        if (depth > 0) return;
        break;
      case StatementReader::Item::statement:
        if (next.words.empty() || next.broken || depth == kDeepest) {
          if (next.opens_block) reader.skip_block();
          break;
        }
        WrittenStatement written;
        written.words = words_of(next);
        written.spot = next.spot;
        written.opens_block = next.opens_block;
        if (next.opens_block) read_block(reader, written.inner, depth + 1);
        into.push_back(std::move(written));
        break;
    }
  }
}

/// The greatest number of a file that a statement stands in.
std::uint32_t last_file(const std::vector<WrittenStatement>& statements) {
  std::uint32_t last = 0;
  for (const WrittenStatement& statement : statements) {
    last = std::max({last, statement.spot.file, last_file(statement.inner)});
  }
  return last;
}

}  // namespace

std::string WrittenStatement::arguments() const {
  std::string text;
  for (std::size_t i = 1; i < words.size(); ++i) text += (i == 1 ? "" : " ") + words[i];
  return text;
}

const WrittenStatement* WrittenStatement::find(std::string_view word) const {
  for (auto statement = inner.rbegin(); statement != inner.rend(); ++statement) {
    if (statement->keyword() == word) return &*statement;
  }
  return nullptr;
}

Place WrittenConfiguration::place(const Spot& spot) const {
  return {
      .file = spot.file < files.size() ? files[spot.file] : std::string{}, .line = spot.line, .column = spot.column};
}

WrittenConfiguration read_written(std::string_view text, const ParseOptions& options) {
  Report report;
  Preprocessor lines{text, options, report};
  StatementReader statements{lines, report};
  WrittenConfiguration written;
  read_block(statements, written.statements, 0);
  for (std::size_t i = 0; i < written.statements.size(); ++i) {
    if (written.statements[i].keyword() == "global_defs") written.globals.push_back(i);
  }
  const std::uint32_t files = written.statements.empty() ? 0 : last_file(written.statements) + 1;
  for (std::uint32_t i = 0; i < files; ++i) written.files.push_back(report.file_name(i));
  return written;
}

}  // namespace vipdrift::config
