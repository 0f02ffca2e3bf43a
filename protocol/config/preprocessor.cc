#include "protocol/config/preprocessor.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "protocol/config/comment.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr std::size_t kLongestPhysicalLine = 1024;  // keepalived cuts longer ones in two
constexpr std::size_t kLongestReplacedLine = 16 * 1024;
constexpr int kMostReplacements = 200;
constexpr std::size_t kDeepest = 64;
/// Files that include the same others by many names would be read for ever, one in the other.
constexpr std::size_t kMostFiles = 10'000;

/// A `$NAME` or `${...}` in a line.
struct Use {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view name;
};

/// The next `$NAME` (followed by a blank, ',', ')' or the end of the line) or `${...}` at or after `from`.
std::optional<Use> next_use(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('$', from); at != std::string_view::npos; at = text.find('$', at + 1)) {
    if (at + 1 < text.size() && text[at + 1] == '{') {
      const std::size_t close = text.find('}', at);
      if (close == std::string_view::npos) return std::nullopt;
      return Use{at, close + 1, text.substr(at + 2, close - at - 2)};
    }
    std::size_t end = at + 1;
    while (end < text.size() && is_name_character(text[end])) ++end;
    if (end == at + 1 || is_digit(text[at + 1])) continue;
    const bool ended = end == text.size() || is_blank(text[end]) || text[end] == ',' || text[end] == ')';
    if (ended) return Use{at, end, text.substr(at + 1, end - at - 1)};
  }
  return std::nullopt;
}

/// Length of "$NAME=" at the start of the line, 0 when it is not there.
std::size_t definition_length(std::string_view text) {
  if (text.size() < 3 || text[0] != '$' || is_digit(text[1])) return 0;
  std::size_t end = 1;
  while (end < text.size() && is_name_character(text[end])) ++end;
  return end > 1 && end < text.size() && text[end] == '=' ? end + 1 : 0;
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_blank) - text.begin()));
}

enum class Missing : std::uint8_t { tolerated, refused_without_wildcard, refused };

/// What an include keyword says about a pattern that matches nothing; nullopt: not an include keyword.
std::optional<Missing> include_kind(std::string_view word) {
  struct Row {
    std::string_view word;
    Missing missing;
  };
  static constexpr std::array<Row, 6> kRows{{{"include", Missing::tolerated},
                                             {"includer", Missing::tolerated},
                                             {"includem", Missing::refused_without_wildcard},
                                             {"includeb", Missing::refused_without_wildcard},
                                             {"includew", Missing::refused},
                                             {"includea", Missing::refused}}};
  for (const Row& row : kRows) {
    if (row.word == word) return row.missing;
  }
  return std::nullopt;
}

std::string directory_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : file.substr(0, slash);
}

}  // namespace

Preprocessor::Preprocessor(std::string_view text, const ParseOptions& options, Report& report)
    : options_{options}, report_{report} {
  sources_.emplace_back(OpenFile{.file = report_.add_file(options.file_name), .text = text});
}

bool Preprocessor::next(SourceLine& line) {
  while (pull(line)) {
    bool condition_allowed = true;
    replacements_ = 0;
    Step outcome = Step::again;
    while (outcome == Step::again) {
      line = trimmed(line);
      outcome = line.text.empty() ? Step::dropped : step(line, condition_allowed);
    }
    if (outcome == Step::line) return true;
  }
  return false;
}

