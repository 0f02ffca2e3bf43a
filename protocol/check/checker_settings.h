// What a health check does where its block says nothing, in the words of keepalived.conf.
#ifndef VIPDRIFT_PROTOCOL_CHECK_CHECKER_SETTINGS_H_
#define VIPDRIFT_PROTOCOL_CHECK_CHECKER_SETTINGS_H_

#include "protocol/config/effective.h"

namespace vipdrift::check {

/// The settings that every checker of this kind has, with the values of its plan; those that are written too.
config::CheckerSettings checker_settings(const config::Configuration& configuration,
                                         const config::VirtualServer& service, const config::RealServer& server,
                                         const config::Checker& checker);

}  // namespace vipdrift::check

#endif  // VIPDRIFT_PROTOCOL_CHECK_CHECKER_SETTINGS_H_
