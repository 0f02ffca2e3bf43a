#include "scenarios/request_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/judge_test_support.h"

namespace vipdrift::scenarios {
namespace {

using testing::HasSubstr;

Url page() { return {ServiceProtocol::http, kVip, 80, "/"}; }

RequestDone answered(const std::string& node, int status = 200) {
  return {page(), node, status, RequestFailure::none, kMs};
}
RequestDone failed(RequestFailure how) { return {page(), {}, 0, how, kSecond}; }

/// From `at` on, one after the other every 100 ms.
Story& ask(Story& story, Duration at, const std::vector<RequestDone>& requests) {
  for (const RequestDone& request : requests) {
    story.at(at).note("client", request);
    at += 100 * kMs;
  }
  return story;
}

Expectation window(Condition condition, Duration length) {
  Expectation expectation;
  expectation.condition = std::move(condition);
  expectation.since = 10 * kSecond;
  expectation.holds_until = 10 * kSecond + length;
  return expectation;
}

Expectation window_by(Condition condition, Duration deadline, Duration length) {
  Expectation expectation = window(std::move(condition), length);
  expectation.holds_until.reset();
  expectation.deadline = deadline;
  expectation.holds_for = length;
  return expectation;
}

Judgement judge(const Expectation& expectation, const Story& story) {
  return judge_window(two_directors(), story.timeline(), expectation);
}

AnswersFrom from(std::vector<std::string> nodes) { return {"client", page(), std::move(nodes), false, {}}; }
AnswersFrom in_turn(std::vector<std::string> nodes) { return {"client", page(), std::move(nodes), true, {}}; }

// ------------------------------------------------------------------ answers

TEST(AnswersJudge, BothEndsOfTheWindowCount) {
  Story story;
  ask(story, 10 * kSecond, {answered("rs1"), answered("rs2"), answered("lvs1")});
  EXPECT_TRUE(judge(window(from({"rs1", "rs2"}), 200 * kMs - kNs), story).held);
  const Judgement outside = judge(window(from({"rs1", "rs2"}), 200 * kMs), story);
  EXPECT_FALSE(outside.held);
  EXPECT_EQ(outside.at, 10'200 * kMs);
  EXPECT_EQ(outside.seen, "lvs1 answered with 200 at 10.2s");
}

TEST(AnswersJudge, WhatBeganBeforeTheStepDoesNotCount) {
  Story story;
  ask(story, 10 * kSecond - kNs, {answered("lvs1"), answered("rs1")});
  EXPECT_TRUE(judge(window(from({"rs1"}), kSecond), story).held);
}

TEST(AnswersJudge, EachOfThemMustAnswer) {
  Story story;
  ask(story, 10 * kSecond, {answered("rs1"), answered("rs1")});
  const Judgement judgement = judge(window(from({"rs1", "rs2"}), kSecond), story);
  EXPECT_FALSE(judgement.held);
  EXPECT_THAT(judgement.seen, HasSubstr("rs2 never answered: 2 requests: rs1 2"));
}

TEST(AnswersJudge, AFailureIsNoAnswer) {
  Story story;
  ask(story, 10 * kSecond, {answered("rs1"), failed(RequestFailure::timed_out)});
  const Judgement judgement = judge(window(from({"rs1"}), kSecond), story);
  EXPECT_FALSE(judgement.held);
  EXPECT_THAT(judgement.seen, HasSubstr("a request was timed out"));
}

TEST(AnswersJudge, AStatusFrom400OnIsNoAnswerUnlessItIsAskedFor) {
  Story story;
  ask(story, 10 * kSecond, {answered("rs1", 399)});
  EXPECT_TRUE(judge(window(from({"rs1"}), kSecond), story).held);
  Story bad;
  ask(bad, 10 * kSecond, {answered("rs1", 400)});
  EXPECT_FALSE(judge(window(from({"rs1"}), kSecond), bad).held);
  AnswersFrom wanted = from({"rs1"});
  wanted.status = 400;
  EXPECT_TRUE(judge(window(wanted, kSecond), bad).held);
  EXPECT_FALSE(judge(window(wanted, kSecond), story).held);
}

TEST(AnswersJudge, InTurnIsStrict) {
  Story good;
  ask(good, 10 * kSecond, {answered("rs2"), answered("rs1"), answered("rs2"), answered("rs1")});
  EXPECT_TRUE(judge(window(in_turn({"rs1", "rs2"}), kSecond), good).held);
  Story twice;
  ask(twice, 10 * kSecond, {answered("rs1"), answered("rs1"), answered("rs2")});
  EXPECT_TRUE(judge(window(from({"rs1", "rs2"}), kSecond), twice).held);
  EXPECT_FALSE(judge(window(in_turn({"rs1", "rs2"}), kSecond), twice).held);
  Story skips;
  ask(skips, 10 * kSecond, {answered("rs1"), answered("rs2"), answered("rs3"), answered("rs2"), answered("rs1")});
  const Judgement judgement = judge(window(in_turn({"rs1", "rs2", "rs3"}), kSecond), skips);
  EXPECT_FALSE(judgement.held);
  EXPECT_EQ(judgement.seen, "rs2 answered with 200 out of turn at 10.3s");
}

TEST(AnswersJudge, AWindowWithoutARequestSatisfiesNothing) {
  Story story;
  ask(story, 9 * kSecond, {answered("rs1")});
  EXPECT_FALSE(judge(window(from({"rs1"}), kSecond), story).held);
}

TEST(AnswersJudge, OtherClientsAndOtherPagesDoNotCount) {
  Story story;
  ask(story, 10 * kSecond, {answered("rs1")});
  RequestDone elsewhere = answered("lvs1");
  elsewhere.url.port = 8080;
  story.note("client", elsewhere).note("other", answered("lvs1"));
  EXPECT_TRUE(judge(window(from({"rs1"}), kSecond), story).held);
}

TEST(AnswersJudge, WithADeadlineTheWindowMayBeginLater) {
  Story story;
  ask(story, 10 * kSecond, {answered("rs1"), answered("rs1"), answered("rs2"), answered("rs2"), answered("rs2")});
  const Judgement inside = judge(window_by(from({"rs2"}), 10'100 * kMs + kNs, 300 * kMs), story);
  EXPECT_TRUE(inside.held) << inside.seen;
  EXPECT_EQ(inside.margin, Duration{0});
  const Judgement outside = judge(window_by(from({"rs2"}), 10'100 * kMs, 300 * kMs), story);
  EXPECT_FALSE(outside.held);
  EXPECT_EQ(outside.margin, -kNs);
}

TEST(AnswersJudge, AWindowMustEndBeforeTheRunDoes) {
  Story story;
  ask(story, 10 * kSecond, {answered("rs1")});
  EXPECT_TRUE(judge(window(from({"rs1"}), 50 * kSecond), story).held);
  EXPECT_FALSE(judge(window(from({"rs1"}), 50 * kSecond + kNs), story).held);
}

// ------------------------------------------------------------------ shares

TEST(SharesJudge, BothEndsOfARangeCount) {
  Story story;
  ask(story, 10 * kSecond, {answered("rs1"), answered("rs1"), answered("rs1"), answered("rs2")});
  const auto shares = [](std::uint32_t least, std::uint32_t most) {
    return SharesAre{"client", page(), {{"rs1", least, most}}};
  };
  EXPECT_TRUE(judge(window(shares(750'000, 750'000), kSecond), story).held);
  const Judgement few = judge(window(shares(750'001, 1'000'000), kSecond), story);
  EXPECT_FALSE(few.held);
  EXPECT_THAT(few.seen, HasSubstr("too few from rs1, 4 requests: rs1 3, rs2 1"));
  EXPECT_FALSE(judge(window(shares(0, 749'999), kSecond), story).held);
}

// ------------------------------------------------------------------ nobody

TEST(NotServedJudge, RefusedIsMoreThanUnanswered) {
  Story story;
  ask(story, 10 * kSecond, {failed(RequestFailure::refused), failed(RequestFailure::timed_out)});
  EXPECT_TRUE(judge(window(NotServed{"client", page(), {}}, kSecond), story).held);
  const NotServed refused{"client", page(), RequestFailure::refused};
  EXPECT_FALSE(judge(window(refused, kSecond), story).held);
  EXPECT_TRUE(judge(window(refused, 100 * kMs - kNs), story).held);
}

TEST(NotServedJudge, OneAnswerIsTooMany) {
  Story story;
  ask(story, 10 * kSecond, {failed(RequestFailure::refused), answered("rs1", 503)});
  EXPECT_FALSE(judge(window(NotServed{"client", page(), {}}, kSecond), story).held);
}

// ------------------------------------------------------------------ always

Judgement judge_all(const RequestsServed& invariant, const Story& story) {
  return judge_requests(two_directors(), story.timeline(), invariant);
}

RequestsServed failures_at_most(int count) { return {"client", page(), count, {}, {}}; }

TEST(RequestsJudge, CountsFailuresFromTheFirstSuccessOn) {
  Story story;
  ask(story, 10 * kSecond,
      {failed(RequestFailure::refused), answered("rs1"), failed(RequestFailure::reset), answered("rs1", 500),
       answered("rs2")});
  EXPECT_TRUE(judge_all(failures_at_most(2), story).held);
  const Judgement judgement = judge_all(failures_at_most(1), story);
  EXPECT_FALSE(judgement.held);
  EXPECT_EQ(judgement.seen, "2 requests failed, the longest outage was 300ms from 10.1s");
}

TEST(RequestsJudge, AnOutageLastsFromSuccessToSuccess) {
  Story story;
  ask(story, 10 * kSecond, {answered("rs1"), failed(RequestFailure::timed_out), answered("rs1")});
  RequestsServed invariant{"client", page(), {}, 200 * kMs, {}};
  EXPECT_TRUE(judge_all(invariant, story).held);
  invariant.outage_at_most = 200 * kMs - kNs;
  EXPECT_FALSE(judge_all(invariant, story).held);
  invariant.outage_at_most.reset();
  invariant.outage_at_least = 200 * kMs;
  EXPECT_TRUE(judge_all(invariant, story).held);
  invariant.outage_at_least = 200 * kMs + kNs;
  EXPECT_FALSE(judge_all(invariant, story).held);
}

TEST(RequestsJudge, APauseWithoutAFailureIsNoOutage) {
  Story story;
  ask(story, 10 * kSecond, {answered("rs1")});
  ask(story, 20 * kSecond, {answered("rs1")});
  EXPECT_TRUE(judge_all({"client", page(), 0, Duration{0}, {}}, story).held);
}

TEST(RequestsJudge, WhoNeverSucceedsFails) {
  Story story;
  ask(story, 10 * kSecond, {failed(RequestFailure::refused)});
  EXPECT_FALSE(judge_all(failures_at_most(100), story).held);
}

}  // namespace
}  // namespace vipdrift::scenarios
