// For tests: the project's dual-master cluster, built by hand, and a way to play with it.
#ifndef VIPDRIFT_SIM_ARTICLE_REHEARSAL_H_
#define VIPDRIFT_SIM_ARTICLE_REHEARSAL_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "sim/sim_testbed.h"

namespace vipdrift::sim::testing {

inline constexpr IpAddress kVip1 = IpAddress::v4(10, 1, 10, 7);
inline constexpr IpAddress kVip2 = IpAddress::v4(10, 1, 10, 77);
inline const std::string kInterface = "eno16777736";
inline const std::string kDownFile = "/etc/keepalived/down";

inline config::VrrpScript article_script(std::string name, std::vector<std::string> argv) {
  config::VrrpScript script;
  script.name = std::move(name);
  script.command.argv = std::move(argv);
  script.interval = std::chrono::seconds{2};
  script.weight = -5;
  return script;
}

inline config::VrrpInstance article_instance(std::string name, std::uint8_t vrid, bool master, const IpAddress& vip,
                                             std::string label) {
  config::VrrpInstance instance;
  instance.name = std::move(name);
  instance.interface = kInterface;
  instance.virtual_router_id = vrid;
  instance.state = master ? config::WantedState::master : config::WantedState::backup;
  instance.priority = master ? 100 : 98;
  instance.auth_type = vrrp::AuthType::pass;
  instance.auth_pass = "frSAmesX";
  config::VirtualAddress address;
  address.address = vip;
  address.label = kInterface + std::move(label);
  instance.virtual_addresses.push_back(address);
  for (const char* script : {"chk_down", "chk_httpd"}) instance.track_scripts.push_back({script, std::nullopt, false});
  instance.notifies.edit().master.argv = {"/etc/keepalived/notify.sh", "master"};
  instance.notifies.edit().backup.argv = {"/etc/keepalived/notify.sh", "backup"};
  instance.notifies.edit().fault.argv = {"/etc/keepalived/notify.sh", "fault"};
  return instance;
}

/// keepalived.conf of lvs1, or of lvs2 with state and priority the other way round.
inline config::Configuration article_configuration(bool lvs1) {
  config::Configuration configuration;
  configuration.global.vrrp_mcast_group4 = IpAddress::v4(224, 0, 4, 18);
  configuration.scripts.push_back(article_script("chk_down", {"/bin/sh", "-c", "[ ! -f /etc/keepalived/down ]"}));
  configuration.scripts.push_back(article_script("chk_httpd", {"killall", "-0", "httpd"}));
  configuration.instances.push_back(article_instance("VI_1", 151, lvs1, kVip1, ":0"));
  configuration.instances.push_back(article_instance("VI_2", 152, !lvs1, kVip2, ":1"));
  return configuration;
}

inline scenarios::Scenario article_scenario() {
  scenarios::Scenario scenario;
  scenarios::SegmentSpec lan;
  lan.name = "lan";
  scenario.cluster.segments.push_back(lan);
  for (const bool lvs1 : {true, false}) {
    scenarios::DirectorSpec director;
    director.name = lvs1 ? "lvs1" : "lvs2";
    director.config_file = director.name + ".conf";
    const std::uint8_t host = lvs1 ? 1 : 2;
    director.interfaces.push_back({kInterface, "lan", {{IpAddress::v4(10, 1, 10, host), 24}}, std::nullopt});
    director.processes = {"httpd"};
    scenarios::ScriptModel down;
    down.script = "chk_down";
    down.rule = scenarios::ScriptModel::FailsWhileFileExists{kDownFile};
    scenarios::ScriptModel httpd;
    httpd.script = "chk_httpd";
    httpd.rule = scenarios::ScriptModel::FailsWhileProcessMissing{"httpd"};
    director.scripts = {down, httpd};
    scenario.cluster.directors.push_back(director);
    scenario.configs.push_back({director.name, director.config_file, "",
                                std::make_shared<const config::Configuration>(article_configuration(lvs1))});
  }
  scenarios::HostSpec client;
  client.name = "client";
  client.interfaces.push_back({"eth0", "lan", {{IpAddress::v4(10, 1, 10, 100), 24}}, std::nullopt});
  scenario.cluster.clients.push_back(client);
  return scenario;
}

/// A world under way. Steps happen at the present moment.
class Rehearsal {
 public:
  explicit Rehearsal(scenarios::Scenario given = article_scenario(), SimOptions options = {},
                     scenarios::RecordingOptions recording = {})
      : scenario(std::move(given)), testbed(std::move(options)) {
    error = testbed.build(scenario, recording, timeline);
    EXPECT_FALSE(error) << error->message;
  }