bool Preprocessor::pull(SourceLine& line) {
  while (!sources_.empty()) {
    Source& source = sources_.back();
    bool pulled = false;
    if (auto* file = std::get_if<OpenFile>(&source)) {
      if (pull_physical(*file, line)) {
        line = without_comment(line);
        if (settled_remarks_ < remarks_.size()) settle_remarks(line);
        return true;
      }
    } else if (auto* body = std::get_if<Body>(&source)) {
      pulled = body->next < body->lines->size();
      if (pulled) line = (*body->lines)[body->next++];
    } else if (auto* repeated = std::get_if<Repeated>(&source)) {
      pulled = repeated->turn < repeated->values.turns();
      for (std::size_t i = 0; i < repeated->values.names().size(); ++i) {
        const std::string& name = repeated->values.names()[i];
        if (pulled) {
          define_text(name, repeated->values.value(repeated->turn, i), repeated->rest.spot_at(0));
        } else {
          definitions_.erase(name);
        }
      }
      ++repeated->turn;
      if (pulled) line = repeated->rest;
    }
    if (!pulled) {
      sources_.pop_back();
      continue;
    }
    if (++expanded_lines_ > options_.max_expanded_lines) {
      report_.error(
          RuleId::bad_definition, line.spot_at(0),
          "definitions and sequences make more than " + std::to_string(options_.max_expanded_lines) + " lines");
      abandon_expansions();
      continue;
    }
    return true;
  }
  return false;
}

bool Preprocessor::pull_physical(OpenFile& file, SourceLine& line) {
  if (file.position >= file.text.size()) return false;
  const std::size_t newline = file.text.find('\n', file.position);
  const std::size_t end = newline == std::string_view::npos ? file.text.size() : newline;
  line.text = file.text.substr(file.position, end - file.position);
  line.edited.reset();
  line.edited_offset = 0;
  line.start = {.file = file.file, .line = ++file.line, .column = 1};
  file.position = end + 1;
  if (line.text.size() > kLongestPhysicalLine) {
    report_.error(RuleId::line_too_long, line.start,
                  "the line is longer than 1024 characters: keepalived would cut it in two");
  }
  return true;
}

SourceLine Preprocessor::without_comment(const SourceLine& line) {
  const CommentSplit split = split_comment(line.text);
  if (split.begin < line.text.size()) note_remark(line, split.begin);
  const SourceLine kept = line.part(0, split.begin);
  return split.escapes.empty() ? kept : without_escapes(kept, split.escapes);
}

void Preprocessor::note_remark(const SourceLine& line, std::size_t comment) {
  constexpr std::string_view kAddress = "vipdrift:";
  std::string_view text = line.text.substr(comment);
  text = trim(text.substr(std::min(text.find_first_not_of("#!"), text.size())));
  if (text.starts_with(kAddress)) {
    remarks_.push_back({line.spot_at(comment), std::string{trim(text.substr(kAddress.size()))}});
  }
}

void Preprocessor::settle_remarks(const SourceLine& line) {
  if (settled_remarks_ == remarks_.size() || trim(line.text).empty()) return;
  for (; settled_remarks_ < remarks_.size(); ++settled_remarks_) {
    OpenRemark& remark = remarks_[settled_remarks_];
    if (remark.spot.file == line.start.file) remark.about = line.start.line;
  }
}

void Preprocessor::withdraw_remarks(Spot spot) {
  std::erase_if(remarks_, [&](const OpenRemark& it) { return it.spot.file == spot.file && it.about == spot.line; });
  settled_remarks_ = remarks_.size();
}

std::vector<Remark> Preprocessor::take_remarks() {
  std::vector<Remark> remarks;
  for (OpenRemark& remark : remarks_) {
    remarks.push_back({report_.place(remark.spot), std::move(remark.text), remark.about});
  }
  remarks_.clear();
  settled_remarks_ = 0;
  return remarks;
}

SourceLine Preprocessor::without_escapes(const SourceLine& line, const std::vector<std::size_t>& escapes) {
  auto made = std::make_shared<EditedText>();
  std::size_t from = 0;
  for (const std::size_t escape : escapes) {
    const char protected_character = line.text[escape + 1];
    report_.warning(RuleId::comment_sign, line.spot_at(escape),
                    "keepalived 2.2 starts a comment at " + in_quotes(line.text.substr(escape, 2)) + " all the same",
                    protected_character == '#' ? "${_HASH} or double quotes" : "${_BANG} or double quotes");
    for (; from < escape; ++from) {
      made->text += line.text[from];
      made->columns.push_back(line.spot_at(from).column);
    }
    ++from;
  }
  for (; from < line.text.size(); ++from) {
    made->text += line.text[from];
    made->columns.push_back(line.spot_at(from).column);
  }
  return {.text = made->text, .start = line.start, .edited = made};
}

