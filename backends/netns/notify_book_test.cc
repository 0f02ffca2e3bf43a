#include "backends/netns/notify_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/config/parser.h"

namespace vipdrift::netns {
namespace {

using ::testing::ElementsAre;
using vrrp::NotifyState;
using Argv = std::vector<std::string>;

constexpr const char* kTwoWithOneScript = R"(
vrrp_instance A {
  interface eth0
  virtual_router_id 1
  notify_master "/etc/keepalived/notify.sh master"
  notify "/usr/local/bin/tell-all"
}
vrrp_instance B {
  interface eth0
  virtual_router_id 2
  notify_master "/etc/keepalived/notify.sh master"
  notify_backup "/usr/bin/logger backup"
}
)";

config::Configuration read(const char* text) {
  return config::parse(text, {}).configuration.value_or(config::Configuration{});
}

const Argv kMaster{"/etc/keepalived/notify.sh", "master"};

TEST(NotifyBook, GivesARunToTheOldestChangeThatOwesIt) {
  const config::Configuration configuration = read(kTwoWithOneScript);
  ASSERT_EQ(configuration.instances.size(), 2U);
  NotifyBook book;
  book.entered(configuration, false, "B", NotifyState::master, 90);
  book.entered(configuration, false, "A", NotifyState::master, 100);
  const auto first = book.settle(kMaster);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->name, "B");
  EXPECT_EQ(first->priority, 90);
  EXPECT_EQ(first->state, NotifyState::master);
  EXPECT_EQ(first->argv, kMaster);
  const auto second = book.settle(kMaster);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->name, "A");
  EXPECT_FALSE(book.settle(kMaster));
}

TEST(NotifyBook, KnowsARunThatNobodyOwesByItsWords) {
  const config::Configuration configuration = read(kTwoWithOneScript);
  const auto generic = NotifyBook{}.settle({"/usr/local/bin/tell-all", "INSTANCE", "A", "FAULT", "7"});
  ASSERT_TRUE(generic);
  EXPECT_EQ(generic->name, "A");
  EXPECT_EQ(generic->state, NotifyState::fault);
  EXPECT_EQ(generic->priority, 7);
  EXPECT_EQ(NotifyBook::look_up(configuration, {"/usr/bin/logger", "backup"}).name, "B");
  EXPECT_EQ(NotifyBook::look_up(configuration, {"/somewhere/else"}).name, "");
}

TEST(NotifyBook, RecordsScriptsButNoProgramsOfTheSystem) {
  EXPECT_THAT(scripts_to_record(read(kTwoWithOneScript)),
              ElementsAre("/etc/keepalived/notify.sh", "/usr/local/bin/tell-all"));
}

TEST(NotifyBook, KnowsTheScriptsOfServers) {
  const config::Configuration configuration = read(R"(
virtual_server 10.1.10.7 80 {
  protocol TCP
  lb_kind DR
  quorum_down "/etc/keepalived/told.sh web"
  real_server 10.1.10.11 80 {
    notify_up "/etc/keepalived/told.sh rs1 up"
    TCP_CHECK {
    }
  }
}
)");
  EXPECT_THAT(scripts_to_record(configuration), ElementsAre("/etc/keepalived/told.sh"));
  const auto up = server_notification(configuration, {"/etc/keepalived/told.sh", "rs1", "up"});
  ASSERT_TRUE(up);
  EXPECT_EQ(up->service, "[10.1.10.7]:tcp:80");
  EXPECT_EQ(up->server, "[10.1.10.11]:tcp:80");
  EXPECT_TRUE(up->up);
  const auto down = server_notification(configuration, {"/etc/keepalived/told.sh", "web"});
  ASSERT_TRUE(down);
  EXPECT_EQ(down->server, "");
  EXPECT_FALSE(down->up);
  EXPECT_FALSE(server_notification(configuration, {"/etc/keepalived/told.sh", "rs2", "up"}));
}

TEST(NotifyBook, ReadsWhatARecorderWrites) {
  EXPECT_THAT(recorded_words("/a/notify.sh\x1fmaster\x1ftwo words"),
              ElementsAre("/a/notify.sh", "master", "two words"));
  EXPECT_THAT(recorded_words("/a/notify.sh\x1f"), ElementsAre("/a/notify.sh"));
}

}  // namespace
}  // namespace vipdrift::netns
