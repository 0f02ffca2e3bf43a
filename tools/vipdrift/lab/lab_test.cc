// What a laboratory answers, with a world that does what the test says.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "scenarios/judge_test_support.h"
#include "tools/vipdrift/lab/lab_channel.h"
#include "tools/vipdrift/lab/lab_place.h"
#include "tools/vipdrift/lab/lab_request.h"
#include "tools/vipdrift/lab/lab_server.h"
#include "tools/vipdrift/lab/lab_status.h"
#include "tools/vipdrift/lab/node_processes.h"

namespace vipdrift::tools {
namespace {

using scenarios::DaemonEvent;
using testing::HasSubstr;

/// A directory for labs that goes with the test.
class LabTest : public testing::Test {
 protected:
  LabTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lab_test.XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    setenv("XDG_RUNTIME_DIR", directory_.c_str(), 1);
  }
  ~LabTest() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
};

/// lvs1 becomes master as soon as its daemon is started.
class OneMasterWorld final : public scenarios::Testbed {
 public:
  std::optional<std::string> cannot(const scenarios::StepAction&) const override { return std::nullopt; }
  std::optional<scenarios::WorldError> build(const scenarios::Scenario&, const scenarios::RecordingOptions&,
                                             scenarios::Timeline& timeline) override {
    timeline_ = &timeline;
    return std::nullopt;
  }
  std::optional<scenarios::WorldError> run_until(Duration) override { return std::nullopt; }
  std::optional<scenarios::WorldError> apply(const scenarios::Step& step) override {
    for (const std::string& name : std::get<scenarios::StartDaemon>(step.action).directors) {
      timeline_->add({Duration{0}, name, scenarios::DaemonChanged{DaemonEvent::started, ""}});
    }
    timeline_->add({Duration{0}, "lvs1",
                    scenarios::InstanceChanged{"VI_1", 151, vrrp::State::backup, vrrp::State::master}});
    timeline_->add({Duration{0}, "lvs1", scenarios::AddressAdded{"eth0", scenarios::kVip}});
    return std::nullopt;
  }
  scenarios::WorldStatistics statistics() const override { return {}; }