Preprocessor::Step Preprocessor::step(SourceLine& line, bool& condition_allowed) {
  const char first = line.text.front();
  if (first == '@' && condition_allowed) {
    condition_allowed = false;
    return apply_condition(line);
  }
  if (first == '$' && define(line)) return Step::dropped;
  if (first == '~' && (line.text.starts_with("~SEQ") || line.text.starts_with("~LST"))) return repeat(line);
  const Step substituted = substitute(line, line.text.size(), condition_allowed);
  if (substituted != Step::line) return substituted;
  return first == 'i' && include(line) ? Step::dropped : Step::line;
}

Preprocessor::Step Preprocessor::apply_condition(SourceLine& line) {
  std::string_view id = first_word(line.text).substr(1);
  const std::size_t length = id.size() + 1;
  const bool negated = id.starts_with('^');
  if (negated) id.remove_prefix(1);
  if (id.empty()) {
    report_.error(RuleId::bad_condition, line.spot_at(0), "'@' without an id",
                  "the configuration id right after '@' or '@^'");
    return Step::dropped;
  }
  const SourceLine rest = trimmed(line.part(length));
  if (definition_length(rest.text) != 0 && rest.text.ends_with('\\')) {
    report_.error(RuleId::bad_condition, line.spot_at(0),
                  "a condition before a definition of several lines is not supported");
    return Step::dropped;
  }
  if ((id == options_.config_id) == negated) {
    withdraw_remarks(line.spot_at(0));
    return Step::dropped;
  }
  line = rest;
  return Step::again;
}

bool Preprocessor::define(const SourceLine& line) {
  const std::size_t length = definition_length(line.text);
  if (length == 0) return false;
  std::string name{line.text.substr(1, length - 2)};
  const SourceLine value = trimmed(line.part(length));
  if (value.text.ends_with('\\')) {
    collect_body(name, value);
  } else {
    definitions_[std::move(name)] = std::make_shared<const std::vector<SourceLine>>(1, value);
  }
  return true;
}

void Preprocessor::collect_body(const std::string& name, const SourceLine& first) {
  auto* file = std::get_if<OpenFile>(&sources_.back());
  if (file == nullptr) {
    report_.error(RuleId::bad_definition, first.spot_at(0),
                  "a definition of several lines inside another is not supported");
    return;
  }
  std::vector<SourceLine> lines;
  SourceLine line = first;
  while (true) {
    const bool continued = line.text.ends_with('\\');
    const SourceLine kept = trimmed(continued ? line.part(0, line.text.size() - 1) : line);
    if (!kept.text.empty()) lines.push_back(kept);
    if (!continued) break;
    SourceLine physical;
    do {  // a line with nothing but a comment does not end the definition, an empty line does
      if (!pull_physical(*file, physical)) {
        report_.error(RuleId::bad_definition, first.spot_at(0), "the definition of $" + name + " does not end",
                      "a last line without '\\'");
        return;
      }
      line = trimmed(without_comment(physical));
      if (settled_remarks_ < remarks_.size()) settle_remarks(line);
    } while (line.text.empty() && !trim(physical.text).empty());
  }
  // Marked as several lines even when only one remains, for it is usable only at the end of a line.
  lines.emplace_back();
  definitions_[name] = std::make_shared<const std::vector<SourceLine>>(std::move(lines));
}

