// Any bytes: formatting changes neither what the parser makes of them nor, a second time, the text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "protocol/config/formatter.h"
#include "protocol/config/printer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vipdrift::config;
  const std::string text(data, data + size);
  const std::string formatted = format(text);
  if (format(formatted) != formatted) std::abort();
  ParseOptions options;
  options.config_id = "node1";
  options.max_expanded_lines = 2000;
  const ParseResult before = parse(text, options);
  const ParseResult after = parse(formatted, options);
  if (before.ok() != after.ok()) std::abort();
  if (!before.ok()) return 0;
  if (print(*before.configuration, {}) != print(*after.configuration, {})) std::abort();
  return 0;
}
