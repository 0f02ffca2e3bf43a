// What vipdrift does inside a User-Mode Linux: runs scenarios in namespaces there, as the host asks for them.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_UML_UML_GUEST_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_UML_UML_GUEST_H_

#include "backends/uml/guest.h"

namespace vipdrift::tools {

/// Until the host has no more: "run N" asks for the order in the file "N.order" of the shared place; when its result is
/// in "N.result", "done N" says so. Orders are carried out at the same time, as many as come.
void serve_host(uml::GuestLine& line);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_UML_UML_GUEST_H_
