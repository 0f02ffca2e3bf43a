#include "scenarios/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "scenarios/comparison_report.h"
#include "scenarios/judge_test_support.h"

namespace vipdrift::scenarios {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using vrrp::State;

constexpr Duration kTolerance = 300 * kMs;

/// lvs1 holds the address from 4 s on and dies at 20 s; lvs2 takes it at `moment`.
Story drift(Duration moment) {
  Story story;
  story.at(Duration{0}).step("start").daemon("lvs1", DaemonEvent::started).daemon("lvs2", DaemonEvent::started);
  story.at(4 * kSecond).becomes("lvs1", State::master).takes("lvs1");
  story.at(20 * kSecond).step("crash").daemon("lvs1", DaemonEvent::powered_off);
  story.at(moment).becomes("lvs2", State::master).takes("lvs2");
  return story;
}

ScenarioReport report_of(const std::string& world, const Story& story) {
  ScenarioReport report;
  report.file = "test.yaml";
  report.world = world;
  report.scenario = two_directors();
  Expectation expectation;
  expectation.place = {"test.yaml", 7, 3};
  expectation.text = "10.1.10.7 on lvs2";
  expectation.condition = VipOn{kVip, "lvs2"};
  expectation.since = 20 * kSecond;
  expectation.deadline = 24 * kSecond;
  report.scenario->expectations.push_back(expectation);
  report.result.emplace();
  report.result->timeline = story.timeline();
  report.result->verdict = judge(*report.scenario, report.result->timeline, {kTolerance, {}});
  return report;
}

std::vector<HoldersSpan> spans(std::initializer_list<std::pair<const char*, Duration>> list) {
  std::vector<HoldersSpan> result;
  Duration at{0};
  for (const auto& [director, length] : list) {
    HoldersSpan span{{}, at, at + length};
    if (*director != '\0') span.directors.emplace_back(director);
    at += length;
    result.push_back(span);
  }
  return result;
}

// ------------------------------------------------------------------ events

const KeyEvent& event_of(const std::vector<KeyEvent>& events, const std::string& node, const std::string& text) {
  static const KeyEvent none;
  const auto found = std::find_if(events.begin(), events.end(), [&](const KeyEvent& event) {
    return event.node == node && event.text == text;
  });
  return found == events.end() ? none : *found;
}

TEST(Alignment, PutsTheSameEventOfTwoWorldsInOneRow) {
  const Story a = drift(23 * kSecond);
  const Story b = drift(23 * kSecond + kTolerance);
  const std::vector<KeyEvent> events = aligned({&a.timeline(), &b.timeline()}, kTolerance);
  EXPECT_THAT(event_of(events, "lvs2", "VI_1 MASTER").at, ElementsAre(23 * kSecond, 23 * kSecond + kTolerance));
  EXPECT_EQ(first_difference(events, kTolerance), nullptr);
}

TEST(Alignment, WhatIsFurtherApartThanTheToleranceIsTheFirstDifference) {
  const Story a = drift(23 * kSecond);
  const Story b = drift(23 * kSecond + kTolerance + kNs);
  const std::vector<KeyEvent> events = aligned({&a.timeline(), &b.timeline()}, kTolerance);
  const KeyEvent* difference = first_difference(events, kTolerance);
  ASSERT_NE(difference, nullptr);
  EXPECT_EQ(difference->node, "lvs2");
  EXPECT_EQ(difference->spread(), kTolerance + kNs);
}

TEST(Alignment, AnEventOfOneWorldHasNoTimeInTheOther) {
  const Story a = drift(23 * kSecond);
  Story b = drift(23 * kSecond);
  b.at(30 * kSecond).becomes("lvs2", State::fault);
  const std::vector<KeyEvent> events = aligned({&a.timeline(), &b.timeline()}, kTolerance);
  EXPECT_THAT(event_of(events, "lvs2", "VI_1 FAULT").at, ElementsAre(std::nullopt, 30 * kSecond));
  EXPECT_TRUE(first_difference(events, kTolerance)->missing_somewhere());
}

TEST(Alignment, AnExtraFlapDoesNotShiftWhatFollows) {
  Story flap;
  flap.at(Duration{0}).step();
  flap.at(2 * kSecond).takes("lvs1");
  flap.at(10 * kSecond).takes("lvs1");
  Story calm;
  calm.at(Duration{0}).step();
  calm.at(10 * kSecond + kMs).takes("lvs1");
  const std::vector<KeyEvent> events = aligned({&calm.timeline(), &flap.timeline()}, kTolerance);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_THAT(events[1].at, ElementsAre(std::nullopt, 2 * kSecond));
  EXPECT_THAT(events[2].at, ElementsAre(10 * kSecond + kMs, 10 * kSecond));
}

// ------------------------------------------------------------------ holders

TEST(Holders, AreReadOffTheKernels) {
  const std::vector<Holding> held = holdings(two_directors(), drift(23 * kSecond).timeline());
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(sequence_text(held[0].spans, kTolerance), "nobody, lvs1, nobody, lvs2");
  EXPECT_EQ(held[0].spans.back().to, 60 * kSecond);
}

TEST(Holders, AShortSpanMayBeMissing) {
  const auto calm = spans({{"", 4 * kSecond}, {"lvs1", 20 * kSecond}});
  const auto flap = [](Duration length) {
    return spans({{"", 4 * kSecond}, {"lvs2", length}, {"lvs1", 20 * kSecond}});
  };
  EXPECT_TRUE(same_sequence(calm, flap(kTolerance - kNs), kTolerance));
  EXPECT_FALSE(same_sequence(calm, flap(kTolerance), kTolerance));
  EXPECT_TRUE(same_sequence(flap(kTolerance), flap(kMs), kTolerance));
}

TEST(Holders, AShortInterruptionIsNoChange) {
  const auto whole = spans({{"lvs1", 20 * kSecond}});
  const auto broken = spans({{"lvs1", 5 * kSecond}, {"", kMs}, {"lvs1", 15 * kSecond}});
  EXPECT_TRUE(same_sequence(whole, broken, kTolerance));
}

TEST(Holders, TheOrderCounts) {
  const auto a = spans({{"lvs1", 5 * kSecond}, {"lvs2", 5 * kSecond}, {"lvs1", 5 * kSecond}});
  const auto b = spans({{"lvs1", 5 * kSecond}, {"lvs2", 10 * kSecond}});
  EXPECT_FALSE(same_sequence(a, b, kTolerance));
  EXPECT_FALSE(same_sequence(b, a, kTolerance));
}

// ------------------------------------------------------------------ agreement

TEST(Agreement, NeedsTheSameResultsAndTheSameHolders) {
  const ScenarioReport sim = report_of("sim", drift(23 * kSecond));
  EXPECT_TRUE(agreement(sim, report_of("netns", drift(23'500 * kMs)), kTolerance).agree());
  const Agreement late = agreement(sim, report_of("netns", drift(25 * kSecond)), kTolerance);
  ASSERT_EQ(late.disagreements.size(), 1U);
  EXPECT_EQ(late.disagreements[0].kind, Disagreement::Kind::judgement);
  EXPECT_EQ(late.compared, 1U);
  Story home = drift(23 * kSecond);
  home.at(40 * kSecond).drops("lvs2").takes("lvs1");
  const Agreement other = agreement(sim, report_of("netns", home), kTolerance);
  ASSERT_EQ(other.disagreements.size(), 1U);
  EXPECT_EQ(other.disagreements[0].kind, Disagreement::Kind::holders);
  EXPECT_EQ(other.disagreements[0].second, "nobody, lvs1, nobody, lvs2, lvs1");
}

TEST(Agreement, WhatOneWorldCannotSeeIsNotCompared) {
  const ScenarioReport sim = report_of("sim", drift(23 * kSecond));
  ScenarioReport blind = report_of("netns", drift(23 * kSecond));
  blind.result->verdict.judgements[0].not_judged = "it is dark";
  blind.result->verdict.judgements[0].held = false;
  const Agreement found = agreement(sim, blind, kTolerance);
  EXPECT_TRUE(found.agree());
  EXPECT_EQ(found.compared, 0U);
}

TEST(Agreement, AWorldThatDidNotRunDoesNotAgree) {
  const ScenarioReport sim = report_of("sim", drift(23 * kSecond));
  ScenarioReport broken = report_of("netns", Story{});
  broken.result->error = WorldError{{}, "no namespaces"};
  const Agreement found = agreement(sim, broken, kTolerance);
  ASSERT_EQ(found.disagreements.size(), 1U);
  EXPECT_EQ(found.disagreements[0].second, "no namespaces");
}

TEST(Comparison, ShowsTheWorldsSideBySide) {
  ScenarioReport sim = report_of("sim", drift(23 * kSecond));
  ScenarioReport real = report_of("netns", drift(25 * kSecond));
  sim.subject = real.subject = "keepalived";
  sim.started_like = "netns/keepalived";
  const std::string text = render_comparison({{&sim, &real}, kTolerance}, {});
  EXPECT_THAT(text, HasSubstr("sim/keepalived  netns/keepalived"));
  EXPECT_THAT(text, HasSubstr("sim/keepalived starts its daemons as late as netns/keepalived did"));
  EXPECT_THAT(text, HasSubstr("first difference: lvs2 VIP + 10.1.10.7 on eth0: at 23.000000s in sim/keepalived, "
                              "at 25.000000s in netns/keepalived (2s apart)"));
  EXPECT_THAT(text, HasSubstr("DIFFER"));
  EXPECT_THAT(text, HasSubstr("10.1.10.7 was held by"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(Comparison, TellsOfTheSameDaemonsInTwoWorldsAndOfTwoDaemonsInOne) {
  std::vector<ScenarioReport> reports;
  for (const char* world : {"sim", "netns"}) {
    for (const char* subject : {"keepalived", "vipdriftd"}) {
      reports.push_back(report_of(world, drift(23 * kSecond)));
      reports.back().subject = subject;
    }
  }
  const std::string text = render_agreement({{&reports[0], &reports[1], &reports[2], &reports[3]}, kTolerance}, {});
  EXPECT_THAT(text, HasSubstr("sim/keepalived and sim/vipdriftd"));
  EXPECT_THAT(text, HasSubstr("sim/keepalived and netns/keepalived"));
  EXPECT_THAT(text, HasSubstr("sim/vipdriftd and netns/vipdriftd"));
  EXPECT_THAT(text, HasSubstr("netns/keepalived and netns/vipdriftd"));
  EXPECT_THAT(text, Not(HasSubstr("sim/keepalived and netns/vipdriftd")));
}

TEST(Comparison, IsADocumentForMachines) {
  const ScenarioReport sim = report_of("sim", drift(23 * kSecond));
  const ScenarioReport real = report_of("netns", drift(25 * kSecond));
  const auto document = nlohmann::json::parse(comparisons_json({{{&sim, &real}, kTolerance}}));
  const auto& comparison = document.at("comparisons").at(0);
  EXPECT_EQ(comparison.at("agree"), false);
  EXPECT_EQ(comparison.at("pairs").at(0).at("disagreements").at(0).at("kind"), "judgement");
  EXPECT_THAT(comparison.at("pairs").at(0).at("events").at("apart_ns").get<std::vector<std::int64_t>>(),
              testing::Contains((2 * kSecond).count()));
  EXPECT_EQ(comparison.at("pairs").at(0).at("events").at("in_one_only"), 0);
  EXPECT_EQ(comparison.at("worlds").at(1).at("judgements").at(0).at("held"), false);
  EXPECT_EQ(comparison.at("worlds").at(0).at("holders").at("10.1.10.7"), "nobody, lvs1, nobody, lvs2");
  const auto& events = comparison.at("events");
  EXPECT_EQ(events.at("rows").at(events.at("first_difference").get<std::size_t>()).at("node"), "lvs2");
}

}  // namespace
}  // namespace vipdrift::scenarios
