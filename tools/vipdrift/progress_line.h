// The line on standard error that says how far a long run is.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_PROGRESS_LINE_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_PROGRESS_LINE_H_

#include <chrono>
#include <cstddef>

namespace vipdrift::tools {

/// Silent for the first two seconds, and always when standard error is no terminal.
class ProgressLine {
 public:
  explicit ProgressLine(std::size_t total);

  /// Overwrites the line with "[done/total] seconds".
  void show(std::size_t done);
  /// Removes the line, so that other output can be written.
  void clear();

 private:
  std::size_t total_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_PROGRESS_LINE_H_
