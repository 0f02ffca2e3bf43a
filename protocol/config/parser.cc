#include "protocol/config/parser.h"

#include <utility>

#include "protocol/config/interpreter.h"
#include "protocol/config/model.h"
#include "protocol/config/preprocessor.h"
#include "protocol/config/report.h"
#include "protocol/config/resolve.h"
#include "protocol/config/statement_reader.h"

namespace vipdrift::config {

ParseResult parse(std::string_view text, const ParseOptions& options) {
  Report report;
  Model model{options, report};
  Preprocessor lines{text, options, report};
  StatementReader statements{lines, report};
  Interpreter{statements, model, report}.run();

  // What is missing or does not fit is only said of a file whose every word was understood.
  if (!report.failed()) {
    resolve_names(model);
    resolve_instances(model);
    resolve_virtual_servers(model);
  }
  ParseResult result;
  if (!report.failed()) result.configuration = std::move(model.configuration);
  result.cut_passwords = std::move(model.cut_passwords);
  result.diagnostics = report.take();
  result.remarks = lines.take_remarks();
  return result;
}

}  // namespace vipdrift::config
