// What the standard streams are connected to.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_TERMINAL_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_TERMINAL_H_

#include "scenarios/report_text.h"

namespace vipdrift::tools {

/// Colour and the terminal's width on a terminal; plain text of 100 columns when piped, with NO_COLOR set
/// (https://no-color.org) or on a dumb terminal.
scenarios::TextStyle standard_output_style();

/// The same for standard error.
scenarios::TextStyle standard_error_style();

bool standard_error_is_terminal();

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_TERMINAL_H_
