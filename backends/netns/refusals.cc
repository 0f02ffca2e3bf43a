// What a world of namespaces cannot do or see, said before anything is built.
#include <net/if.h>

#include <algorithm>
#include <set>
#include <variant>

#include "backends/netns/netns_testbed.h"
#include "backends/netns/netem_setting.h"
#include "backends/netns/private_files.h"
#include "backends/netns/segment.h"
#include "scenarios/condition.h"
#include "scenarios/server_notifications.h"

namespace vipdrift::netns {
namespace {

using scenarios::WorldError;
using Why = std::optional<std::string>;

constexpr const char* kNoFilters =
    "the kernel has no nftables on bridges (CONFIG_NF_TABLES_BRIDGE), which partitions and loss need";

constexpr const char* kNoNetem =
    "the kernel has no netem (CONFIG_NET_SCH_NETEM) with ifb and mirred beside it, which delay, jitter, duplication, "
    "reordering and corruption need; the kernel of --on uml has";

struct Refusal {
  const Facilities& facilities;

  Why operator()(const scenarios::StepClock&) const {
    return "the machines of a world of namespaces share one wall clock";
  }
  Why operator()(const scenarios::SetFaults& step) const {
    if (needs_netem(step.faults) && !facilities.netem) return kNoNetem;
    return filters();
  }
  Why operator()(const scenarios::Isolate&) const { return filters(); }
  Why operator()(const scenarios::Partition&) const { return filters(); }
  Why operator()(const scenarios::CutOneWay&) const { return filters(); }
  Why operator()(const scenarios::PauseNode&) const { return filters(); }
  Why operator()(const scenarios::TouchFile& step) const { return file(step.path); }
  Why operator()(const scenarios::RemoveFile& step) const { return file(step.path); }
  Why operator()(const scenarios::EditIpvs&) const { return facilities.ipvs ? std::nullopt : Why{kNoIpvs}; }
  template <class Other>
  Why operator()(const Other&) const {
    return std::nullopt;
  }