 private:
  scenarios::Timeline* timeline_ = nullptr;
};

// ------------------------------------------------------------------ messages

TEST_F(LabTest, AMessageCarriesTextAndOpenFiles) {
  std::string error;
  const OpenFile listener = listen_at(directory_ + "/socket", error);
  ASSERT_TRUE(listener) << error;
  const OpenFile asking = connect_to(directory_ + "/socket");
  const OpenFile answering = accept_within(listener, 1000);
  ASSERT_TRUE(answering);
  std::vector<OpenFile> files;
  files.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(send_message(answering, "ok\nhello", files));
  const std::optional<Message> got = receive_message(asking);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->text, "ok\nhello");
  ASSERT_EQ(got->files.size(), 1U);
  EXPECT_NE(got->files[0].number(), files[0].number());
  EXPECT_NE(fcntl(got->files[0].number(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(LabTest, NobodyListensBeforeAndAfter) {
  EXPECT_FALSE(connect_to(directory_ + "/socket"));
  std::string error;
  EXPECT_FALSE(listen_at(directory_ + "/" + std::string(200, 'x'), error));
  EXPECT_THAT(error, HasSubstr("too long"));
}

// ------------------------------------------------------------------ places

TEST_F(LabTest, APlaceIsItsOwnersAlone) {
  const LabPlace place("mine");
  EXPECT_EQ(place.make(), std::nullopt);
  EXPECT_EQ(std::filesystem::status(place.directory()).permissions(), std::filesystem::perms::owner_all);
  EXPECT_THAT(lab_names(), testing::ElementsAre("mine"));
  place.remove();
  EXPECT_THAT(lab_names(), testing::IsEmpty());
}

TEST(LabNames, AreFileNames) {
  EXPECT_TRUE(is_lab_name("lab-2_x.y"));
  EXPECT_FALSE(is_lab_name(""));
  EXPECT_FALSE(is_lab_name(".."));
  EXPECT_FALSE(is_lab_name("a/b"));
}

TEST_F(LabTest, AskingALabThatWasKilledClearsItsPlace) {
  const LabPlace dead("dead");
  ASSERT_EQ(dead.make(), std::nullopt);
  std::string error;
  { const OpenFile listener = listen_at(dead.socket(), error); }
  EXPECT_THAT(ask_lab(dead, "status").error, HasSubstr("lab dead is not up"));
  EXPECT_FALSE(std::filesystem::exists(dead.directory()));
}

// ------------------------------------------------------------------ the laboratory

class ServedLab : public LabTest {
 protected:
  ServedLab() {
    EXPECT_EQ(place_.make(), std::nullopt);
    std::string error;
    listener_ = listen_at(place_.socket(), error);
    LabView view;
    view.name = "lab";
    view.cluster = "cluster.yaml";
    view.process = 77;
    view.subjects = {"keepalived", "vipdriftd"};
    server_.emplace(scenario_, world_,
                    [](const std::string& node) -> std::optional<pid_t> {
                      return node == "lvs1" ? std::optional<pid_t>(getpid()) : std::nullopt;
                    },
                    std::move(view));
    EXPECT_EQ(server_->start(), std::nullopt);
    thread_ = std::thread([this] { outcome_ = server_->serve(listener_); });
  }
  ~ServedLab() override {
    if (thread_.joinable()) {
      ask_lab(place_, "down");
      thread_.join();
    }
    place_.remove();
  }

  const LabPlace place_{"lab"};
  const scenarios::Scenario scenario_ = scenarios::two_directors();
  OneMasterWorld world_;
  OpenFile listener_;
  std::optional<LabServer> server_;
  std::optional<std::string> outcome_ = "still running";
  std::thread thread_;
};

TEST_F(ServedLab, SaysWhoHoldsWhat) {
  const LabAnswer answer = ask_lab(place_, "status");
  ASSERT_EQ(answer.error, "");
  const auto status = nlohmann::json::parse(answer.text);
  EXPECT_EQ(status.at("lab"), "lab");
  EXPECT_EQ(status.at("process"), 77);
  EXPECT_EQ(status.at("addresses").at(0).at("address"), "10.1.10.7");
  EXPECT_EQ(status.at("addresses").at(0).at("holders"), nlohmann::json({"lvs1"}));
  const auto& lvs1 = status.at("nodes").at(0);
  EXPECT_EQ(lvs1.at("subject"), "keepalived");
  EXPECT_EQ(lvs1.at("daemon"), "running");
  EXPECT_EQ(lvs1.at("instances").at(0).at("state"), "MASTER");
  EXPECT_EQ(status.at("nodes").at(1).at("subject"), "vipdriftd");
  EXPECT_TRUE(status.at("nodes").at(1).at("holds").empty());
}

TEST_F(ServedLab, SaysItToPeopleToo) {
  const std::string text = render_lab_status(ask_lab(place_, "status").text, {});
  EXPECT_THAT(text, HasSubstr("lab lab: cluster.yaml, up for 0 s, process 77"));
  EXPECT_THAT(text, HasSubstr("10.1.10.7  lvs1\n"));
  EXPECT_THAT(text, HasSubstr("lvs1  keepalived  running  VI_1 MASTER"));
}

TEST_F(ServedLab, HandsOutTheNamespacesOfANode) {
  const LabAnswer answer = ask_lab(place_, "namespaces lvs1");
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.files.size(), std::size(kNamespaceNames));
}

TEST_F(ServedLab, ToldANodeThatIsNotThereItNamesTheOthers) {
  EXPECT_EQ(ask_lab(place_, "namespaces lvs3").error, "there is no node 'lvs3' in lab lab; there are lvs1, lvs2");
}

TEST_F(ServedLab, EndsWhenItIsTakenDown) {
  EXPECT_EQ(ask_lab(place_, "down").error, "");
  thread_.join();
  EXPECT_EQ(outcome_, std::nullopt);
}

TEST(NodeProcesses, AreThoseOfTheSameNetwork) {
  const std::vector<NodeProcess> beside = processes_beside(getppid());
  const bool found = std::any_of(beside.begin(), beside.end(), [](const NodeProcess& it) {
    return it.command.find("vipdrift_tool_test") != std::string::npos;
  });
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace vipdrift::tools
