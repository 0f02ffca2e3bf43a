// Small scenarios and timelines for the tests of the judges.
#ifndef VIPDRIFT_SCENARIOS_JUDGE_TEST_SUPPORT_H_
#define VIPDRIFT_SCENARIOS_JUDGE_TEST_SUPPORT_H_

#include <memory>
#include <string>
#include <utility>

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"

namespace vipdrift::scenarios {

inline constexpr Duration kNs{1};
inline constexpr Duration kMs = std::chrono::milliseconds{1};
inline constexpr Duration kSecond = std::chrono::seconds{1};
inline constexpr IpAddress kVip = IpAddress::v4(10, 1, 10, 7);

/// VI_1 of both directors: vrid 151, one second, priority 100 and 98, 10.1.10.7, on the segment "lan".
inline Scenario two_directors() {
  Scenario scenario;
  scenario.file = "test.yaml";
  scenario.end = 60 * kSecond;
  scenario.cluster.segments.push_back({"lan", {}});
  for (const auto& [name, priority] : {std::pair{"lvs1", 100}, std::pair{"lvs2", 98}}) {
    DirectorSpec director;
    director.name = name;
    director.config_file = std::string{name} + ".conf";
    director.interfaces.push_back({"eth0", "lan", {}, {}});
    scenario.cluster.directors.push_back(director);
    config::Configuration configuration;
    config::VrrpInstance instance;
    instance.name = "VI_1";
    instance.interface = "eth0";
    instance.virtual_router_id = 151;
    instance.priority = static_cast<std::uint8_t>(priority);
    instance.virtual_addresses.emplace_back();
    instance.virtual_addresses.back().address = kVip;
    configuration.instances.push_back(instance);
    scenario.configs.push_back(
        {name, director.config_file, "", std::make_shared<const config::Configuration>(std::move(configuration))});
  }
  return scenario;
}

/// Writes observations in the order of the calls.
class Story {
 public:
  Story& at(Duration moment) {
    now_ = moment;
    return *this;
  }
  Story& note(const std::string& node, What what) {
    timeline_.add({now_, node, std::move(what)});
    return *this;
  }
  Story& step(const std::string& text = "step") { return note("", StepDone{text}); }
  Story& daemon(const std::string& node, DaemonEvent event) { return note(node, DaemonChanged{event, ""}); }
  Story& becomes(const std::string& node, vrrp::State to, vrrp::State from = vrrp::State::backup) {
    return note(node, InstanceChanged{"VI_1", 151, from, to});
  }
  Story& takes(const std::string& node) { return note(node, AddressAdded{"eth0", kVip}); }
  Story& drops(const std::string& node) { return note(node, AddressRemoved{"eth0", kVip}); }
  Story& answers(const std::string& node) { return note("client", ProbeAnswers{kVip, 0, node, {}}); }

  const Timeline& timeline() const { return timeline_; }

 private:
  Duration now_{0};
  Timeline timeline_;
};

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_JUDGE_TEST_SUPPORT_H_
