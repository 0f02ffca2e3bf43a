#include "protocol/config/effective_block.h"

#include <algorithm>
#include <array>

#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

/// Other names of a keyword, which set the same.
struct Alias {
  std::string_view word;
  std::string_view other;
};
constexpr std::array<Alias, 20> kAliases{{{"lb_algo", "lvs_sched"},
                                          {"lb_kind", "lvs_method"},
                                          {"lvs_method", "lb_kind"},
                                          {"flag-1", "sh-fallback"},
                                          {"flag-1", "mh-fallback"},
                                          {"flag-2", "sh-port"},
                                          {"flag-2", "mh-port"},
                                          {"preempt", "nopreempt"},
                                          {"nopreempt", "preempt"},
                                          {"accept", "no_accept"},
                                          {"no_accept", "accept"},
                                          {"mcast_src_ip", "unicast_src_ip"},
                                          {"unicast_src_ip", "mcast_src_ip"},
                                          {"fork_delay", "delay"},
                                          {"terminate_delay", "delay"},
                                          {"lvs_flush_on_stop", "lvs_flush_onstop"},
                                          {"vrrp_garp_master_repeat", "vrrp_min_garp"},
                                          {"vrrp_garp_master_delay", "vrrp_min_garp"},
                                          {"vrrp_garp_lower_prio_repeat", "vrrp_garp_master_repeat"},
                                          {"checker_process_name", "lvs_process_name"}}};

const WrittenStatement* find_in(const std::vector<const WrittenStatement*>& blocks, std::string_view keyword) {
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    if (const WrittenStatement* found = (*block)->find(keyword)) return found;
  }
  return nullptr;
}

/// The keyword itself, or another name of it.
const WrittenStatement* find_by_any_name(const std::vector<const WrittenStatement*>& blocks, std::string_view keyword) {
  if (blocks.empty()) return nullptr;
  if (const WrittenStatement* found = find_in(blocks, keyword)) return found;
  for (const Alias& alias : kAliases) {
    if (alias.word != keyword) continue;
    if (const WrittenStatement* found = find_in(blocks, alias.other)) return found;
  }
  return nullptr;
}

std::string in_capitals(std::string_view text) {
  std::string capitals{text};
  for (char& c : capitals) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return capitals;
}

/// Whether what was written means `value` to everybody's eyes: then it need not be told.
bool says(const WrittenStatement& written, std::string_view value) {
  if (written.words.size() != 2) return true;
  std::string_view word = written.words[1];
  if (word.size() >= 2 && word.front() == '"') word = word.substr(1, word.size() - 2);
  if (word == value || value.find('"') != std::string_view::npos || in_capitals(word) == in_capitals(value))
    return true;
  if (const auto time = parse_seconds(value)) return parse_seconds(word) == time;
  return value == "on" || value == "off" || !parse_integer(value);
}

EffectiveStatement copied(const WrittenStatement& written, bool outermost) {
  EffectiveStatement statement;
  if (written.opens_block || outermost) {
    statement.keyword = written.keyword();
    statement.value = written.arguments();
  } else {
    for (const std::string& word : written.words) statement.value += (statement.value.empty() ? "" : " ") + word;
  }
  statement.opens_block = written.opens_block;
  statement.origination = Origination::unimplemented;
  statement.written = &written;
  if (outermost) statement.note = "accepted, not implemented: no effect";
  for (const WrittenStatement& inner : written.inner) statement.inner.push_back(copied(inner, false));
  return statement;
}

/// keepalived counts double quotes, escaped ones too.
bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '"'; }

void append_octal(std::string& text, char c) {
  const auto byte = static_cast<unsigned char>(c);
  text += '\\';
  for (const unsigned shift : {6U, 3U, 0U}) text += static_cast<char>('0' + (byte >> shift & 7U));
}

/// One word for split_command(): in single quotes where it needs them.
std::string command_word(std::string_view word) {
  std::string text;
  bool quotes = word.empty();
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    const bool parameter = c == '$' && i + 1 < word.size() && word[i + 1] == '{';
    if (needs_escape(c) || parameter) {
      append_octal(text, c);
    } else if (c == '\\' || c == '\'') {
      text += '\\';
      text += c;
    } else {
      quotes |= c == ' ';
      text += c;
    }
  }
  return quotes ? '\'' + text + '\'' : text;
}

}  // namespace

std::string_view to_string(Origination origination) {
  switch (origination) {
    case Origination::unknown:
      return "unknown";
    case Origination::written:
      return "written";
    case Origination::inherited:
      return "inherited";
    case Origination::standard:
      return "default";
    case Origination::unimplemented:
      return "not implemented";
  }
  return {};
}

EffectiveBlock::EffectiveBlock(std::string_view keyword, std::string value, bool knows_sources,
                               std::vector<const WrittenStatement*> sources, std::vector<const WrittenStatement*> outer)
    : knows_sources_{knows_sources}, sources_{std::move(sources)}, outer_{std::move(outer)} {
  block_.keyword = keyword;
  block_.value = std::move(value);
  block_.opens_block = true;
  if (!sources_.empty()) block_.written = sources_.front();
  if (knows_sources_) block_.origination = sources_.empty() ? Origination::standard : Origination::written;
}

const WrittenStatement* EffectiveBlock::written(std::string_view keyword) const {
  return find_by_any_name(sources_, keyword);
}

const WrittenStatement* EffectiveBlock::outer(std::string_view keyword) const {
  return find_by_any_name(outer_, keyword);
}