Preprocessor::Step Preprocessor::repeat(SourceLine& line) {
  const bool list = line.text.starts_with("~LST");
  const bool hexadecimal = line.text.starts_with("~SEQx");
  const std::size_t open = hexadecimal ? 5 : 4;
  std::size_t close = line.text.find(')');
  while (close != std::string_view::npos) {
    bool unused = false;
    const Step substituted = substitute(line, close, unused);
    if (substituted == Step::dropped) return substituted;
    if (substituted == Step::line) break;
    close = line.text.find(')');
  }
  std::optional<Repetition> values;
  if (open < line.text.size() && line.text[open] == '(' && close != std::string_view::npos) {
    const std::string_view inside = line.text.substr(open + 1, close - open - 1);
    values = list ? Repetition::parse_list(inside) : Repetition::parse_sequence(inside, hexadecimal);
  }
  if (!values) {
    report_.error(RuleId::bad_definition, line.spot_at(0), std::string{"malformed "} + (list ? "~LST" : "~SEQ"),
                  list ? "~LST(NAME, VALUE, ...) or ~LST({NAME, ...}, {VALUE, ...}, ...)"
                       : "~SEQ(NAME, [START,] [STEP,] END) with a step towards the end");
    return Step::dropped;
  }
  if (sources_.size() >= kDeepest) {
    report_.error(RuleId::bad_definition, line.spot_at(0), "sequences and definitions are nested too deeply");
    abandon_expansions();
    return Step::dropped;
  }
  sources_.emplace_back(Repeated{.values = std::move(*values), .rest = trimmed(line.part(close + 1))});
  return Step::dropped;
}

Preprocessor::Step Preprocessor::substitute(SourceLine& line, std::size_t limit, bool& condition_allowed) {
  std::size_t from = 0;
  while (const auto use = next_use(line.text, from)) {
    if (use->begin >= limit) break;
    const std::string_view word = first_word(use->name);
    if (word == "_RANDOM" || word == "_ENV") {
      report_.error(
          RuleId::bad_definition, line.spot_at(use->begin),
          in_quotes("${" + std::string{word} + "}") + " is not supported: the same file must always mean the same");
      return Step::dropped;
    }
    const Definition definition = lookup(use->name, line.spot_at(use->begin));
    if (!definition) {
      from = use->begin + 1;
      continue;
    }
    const Spot spot = line.spot_at(use->begin);
    if (++replacements_ > kMostReplacements || sources_.size() >= kDeepest) {
      report_.error(RuleId::bad_definition, spot,
                    "the replacement of " + in_quotes(use->name) + " does not end: it contains itself");
      abandon_expansions();
      return Step::dropped;
    }
    if (use->begin == 0) condition_allowed = true;
    if (definition->size() == 1) {
      line = line.with_replaced(use->begin, use->end, definition->front().text);
    } else if (use->end != line.text.size()) {
      report_.error(RuleId::bad_definition, spot,
                    "$" + std::string{use->name} + " has several lines and is not at the end of the line");
      return Step::dropped;
    } else {
      const SourceLine first = definition->front();
      line = use->begin == 0 ? first : line.with_replaced(use->begin, use->end, first.text);
      sources_.emplace_back(Body{.lines = definition, .next = 1});
    }
    if (line.text.size() > kLongestReplacedLine) {
      report_.error(RuleId::line_too_long, spot,
                    "the line is too long after replacing " + in_quotes("$" + std::string{definition->front().text}));
      return Step::dropped;
    }
    return Step::again;
  }
  return Step::line;
}

void Preprocessor::abandon_expansions() {
  const auto is_expansion = [](const Source& source) { return !std::holds_alternative<OpenFile>(source); };
  sources_.erase(std::remove_if(sources_.begin(), sources_.end(), is_expansion), sources_.end());
}