  void run_until(Duration until) {
    now = until;
    EXPECT_FALSE(testbed.run_until(until));
  }
  void run_for(Duration time) { run_until(now + time); }
  void step(scenarios::StepAction action) {
    scenarios::Step step;
    step.at = now;
    step.action = std::move(action);
    error = testbed.apply(step);
    EXPECT_FALSE(error) << error->message;
  }
  void start_both() { step(scenarios::StartDaemon{{"lvs1", "lvs2"}}); }
  void probe(const IpAddress& target, Duration every = std::chrono::milliseconds{50}) {
    scenarios::StartProbe probe;
    probe.client = "client";
    probe.target = target;
    probe.every = every;
    probe.timeout = every;
    step(probe);
  }

  /// Times of the observations of type What at `node`, from `from` on, that `fits`.
  template <class What, class Fits>
  std::vector<Duration> times(const std::string& node, Duration from, Fits fits) const {
    std::vector<Duration> found;
    for (const scenarios::Observation& seen : timeline.observations()) {
      const auto* what = std::get_if<What>(&seen.what);
      if (what != nullptr && seen.node == node && seen.at >= from && fits(*what)) found.push_back(seen.at);
    }
    return found;
  }
  template <class What>
  std::vector<Duration> times(const std::string& node, Duration from = {}) const {
    return times<What>(node, from, [](const What&) { return true; });
  }
  /// The first moment from `from` on at which `node` gets (loses) the address, less `from`.
  std::optional<Duration> added(const std::string& node, const IpAddress& address, Duration from) const {
    return first(times<scenarios::AddressAdded>(node, from, [&](const auto& a) { return a.address == address; }), from);
  }
  std::optional<Duration> removed(const std::string& node, const IpAddress& address, Duration from) const {
    return first(times<scenarios::AddressRemoved>(node, from, [&](const auto& a) { return a.address == address; }),
                 from);
  }
  bool holds(const std::string& node, const IpAddress& address) const {
    bool held = false;
    for (const scenarios::Observation& seen : timeline.observations()) {
      if (seen.node != node) continue;
      if (const auto* added = std::get_if<scenarios::AddressAdded>(&seen.what)) held |= added->address == address;
      if (const auto* gone = std::get_if<scenarios::AddressRemoved>(&seen.what)) held &= gone->address != address;
    }
    return held;
  }
  /// Who answers the client now; "" for nobody.
  std::string answered_by(const IpAddress& target) const {
    std::string node;
    for (const scenarios::Observation& seen : timeline.observations()) {
      const auto* answers = std::get_if<scenarios::ProbeAnswers>(&seen.what);
      if (answers != nullptr && answers->target == target) node = answers->node;
    }
    return node;
  }
  /// The longest time without answers to the client that begins at or after `from`; one that lasts counts until now.
  Duration longest_outage(const IpAddress& target, Duration from = {}) const {
    Duration longest{};
    std::optional<Duration> begun;
    for (const scenarios::Observation& seen : timeline.observations()) {
      const auto* answers = std::get_if<scenarios::ProbeAnswers>(&seen.what);
      if (answers == nullptr || answers->target != target) continue;
      if (begun) longest = std::max(longest, seen.at - *begun);
      begun.reset();
      if (answers->node.empty() && seen.at >= from) begun = seen.at;
    }
    return begun ? std::max(longest, now - *begun) : longest;
  }

  scenarios::Scenario scenario;
  SimTestbed testbed;
  scenarios::Timeline timeline;
  std::optional<scenarios::WorldError> error;
  Duration now{};

 private:
  static std::optional<Duration> first(const std::vector<Duration>& times, Duration from) {
    return times.empty() ? std::nullopt : std::optional{times.front() - from};
  }
};

}  // namespace vipdrift::sim::testing

#endif  // VIPDRIFT_SIM_ARTICLE_REHEARSAL_H_
