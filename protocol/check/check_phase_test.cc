// When checks are due: Profile::checks_keep_phase in both settings.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "protocol/check/engine_driver.h"

namespace vipdrift::check {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EngineDriver;

const ProbeResult kGood{.outcome = Outcome::answered, .code = 200};
const ProbeResult kRefused{.outcome = Outcome::refused};

/// `servers` of them, with this check, every two seconds.
std::string pool(int servers, const std::string& checker, const std::string& words = "") {
  std::string body;
  for (int i = 0; i < servers; ++i) {
    body += "real_server 10.1." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250) + " 80 {\n" + checker +
            "}\n";
  }
  return "virtual_server 10.1.10.7 80 {\ndelay_loop 2\nlb_algo rr\nlb_kind DR\nprotocol TCP\n" + words + body + "}\n";
}

std::string tcp(const std::string& words = "warmup 0\n") {
  return "TCP_CHECK {\nretry 1\ndelay_before_retry 0.3\n" + words + "}\n";
}

TimePoint at(Duration since_start) { return TimePoint{since_start}; }

/// What is due is asked at `asked`, and answers at `answered`.
void ask_and_answer(EngineDriver& driver, Duration asked, Duration answered, const ProbeResult& result) {
  driver.now = at(asked);
  driver.step(DeadlineReached{});
  ASSERT_FALSE(driver.asked.empty());
  driver.now = at(answered);
  const auto asked_for = std::exchange(driver.asked, {});
  for (const auto& [checker, probe] : asked_for) driver.step(ProbeFinished{probe.checker, probe.url, result});
}

TimePoint due(const EngineDriver& driver, std::size_t checker = 0) {
  return driver.engine.checkers()[checker].deadline();
}

