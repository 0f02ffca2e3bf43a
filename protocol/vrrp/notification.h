// Telling the outside about a change of state, with keepalived's arguments and in its order.
#ifndef VIPDRIFT_PROTOCOL_VRRP_NOTIFICATION_H_
#define VIPDRIFT_PROTOCOL_VRRP_NOTIFICATION_H_

#include "protocol/config/configuration.h"
#include "protocol/vrrp/action.h"

namespace vipdrift::vrrp {

/// Order: the specific script, the generic script with four words appended, the FIFO, mail.
/// keepalived.conf(5), "notify"; FIFO line: `INSTANCE "name" STATE priority`.
void notify_instance(const config::VrrpInstance& instance, const config::GlobalDefs& global, NotifyState state,
                     int priority, ActionList& actions);

/// The same for a sync group; its priority is told as 0.
void notify_group(const config::SyncGroup& group, const config::GlobalDefs& global, NotifyState state,
                  ActionList& actions);

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_NOTIFICATION_H_
