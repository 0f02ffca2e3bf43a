// From the text of the files to the lines that count: comments, includes, `@id`, `$NAME`, `~SEQ`, `~LST`.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_PREPROCESSOR_H_
#define VIPDRIFT_PROTOCOL_CONFIG_PREPROCESSOR_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "protocol/config/parser.h"
#include "protocol/config/remark.h"
#include "protocol/config/repetition.h"
#include "protocol/config/report.h"
#include "protocol/config/source_line.h"

namespace vipdrift::config {

/// Yields the lines of a configuration in reading order (keepalived.conf(5), ADVANCED CONFIGURATION).
class Preprocessor {
 public:
  /// `text`, `options` and `report` must outlive the preprocessor and every line it yields.
  Preprocessor(std::string_view text, const ParseOptions& options, Report& report);

  /// The next line that is not empty, without comment and with all known parameters replaced; false at the end.
  bool next(SourceLine& line);

  /// Comments that begin with "vipdrift:".
  std::vector<Remark> take_remarks();

 private:
  struct OpenFile {
    std::uint32_t file = 0;
    std::string_view text;
    std::size_t position = 0;
    int line = 0;
  };
  struct Body {  ///< the lines of a multi-line definition
    std::shared_ptr<const std::vector<SourceLine>> lines;
    std::size_t next = 0;
  };
  struct Repeated {
    Repetition values;
    SourceLine rest;
    std::uint64_t turn = 0;
  };
  struct OpenRemark {
    Spot spot;
    std::string text;
    int about = 0;  ///< line
  };
  using Source = std::variant<OpenFile, Body, Repeated>;
  using Definition = std::shared_ptr<const std::vector<SourceLine>>;  ///< one line, or the lines of a body
  enum class Step { again, line, dropped };

  bool pull(SourceLine& line);
  bool pull_physical(OpenFile& file, SourceLine& line);
  SourceLine without_comment(const SourceLine& line);
  void note_remark(const SourceLine& line, std::size_t comment);
  /// Remarks that stand alone are about the next line that has more than a comment.
  void settle_remarks(const SourceLine& line);
  void withdraw_remarks(Spot spot);
  SourceLine without_escapes(const SourceLine& line, const std::vector<std::size_t>& escapes);
  /// Works on what stands at the start of the line, or on one parameter in it.
  Step step(SourceLine& line, bool& condition_allowed);
  Step apply_condition(SourceLine& line);
  bool define(const SourceLine& line);
  void collect_body(const std::string& name, const SourceLine& first);
  Step repeat(SourceLine& line);
  /// Replaces the first known parameter that begins before `limit`.
  Step substitute(SourceLine& line, std::size_t limit, bool& condition_allowed);
  /// After an error that would repeat itself: goes on with the lines of the files.
  void abandon_expansions();
  Definition lookup(std::string_view name, Spot spot);
  bool include(const SourceLine& line);
  void open_included(SourceFile file, Spot spot);
  const OpenFile& current_file() const;
  void define_text(std::string name, std::string text, Spot spot);

  const ParseOptions& options_;
  Report& report_;
  std::vector<Source> sources_;
  std::deque<std::string> texts_;  ///< of included files
  std::size_t included_files_ = 0;
  std::unordered_map<std::string, Definition> definitions_;
  std::size_t expanded_lines_ = 0;
  int replacements_ = 0;  ///< in the current line
  std::vector<OpenRemark> remarks_;
  std::size_t settled_remarks_ = 0;  ///< the first ones, whose lines are known
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_PREPROCESSOR_H_
