#include "protocol/config/diagnostic.h"

namespace vipdrift::config {

std::string Diagnostic::to_string() const {
  std::string text;
  if (!place.file.empty()) text += place.file + ":";
  if (place.line > 0) text += std::to_string(place.line) + ":";
  if (place.column > 0) text += std::to_string(place.column) + ":";
  if (!text.empty()) text += " ";
  text += severity == Severity::error ? "error: " : "warning: ";
  text += message;
  if (!expected.empty()) text += "; expected " + expected;
  if (!nearest.empty()) text += "; did you mean '" + nearest + "'?";
  return text;
}

}  // namespace vipdrift::config
