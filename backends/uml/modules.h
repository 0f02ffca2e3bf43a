// The guest's kernel gets its modules.
#ifndef VIPDRIFT_BACKENDS_UML_MODULES_H_
#define VIPDRIFT_BACKENDS_UML_MODULES_H_

#include <span>
#include <string>

namespace vipdrift::uml {

/// What worlds of namespaces need, as far as the kernel has it as modules: loaded before there is a clock to disturb.
std::span<const char* const> wanted_modules();

/// Loads each of `names` (names or aliases) with what it depends on, from the directory of this kernel's release below
/// `directory`. What is not there is left out: worlds ask the kernel what it can do. How many are loaded, or were.
std::size_t load_modules(const std::string& directory, std::span<const char* const> names);

}  // namespace vipdrift::uml

#endif  // VIPDRIFT_BACKENDS_UML_MODULES_H_
