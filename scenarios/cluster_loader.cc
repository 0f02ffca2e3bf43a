#include "scenarios/cluster_loader.h"

#include <algorithm>
#include <map>
#include <utility>

#include "protocol/vrrp/profile_text.h"
#include "scenarios/service_loader.h"

namespace vipdrift::scenarios {
namespace {

constexpr std::size_t kLongestInterfaceName = 15;  // Linux: IFNAMSIZ - 1

/// What the parts of a cluster need of each other while it is read.
struct ClusterReader {
  YamlReader& in;
  Cluster& cluster;
  std::vector<std::string> segments;
  std::map<std::string, int> node_lines;                                    ///< where a name was first given
  std::map<std::pair<std::string, IpAddress>, std::string> address_owners;  ///< by segment
  std::vector<const YamlNode*> named;  ///< machines that others speak of

  bool claim_name(const YamlEntry& entry);
  bool claim_interface_name(const YamlNode& node, const std::string& name);
  void read_segments(const YamlNode* node);
  std::string read_segment_of(const YamlNode& owner, const YamlNode* node);
  InterfaceSpec read_interface(const std::string& node, const std::string& name, const YamlNode& at,
                               const Fields& fields);
  std::vector<InterfaceSpec> read_interfaces(const std::string& node, const Fields& fields);
  DirectorSpec read_director(const YamlEntry& entry);
  HostSpec read_host(const YamlEntry& entry, const KeySet& known);
  std::vector<ScriptModel> read_scripts(const YamlNode* node);
  void check_named() const;
};

bool ClusterReader::claim_name(const YamlEntry& entry) {
  const Place place{in.file(), entry.line, entry.column};
  if (entry.key.empty() || entry.key.find_first_of(" \t\n") != std::string::npos) {
    in.error(place, "'" + entry.key + "' cannot be a name", "a word without blanks");
    return false;
  }
  if (entry.key == "nobody") {
    in.error(place, "'nobody' cannot be a name: expectations use the word");
    return false;
  }
  const auto [found, fresh] = node_lines.emplace(entry.key, entry.line);
  if (!fresh) {
    in.error(place, "the name '" + entry.key + "' is taken, see line " + std::to_string(found->second));
  }
  return fresh;
}

bool ClusterReader::claim_interface_name(const YamlNode& node, const std::string& name) {
  const bool good =
      !name.empty() && name.size() <= kLongestInterfaceName && name.find_first_of(" \t\n/") == std::string::npos;
  if (!good) in.error(node, "'" + name + "' cannot be the name of an interface", "1 to 15 characters without blanks");
  return good;
}

void ClusterReader::read_segments(const YamlNode* node) {
  if (node == nullptr) {
    cluster.segments.push_back({"lan", {in.file(), 0, 0}});
  } else if (in.expect_map(*node)) {
    for (const YamlEntry& entry : node->entries) {
      if (!claim_name(entry)) continue;
      SegmentSpec segment{entry.key, {in.file(), entry.line, entry.column}};
      if (entry.value.kind != YamlNode::Kind::null) {
        const Fields fields{in, entry.value, keys::kSegment};
        in.take(fields["latency"], segment.latency);
        in.take(fields["igmp_snooping"], segment.igmp_snooping);
      }
      cluster.segments.push_back(std::move(segment));
    }
    if (cluster.segments.empty()) in.error(*node, "segments: the cluster has none", "at least one, such as lan: {}");
  }
  for (const SegmentSpec& segment : cluster.segments) segments.push_back(segment.name);
}

std::string ClusterReader::read_segment_of(const YamlNode& owner, const YamlNode* node) {
  if (node != nullptr) return in.read_name(*node, "segment", segments).value_or("");
  if (segments.size() == 1) return segments.front();
  in.error(owner, "'segment' is missing: the cluster has more than one");
  return {};
}

InterfaceSpec ClusterReader::read_interface(const std::string& node, const std::string& name, const YamlNode& at,
                                            const Fields& fields) {
  InterfaceSpec interface {
    name, read_segment_of(at, fields["segment"]), {}, {}
  };
  in.take(fields["mac"], interface.mac);
  const YamlNode* single = fields["address"];
  const YamlNode* several = fields["addresses"];
  if (single != nullptr && several != nullptr) in.error(*several, "'address' and 'addresses' at once", "one of them");
  for (const YamlNode* list : {single, several}) {
    if (list == nullptr) continue;
    for (const YamlNode* item : in.one_or_more(*list)) {
      const auto prefix = in.read_prefix(*item);
      if (!prefix) continue;
      const auto [owner, fresh] = address_owners.emplace(std::pair{interface.segment, prefix->address}, node);
      if (!fresh) in.error(*item, prefix->address.to_string() + " belongs to " + owner->second + " already");
      interface.addresses.push_back(*prefix);
    }
  }
  if (single == nullptr && several == nullptr) {
    in.error(at, node + " " + name + ": 'address' is missing", "address: 10.1.10.1/24, or addresses: [...]");
  }
  return interface;
}

std::vector<InterfaceSpec> ClusterReader::read_interfaces(const std::string& node, const Fields& fields) {
  std::vector<InterfaceSpec> interfaces;
  const YamlNode* list = fields["interfaces"];
  if (list == nullptr) {
    if (fields.is_map()) interfaces.push_back(read_interface(node, "eth0", fields.node(), fields));
    return interfaces;
  }
  for (const std::string_view key : {"address", "addresses", "segment", "mac"}) {
    if (const YamlNode* stray = fields[key]) {
      in.error(*stray, "'" + std::string{key} + "' beside 'interfaces'", "it inside of an interface");
    }
  }
  if (!in.expect_map(*list)) return interfaces;
  for (const YamlEntry& entry : list->entries) {
    if (!claim_interface_name(entry.value, entry.key)) continue;
    const Fields interface { in, entry.value, keys::kInterface };
    if (interface.is_map()) interfaces.push_back(read_interface(node, entry.key, entry.value, interface));
  }
  return interfaces;
}

DirectorSpec ClusterReader::read_director(const YamlEntry& entry) {
  DirectorSpec director;
  director.name = entry.key;
  director.place = {in.file(), entry.line, entry.column};
  const Fields fields{in, entry.value, keys::kDirector};
  if (const YamlNode* config = fields.required("config")) {
    if (const auto file = in.read_text(*config)) director.config_file = in.beside(*file);
    director.config_place = in.place(*config);
  }
  director.interfaces = read_interfaces(entry.key, fields);
  if (const YamlNode* profile = fields["profile"]) director.profile = read_profile(in, *profile);
  if (const YamlNode* processes = fields["processes"]; processes != nullptr && in.expect_list(*processes)) {
    for (const YamlNode& item : processes->items) {
      if (const auto name = in.read_text(item)) director.processes.push_back(*name);
    }
  }
  if (const YamlNode* files = fields["files"]; files != nullptr && in.expect_map(*files)) {
    for (const YamlEntry& file : files->entries) {
      if (file.value.kind == YamlNode::Kind::null)
        director.files[file.key] = "";
      else if (const auto contents = in.read_text(file.value))
        director.files[file.key] = *contents;
    }
  }
  director.scripts = read_scripts(fields["scripts"]);
  if (const YamlNode* offset = fields["clock_offset"]) {
    director.clock_offset = in.read_signed_duration(*offset).value_or(Duration{0});
  }
  if (const YamlNode* drift = fields["clock_drift_ppm"]) {
    director.clock_drift_ppm = static_cast<std::int32_t>(in.read_integer(*drift, -100'000, 100'000).value_or(0));
  }
  in.take(fields["detailed_log"], director.detailed_log);
  if (const YamlNode* serves = fields["serves"]) director.serves = read_serves(in, *serves);
  if (const YamlNode* marks = fields["fwmarks"]) director.fwmarks = read_fwmarks(in, *marks, named);
  if (const YamlNode* direct = fields["lvs_dr"]) director.lvs = read_direct_routing(in, *direct);
  return director;
}

HostSpec ClusterReader::read_host(const YamlEntry& entry, const KeySet& known) {
  HostSpec host{entry.key, {in.file(), entry.line, entry.column}, {}};
  const Fields fields{in, entry.value, known};
  host.interfaces = read_interfaces(entry.key, fields);
  in.take(fields["gateway"], host.gateway);
  read_real_server(in, fields, host);
  return host;
}

std::optional<ScriptModel::Rule> read_fails_while(YamlReader& in, const YamlNode& node) {
  const Fields fields{in, node, keys::kFailsWhile};
  if (!fields.is_map()) return std::nullopt;
  std::optional<ScriptModel::Rule> rule;
  int rules = 0;
  if (const YamlNode* file = fields["file_exists"]; file != nullptr && ++rules > 0) {
    if (const auto path = in.read_text(*file)) rule = ScriptModel::FailsWhileFileExists{*path};
  }
  if (const YamlNode* file = fields["file_missing"]; file != nullptr && ++rules > 0) {
    if (const auto path = in.read_text(*file)) rule = ScriptModel::FailsWhileFileMissing{*path};
  }
  if (const YamlNode* process = fields["process_not_running"]; process != nullptr && ++rules > 0) {
    if (const auto name = in.read_text(*process)) rule = ScriptModel::FailsWhileProcessMissing{*name};
  }
  if (rules == 1) return rule;
  in.error(node, "fails_while: " + std::to_string(rules) + " conditions",
           "one of file_exists, file_missing and process_not_running");
  return std::nullopt;
}

std::optional<ScriptModel::Rule> read_fails_during(YamlReader& in, const YamlNode& node) {
  if (!in.expect_list(node)) return std::nullopt;
  ScriptModel::FailsDuring rule;
  for (const YamlNode& span : node.items) {
    if (span.kind != YamlNode::Kind::list || span.items.size() != 2) {
      in.error(span, "fails_during: not a span of time", "a list of spans such as [[10s, 20s], [1m, 2m]]");
      continue;
    }
    const auto from = in.read_duration(span.items[0]);
    const auto to = in.read_duration(span.items[1]);
    if (!from || !to) continue;
    if (*from >= *to) in.error(span, "fails_during: the span ends before it begins");
    rule.spans.emplace_back(*from, *to);
  }
  return rule;
}

std::optional<ScriptModel::Rule> read_always(YamlReader& in, const YamlNode& node) {
  const std::vector<std::string> words{"succeeds", "fails"};
  const auto word = in.read_name(node, "outcome", words);
  if (!word) return std::nullopt;
  if (*word == "fails") return ScriptModel::AlwaysFails{};
  return ScriptModel::AlwaysSucceeds{};
}

void read_script_map(YamlReader& in, const YamlNode& node, ScriptModel& model) {
  const Fields fields{in, node, keys::kScript};
  if (!fields.is_map()) return;
  int rules = 0;
  std::optional<ScriptModel::Rule> rule;
  if (const YamlNode* it = fields["fails_while"]; it != nullptr && ++rules > 0) rule = read_fails_while(in, *it);
  if (const YamlNode* it = fields["fails_during"]; it != nullptr && ++rules > 0) rule = read_fails_during(in, *it);
  if (const YamlNode* it = fields["always"]; it != nullptr && ++rules > 0) rule = read_always(in, *it);
  if (rules != 1) {
    in.error(node, node.name + ": " + std::to_string(rules) + " rules", "one of fails_while, fails_during and always");
  }
  if (rule) model.rule = *rule;
  in.take(fields["takes"], model.takes);
  if (const YamlNode* status = fields["exit_status"]) {
    model.exit_status = static_cast<int>(in.read_integer(*status, 1, 255).value_or(1));
  }
}

std::vector<ScriptModel> ClusterReader::read_scripts(const YamlNode* node) {
  std::vector<ScriptModel> models;
  if (node == nullptr || !in.expect_map(*node)) return models;
  for (const YamlEntry& entry : node->entries) {
    ScriptModel model;
    model.script = entry.key;
    model.place = {in.file(), entry.line, entry.column};
    if (entry.value.kind == YamlNode::Kind::scalar) {
      const std::vector<std::string> words{"always_succeeds", "always_fails"};
      const auto word = in.read_name(entry.value, "script model", words);
      if (word && *word == "always_fails") model.rule = ScriptModel::AlwaysFails{};
    } else {
      read_script_map(in, entry.value, model);
    }
    models.push_back(std::move(model));
  }
  return models;
}

void ClusterReader::check_named() const {
  std::vector<std::string> machines;
  for (const DirectorSpec& director : cluster.directors) machines.push_back(director.name);
  for (const auto* hosts : {&cluster.clients, &cluster.real_servers}) {
    for (const HostSpec& host : *hosts) machines.push_back(host.name);
  }
  for (const YamlNode* node : named) in.read_name(*node, "machine", machines);
}

}  // namespace

std::optional<std::string> read_profile(YamlReader& in, const YamlNode& node) {
  static const std::vector<std::string> names{"keepalived", "vipdrift"};
  if (node.kind != YamlNode::Kind::scalar || node.scalar.find(',') == std::string::npos) {
    return in.read_name(node, "profile", names);
  }
  const vrrp::ProfileParse parsed = vrrp::parse_profile(node.scalar);
  if (parsed.profile) return node.scalar;
  in.error(node, "profile: " + parsed.error);
  return std::nullopt;
}

Cluster load_cluster(YamlReader& in, const YamlNode& root) {
  Cluster cluster;
  cluster.file = in.file();
  const Fields fields{in, root, keys::kCluster};
  if (!fields.is_map()) return cluster;
  ClusterReader reader{in, cluster, {}, {}, {}, {}};
  reader.read_segments(fields["segments"]);
  const std::vector<ScriptModel> scripts = reader.read_scripts(fields["scripts"]);
  if (const YamlNode* directors = fields.required("directors"); directors != nullptr && in.expect_map(*directors)) {
    if (directors->entries.empty()) in.error(*directors, "directors: the cluster has none");
    for (const YamlEntry& entry : directors->entries) {
      if (!reader.claim_name(entry)) continue;
      DirectorSpec director = reader.read_director(entry);
      director.scripts.insert(director.scripts.end(), scripts.begin(), scripts.end());
      cluster.directors.push_back(std::move(director));
    }
  }
  const auto read_hosts = [&](std::string_view key, const KeySet& known, std::vector<HostSpec>& hosts) {
    const YamlNode* node = fields[key];
    if (node == nullptr || !in.expect_map(*node)) return;
    for (const YamlEntry& entry : node->entries) {
      if (reader.claim_name(entry)) hosts.push_back(reader.read_host(entry, known));
    }
  };
  read_hosts("clients", keys::kHost, cluster.clients);
  read_hosts("real_servers", keys::kRealServer, cluster.real_servers);
  reader.check_named();
  return cluster;
}

void apply_overrides(YamlReader& in, const YamlNode& root, Cluster& cluster) {
  if (!in.expect_map(root)) return;
  std::vector<std::string> names;
  for (const DirectorSpec& director : cluster.directors) names.push_back(director.name);
  for (const YamlEntry& entry : root.entries) {
    YamlNode key = entry.value;  // the key's own place, read as a name
    key.kind = YamlNode::Kind::scalar;
    key.name = "directors";
    key.scalar = entry.key;
    key.line = entry.line;
    key.column = entry.column;
    if (!in.read_name(key, "director", names)) continue;
    const auto director = std::find_if(cluster.directors.begin(), cluster.directors.end(),
                                       [&](const DirectorSpec& spec) { return spec.name == entry.key; });
    const Fields fields{in, entry.value, keys::kOverride};
    if (const YamlNode* config = fields["config"]) {
      if (const auto file = in.read_text(*config)) director->config_file = in.beside(*file);
      director->config_place = in.place(*config);
    }
    if (const YamlNode* profile = fields["profile"]) director->profile = read_profile(in, *profile);
    in.take(fields["detailed_log"], director->detailed_log);
    if (const YamlNode* offset = fields["clock_offset"]) {
      director->clock_offset = in.read_signed_duration(*offset).value_or(Duration{0});
    }
    if (const YamlNode* drift = fields["clock_drift_ppm"]) {
      director->clock_drift_ppm = static_cast<std::int32_t>(in.read_integer(*drift, -100'000, 100'000).value_or(0));
    }
  }
}

}  // namespace vipdrift::scenarios