 private:
  Why filters() const { return facilities.filters ? std::nullopt : Why{kNoFilters}; }
  static Why file(const std::string& path) {
    if (can_be_private(directory_of(path))) return std::nullopt;
    return "files are private to a node only in a directory below /: '" + path + "' is not in one";
  }
};

std::string quoted(const std::string& name) { return "'" + name + "'"; }

std::optional<WorldError> bad_cluster(const scenarios::Cluster& cluster, const Facilities& facilities) {
  for (const scenarios::SegmentSpec& segment : cluster.segments) {
    if (segment.igmp_snooping) {
      return WorldError{segment.place, "segment " + quoted(segment.name) +
                                           ": a Linux bridge floods every group when nobody queries, so a snooping "
                                           "switch without a querier exists in the simulator only"};
    }
    if (segment.latency > kWireTakes && !facilities.netem) {
      return WorldError{segment.place, "segment " + quoted(segment.name) + ": latency above 1 ms: " + kNoNetem};
    }
  }
  for (const scenarios::DirectorSpec& director : cluster.directors) {
    if (director.clock_offset != Duration::zero() || director.clock_drift_ppm != 0) {
      return WorldError{director.place,
                        quoted(director.name) + ": the machines of a world of namespaces share one clock"};
    }
    for (const scenarios::InterfaceSpec& interface : director.interfaces) {
      if (interface.name.size() >= IFNAMSIZ) {
        return WorldError{director.place, "interface " + quoted(interface.name) + ": the kernel takes names of up to " +
                                              std::to_string(IFNAMSIZ - 1) + " characters"};
      }
    }
    for (const auto& [path, contents] : director.files) {
      if (!can_be_private(directory_of(path))) {
        return WorldError{director.place, "file " + quoted(path) + ": it must be in a directory below /"};
      }
    }
  }
  return std::nullopt;
}

/// Real scripts run; nothing but files and processes makes them fail.
std::optional<WorldError> bad_scripts(const scenarios::Scenario& scenario) {
  for (const scenarios::DirectorConfig& config : scenario.configs) {
    if (config.configuration == nullptr) continue;
    std::set<std::string> used;
    for (const config::VrrpScript& script : config.configuration->scripts) used.insert(script.name);
    for (const scenarios::DirectorSpec& director : scenario.cluster.directors) {
      if (director.name != config.director) continue;
      for (const scenarios::ScriptModel& model : director.scripts) {
        if (used.contains(model.script) && std::holds_alternative<scenarios::ScriptModel::FailsDuring>(model.rule)) {
          return WorldError{model.place, "script " + quoted(model.script) +
                                             " fails by the clock, as scripts do in the simulator only"};
        }
      }
    }
  }
  return std::nullopt;
}

bool runs_scripts(const config::Configuration& configuration) {
  const auto notifies = [](const auto& one) { return !(*one.notifies == config::Notifies{}); };
  return !configuration.scripts.empty() || !scenarios::server_scripts(configuration).empty() ||
         std::any_of(configuration.instances.begin(), configuration.instances.end(), notifies) ||
         std::any_of(configuration.sync_groups.begin(), configuration.sync_groups.end(), notifies);
}

/// keepalived checks nothing where it has no table.
bool is_of_tables(const scenarios::Condition& condition) {
  return std::holds_alternative<scenarios::PoolIs>(condition) ||
         std::holds_alternative<scenarios::QuorumIs>(condition) ||
         std::holds_alternative<scenarios::ServerNotified>(condition);
}

/// Virtual servers that nothing would schedule.
std::optional<WorldError> without_ipvs(const scenarios::Scenario& scenario) {
  const auto uses = [](const scenarios::Step& step) {
    return std::holds_alternative<scenarios::StartRequests>(step.action) ||
           std::holds_alternative<scenarios::OpenConnection>(step.action);
  };
  if (std::none_of(scenario.steps.begin(), scenario.steps.end(), uses)) return std::nullopt;
  for (const scenarios::DirectorConfig& config : scenario.configs) {
    if (config.configuration == nullptr || config.configuration->virtual_servers.empty()) continue;
    return WorldError{config.configuration->virtual_servers.front().place,
                      "clients use a virtual_server, and " + std::string{kNoIpvs}};
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> NetnsTestbed::cannot(const scenarios::StepAction& step) const {
  return std::visit(Refusal{options_.facilities}, step);
}

std::optional<std::string> NetnsTestbed::cannot_see(const scenarios::Condition& condition) const {
  if (std::holds_alternative<scenarios::DiscardedFor>(condition)) {
    return "what a daemon discards, and why, is not seen from outside";
  }
  if (is_of_tables(condition) && !options_.facilities.ipvs) return kNoIpvs;
  return std::nullopt;
}

std::optional<WorldError> NetnsTestbed::cannot_build(const scenarios::Scenario& scenario) const {
  if (auto bad = bad_cluster(scenario.cluster, options_.facilities)) return bad;
  if (auto bad = bad_scripts(scenario)) return bad;
  if (!options_.facilities.ipvs) {
    if (auto missing = without_ipvs(scenario)) return missing;
  }
  const auto& directors = scenario.cluster.directors;
  for (std::size_t i = 0; i < directors.size(); ++i) {
    const Subject& subject = options_.subjects[i % options_.subjects.size()];
    for (const scenarios::DirectorConfig& config : scenario.configs) {
      if (config.director != directors[i].name || config.configuration == nullptr) continue;
      if (subject.scripts_need_groups && !options_.facilities.all_groups && runs_scripts(*config.configuration)) {
        return WorldError{directors[i].place,
                          quoted(directors[i].name) + ": " + subject.name +
                              " runs no scripts where it cannot change its groups; run as root, or install newuidmap "
                              "(package uidmap) and give the user a range in /etc/subuid and /etc/subgid"};
      }
    }
  }
  return std::nullopt;
}

}  // namespace vipdrift::netns
