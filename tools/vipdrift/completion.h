// `vipdrift completion`: scripts for shells, made from the parser itself so that they cannot fall behind it.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_COMPLETION_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_COMPLETION_H_

#include <CLI/App.hpp>
#include <string>
#include <string_view>

namespace vipdrift::tools {

/// `shell`: "bash", "zsh" or "fish".
std::string completion_script(const CLI::App& app, std::string_view shell);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_COMPLETION_H_
