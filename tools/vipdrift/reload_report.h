// What a reload would do, for people and for machines.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_RELOAD_REPORT_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_RELOAD_REPORT_H_

#include <string>

#include "analysis/reload_preview.h"
#include "scenarios/report_text.h"

namespace vipdrift::tools {

/// A paragraph for each instance, virtual server and block that does not stay as it is; '+', '-' and '~' begin its
/// lines as in a diff.
std::string render_reload(const analysis::ReloadPreview& preview, const scenarios::TextStyle& style);

/// One JSON document, with what stays as it is too.
std::string reload_json(const analysis::ReloadPreview& preview);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_RELOAD_REPORT_H_
