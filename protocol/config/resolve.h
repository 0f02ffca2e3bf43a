// What can be judged only when everything is read: defaults, names, and rules between statements.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_RESOLVE_H_
#define VIPDRIFT_PROTOCOL_CONFIG_RESOLVE_H_

#include "protocol/config/model.h"

namespace vipdrift::config {

/// Applies keepalived's defaults and corrections to every instance (each correction is a warning) and reports what
/// cannot work.
void resolve_instances(Model& model);

/// Names: duplicates, trackers and group members that do not exist.
void resolve_names(Model& model);

/// Defaults of virtual and real servers and of their checkers.
void resolve_virtual_servers(Model& model);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_RESOLVE_H_
