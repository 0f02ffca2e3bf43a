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

scenarios::TextStyle style_of(int descriptor) {
  scenarios::TextStyle style;
  if (isatty(descriptor) == 0) return style;
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::clamp<std::size_t>(size.ws_col, 60, 200);
  }
  const bool plain = !environment("NO_COLOR").empty() || environment("TERM") == "dumb";
  style.colour = plain ? scenarios::Colour::never : scenarios::Colour::always;
  return style;
}

}  // namespace

scenarios::TextStyle standard_output_style() { return style_of(STDOUT_FILENO); }

scenarios::TextStyle standard_error_style() { return style_of(STDERR_FILENO); }

bool standard_error_is_terminal() { return isatty(STDERR_FILENO) != 0; }

}  // namespace vipdrift::tools
