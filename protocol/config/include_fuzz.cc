// Several files that include each other by any names, themselves too: reading ends, every message names a file that was
// opened, and the same files say the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "protocol/config/parser.h"

namespace {

using namespace vipdrift::config;

/// A zero byte ends a file; the first is the one that is read, the others are found under "1", "2" and so on.
std::vector<std::string> files_of(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> files(1);
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 0 && files.size() < 8) {
      files.emplace_back();
    } else {
      files.back() += static_cast<char>(data[i]);
    }
  }
  return files;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::string> files = files_of(data, size);
  std::set<std::string> opened{"0"};
  ParseOptions options;
  options.file_name = "0";
  options.max_expanded_lines = 2000;
  options.include = [&](std::string_view pattern, std::string_view including) {
    if (!opened.contains(std::string{including})) std::abort();
    std::vector<SourceFile> found;
    for (std::size_t i = 0; i < files.size(); ++i) {
      // '*' is every file; else a name is found as a digit in the pattern.
      const std::string name = std::to_string(i);
      if (pattern != "*" && pattern.find(name) == std::string_view::npos) continue;
      found.push_back({name, files[i]});
      opened.insert(name);
    }
    return found;
  };
  const ParseResult result = parse(files[0], options);
  for (const Diagnostic& diagnostic : result.diagnostics) {
    if (!opened.contains(diagnostic.place.file) || diagnostic.place.line < 1) std::abort();
  }
  const ParseResult again = parse(files[0], options);
  if (again.ok() != result.ok() || again.diagnostics != result.diagnostics) std::abort();
  return 0;
}
