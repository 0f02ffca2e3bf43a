// A dump for people, line by line.
#ifndef VIPDRIFT_TOOLS_VIPDRIFTD_DUMP_LINES_H_
#define VIPDRIFT_TOOLS_VIPDRIFTD_DUMP_LINES_H_

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <utility>

namespace vipdrift::tools {

class DumpLines {
 public:
  template <class... Values>
  void line(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
    text_ += '\n';
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFTD_DUMP_LINES_H_
