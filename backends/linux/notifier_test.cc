#include "backends/linux/notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;

class NotifierTest : public testing::Test {
 protected:
  NotifierTest() : children_(context_, SIGCHLD) {
    std::string pattern = testing::TempDir() + "/vipdrift-notify-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    collect();
  }
  ~NotifierTest() override { std::filesystem::remove_all(folder_); }

  Notifier& make(NotifierOptions options) {
    options.log = [this](const std::string& line) { log_.push_back(line); };
    return notifier_.emplace(context_, runner_, identities_, options);
  }

  /// A script of the instance `name` that writes `word` when the file `gate` is there, at once when there is no gate.
  vrrp::NotifyScript script(const std::string& name, const std::string& word, const std::string& gate = "") const {
    vrrp::NotifyScript one;
    one.name = name;
    const std::string wait = gate.empty() ? "" : "until [ -e " + folder_ + "/" + gate + " ]; do sleep 0.01; done; ";
    one.command.edit().argv = {"/bin/sh", "-c", wait + "echo " + word + " >> " + folder_ + "/told"};
    return one;
  }

  void open(const std::string& gate) const { std::ofstream(folder_ + "/" + gate) << "open\n"; }

  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    std::ifstream in(folder_ + "/told");
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  void run_until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < end) context_.run_one_for(100ms);
    ASSERT_TRUE(condition());
  }

  void collect() {
    children_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      runner_.collect([](ScriptId, int, bool) {});
      collect();
    });
  }

  boost::asio::io_context context_;
  boost::asio::signal_set children_;
  ScriptRunner runner_;
  Identities identities_;
  std::optional<Notifier> notifier_;
  std::vector<std::string> log_;
  std::string folder_;
};

TEST_F(NotifierTest, InOrderTheLastStateWins) {
  Notifier& notifier = make({});
  notifier.submit(script("V", "master", "gate"));
  notifier.submit(script("V", "backup"));
  notifier.submit(script("W", "other"));
  run_until([this] { return told().size() == 1; });
  EXPECT_THAT(told(), testing::ElementsAre("other")) << "another instance does not wait";
  open("gate");
  run_until([this] { return told().size() == 3; });
  EXPECT_THAT(told(), testing::ElementsAre("other", "master", "backup"));
}

TEST_F(NotifierTest, AsKeepalivedDoesTheLaterMayEndFirst) {
  Notifier& notifier = make({.in_order = false, .log = {}});
  notifier.submit(script("V", "master", "gate"));
  notifier.submit(script("V", "backup"));
  run_until([this] { return told().size() == 1; });
  open("gate");
  run_until([this] { return told().size() == 2; });
  EXPECT_THAT(told(), testing::ElementsAre("backup", "master"));
}

TEST_F(NotifierTest, AScriptThatHangsIsNotWaitedForForever) {
  Notifier& notifier = make({.patience = 50ms, .log = {}});
  notifier.submit(script("V", "hung", "gate"));
  notifier.submit(script("V", "backup"));
  run_until([this] { return told().size() == 1; });
  EXPECT_THAT(told(), testing::ElementsAre("backup"));
  EXPECT_THAT(log_, testing::ElementsAre("a notify script of V has not ended; the next one starts beside it"));
  open("gate");
  run_until([this] { return told().size() == 2; });
}

TEST_F(NotifierTest, AFailedStartDoesNotHoldTheNextUp) {
  Notifier& notifier = make({});
  vrrp::NotifyScript missing = script("V", "");
  missing.command.edit().argv = {"/nonexistent/script"};
  notifier.submit(missing);
  notifier.submit(script("V", "backup"));
  run_until([this] { return told().size() == 1; });
  EXPECT_THAT(log_, testing::ElementsAre(testing::HasSubstr("/nonexistent/script: No such file")));
}

TEST_F(NotifierTest, AnUnknownUserRunsNothing) {
  Notifier& notifier = make({});
  vrrp::NotifyScript one = script("V", "never");
  one.command.edit().user = "no-such-user";
  notifier.submit(one);
  EXPECT_EQ(log_.size(), 1U);
}

TEST_F(NotifierTest, FinishWaitsForTheEnd) {
  Notifier& notifier = make({});
  notifier.submit(script("V", "stop", "gate"));
  bool done = false;
  notifier.finish(20s, [&done] { done = true; });
  EXPECT_FALSE(done);
  open("gate");
  run_until([&done] { return done; });
  EXPECT_THAT(told(), testing::ElementsAre("stop"));
}

TEST_F(NotifierTest, FinishStartsWhatWaitsWhenItsTimeIsOver) {
  Notifier& notifier = make({});
  notifier.submit(script("V", "hung", "gate"));
  notifier.submit(script("V", "stop"));
  bool done = false;
  notifier.finish(50ms, [&done] { done = true; });
  run_until([&] { return done && told().size() == 1; });
  EXPECT_THAT(told(), testing::ElementsAre("stop"));
  open("gate");
  run_until([this] { return told().size() == 2; });
}

}  // namespace
}  // namespace vipdrift::linux_backend
