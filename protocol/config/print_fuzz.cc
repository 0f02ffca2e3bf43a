// Any bytes that are a configuration: what is printed of it is one too, and means the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "protocol/config/printer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vipdrift::config;
  const std::string text(data, data + size);
  ParseOptions options;
  options.config_id = "node1";
  options.max_expanded_lines = 2000;
  const ParseResult before = parse(text, options);
  if (!before.ok()) return 0;
  const WrittenConfiguration written = read_written(text, options);
  EffectiveOptions knowing;
  knowing.written = &written;
  const std::string printed = print(*before.configuration, knowing);
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = printed.find('\n', begin);
    if (end != std::string::npos && end - begin > kLongestLine) return 0;  // definitions may stand for too much
  }
  const ParseResult after = parse(printed, options);
  if (!after.ok()) std::abort();
  if (print(*before.configuration, {}) != print(*after.configuration, {})) std::abort();
  return 0;
}
