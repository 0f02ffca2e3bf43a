// Walks through the statements and lets the grammar's tables act on the model.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_INTERPRETER_H_
#define VIPDRIFT_PROTOCOL_CONFIG_INTERPRETER_H_

#include <cstddef>
#include <vector>

#include "protocol/config/grammar.h"
#include "protocol/config/model.h"
#include "protocol/config/report.h"
#include "protocol/config/statement_reader.h"

namespace vipdrift::config {

/// One error does not cause the next: after a bad statement reading goes on with the following one, and the block
/// that a bad statement opens is left out whole.
class Interpreter {
 public:
  Interpreter(StatementReader& reader, Model& model, Report& report)
      : reader_{reader}, model_{model}, report_{report} {}

  /// Reads everything into the model.
  void run();

 private:
  struct Frame {
    Block block = Block::root;
    Spot opened;
    std::size_t errors_before = 0;
    std::vector<int> lines_seen{};  ///< by row of the block's table: line of the last such statement, or 0
  };

  void statement(const Statement& statement);
  void value_line(const Statement& statement);
  bool keyword_statement(const Statement& statement);
  void unknown_keyword(const Statement& statement);
  bool brace_is_right(const Statement& statement, const Keyword& keyword);
  void warn_of_newer(const Statement& statement, const Keyword& keyword);
  void note_repetition(const Statement& statement, const Keyword& keyword);
  void close(Spot spot);
  void push(Block block, Spot spot);
  Frame& frame() { return frames_[depth_ - 1]; }

  StatementReader& reader_;
  Model& model_;
  Report& report_;
  std::vector<Frame> frames_;  ///< the first depth_ are open; the rest keep their memory
  std::size_t depth_ = 0;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_INTERPRETER_H_
