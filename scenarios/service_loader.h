// What a machine of the cluster offers to clients, and how it is prepared for that.
#ifndef VIPDRIFT_SCENARIOS_SERVICE_LOADER_H_
#define VIPDRIFT_SCENARIOS_SERVICE_LOADER_H_

#include <vector>

#include "scenarios/load_balancing.h"
#include "scenarios/scenario.h"
#include "scenarios/yaml_reader.h"

namespace vipdrift::scenarios {

/// `serves: [80, 8080]` (pages), or `serves: {80: {status: 503}, 443: https, 53: dns}`.
std::vector<ServedPort> read_serves(YamlReader& in, const YamlNode& node);

/// `fwmarks: {3: [10.1.10.7:80, "udp://10.1.10.7:53", {to: 10.1.10.7:443, not_from: lvs2}]}`. What names a machine is
/// added to `named`, for the caller to look up.
std::vector<FirewallMark> read_fwmarks(YamlReader& in, const YamlNode& node, std::vector<const YamlNode*>& named);
/// lvs_dr of a director.
std::optional<LvsRealServer> read_direct_routing(YamlReader& in, const YamlNode& node);

/// serves, lvs_dr and lvs_tun of a real server.
void read_real_server(YamlReader& in, const Fields& fields, HostSpec& host);

/// The status, delay, drip and body of a service, within their bounds; absent nodes change nothing.
void take_status(YamlReader& in, const YamlNode* node, int& target);
/// That a service of this protocol has what is said of its answer.
void check_answer(YamlReader& in, const Fields& fields, ServiceProtocol protocol);
void take_body(YamlReader& in, const YamlNode* node, std::string& target);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_SERVICE_LOADER_H_
