// Any line: cut into words that stand in it in order, without blanks and braces outside of quotes, or reported.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "protocol/config/command_line.h"
#include "protocol/config/lexer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vipdrift::config;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  Report report;
  const std::uint32_t file = report.add_file("fuzz.conf");
  const SourceLine line{.text = text, .start = {file, 1, 1}};
  std::vector<Token> tokens;
  if (tokenize(line, tokens, report) == report.failed()) std::abort();
  std::size_t behind = 0;
  for (const Token& token : tokens) {
    const std::string_view word = token.word.text;
    if (!word.empty() && (word.data() < text.data() || word.data() + word.size() > text.data() + text.size())) {
      std::abort();
    }
    if (token.word.spot.line != 1 || token.word.spot.column < 1) std::abort();
    if (token.word.end < behind || token.word.end > text.size()) std::abort();
    behind = token.word.end;
  }
  if (const auto words = split_command(text)) {
    for (const ShellWord& word : *words) {
      if (word.offset > text.size()) std::abort();
    }
  }
  return 0;
}
