// What the loaders of steps, expectations and invariants know of the scenario they are part of.
#ifndef VIPDRIFT_SCENARIOS_LOAD_CONTEXT_H_
#define VIPDRIFT_SCENARIOS_LOAD_CONTEXT_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/config_loader.h"
#include "scenarios/scenario.h"
#include "scenarios/target.h"
#include "scenarios/yaml_reader.h"

namespace vipdrift::scenarios {

/// Names are checked against the cluster, which is complete, and against the configurations read so far.
class LoadContext {
 public:
  LoadContext(YamlReader& reader, Scenario& target, ConfigLoader& config_loader);

  YamlReader& in;
  Scenario& scenario;
  ConfigLoader& configs;

  std::optional<std::string> read_director(const YamlNode& node) const;
  std::vector<std::string> read_directors(const YamlNode& node) const;
  /// A director, client or real server.
  std::optional<std::string> read_node(const YamlNode& node) const;
  std::vector<std::string> read_nodes(const YamlNode& node) const;
  std::optional<std::string> read_interface(const YamlNode& node, const std::string& owner) const;
  /// The named segment; without a node the only one there is, or empty.
  std::string read_segment(const YamlNode* node) const;
  /// The named client; without a node the only one there is, else a diagnostic at `owner`.
  std::optional<std::string> read_client(const YamlNode* node, const YamlNode& owner) const;
  /// An instance of `director`; of any director when that is empty.
  std::optional<std::string> read_instance(const YamlNode& node, const std::string& director) const;
  /// An instance or a sync group of `director`.
  std::optional<std::string> read_instance_or_group(const YamlNode& node, const std::string& director) const;
  /// An address that some configuration has as a virtual address, or that a step adds by hand.
  std::optional<IpAddress> read_vip(const YamlNode& node) const;
  /// "10.1.10.7", "tcp://10.1.10.7:80", "http://10.1.10.7/": a virtual address or the address of a machine.
  std::optional<Target> read_target(const YamlNode& node) const;
  /// "http://10.1.10.7/" and the like; the address as in read_target().
  std::optional<Url> read_url(const YamlNode& node) const;
  /// "10.1.10.7:22", the address as in read_target().
  std::optional<Target> read_endpoint(const YamlNode& node) const;
  /// A service of a virtual server that some configuration of `director` has (of any director when empty).
  std::optional<ipvs::ServiceKey> read_service(const YamlNode& node, const std::string& director) const;

  const DirectorSpec* director(const std::string& name) const;
  /// The ports on which `node` serves; empty for clients and unknown machines.
  const std::vector<ServedPort>& served_by(const std::string& node) const;
  /// Of a director, client or real server.
  const std::vector<InterfaceSpec>* interfaces(const std::string& node) const;
  std::vector<IpAddress> virtual_addresses() const;

 private:
  enum class Whose : std::uint8_t { instances, instances_and_groups };
  bool is_known_address(const YamlNode& node, const IpAddress& address) const;
  std::vector<std::string> names_in_configs(const std::string& director, Whose whose) const;

  std::vector<std::string> segments_;
  std::vector<std::string> directors_;
  std::vector<std::string> clients_;
  std::vector<std::string> nodes_;
};

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_LOAD_CONTEXT_H_