/// Of the outer blocks the one that `inherited` stands in.
std::string_view EffectiveBlock::name_of_outer(const WrittenStatement& inherited) const {
  for (const WrittenStatement* block : outer_) {
    for (const WrittenStatement& each : block->inner) {
      if (&each == &inherited) return block->keyword();
    }
  }
  return {};
}

EffectiveStatement EffectiveBlock::made(std::string_view keyword, std::string value,
                                        std::string_view inherited_from) const {
  EffectiveStatement statement;
  statement.keyword = keyword;
  statement.value = std::move(value);
  if (!knows_sources_) return statement;
  if (const WrittenStatement* source = written(keyword)) {
    statement.origination = Origination::written;
    statement.written = source;
    if (!says(*source, statement.value)) statement.note = "written: " + in_quotes(source->words[1]);
    return statement;
  }
  const WrittenStatement* source = inherited_from.empty() ? nullptr : outer(inherited_from);
  if (source != nullptr) {
    statement.origination = Origination::inherited;
    statement.note = std::string{source->keyword()} + " of " + std::string{name_of_outer(*source)};
    statement.written = source;
  } else {
    statement.origination = Origination::standard;
    statement.note = "default";
  }
  return statement;
}

void EffectiveBlock::set(std::string_view keyword, std::string value, std::string_view inherited_from) {
  add(made(keyword, std::move(value), inherited_from));
}

void EffectiveBlock::settled(std::string_view keyword, std::string value, std::string note,
                             const WrittenStatement* cause) {
  EffectiveStatement statement = made(keyword, std::move(value), {});
  if (statement.origination == Origination::standard) {
    statement.origination = cause == nullptr ? Origination::standard : Origination::inherited;
    statement.written = cause;
    statement.note = std::move(note);
  } else if (!statement.note.empty()) {
    statement.note += "; " + note;
  }
  add(std::move(statement));
}

void EffectiveBlock::seconds(std::string_view keyword, Duration value, std::string_view inherited_from) {
  set(keyword, seconds_text(value), inherited_from);
}

void EffectiveBlock::flag(std::string_view keyword, bool value) {
  if (value) {
    set(keyword, {});
  } else {
    absent(keyword, {}, "off, the default");
  }
}

void EffectiveBlock::absent(std::string_view keyword, std::string value, std::string note) {
  EffectiveStatement statement;
  statement.keyword = keyword;
  statement.value = std::move(value);
  statement.note = std::move(note);
  statement.active = false;
  if (knows_sources_) statement.origination = Origination::standard;
  if (const WrittenStatement* source = written(keyword)) {
    statement.origination = Origination::written;
    statement.note = "written: " + in_quotes(source->keyword()) +
                     (source->words.size() > 1 ? " " + in_quotes(source->arguments()) : std::string{});
    statement.written = source;
  }
  add(std::move(statement));
}

void EffectiveBlock::set_unless(bool is_default, std::string_view keyword, std::string value, std::string standard) {
  if (is_default) {
    absent(keyword, std::move(standard));
  } else {
    set(keyword, std::move(value));
  }
}

void EffectiveBlock::rare_boolean(std::string_view keyword, bool value, std::string_view inherited_from) {
  if (value || written(keyword) != nullptr) {
    boolean(keyword, value, inherited_from);
  } else {
    absent(keyword, "off");
  }
}

void EffectiveBlock::line(std::string value, std::string note) {
  EffectiveStatement statement;
  statement.value = std::move(value);
  statement.note = std::move(note);
  if (knows_sources_) statement.origination = Origination::written;
  statement.written = written_line(statement.value);
  add(std::move(statement));
}

/// The line of a source that begins with the same word, a /LENGTH or quotes aside.
const WrittenStatement* EffectiveBlock::written_line(std::string_view value) const {
  const auto first = [](std::string_view text) { return text.substr(0, text.find_first_of(" /")); };
  for (const WrittenStatement* source : sources_) {
    for (const WrittenStatement& line : source->inner) {
      if (first(line.keyword()) == first(value)) return &line;
    }
  }
  return nullptr;
}

void EffectiveBlock::add_unimplemented(Block block) {
  for (const WrittenStatement* source : sources_) {
    for (EffectiveStatement& statement : unimplemented(source->inner, block)) add(std::move(statement));
  }
}

std::vector<EffectiveStatement> unimplemented(const std::vector<WrittenStatement>& statements, Block block) {
  std::vector<EffectiveStatement> found;
  for (const WrittenStatement& statement : statements) {
    const Keyword* keyword = find_keyword(block, statement.keyword());
    if (keyword == nullptr || acted_upon(*keyword)) continue;
    found.push_back(copied(statement, true));
  }
  return found;
}

std::string quoted_word(std::string_view text, bool begins_line) {
  constexpr std::string_view kSpecial = " \t\r\v\f{}\"#!";
  bool quotes = text.empty() || text.find_first_of(kSpecial) != std::string_view::npos || text.front() == '$';
  if (begins_line) quotes |= text.front() == '@' || text.front() == '~' || text.starts_with("include");
  return quotes ? '"' + std::string{text} + '"' : std::string{text};
}

std::string quoted_argv(const std::vector<std::string>& argv) {
  std::string text = "\"";
  for (const std::string& argument : argv) {
    if (&argument != &argv.front()) text += ' ';
    for (const char c : command_word(argument)) {
      if (c == '\\') text += '\\';
      text += c;
    }
  }
  return text + '"';
}

std::string quoted_command(const Command& command) {
  std::string text = quoted_argv(command.argv);
  if (!command.user.empty() || !command.group.empty()) text += " " + quoted_word(command.user);
  if (!command.group.empty()) text += " " + quoted_word(command.group);
  return text;
}

}  // namespace vipdrift::config
