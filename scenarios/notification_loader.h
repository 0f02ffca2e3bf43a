// What a scenario expects of the scripts that daemons run and of the mails that they send.
#ifndef VIPDRIFT_SCENARIOS_NOTIFICATION_LOADER_H_
#define VIPDRIFT_SCENARIOS_NOTIFICATION_LOADER_H_

#include <optional>

#include "scenarios/load_context.h"
#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

/// `{notify: VI_1, on: lvs1, state: MASTER}`, of a real server `{notify: rs1, behind: "A:80", on: lvs1, state: UP}`, of
/// a quorum `{notify: "A:80", on: lvs1, state: DOWN}`. nullopt after an error.
std::optional<Condition> load_notification(LoadContext& context, const Fields& fields);

/// `{mail: text, on: lvs1}`: of the subject. nullopt after an error.
std::optional<Condition> load_mail(LoadContext& context, const Fields& fields);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_NOTIFICATION_LOADER_H_
