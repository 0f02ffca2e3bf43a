// The rules of one checker, most of them as measured with keepalived 2.2.7.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/check/engine_driver.h"

namespace vipdrift::check {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EngineDriver;
using Lines = std::vector<std::string>;

const std::string kServer = "[10.1.10.11]:tcp:80";
const ProbeResult kGood{.outcome = Outcome::answered, .code = 200};
const ProbeResult kUnavailable{.outcome = Outcome::answered, .code = 503};

std::string with_checker(const std::string& checker, const std::string& server = "") {
  return "virtual_server 10.1.10.7 80 {\ndelay_loop 2\nlb_algo rr\nlb_kind DR\nprotocol TCP\n" + server +
         "real_server 10.1.10.11 80 {\n" + checker + "}\nreal_server 10.1.10.12 80 {\n}\n}\n";
}

std::string web(const std::string& words = "", const std::string& urls = "url {\npath /\n}\n") {
  return with_checker("HTTP_GET {\n" + urls + "retry 2\ndelay_before_retry 1\nwarmup 0\n" + words + "}\n");
}

const std::string kTwoUrls = "url {\npath /x\n}\nurl {\npath /y\n}\n";

/// When the first server left or entered the pool, in milliseconds after `from`.
std::int64_t time_until(EngineDriver& driver, bool in_pool) {
  const TimePoint from = driver.now;
  for (int i = 0; i < 100'000; ++i) {
    if (driver.engine.services()[0].servers()[0].alive == in_pool) break;
    driver.run_until(driver.engine.next_deadline());
  }
  return (driver.now - from) / milliseconds{1};
}

TEST(Checker, FailsAfterItsRetriesDelayBeforeRetryApart) {
  EngineDriver driver{web()};
  driver.run_for(seconds{1});
  driver.answers[kServer] = kUnavailable;
  EXPECT_EQ(time_until(driver, false), 2'000 + 2 * 1'000);
  driver.answers[kServer] = kGood;
  EXPECT_EQ(time_until(driver, true), 2'000);
}

TEST(Checker, OneGoodAnswerForgetsTheFailures) {
  EngineDriver driver{web()};
  driver.run_for(seconds{1});
  driver.answers[kServer] = kUnavailable;
  driver.run_for(seconds{3});
  driver.answers[kServer] = kGood;
  driver.run_for(seconds{1});
  driver.answers[kServer] = kUnavailable;
  EXPECT_EQ(time_until(driver, false), 2'000 + 2 * 1'000);
}

TEST(RepeatsFirstUrl, SetTheFirstUrlIsAskedTwiceAfterAFailure) {
  EngineDriver driver{web("", kTwoUrls), vrrp::keepalived_profile()};
  driver.run_for(seconds{3});
  driver.answers[kServer] = kUnavailable;
  time_until(driver, false);
  driver.take_log();
  driver.answers[kServer] = kGood;
  EXPECT_EQ(time_until(driver, true), 3 * 2'000);
  EXPECT_EQ(driver.take_log(), (Lines{"HTTP status code success to [10.1.10.11]:tcp:80 url(/x)",
                                      "HTTP status code success to [10.1.10.11]:tcp:80 url(/x)",
                                      "HTTP status code success to [10.1.10.11]:tcp:80 url(/y)",
                                      "Remote Web server [10.1.10.11]:tcp:80 succeed on service.",
                                      "Adding service [10.1.10.11]:tcp:80 to VS [10.1.10.7]:tcp:80"}));
}

TEST(RepeatsFirstUrl, UnsetEachUrlIsAskedOnce) {
  EngineDriver driver{web("", kTwoUrls)};
  driver.run_for(seconds{3});
  driver.answers[kServer] = kUnavailable;
  time_until(driver, false);
  driver.answers[kServer] = kGood;
  EXPECT_EQ(time_until(driver, true), 2 * 2'000);
}

TEST(Checker, FastRecoveryAsksAllUrlsAtOnce) {
  EngineDriver driver{web("fast_recovery\n", kTwoUrls)};
  driver.answers[kServer] = kUnavailable;
  driver.run_for(seconds{1});
  driver.answers[kServer] = kGood;
  EXPECT_EQ(time_until(driver, true), 2'000);
  EXPECT_EQ(driver.probes[kServer], 3);
}

TEST(Checker, OneBadUrlOfTwoIsEnough) {
  EngineDriver driver{web("", kTwoUrls)};
  driver.run_for(seconds{1});
  driver.now += seconds{2};
  for (int i = 0; i < 3; ++i) {
    driver.step(DeadlineReached{});
    ASSERT_EQ(driver.asked.size(), 1U);
    EXPECT_EQ(driver.asked.begin()->second.url, 1U);
    driver.asked.clear();
    driver.step(ProbeFinished{CheckerId{0}, 1, kUnavailable});
    driver.now += seconds{1};
  }
  EXPECT_FALSE(driver.engine.services()[0].servers()[0].alive);
}

TEST(Checker, SaysWhyWhenAllFailuresAreLogged) {
  EngineDriver driver{web("log_all_failures\n")};
  driver.run_for(seconds{1});
  driver.take_log();
  driver.answers[kServer] = {.outcome = Outcome::unreachable, .detail = "no route to host"};
  driver.run_for(seconds{4});
  const std::string about = "HTTP_CHECK on service [10.1.10.11]:tcp:80";
  const std::string why = about + ": unreachable (no route to host).";
  EXPECT_EQ(driver.take_log(), (Lines{why, why, about + " failed after 2 retries.", why,
                                      "Removing service [10.1.10.11]:tcp:80 from VS [10.1.10.7]:tcp:80"}));
}

// ---------------------------------------------------------------- which answers are welcome

std::optional<std::string> complaint_about(const std::string& url, const ProbeResult& result) {
  const CheckPlan plan{testing::configuration_of(web("", "url {\npath /\n" + url + "}\n")), vrrp::vipdrift_profile()};
  return complaint(plan.checkers[0].questions[0], result, false);
}

TEST(Complaint, AStatusOutsideOf200To299) {
  for (const int code : {200, 204, 299}) {
    EXPECT_EQ(complaint_about("", {.outcome = Outcome::answered, .code = code}), std::nullopt) << code;
  }
  for (const int code : {199, 300, 503}) {
    EXPECT_EQ(complaint_about("", {.outcome = Outcome::answered, .code = code}),
              "status code " + std::to_string(code));
  }
}

TEST(Complaint, OtherStatusesWhenTheyAreWritten) {
  const std::string url = "status_code 200 301-303\n";
  for (const int code : {200, 301, 303}) {
    EXPECT_EQ(complaint_about(url, {.outcome = Outcome::answered, .code = code}), std::nullopt) << code;
  }
  for (const int code : {201, 300, 304}) {
    EXPECT_TRUE(complaint_about(url, {.outcome = Outcome::answered, .code = code})) << code;
  }
}

TEST(Complaint, AnyOfTheDigestsIsWelcome) {
  const std::string a(32, 'a');
  const std::string b(32, 'b');
  const std::string url = "digest " + a + "\ndigest " + b + "\n";
  EXPECT_EQ(complaint_about(url, {.outcome = Outcome::answered, .code = 200, .digest = b}), std::nullopt);
  EXPECT_EQ(complaint_about(url, {.outcome = Outcome::answered, .code = 200, .digest = "c"}), "digest c");
}

TEST(Complaint, APatternIsThereOrMustNotBe) {
  const ProbeResult found{.outcome = Outcome::answered, .code = 200, .pattern_found = true};
  const ProbeResult missing{.outcome = Outcome::answered, .code = 200};
  EXPECT_EQ(complaint_about("regex ok\n", found), std::nullopt);
  EXPECT_EQ(complaint_about("regex ok\n", missing), "the pattern was not found");
  EXPECT_EQ(complaint_about("regex bad\nregex_no_match\n", found), "the pattern was found");
  EXPECT_EQ(complaint_about("regex bad\nregex_no_match\n", missing), std::nullopt);
}

TEST(Complaint, EveryOutcomeButAnAnswer) {
  for (const Outcome outcome :
       {Outcome::refused, Outcome::unreachable, Outcome::timed_out, Outcome::broken, Outcome::failed}) {
    EXPECT_TRUE(complaint_about("", {.outcome = outcome, .code = 200}).has_value());
  }
}

TEST(Complaint, AnErrorOfANameServer) {
  const Question question{.probe = DnsProbe{}};
  EXPECT_EQ(complaint(question, {.outcome = Outcome::answered, .code = 0}, false), std::nullopt);
  EXPECT_EQ(complaint(question, {.outcome = Outcome::answered, .code = 2}, false), "read error occurred. (rcode = 2)");
}

TEST(Complaint, AProgramThatASignalEnded) {
  const Question question{.probe = MiscProbe{}};
  EXPECT_EQ(complaint(question, {.outcome = Outcome::answered, .code = 0}, false), std::nullopt);
  EXPECT_EQ(complaint(question, {.outcome = Outcome::answered, .code = 9, .signalled = true}, true),
            "ended by signal 9");
  EXPECT_EQ(complaint(question, {.outcome = Outcome::answered, .code = 2}, false), "exited with status 2");
  EXPECT_EQ(complaint(question, {.outcome = Outcome::answered, .code = 2}, true), std::nullopt);
  EXPECT_EQ(complaint(question, {.outcome = Outcome::answered, .code = 1}, true), "exited with status 1");
}

}  // namespace
}  // namespace vipdrift::check