Preprocessor::Definition Preprocessor::lookup(std::string_view name, Spot spot) {
  if (name == "_PWD") define_text("_PWD", directory_of(report_.file_name(current_file().file)), spot);
  if (name == "_INSTANCE") define_text("_INSTANCE", options_.config_id, spot);
  if (name == "_HASH") define_text("_HASH", "#", spot);
  if (name == "_BANG") define_text("_BANG", "!", spot);
  const auto found = definitions_.find(std::string{name});
  return found == definitions_.end() ? nullptr : found->second;
}

void Preprocessor::define_text(std::string name, std::string text, Spot spot) {
  auto made = std::make_shared<EditedText>();
  made->text = std::move(text);
  made->columns.assign(made->text.size(), spot.column);
  SourceLine line{.text = made->text, .start = spot, .edited = nullptr, .edited_offset = 0};
  line.edited = std::move(made);
  definitions_[std::move(name)] = std::make_shared<const std::vector<SourceLine>>(1, line);
}

bool Preprocessor::include(const SourceLine& line) {
  const std::string_view keyword = first_word(line.text);
  const auto missing = include_kind(keyword);
  if (!missing) return false;
  const SourceLine rest = trimmed(line.part(keyword.size()));
  std::string_view pattern = rest.text;
  if (pattern.size() >= 2 && pattern.front() == '"' && pattern.back() == '"') {
    pattern = pattern.substr(1, pattern.size() - 2);
  }
  const Spot spot = line.spot_at(0);
  if (pattern.empty()) {
    report_.error(RuleId::missing_value, spot, in_quotes(keyword) + " needs a value",
                  "the name of a file, wildcards allowed");
    return true;
  }
  if (!options_.include) {
    report_.error(RuleId::bad_include, spot,
                  in_quotes(keyword) + " is not available here: nothing can read " + in_quotes(pattern));
    return true;
  }
  if (included_files_ > kMostFiles) return true;
  std::vector<SourceFile> files = options_.include(pattern, report_.file_name(current_file().file));
  included_files_ += files.size();
  if (included_files_ > kMostFiles) {
    report_.error(RuleId::bad_include, spot, "more than " + std::to_string(kMostFiles) + " files are included");
    return true;
  }
  const bool wildcard = pattern.find_first_of("*?[{") != std::string_view::npos;
  if (files.empty() && *missing == Missing::tolerated && !wildcard) {
    report_.warning(RuleId::include_not_found, spot,
                    "no file matches " + in_quotes(pattern) + ": keepalived goes on without it");
  } else if (files.empty() && (*missing == Missing::refused || (*missing != Missing::tolerated && !wildcard))) {
    report_.error(RuleId::include_not_found, spot, "no file matches " + in_quotes(pattern));
  }
  const std::size_t below = sources_.size();
  for (SourceFile& file : files) open_included(std::move(file), spot);
  // The first file is read first, so it must be on top.
  std::reverse(sources_.begin() + static_cast<std::ptrdiff_t>(below), sources_.end());
  return true;
}

void Preprocessor::open_included(SourceFile file, Spot spot) {
  const bool open = std::any_of(sources_.begin(), sources_.end(), [&](const Source& source) {
    const auto* other = std::get_if<OpenFile>(&source);
    return other != nullptr && other->position > 0 && report_.file_name(other->file) == file.name;
  });
  if (open) {
    report_.error(RuleId::bad_include, spot, in_quotes(file.name) + " includes itself");
    return;
  }
  if (sources_.size() >= kDeepest) {
    report_.error(RuleId::bad_include, spot, "includes are nested too deeply");
    return;
  }
  texts_.push_back(std::move(file.text));
  sources_.emplace_back(OpenFile{.file = report_.add_file(std::move(file.name)), .text = texts_.back()});
}

const Preprocessor::OpenFile& Preprocessor::current_file() const {
  for (auto source = sources_.rbegin(); source != sources_.rend(); ++source) {
    if (const auto* file = std::get_if<OpenFile>(&*source)) return *file;
  }
  return std::get<OpenFile>(sources_.front());  // never reached: the outermost source is a file
}

}  // namespace vipdrift::config
