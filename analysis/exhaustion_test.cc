#include "analysis/exhaustion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analysis/analysis_test_support.h"
#include "analysis/failures.h"

namespace vipdrift::analysis {
namespace {

using testing::cluster_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::instance;
using ::testing::IsSupersetOf;
using testing::message_of;
using ::testing::Not;
using testing::rules_of;
using testing::script;

Exhaustion exhaust_texts(const std::vector<std::string>& texts, ExhaustionOptions options = {}) {
  options.keep_rows = true;
  return exhaust(cluster_of(texts), options);
}

std::string tracked(int priority, int weight) {
  return instance({.priority = priority, .more = "track_script {\n chk\n}", .before = script("chk", weight)});
}

const ExhaustionRow& row(const Exhaustion& found, const std::string& failures) {
  for (const ExhaustionRow& one : found.rows) {
    if (one.failures == failures) return one;
  }
  ADD_FAILURE() << "no row '" << failures << "'";
  return found.rows.front();
}

TEST(Exhaustion, EveryCombinationHasARow) {
  const Exhaustion found = exhaust_texts({tracked(100, -5), tracked(98, -5)});
  // Each director is down, or its interface and its script are well or not.
  EXPECT_EQ(found.possible, 25U);
  EXPECT_EQ(found.visited, 25U);
  EXPECT_EQ(found.rows.size(), 25U);
  EXPECT_THAT(found.virtual_routers, ElementsAre("VI_1 (10.0.0.7)"));
  EXPECT_THAT(row(found, "nothing").holders, ElementsAre("a"));
  EXPECT_THAT(row(found, "a is down").holders, ElementsAre("b"));
  EXPECT_THAT(row(found, "a: chk").holders, ElementsAre("b"));
  EXPECT_THAT(row(found, "a: chk; b: chk").holders, ElementsAre("a"));
  EXPECT_THAT(row(found, "a is down; b is down").holders, ElementsAre("nobody"));
  EXPECT_THAT(row(found, "a: interface eth0").holders, ElementsAre("b"));
}

TEST(Exhaustion, AWeightThatIsLargeEnoughIsGood) {
  const std::vector<std::string> rules = rules_of(exhaust_texts({tracked(100, -5), tracked(98, -5)}).findings);
  EXPECT_THAT(rules, Not(Contains("failed-keeps-address")));
  EXPECT_THAT(rules, Not(Contains("nobody-holds")));
  EXPECT_THAT(rules, Not(Contains("several-hold")));
}

TEST(Exhaustion, AWeightThatIsTooSmallIsFoundWithItsNumber) {
  const Exhaustion found = exhaust_texts({tracked(110, -5), tracked(98, -5)});
  EXPECT_THAT(rules_of(found.findings), Contains("failed-keeps-address"));
  EXPECT_EQ(message_of(found.findings, RuleId::failed_keeps_address),
            "10.0.0.7 stays on a with priority 105 although b, where nothing has failed, has 98 (the weight is too "
            "small by 8) when chk fails on a (1 of 25 combinations)");
}

TEST(Exhaustion, NopreemptKeepsAnAddressToo) {
  const auto text = [](int priority) {
    return instance({.priority = priority,
                     .more = "state BACKUP\n nopreempt\n track_script {\n chk\n}",
                     .before = script("chk", -5)});
  };
  EXPECT_THAT(message_of(exhaust_texts({text(100), text(98)}).findings, RuleId::failed_keeps_address),
              HasSubstr("(nopreempt)"));
}

TEST(Exhaustion, TheGreatestFallIsPlayedInShort) {
  const auto text = [](int priority) {
    return instance({.priority = priority,
                     .more = "track_script {\n chk\n}",
                     .before = "vrrp_script chk {\n script /bin/true\n weight -5\n fall 2147483647\n}\n"});
  };
  EXPECT_THAT(row(exhaust_texts({text(100), text(98)}), "a: chk").holders, ElementsAre("b"));
}

TEST(Exhaustion, ASyncGroupKeepsAnAddressToo) {
  const auto text = [](int first, int second) {
    return script("chk", -5) + "vrrp_sync_group G {\n group {\n VI_1\n VI_2\n}\n" +
           " sync_group_tracking_weight\n track_script {\n chk\n}\n}\n" + instance({.priority = first}) +
           instance({.priority = second, .name = "VI_2", .vrid = 52, .address = "10.0.0.8"});
  };
  const std::string message =
      message_of(exhaust_texts({text(100, 200), text(98, 98)}).findings, RuleId::failed_keeps_address);
  EXPECT_THAT(message, HasSubstr("10.0.0.7 stays on a with priority 95 although b, where nothing has failed, has 98 "
                                 "(its sync group moves only as a whole) when"));
}

TEST(Exhaustion, WhatDependsOnTheBeginningIsTold) {
  const auto text = [](int priority) { return instance({.priority = priority, .more = "state BACKUP\n nopreempt"}); };
  const Exhaustion found = exhaust_texts({text(100), text(98)});
  EXPECT_THAT(row(found, "nothing").holders, ElementsAre("a or b"));
  EXPECT_THAT(row(found, "a is down").holders, ElementsAre("b"));
  EXPECT_THAT(message_of(found.findings, RuleId::depends_on_history),
              HasSubstr("is on the director that began first when all is well (1 of 9 combinations)"));
}

TEST(Exhaustion, AHolderWhoseNameIsPartOfAnothersIsNamedToo) {
  const auto text = [](int priority) { return instance({.priority = priority, .more = "state BACKUP\n nopreempt"}); };
  std::vector<Director> directors = cluster_of({text(100), text(98)});
  directors[0].name = "lb10";
  directors[1].name = "lb1";
  ExhaustionOptions options;
  options.keep_rows = true;
  EXPECT_THAT(row(exhaust(directors, options), "nothing").holders, ElementsAre("lb10 or lb1"));
}

TEST(Exhaustion, ATrackedInterfaceIsCalledByItsName) {
  const auto text = [](int priority) {
    return instance({.priority = priority, .more = "track_interface {\n eth1 weight -5\n}"});
  };
  EXPECT_THAT(row(exhaust_texts({text(100), text(98)}), "a: interface eth1").holders, ElementsAre("b"));
}

TEST(Exhaustion, ATieIsFound) {
  EXPECT_THAT(message_of(exhaust_texts({tracked(100, -2), tracked(98, -2)}).findings, RuleId::tie),
              HasSubstr("a and b both have priority 98 for 10.0.0.7 when chk fails on a"));
}

TEST(Exhaustion, AScriptOfWeightZeroEverywhereLeavesNobody) {
  const Exhaustion found = exhaust_texts({tracked(100, 0), tracked(98, 0)});
  EXPECT_THAT(row(found, "a: chk; b: chk").holders, ElementsAre("nobody"));
  EXPECT_THAT(rules_of(found.findings), Contains("nobody-left"));
  EXPECT_THAT(rules_of(found.findings), Not(Contains("nobody-holds")));
}

TEST(Exhaustion, DirectorsThatDoNotHearEachOtherBothHold) {
  const Exhaustion found =
      exhaust_texts({instance({.priority = 100}), instance({.priority = 98, .more = "advert_int 2"})});
  EXPECT_THAT(row(found, "nothing").holders, ElementsAre("a and b"));
  EXPECT_THAT(rules_of(found.findings), Contains("several-hold"));
}

TEST(Exhaustion, TrackedProcessesRunWhenAllIsWell) {
  const auto text = [](int priority, const std::string& weight) {
    return "vrrp_track_process web {\n process nginx\n quorum 2\n weight " + weight + "\n}\n" +
           instance({.priority = priority, .more = "track_process {\n web\n}"});
  };
  EXPECT_THAT(rules_of(exhaust_texts({text(100, "0"), text(98, "0")}).findings), ElementsAre("nobody-left"));
  EXPECT_EQ(
      message_of(exhaust_texts({text(110, "20"), text(80, "20")}).findings, RuleId::failed_keeps_address),
      "10.0.0.7 stays on a with priority 110 although b, where nothing has failed, has 100 (the weight is too small "
      "by 11) when track_process web fails on a (1 of 25 combinations)");
}

TEST(Exhaustion, AClampThatHidesAFailureIsFound) {
  EXPECT_THAT(message_of(exhaust_texts({tracked(100, -150), tracked(98, -150)}).findings, RuleId::clamp_hides),
              HasSubstr("b would have priority -52 and has 1 for 10.0.0.7 when chk fails on b"));
}

TEST(Exhaustion, GroupsMoveTogether) {
  const auto text = [](int priority) {
    return "vrrp_sync_group G {\n group {\n VI_1\n VI_2\n}\n}\n" +
           instance({.priority = priority, .more = "track_script {\n chk\n}", .before = script("chk", 0)}) +
           instance({.priority = priority, .name = "VI_2", .vrid = 52, .address = "10.0.0.8"});
  };
  const Exhaustion found = exhaust_texts({text(100), text(98)});
  EXPECT_THAT(row(found, "a: chk").holders, ElementsAre("b", "b"));
  EXPECT_THAT(rules_of(found.findings), Not(Contains("failed-keeps-address")));
}

TEST(Exhaustion, UnicastDirectorsNeedNotWriteTheirOwnAddress) {
  const auto text = [](int priority, const std::string& peer) {
    return instance({.priority = priority, .more = "unicast_peer {\n " + peer + "\n}"});
  };
  EXPECT_THAT(row(exhaust_texts({text(100, "10.0.0.2"), text(98, "10.0.0.1")}), "nothing").holders, ElementsAre("a"));
}

TEST(Exhaustion, FailuresOfEqualEffectAreCounted) {
  std::string before, lines;
  for (int i = 0; i < 6; ++i) {
    before += script("chk" + std::to_string(i), -5);
    lines += "chk" + std::to_string(i) + "\n";
  }
  const auto text = [&](int priority) {
    return instance({.priority = priority, .more = "track_script {\n " + lines + "}", .before = before});
  };
  const Exhaustion found = exhaust_texts({text(100), text(98)});
  EXPECT_EQ(found.folded, 15U * 15U);  // down, or 7 counts with the interface up or down
  EXPECT_EQ(found.possible, 129U * 129U);
  EXPECT_EQ(found.visited, found.folded);
}

TEST(Exhaustion, StopsAtTheLimitAfterTheCombinationsWithFewestFailures) {
  ExhaustionOptions options;
  options.most_visits = 10;
  const Exhaustion found = exhaust_texts({tracked(100, -5), tracked(98, -5)}, options);
  EXPECT_EQ(found.visited, 10U);
  EXPECT_EQ(found.folded, 25U);
  EXPECT_EQ(found.rows.front().failures, "nothing");
}

TEST(DirectorStates, EachOnceFewestFailuresFirst) {
  const std::vector<FailureClass> classes{{{Failure{}, Failure{}}}, {{Failure{}}}};
  const std::vector<DirectorState> states = director_states(classes, 100);
  EXPECT_EQ(states.size(), 7U);
  EXPECT_EQ(states.size(), count_states(classes).folded);
  for (std::size_t i = 1; i < states.size(); ++i) EXPECT_LE(states[i - 1].failures, states[i].failures);
  EXPECT_EQ(director_states(classes, 4).size(), 4U) << "nothing, down, and each single failure";
}

}  // namespace
}  // namespace vipdrift::analysis
