// The cluster of a scenario: segments, directors, clients, real servers, script models.
#ifndef VIPDRIFT_SCENARIOS_CLUSTER_LOADER_H_
#define VIPDRIFT_SCENARIOS_CLUSTER_LOADER_H_

#include "scenarios/scenario.h"
#include "scenarios/yaml_reader.h"

namespace vipdrift::scenarios {

/// Reads a whole cluster map. What is wrong is reported to `in`; what could be read is returned.
Cluster load_cluster(YamlReader& in, const YamlNode& root);

/// Changes what `directors:` of a scenario says about the cluster's directors: another config file, another profile,
/// ...
void apply_overrides(YamlReader& in, const YamlNode& root, Cluster& cluster);

/// A profile's name, or a diagnostic.
std::optional<std::string> read_profile(YamlReader& in, const YamlNode& node);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_CLUSTER_LOADER_H_
