// Routes and rules as requests to the kernel (rtnetlink(7), ip-route(8), ip-rule(8)).
#ifndef VIPDRIFT_BACKENDS_LINUX_ROUTE_REQUESTS_H_
#define VIPDRIFT_BACKENDS_LINUX_ROUTE_REQUESTS_H_

#include <linux/netlink.h>

#include <string>

#include "backends/linux/iproute2_names.h"
#include "backends/linux/netlink.h"
#include "backends/linux/netlink_socket.h"
#include "protocol/config/route.h"

namespace vipdrift::linux_backend {

/// What of a route or rule cannot be said to this kernel now. `error`: 0 when nothing; otherwise an errno value, and
/// `text` says what was looked for.
struct Unsayable {
  int error = 0;
  std::string text;
};

/// Appends one request to the batch of `requests`, of RTM_NEWROUTE or RTM_DELROUTE, with names and devices looked up.
/// When something cannot be looked up, nothing is appended.
Unsayable append_route(NetlinkSocket& requests, bool add, const config::Route& route, const Netlink& table,
                       const Iproute2Names& names);
/// Of RTM_NEWRULE or RTM_DELRULE.
Unsayable append_rule(NetlinkSocket& requests, bool add, const config::Rule& rule, const Iproute2Names& names);

/// Whether `told`, a notification of RTM_DELROUTE or RTM_DELRULE, is about what `asked`, a request of RTM_NEWROUTE or
/// RTM_NEWRULE, had made.
bool is_about(const nlmsghdr& told, const nlmsghdr& asked);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_ROUTE_REQUESTS_H_
