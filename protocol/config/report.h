// Where the rooms of the parser leave what they have to say.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_REPORT_H_
#define VIPDRIFT_PROTOCOL_CONFIG_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/config/configuration.h"
#include "protocol/config/diagnostic.h"

namespace vipdrift::config {

/// A place without the file's name: cheap to keep for every word.
struct Spot {
  std::uint32_t file = 0;  ///< number given by Report::add_file
  int line = 0;            ///< 0: nowhere
  int column = 0;

  bool known() const { return line != 0; }
};

/// Collects diagnostics and knows the names of the files.
class Report {
 public:
  std::uint32_t add_file(std::string name);
  const std::string& file_name(std::uint32_t file) const { return files_[file]; }
  Place place(Spot spot) const;

  void error(RuleId rule, Spot spot, std::string message, std::string expected = {}, std::string nearest = {});
  void warning(RuleId rule, Spot spot, std::string message, std::string expected = {}, std::string nearest = {});

  /// Whether an error was reported.
  bool failed() const { return errors_ != 0; }
  std::size_t errors() const { return errors_; }
  /// Everything reported, by file (in order of opening), line and column; what is said twice is said once.
  std::vector<Diagnostic> take();

 private:
  struct Entry {
    Spot spot;
    Diagnostic diagnostic;
  };

  void add(Severity severity, RuleId rule, Spot spot, std::string message, std::string expected, std::string nearest);

  std::vector<std::string> files_;
  std::vector<Entry> entries_;
  std::size_t errors_ = 0;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_REPORT_H_
