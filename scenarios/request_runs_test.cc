#include "scenarios/request_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace vipdrift::scenarios {
namespace {

using std::chrono::milliseconds;

Url page(std::string path) { return {.address = *IpAddress::parse("10.1.10.7"), .path = std::move(path)}; }

RequestDone answer(std::string node, int status = 200, Duration took = milliseconds{2}) {
  return {.url = page("/"), .node = std::move(node), .status = status, .took = took};
}
RequestDone failure(RequestFailure how) {
  return {.url = page("/"), .node = "", .failure = how, .took = milliseconds{1}};
}

/// One observation of the client each 100 ms.
Timeline timeline_of(const std::vector<What>& all, const std::string& client = "client") {
  Timeline timeline;
  Duration at{0};
  for (const What& what : all) {
    timeline.add({at, client, what});
    at += milliseconds{100};
  }
  return timeline;
}

std::vector<std::string> lines_of(const Timeline& timeline) {
  std::vector<std::string> lines;
  for (const RequestRun& run : request_runs(timeline, {0, timeline.size()})) lines.push_back(describe(run, timeline));
  return lines;
}

TEST(RequestRuns, WhatWentAlikeIsOneLine) {
  const Timeline timeline =
      timeline_of({answer("rs1"), answer("rs2", 200, milliseconds{7}), answer("rs1"), answer("rs2")});
  EXPECT_THAT(lines_of(timeline),
              testing::ElementsAre("http://10.1.10.7/ answered 4 times with 200 until 0.300000s: rs1 2, rs2 2, in turn "
                                   "(2ms to 7ms)"));
}

TEST(RequestRuns, OutOfTurnIsNotInTurn) {
  const Timeline timeline = timeline_of({answer("rs1"), answer("rs1"), answer("rs2")});
  EXPECT_THAT(lines_of(timeline),
              testing::ElementsAre("http://10.1.10.7/ answered 3 times with 200 until 0.200000s: rs1 2, rs2 1 (2ms)"));
}

TEST(RequestRuns, AnotherOutcomeBeginsAnotherLine) {
  const Timeline timeline =
      timeline_of({answer("rs1"), failure(RequestFailure::refused), failure(RequestFailure::refused),
                   answer("rs1", 503), answer("rs1")});
  EXPECT_THAT(lines_of(timeline), testing::ElementsAre("http://10.1.10.7/ answered by rs1 with 200 after 2ms",
                                                       "http://10.1.10.7/ refused 2 times until 0.200000s (1ms)",
                                                       "http://10.1.10.7/ answered by rs1 with 503 after 2ms",
                                                       "http://10.1.10.7/ answered by rs1 with 200 after 2ms"));
}

TEST(RequestRuns, AnEventBetweenBeginsAnotherLineAndABeliefDoesNot) {
  const Timeline timeline =
      timeline_of({answer("rs1"), NeighbourLearned{}, answer("rs1"), LinkState{.interface = "eth0"}, answer("rs1")});
  EXPECT_THAT(lines_of(timeline),
              testing::ElementsAre("http://10.1.10.7/ answered 2 times with 200 until 0.200000s: rs1 2 (2ms)",
                                   "http://10.1.10.7/ answered by rs1 with 200 after 2ms"));
}

TEST(RequestRuns, ClientsAndPagesHaveLinesOfTheirOwn) {
  Timeline timeline;
  RequestDone other = answer("rs2");
  other.url = page("/other");
  for (int i = 0; i < 3; ++i) {
    timeline.add({milliseconds{i}, "a", answer("rs1")});
    timeline.add({milliseconds{i}, "b", answer("rs1")});
    timeline.add({milliseconds{i}, "a", other});
  }
  const std::vector<RequestRun> runs = request_runs(timeline, {0, timeline.size()});
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_THAT(runs[0].members, testing::ElementsAre(0, 3, 6));
  EXPECT_THAT(runs[2].members, testing::ElementsAre(2, 5, 8));
}

TEST(RequestRuns, OnlyThePartAskedForCounts) {
  const Timeline timeline = timeline_of({answer("rs1"), answer("rs1"), answer("rs1"), answer("rs1")});
  const std::vector<RequestRun> runs = request_runs(timeline, {1, 3});
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_THAT(runs[0].members, testing::ElementsAre(1, 2));
}

}  // namespace
}  // namespace vipdrift::scenarios
