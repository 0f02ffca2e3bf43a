// For tests: an engine in a world of one table, whose servers answer as they are told.
#ifndef VIPDRIFT_PROTOCOL_CHECK_ENGINE_DRIVER_H_
#define VIPDRIFT_PROTOCOL_CHECK_ENGINE_DRIVER_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "protocol/check/check_engine.h"
#include "protocol/config/test_support.h"

namespace vipdrift::check::testing {

inline std::shared_ptr<const config::Configuration> configuration_of(const std::string& text) {
  return std::make_shared<const config::Configuration>(config::testing::accepted(text));
}

/// Answers probes at once, by server name ("[10.1.10.11]:tcp:80"); carries out edits and checks the kernel would.
class EngineDriver {
 public:
  explicit EngineDriver(const std::string& text, vrrp::Profile profile = vrrp::vipdrift_profile(),
                        ipvs::Table found = {}, std::uint64_t seed = 1)
      : engine{configuration_of(text), profile, seed}, table{std::move(found)} {
    step(Started{table, {}});
    ever_empty = false;  // a new service begins without servers
  }

  void step(const Event& event) {
    ActionList actions;
    engine.step(now, event, actions);
    for (const Action& action : actions) carry_out(action);
    EXPECT_EQ(sorted(engine.wanted()), sorted(own_part()));
  }

  /// Lets time pass to `end`, a deadline at a time.
  void run_until(TimePoint end) {
    while (engine.next_deadline() <= end) {
      now = std::max(now, engine.next_deadline());
      step(DeadlineReached{});
      answer_all();
    }
    now = end;
  }
  void run_for(Duration time) { run_until(now + time); }

  void answer_all() {
    while (!asked.empty()) {
      const StartProbe probe = asked.begin()->second;
      asked.erase(asked.begin());
      ++probes[name_of(probe.checker)];
      step(ProbeFinished{probe.checker, probe.url, answer_of(name_of(probe.checker))});
    }
  }

  std::string name_of(CheckerId checker) const {
    const CheckerPlan& plan = engine.plan().checkers[checker.value];
    return engine.plan().services[plan.service.value].servers[plan.server].name;
  }
  ProbeResult answer_of(const std::string& server) const {
    const auto answer = answers.find(server);
    return answer == answers.end() ? ProbeResult{.outcome = Outcome::answered, .code = 200} : answer->second;
  }

  /// "10.1.10.11:80 1, ..." of the first service.
  std::string pool() const {
    std::string text;
    if (table.empty()) return "no service";
    for (const ipvs::Server& server : table.begin()->second.servers) {
      text += (text.empty() ? "" : ", ") + ipvs::to_string(server.key) + " " + std::to_string(server.settings.weight);
    }
    return text;
  }

  /// Lines since the last call, details left out.
  std::vector<std::string> take_log() { return std::exchange(log, {}); }
  std::vector<std::string> take_edits() { return std::exchange(edits, {}); }
  std::vector<std::string> take_told() { return std::exchange(told, {}); }

  CheckEngine engine;
  TimePoint now{};
  ipvs::Table table;  ///< the kernel's
  std::map<std::string, ProbeResult> answers;
  std::map<std::string, int> probes;
  std::map<std::uint32_t, StartProbe> asked;
  std::vector<std::string> log;
  std::vector<std::string> edits;
  std::vector<std::string> told;  ///< scripts, FIFO lines, mails, notes of quorum
  bool stopped = false;

 private:
  static ipvs::Table sorted(ipvs::Table table) {
    for (auto& [key, service] : table) {
      std::sort(service.servers.begin(), service.servers.end(),
                [](const ipvs::Server& a, const ipvs::Server& b) { return a.key < b.key; });
    }
    return table;
  }
  /// What the kernel holds of the configured services.
  ipvs::Table own_part() const {
    ipvs::Table own;
    for (const ServicePlan& service : engine.plan().services) {
      for (const ipvs::ServiceKey& key : service.keys) {
        if (const auto found = table.find(key); found != table.end()) own.insert(*found);
      }
    }
    return own;
  }

  void carry_out(const Action& action) {
    if (const auto* probe = std::get_if<StartProbe>(&action)) {
      EXPECT_TRUE(asked.emplace(probe->checker.value, *probe).second) << "two probes of one checker at a time";
    } else if (const auto* abandoned = std::get_if<AbandonProbe>(&action)) {
      asked.erase(abandoned->checker.value);
    } else if (const auto* edit = std::get_if<EditTable>(&action)) {
      EXPECT_TRUE(ipvs::carry_out(*edit->edit, table)) << ipvs::to_string(*edit->edit);
      edits.push_back(ipvs::to_string(*edit->edit));
      for (const auto& [key, service] : table) ever_empty = ever_empty || service.servers.empty();
    } else if (const auto* line = std::get_if<LogLine>(&action)) {
      if (!line->detail) log.push_back(line->text);
    } else if (const auto* script = std::get_if<NotifyScript>(&action)) {
      told.push_back("run " + script->command->argv.front());
    } else if (const auto* fifo = std::get_if<NotifyFifo>(&action)) {
      told.push_back(fifo->line);
    } else if (const auto* mail = std::get_if<NotifyMail>(&action)) {
      told.push_back("mail " + mail->subject);
    } else if (std::holds_alternative<Stopped>(action)) {
      stopped = true;
    }
  }

 public:
  bool ever_empty = false;  ///< some service had no server between two edits
};

}  // namespace vipdrift::check::testing

#endif  // VIPDRIFT_PROTOCOL_CHECK_ENGINE_DRIVER_H_
