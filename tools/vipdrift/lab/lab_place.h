// Where a running laboratory is found: a directory of the user's own with its socket and its log.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_PLACE_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_PLACE_H_

#include <optional>
#include <string>
#include <vector>

namespace vipdrift::tools {

/// Below $XDG_RUNTIME_DIR, else below ~/.cache, else below /tmp with the user's number.
std::string labs_directory();

class LabPlace {
 public:
  /// `name` has letters, digits, '-', '_' and '.' only; see is_lab_name().
  explicit LabPlace(const std::string& name) : name_(name), directory_(labs_directory() + "/" + name) {}

  const std::string& name() const { return name_; }
  const std::string& directory() const { return directory_; }
  std::string socket() const { return directory_ + "/socket"; }
  std::string log() const { return directory_ + "/log"; }

  /// Makes the directory, for its owner only. The reason when it cannot.
  std::optional<std::string> make() const;
  /// Removes socket, log and directory, as far as they are there.
  void remove() const;

 private:
  std::string name_;
  std::string directory_;
};

bool is_lab_name(const std::string& name);

/// Names of the places that exist, in order; a lab need not be alive in each.
std::vector<std::string> lab_names();

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_PLACE_H_
