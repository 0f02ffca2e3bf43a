// Where User-Mode Linux is installed.
#ifndef VIPDRIFT_BACKENDS_UML_INSTALLATION_H_
#define VIPDRIFT_BACKENDS_UML_INSTALLATION_H_

#include <optional>
#include <string>

namespace vipdrift::uml {

struct Installation {
  std::string program;  ///< the kernel, an ordinary program; absolute
  std::string modules;  ///< holds a directory of modules for each release of the kernel; absolute
};

/// The kernel `program` (a path, or a name to be looked for in PATH), "linux.uml" when it is empty, and its modules in
/// ../lib/uml/modules beside it, as Debian's package installs both. nullopt, and what to do in `error`, when one of
/// them is not there.
std::optional<Installation> find_installation(const std::string& program, std::string& error);

}  // namespace vipdrift::uml

#endif  // VIPDRIFT_BACKENDS_UML_INSTALLATION_H_
