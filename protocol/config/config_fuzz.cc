// Any bytes: no crash, no hang, a configuration exactly when there is no error, and every message printable.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "protocol/config/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vipdrift::config;
  const std::string text(data, data + size);
  ParseOptions options;
  options.config_id = "node1";
  options.max_expanded_lines = 2000;
  options.profile.explains_shell_scripts = size % 2 == 0;
  const std::size_t middle = size / 2;
  options.include = [&text, middle](std::string_view pattern, std::string_view) {
    return std::vector<SourceFile>{{std::string{pattern}, text.substr(middle)}};
  };
  const ParseResult result = parse(text, options);
  bool failed = false;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    failed |= diagnostic.severity == Severity::error;
    if (diagnostic.to_string().empty() || diagnostic.place.line < 1 || diagnostic.place.column < 1) std::abort();
  }
  if (failed == result.ok()) std::abort();
  return 0;
}
