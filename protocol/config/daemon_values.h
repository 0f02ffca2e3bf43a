// Values of global_defs that have no effect here and more form than a Shape tells: what keepalived would say of them.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_DAEMON_VALUES_H_
#define VIPDRIFT_PROTOCOL_CONFIG_DAEMON_VALUES_H_

#include "protocol/config/grammar.h"

namespace vipdrift::config {

void judge_include_check(Model& model, const Arguments& words);
void judge_receive_policy(Model& model, const Arguments& words);
/// `garp_extra_if` and its kin: "[all] SECONDS".
void judge_extra_announcements(Model& model, const Arguments& words);
/// The same, of the names that they had.
void judge_old_extra_announcements(Model& model, const Arguments& words);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_DAEMON_VALUES_H_
