#include "tools/vipdrift/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace vipdrift::tools {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

scenarios::TextStyle standard_output_style() {
  scenarios::TextStyle style;
  if (isatty(STDOUT_FILENO) == 0) return style;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::clamp<std::size_t>(size.ws_col, 60, 200);
  }
  const bool plain = !environment("NO_COLOR").empty() || environment("TERM") == "dumb";
  style.colour = plain ? scenarios::Colour::never : scenarios::Colour::always;
  return style;
}

bool standard_error_is_terminal() { return isatty(STDERR_FILENO) != 0; }

}  // namespace vipdrift::tools
