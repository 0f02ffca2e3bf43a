// How directors are named on the command line of `vipdrift check`: [NAME=]FILE[@ID], or a directory.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_DIRECTOR_ARGUMENTS_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_DIRECTOR_ARGUMENTS_H_

#include <optional>
#include <string>
#include <vector>

namespace vipdrift::tools {

struct DirectorArgument {
  std::string
      name;  ///< as written; else the ID; else that of its file without the ending, or the path when others have it
  std::string file;
  std::string config_id;  ///< what @ID lines are compared with; empty: none

  /// FILE or FILE@ID, as messages name it.
  std::string told() const { return config_id.empty() ? file : file + "@" + config_id; }
};

struct DirectorArguments {
  std::vector<DirectorArgument> directors;
  std::optional<std::string> error;  ///< two directors of one name
};

/// Of a directory, every file there that ends in .conf is a director, in the order of their names. What is a file as it
/// stands is one, whatever characters its name has. `config_id` is of those that have none of their own.
DirectorArguments read_director_arguments(const std::vector<std::string>& arguments, const std::string& config_id);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_DIRECTOR_ARGUMENTS_H_
