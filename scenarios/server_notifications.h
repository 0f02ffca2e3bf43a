// What the scripts and mails of virtual and real servers are about, and who hears of them.
#ifndef VIPDRIFT_SCENARIOS_SERVER_NOTIFICATIONS_H_
#define VIPDRIFT_SCENARIOS_SERVER_NOTIFICATIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "protocol/config/configuration.h"
#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

/// One of notify_up, notify_down, quorum_up and quorum_down.
struct ServerScript {
  std::string service;  ///< as logs name it: "[10.1.10.7]:tcp:80"
  std::string server;   ///< likewise; empty: the script is about the quorum
  bool up = false;
  std::vector<std::string> argv;
};
std::vector<ServerScript> server_scripts(const config::Configuration& configuration);

/// "notify_down", "quorum_up".
std::string keyword_of(const ServerScript& script);

/// The machine that serves smtp at the smtp_server of a configuration; nullopt: nobody in this cluster does.
std::optional<std::string> mail_server(const Cluster& cluster, const config::GlobalDefs& global);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_SERVER_NOTIFICATIONS_H_
