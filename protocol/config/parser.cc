#include "protocol/config/parser.h"

#include <cstddef>
#include <utility>

#include "protocol/config/interpreter.h"
#include "protocol/config/model.h"
#include "protocol/config/preprocessor.h"
#include "protocol/config/report.h"
#include "protocol/config/resolve.h"
#include "protocol/config/statement_reader.h"

namespace vipdrift::config {
namespace {

/// A large file is of instances, mostly. Room for all of them at once spares moving them again and again; one that a
/// comment or a definition names is a bit of memory too much.
void make_room(Model& model, std::string_view text) {
  constexpr std::string_view kKeyword = "vrrp_instance";
  constexpr std::size_t kMost = 100'000;
  std::size_t count = 0;
  for (std::size_t at = text.find(kKeyword); at != std::string_view::npos && count < kMost;
       at = text.find(kKeyword, at + 1)) {
    ++count;
  }
  model.configuration.instances.reserve(count);
  model.instances.reserve(count);
}

}  // namespace

ParseResult parse(std::string_view text, const ParseOptions& options) {
  Report report;
  Model model{options, report};
  make_room(model, text);
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
