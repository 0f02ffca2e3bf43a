// How a block of settings is told: one setting after the other, each with its origin.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_EFFECTIVE_BLOCK_H_
#define VIPDRIFT_PROTOCOL_CONFIG_EFFECTIVE_BLOCK_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/config/effective.h"
#include "protocol/config/grammar.h"

namespace vipdrift::config {

/// Collects the statements of one block.
class EffectiveBlock {
 public:
  /// `sources` are the statements that the block was written as, several when it may be repeated; `outer` those whose
  /// settings it inherits. `knows_sources` is false when nobody said how the configuration was written.
  EffectiveBlock(std::string_view keyword, std::string value, bool knows_sources,
                 std::vector<const WrittenStatement*> sources, std::vector<const WrittenStatement*> outer = {});

  /// A setting that is written as `keyword value`. `inherited_from` is the keyword of the outer block, if any.
  void set(std::string_view keyword, std::string value, std::string_view inherited_from = {});
  void number(std::string_view keyword, std::int64_t value, std::string_view inherited_from = {}) {
    set(keyword, std::to_string(value), inherited_from);
  }
  void seconds(std::string_view keyword, Duration value, std::string_view inherited_from = {});
  void boolean(std::string_view keyword, bool value, std::string_view inherited_from = {}) {
    set(keyword, value ? "on" : "off", inherited_from);
  }
  /// A setting whose value another one decides, whatever is written: `note` says so, `cause` is that other (or null).
  void settled(std::string_view keyword, std::string value, std::string note, const WrittenStatement* cause);
  /// A setting without a value: it is written, or it is off.
  void flag(std::string_view keyword, bool value);
  /// A setting whose value nobody wrote, and that cannot be written without saying more than is known.
  void absent(std::string_view keyword, std::string value, std::string note = "default");
  /// As set() when `value` is something else than what holds by itself, else as absent().
  void set_unless(bool is_default, std::string_view keyword, std::string value, std::string standard);
  /// A keyword that older versions of keepalived do not know: written only when it does something.
  void rare_boolean(std::string_view keyword, bool value, std::string_view inherited_from = {});

  void add(EffectiveStatement statement) { block_.inner.push_back(std::move(statement)); }
  /// A line of a block of values.
  void line(std::string value, std::string note = {});
  /// What stands in the sources and keepalived alone would act on, as it was written.
  void add_unimplemented(Block block);
  void note(std::string text) { block_.note = std::move(text); }

  bool knows_sources() const { return knows_sources_; }
  const WrittenStatement* written(std::string_view keyword) const;
  /// The statement of an outer block; null: there is none.
  const WrittenStatement* outer(std::string_view keyword) const;
  EffectiveStatement take() { return std::move(block_); }

 private:
  const WrittenStatement* written_line(std::string_view value) const;
  std::string_view name_of_outer(const WrittenStatement& inherited) const;
  EffectiveStatement made(std::string_view keyword, std::string value, std::string_view inherited_from) const;

  EffectiveStatement block_;
  bool knows_sources_;
  std::vector<const WrittenStatement*> sources_;
  std::vector<const WrittenStatement*> outer_;
};

/// Those of `statements` that are accepted in `block` and not acted on, as they were written.
std::vector<EffectiveStatement> unimplemented(const std::vector<WrittenStatement>& statements, Block block);

/// A word as it must be written to be read as `text`; `begins_line`: nothing stands before it.
std::string quoted_word(std::string_view text, bool begins_line = false);
/// "COMMAND" [USER [GROUP]].
std::string quoted_command(const Command& command);
/// The argument vector alone, in double quotes.
std::string quoted_argv(const std::vector<std::string>& argv);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_EFFECTIVE_BLOCK_H_
