#include "protocol/config/printer.h"

#include <algorithm>
#include <string_view>

namespace vipdrift::config {
namespace {

constexpr std::size_t kWidestKeyword = 32;
constexpr std::size_t kWidestStatement = 72;  // comments begin behind it at the latest
constexpr std::string_view kOff = "# ";

/// Columns of one block.
struct Columns {
  std::size_t value = 0;
  std::size_t comment = 0;
};

/// "keyword value" with the value in its column.
std::string statement_text(const EffectiveStatement& statement, std::size_t value_column) {
  std::string text{statement.active ? std::string_view{} : kOff};
  text += statement.keyword;
  if (statement.value.empty()) return text;
  if (!text.empty()) text.append(text.size() < value_column ? value_column - text.size() : 1, ' ');
  return text + statement.value;
}

Columns columns_of(const std::vector<EffectiveStatement>& statements) {
  Columns columns;
  for (const EffectiveStatement& each : statements) {
    if (each.opens_block || each.keyword.empty() || each.value.empty()) continue;
    const std::size_t width = each.keyword.size() + (each.active ? 0 : kOff.size()) + 1;
    if (width <= kWidestKeyword) columns.value = std::max(columns.value, width);
  }
  for (const EffectiveStatement& each : statements) {
    if (each.opens_block || each.note.empty()) continue;
    const std::size_t width = statement_text(each, columns.value).size() + 2;
    if (width <= kWidestStatement) columns.comment = std::max(columns.comment, width);
  }
  return columns;
}

/// A comment ends at the line's end and hides nothing.
std::string one_line(std::string_view note) {
  std::string text{note};
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

void print_statement(const EffectiveStatement& statement, std::size_t depth, const Columns& columns,
                     std::string& text) {
  std::string line = statement_text(statement, statement.opens_block ? 0 : columns.value);
  if (statement.opens_block) line += " {";
  if (!statement.active) {
    line = one_line(line);
    if (!statement.note.empty()) {
      line.append(line.size() < columns.comment ? columns.comment - line.size() : 2, ' ');
      line += '(' + one_line(statement.note) + ')';
    }
  } else if (!statement.note.empty()) {
    const std::size_t column = std::max(statement.opens_block ? 0 : columns.comment, line.size() + 2);
    const std::string comment = "# " + one_line(statement.note);
    if (depth * kIndentation + column + comment.size() > kLongestLine) {
      text.append(depth * kIndentation, ' ').append(comment).append("\n");
    } else {
      line.append(column - line.size(), ' ').append(comment);
    }
  }
  text.append(depth * kIndentation, ' ').append(line).append("\n");
  if (!statement.opens_block) return;
  const Columns inner = columns_of(statement.inner);
  for (const EffectiveStatement& each : statement.inner) print_statement(each, depth + 1, inner, text);
  text.append(depth * kIndentation, ' ').append("}\n");
}

}  // namespace

void print(const EffectiveStatement& statement, std::size_t depth, std::string& text) {
  print_statement(statement, depth, {}, text);
}

std::string print(const Configuration& configuration, const EffectiveOptions& options) {
  std::string text;
  tell_effective(configuration, options, [&text](const EffectiveStatement& statement) {
    if (!text.empty()) text += '\n';
    print(statement, 0, text);
  });
  return text;
}

}  // namespace vipdrift::config