TEST(ChecksKeepPhase, SetALateCheckDoesNotStayLate) {
  EngineDriver driver{pool(1, tcp())};
  EXPECT_EQ(due(driver), at(seconds{1}));
  ask_and_answer(driver, milliseconds{1'400}, milliseconds{1'450}, kGood);
  EXPECT_EQ(due(driver), at(seconds{3}));
  ask_and_answer(driver, seconds{3}, milliseconds{3'001}, kGood);
  EXPECT_EQ(due(driver), at(seconds{5}));
}

TEST(ChecksKeepPhase, UnsetTheNextCheckCountsFromTheEndOfTheLast) {
  EngineDriver driver{pool(1, tcp()), vrrp::keepalived_profile()};
  ask_and_answer(driver, milliseconds{1'400}, milliseconds{1'450}, kGood);
  EXPECT_EQ(due(driver), at(milliseconds{3'450}));
}

TEST(ChecksKeepPhase, SetAProbeThatLastsLongerThanDelayLoopLeavesOutWhatItMissed) {
  EngineDriver driver{pool(1, tcp())};
  ask_and_answer(driver, seconds{1}, milliseconds{6'500}, kGood);
  EXPECT_EQ(due(driver), at(seconds{7}));
}

TEST(ChecksKeepPhase, SetRetriesComeWhenTheyWouldAndThePhaseStays) {
  EngineDriver driver{pool(1, tcp())};
  ask_and_answer(driver, seconds{1}, seconds{1}, kGood);
  ask_and_answer(driver, seconds{3}, milliseconds{3'100}, kRefused);
  EXPECT_EQ(due(driver), at(milliseconds{3'400}));
  ask_and_answer(driver, milliseconds{3'400}, milliseconds{3'500}, kRefused);
  EXPECT_FALSE(driver.engine.checkers()[0].up());
  EXPECT_EQ(due(driver), at(seconds{5}));
  ask_and_answer(driver, seconds{5}, milliseconds{5'010}, kGood);
  EXPECT_TRUE(driver.engine.checkers()[0].up());
  EXPECT_EQ(due(driver), at(seconds{7}));
}

TEST(ChecksKeepPhase, SetFastRecoveryAsksAtOnceAndThePhaseStays) {
  EngineDriver driver{pool(1, "HTTP_GET {\nurl {\npath /x\n}\nurl {\npath /y\n}\nwarmup 0\nfast_recovery\n}\n")};
  ask_and_answer(driver, milliseconds{1'500}, milliseconds{1'600}, kGood);
  EXPECT_EQ(due(driver), at(milliseconds{1'600}));
  ask_and_answer(driver, milliseconds{1'600}, milliseconds{1'700}, kGood);
  EXPECT_EQ(due(driver), at(seconds{3}));
}

TEST(ChecksKeepPhase, SetThePhaseOutlivesASuspension) {
  EngineDriver driver{pool(1, tcp(), "ha_suspend\n")};
  driver.now = at(milliseconds{1'700});
  driver.step(DeadlineReached{});
  EXPECT_TRUE(driver.asked.empty());
  EXPECT_EQ(due(driver), at(seconds{3}));
}

TEST(ChecksKeepPhase, SetThePhaseOutlivesAReload) {
  const std::string text = pool(2, tcp());
  EngineDriver driver{text};
  ask_and_answer(driver, seconds{1}, seconds{1}, kGood);
  driver.now = at(milliseconds{2'700});
  driver.step(ConfigurationLoaded{testing::configuration_of(text)});
  EXPECT_EQ(due(driver), at(seconds{3}));
  // One that is under way at a reload is asked again, and then when it would have been.
  driver.now = at(milliseconds{3'100});
  driver.step(DeadlineReached{});
  driver.step(ConfigurationLoaded{testing::configuration_of(text)});
  ask_and_answer(driver, milliseconds{3'150}, milliseconds{3'200}, kGood);
  EXPECT_EQ(due(driver), at(seconds{5}));
}

/// How many of the checks fall due in each of `parts` equal parts of two seconds from `from` on.
std::vector<int> spread(const EngineDriver& driver, TimePoint from, std::size_t parts) {
  std::vector<int> counts(parts);
  for (const Checker& checker : driver.engine.checkers()) {
    const Duration after = (checker.deadline() - from) % seconds{2};
    ++counts[static_cast<std::size_t>(after * static_cast<std::int64_t>(parts) / seconds{2})];
  }
  return counts;
}

TEST(ChecksKeepPhase, SetFirstChecksAreSpreadEvenlyOverTheirWarmUp) {
  for (const int servers : {10, 100, 1000}) {
    for (std::uint64_t seed = 1; seed < 10; ++seed) {
      EngineDriver driver{pool(servers, tcp("")), vrrp::vipdrift_profile(), {}, seed * 0x123456789abcdefU};
      const std::vector<int> counts = spread(driver, at(seconds{1}), 10);
      const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
      EXPECT_GE(*least, servers / 10 - 2);
      EXPECT_LE(*most, servers / 10 + 2);
    }
  }
}

TEST(ChecksKeepPhase, SetChecksThatWereLateTogetherPartAgain) {
  for (const vrrp::Profile& profile : {vrrp::vipdrift_profile(), vrrp::keepalived_profile()}) {
    EngineDriver driver{pool(1000, tcp("")), profile};
    ask_and_answer(driver, seconds{10}, milliseconds{10'001}, kGood);  // after a long pause
    const std::vector<int> counts = spread(driver, at(milliseconds{10'001}), 100);
    const int most = *std::max_element(counts.begin(), counts.end());
    if (profile.checks_keep_phase) {
      EXPECT_LE(most, 12);
    } else {
      EXPECT_EQ(most, 1000);
    }
  }
}

// Whatever answers and delays come: a check that has been decided is due at its phase again, within delay_loop.
TEST(ChecksKeepPhaseProperty, EveryRoundIsOnTheGridOfTheFirstCheck) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 draw{seed};
    EngineDriver driver{pool(1, tcp("warmup 2\n")), vrrp::vipdrift_profile(), {}, seed};
    const TimePoint phase = due(driver);
    for (int round = 0; round < 500; ++round) {
      const bool fails = draw() % 3 == 0;
      const Duration late = milliseconds{draw() % 4 == 0 ? draw() % 5'000 : draw() % 3};
      const Duration takes = milliseconds{draw() % 4 == 0 ? draw() % 5'000 : 1};
      const Duration asked = due(driver).time_since_epoch() + late;
      ask_and_answer(driver, asked, asked + takes, fails ? kRefused : kGood);
      if (due(driver) == driver.now + milliseconds{300}) continue;  // a retry
      ASSERT_EQ((due(driver) - phase) % seconds{2}, Duration{0}) << "seed " << seed << ", round " << round;
      ASSERT_GT(due(driver), driver.now);
      ASSERT_LE(due(driver), driver.now + seconds{2});
    }
  }
}

}  // namespace
}  // namespace vipdrift::check
