#include "scenarios/timeline.h"

#include <gtest/gtest.h>

#include "scenarios/judge_test_support.h"

namespace vipdrift::scenarios {
namespace {

TEST(Describe, SaysEachObservationInOneLine) {
  const MacAddress mac{{0x52, 0x54, 0, 0, 0, 1}};
  const IpAddress source = IpAddress::v4(10, 1, 10, 1);
  EXPECT_EQ(describe(StepDone{"crash lvs1"}), "== crash lvs1");
  EXPECT_EQ(describe(DaemonChanged{DaemonEvent::crashed, ""}), "daemon crashed");
  EXPECT_EQ(describe(DaemonChanged{DaemonEvent::powered_off, "no word"}), "machine powered off: no word");
  EXPECT_EQ(describe(InstanceChanged{"VI_1", 151, vrrp::State::backup, vrrp::State::master}),
            "VI_1 MASTER (vrid 151, was BACKUP)");
  EXPECT_EQ(describe(PriorityChanged{"VI_1", 100, 95}), "VI_1 priority 100 -> 95");
  EXPECT_EQ(describe(AddressAdded{"eno1", kVip}), "VIP + 10.1.10.7 on eno1");
  EXPECT_EQ(describe(AddressRemoved{"eno1", kVip}), "VIP - 10.1.10.7 on eno1");
  EXPECT_EQ(describe(AdvertisementSent{"VI_1", 151, 100, source, kVrrpGroupIpv4}),
            "advertisement of VI_1 vrid 151 priority 100 from 10.1.10.1 to 224.0.0.18");
  EXPECT_EQ(describe(AnnouncementSent{kVip, mac, 5}), "announces 10.1.10.7 at 52:54:00:00:00:01 x5");
  EXPECT_EQ(describe(AdvertisementDiscarded{"VI_1", 151, vrrp::Discard::auth_data_mismatch, source}),
            "discards advertisement for VI_1 vrid 151 from 10.1.10.1: auth_data_mismatch");
  EXPECT_EQ(describe(NotificationRun{false, "VI_1", vrrp::NotifyState::master, 100, {"/bin/notify", "master"}}),
            "notify INSTANCE VI_1 MASTER 100: /bin/notify master");
  EXPECT_EQ(describe(ServerNotification{"[10.1.10.7]:tcp:80", "[10.1.10.11]:tcp:80", false, {"/bin/note", "rs1"}}),
            "notify_down of [10.1.10.11]:tcp:80 behind [10.1.10.7]:tcp:80: /bin/note rs1");
  EXPECT_EQ(describe(ServerNotification{"[10.1.10.7]:tcp:80", "", true, {"/bin/note"}}),
            "quorum_up of [10.1.10.7]:tcp:80: /bin/note");
  EXPECT_EQ(describe(MailTaken{"[lvs1] a server - DOWN"}), "mail taken: [lvs1] a server - DOWN");
  EXPECT_EQ(describe(FifoLine{"INSTANCE \"VI_1\" MASTER 100"}), "fifo INSTANCE \"VI_1\" MASTER 100");
  EXPECT_EQ(describe(LogWritten{"(VI_1) Entering MASTER STATE"}), "log (VI_1) Entering MASTER STATE");
  EXPECT_EQ(describe(ScriptResult{"chk_down", 1, false}), "script chk_down exit 1");
  EXPECT_EQ(describe(ScriptResult{"chk_down", 0, true}), "script chk_down timed out");
  EXPECT_EQ(describe(LinkState{"eno1", false}), "link eno1 down");
  EXPECT_EQ(describe(ProbeAnswers{kVip, 80, "lvs1", mac}), "10.1.10.7:80 answered by lvs1 (52:54:00:00:00:01)");
  EXPECT_EQ(describe(ProbeAnswers{kVip, 0, "", {}}), "10.1.10.7 answered by nobody");
  EXPECT_EQ(describe(NeighbourLearned{kVip, mac, "lvs1"}), "believes 10.1.10.7 at 52:54:00:00:00:01 (lvs1)");
  EXPECT_EQ(describe(ConnectivityChanged{"lan", {{"lvs1"}, {"lvs2", "lvs3"}}}), "lan connects {lvs1} {lvs2 lvs3}");
  EXPECT_EQ(describe(ConnectivityChanged{"lan", {{"lvs1"}, {"lvs2"}}, {{"lvs1", "lvs2"}}}),
            "lan connects {lvs1} {lvs2}, audible {lvs1 lvs2}");
}

TEST(TargetText, BracketsIpv6) {
  EXPECT_EQ(target_text(*IpAddress::parse("2001:db8::7"), 80), "[2001:db8::7]:80");
  EXPECT_EQ(target_text(*IpAddress::parse("2001:db8::7"), 0), "2001:db8::7");
}

TEST(TimelineHash, IsAFixedNumber) {
  EXPECT_EQ(hash(Timeline{}), 14'695'981'039'346'656'037U);
  Story story;
  story.at(20 * kSecond).step("crash lvs1");
  // FNV-1a of "20000000000  == crash lvs1\n".
  EXPECT_EQ(hash(story.timeline()), 0xe203f192d176ab0U);
}

TEST(TimelineHash, SeesTimeNodeAndText) {
  Story one;
  one.at(kSecond).takes("lvs1");
  Story later;
  later.at(kSecond + kNs).takes("lvs1");
  Story elsewhere;
  elsewhere.at(kSecond).takes("lvs2");
  Story otherwise;
  otherwise.at(kSecond).drops("lvs1");
  EXPECT_NE(hash(one.timeline()), hash(later.timeline()));
  EXPECT_NE(hash(one.timeline()), hash(elsewhere.timeline()));
  EXPECT_NE(hash(one.timeline()), hash(otherwise.timeline()));
}

TEST(SortByTime, KeepsTheOrderOfEqualTimes) {
  Timeline timeline;
  timeline.add({2 * kSecond, "b", StepDone{"first at 2s"}});
  timeline.add({2 * kSecond, "a", StepDone{"second at 2s"}});
  timeline.add({1 * kSecond, "c", StepDone{"at 1s"}});
  timeline.sort_by_time();
  EXPECT_EQ(timeline.observations()[0].node, "c");
  EXPECT_EQ(timeline.observations()[1].node, "b");
  EXPECT_EQ(timeline.observations()[2].node, "a");
}

}  // namespace
}  // namespace vipdrift::scenarios
