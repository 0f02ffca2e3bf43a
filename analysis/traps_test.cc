#include "analysis/traps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analysis/analysis_test_support.h"

namespace vipdrift::analysis {
namespace {

using testing::cluster_of;
using ::testing::ElementsAre;
using testing::instance;
using ::testing::IsEmpty;
using testing::message_of;
using testing::rules_of;
using testing::script;

std::vector<Finding> traps(const std::vector<std::string>& texts) { return find_traps(cluster_of(texts)); }

std::string pass(const std::string& password) {
  return "authentication {\n auth_type PASS\n auth_pass " + password + "\n}";
}

TEST(Traps, AGoodPairHasNone) {
  EXPECT_THAT(traps({instance({.priority = 100}), instance({.priority = 98})}), IsEmpty());
}

TEST(Traps, TwoVirtualRoutersNeedTwoIds) {
  const std::vector<Finding> found =
      traps({instance({.more = pass("web")}), instance({.more = pass("mail"), .address = "10.0.0.8"})});
  EXPECT_THAT(rules_of(found), ElementsAre("vrid-shared"));
  EXPECT_EQ(
      found[0].message,
      "virtual_router_id 51 of VI_1 of b (10.0.0.8 on eth0) is taken on this wire by VI_1 of a (10.0.0.7 on eth0)");
  // The same name and password: one virtual router whose addresses differ. Another interface, another group: another
  // wire.
  EXPECT_THAT(traps({instance({}), instance({.address = "10.0.0.8"})}), IsEmpty());
  EXPECT_THAT(traps({instance({.name = "web"}),
                     instance({.more = "mcast_dst_ip 224.0.0.19", .name = "mail", .address = "10.0.0.8"})}),
              IsEmpty());
}

TEST(Traps, UnicastNeighboursShareAnIdOnlyWhenTheySendToEachOther) {
  const auto unicast = [](const std::string& name, const std::string& source, const std::string& peer) {
    return instance({.more = "unicast_src_ip " + source + "\n unicast_peer {\n " + peer + "\n}",
                     .name = name,
                     .address = name == "web" ? "10.0.0.7" : "10.0.0.8"});
  };
  EXPECT_THAT(traps({unicast("web", "10.0.0.1", "10.0.0.2"), unicast("mail", "10.0.0.3", "10.0.0.4")}), IsEmpty());
  EXPECT_THAT(rules_of(traps({unicast("web", "10.0.0.1", "10.0.0.3"), unicast("mail", "10.0.0.3", "10.0.0.4")})),
              ElementsAre("vrid-shared"));
}

TEST(Traps, AnAddressBelongsToOneVirtualRouter) {
  const std::vector<Finding> found =
      traps({instance({}) + instance({.name = "VI_2", .vrid = 52, .address = "10.0.0.8\n 10.0.0.7"})});
  EXPECT_THAT(rules_of(found), ElementsAre("address-shared"));
  EXPECT_EQ(found[0].message,
            "10.0.0.7 is in VI_2 of a (virtual_router_id 52) and in VI_1 of a (virtual_router_id 51)");
  EXPECT_THAT(rules_of(traps({instance({}), instance({.vrid = 52})})), ElementsAre("address-shared"));
}

TEST(Traps, OneIdOnTwoInterfacesWhateverTheyAreCalled) {
  const auto two = [](const std::string& prefix) {
    const auto one = [&](int number) {
      const std::string digit = std::to_string(number);
      return "vrrp_instance V" + digit + " {\n interface " + prefix + digit + "\n virtual_router_id 5\n" +
             " virtual_ipaddress {\n 10." + digit + ".0.7\n }\n}\n";
    };
    return one(0) + one(1);
  };
  EXPECT_THAT(traps({two("eth"), two("ens")}), IsEmpty());
}

TEST(Traps, LinkLocalAddressesAreOfOneLink) {
  const auto on = [](const std::string& interface, int vrid) {
    return "vrrp_instance V" + std::to_string(vrid) + " {\n interface " + interface + "\n virtual_router_id " +
           std::to_string(vrid) + "\n virtual_ipaddress {\n fe80::1\n }\n}\n";
  };
  EXPECT_THAT(traps({on("eth0", 1) + on("eth1", 2)}), IsEmpty());
  EXPECT_THAT(rules_of(traps({on("eth0", 1) + on("eth0", 2)})), ElementsAre("address-shared"));
}

TEST(Traps, AVirtualAddressIsNobodysOwnButTheOwners) {
  const auto with = [](int priority) { return instance({.priority = priority, .more = "mcast_src_ip 10.0.0.7"}); };
  const std::vector<Finding> found = traps({with(100), instance({.priority = 98})});
  EXPECT_THAT(rules_of(found), ElementsAre("address-of-director"));
  EXPECT_EQ(found[0].message, "the virtual address 10.0.0.7 of VI_1 of a is an address of director a itself");
  EXPECT_THAT(traps({with(255), instance({.priority = 98})}), IsEmpty());
  EXPECT_THAT(rules_of(traps({instance({.more = "unicast_peer {\n 10.0.0.2\n}"}),
                              instance({.priority = 98, .more = "unicast_peer {\n 10.0.0.7\n}"})})),
              ElementsAre("address-of-director"));
}

TEST(Traps, PasswordsThatDifferBehindTheEighthCharacterAreOne) {
  const std::vector<Finding> found =
      traps({instance({.more = pass("frSAmesXYSSFmw")}) +
             instance({.more = pass("frSAmesXYSSymw"), .name = "VI_2", .vrid = 52, .address = "10.0.0.8"})});
  EXPECT_THAT(rules_of(found), ElementsAre("passwords-cut-alike"));
  EXPECT_EQ(found[0].message,
            "2 different passwords in VI_1 and VI_2 are one on the wire, which carries 8 characters of each");
  EXPECT_THAT(traps({instance({.priority = 100, .more = pass("frSAmesXYSSFmw")}),
                     instance({.priority = 98, .more = pass("frSAmesXYSSFmw")})}),
              IsEmpty());
}

TEST(Traps, GroupsOutsideTheLinkLocalBlockAreSnooped) {
  const std::string group = "global_defs {\n vrrp_mcast_group4 224.0.4.18\n}\n";
  const std::vector<Finding> found = traps({group + instance({.priority = 100}), group + instance({.priority = 98})});
  EXPECT_THAT(rules_of(found), ElementsAre("group-outside-link-local"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].others.size(), 1U);
  EXPECT_THAT(traps({group + instance({.more = "unicast_peer {\n 10.0.0.2\n}"})}), IsEmpty());
  EXPECT_THAT(traps({instance({.more = "mcast_dst_ip 224.0.0.200"})}), IsEmpty());
}

TEST(Traps, LabelsBeginWithTheirInterface) {
  EXPECT_THAT(traps({instance({.address = "10.0.0.7 label eth0:web"})}), IsEmpty());
  EXPECT_THAT(traps({instance({.address = "10.0.0.7 dev eth1 label eth1:0"})}), IsEmpty());
  EXPECT_EQ(message_of(traps({instance({.address = "10.0.0.7 dev eth1 label eth0:0"})}), RuleId::label_without_device),
            "the label 'eth0:0' of 10.0.0.7 in VI_1 of a does not begin with 'eth1:'");
}

TEST(Traps, OneResultShouldNotDecide) {
  const auto with = [](const std::string& more, const std::string& track) {
    return std::vector<std::string>{"vrrp_script chk {\n script /bin/true\n weight 0\n " + more + "\n}\n" +
                                        instance({.more = "track_script {\n chk\n}\n" + track}),
                                    instance({.priority = 98})};
  };
  EXPECT_EQ(message_of(traps(with("", "")), RuleId::one_result_decides),
            "one failure of chk moves VI_1 (fall 1), and one success moves it back at once (rise 1)");
  EXPECT_THAT(traps(with("fall 2", "")), IsEmpty());
  EXPECT_THAT(traps(with("rise 2", "")), IsEmpty());
  EXPECT_THAT(traps(with("", "nopreempt")), IsEmpty());
  EXPECT_THAT(traps(with("", "preempt_delay 60")), IsEmpty());
  EXPECT_THAT(traps({script("unused", 0) + instance({}), instance({.priority = 98})}), IsEmpty());
}

TEST(Traps, AScriptThatMovesNothingMayDecideAtOnce) {
  const auto tracking = [](int priority, int weight) {
    return script("chk", weight) + instance({.priority = priority, .more = "track_script {\n chk\n}"});
  };
  const auto pair = [&](int priority, int weight) {
    return std::vector<std::string>{tracking(priority, weight), tracking(100, weight)};
  };
  EXPECT_THAT(traps({tracking(100, 0)}), IsEmpty()) << "nobody takes over";
  EXPECT_THAT(traps(pair(200, -5)), IsEmpty());
  EXPECT_THAT(traps(pair(103, -2)), IsEmpty());
  EXPECT_THAT(rules_of(traps(pair(105, -5))), ElementsAre("one-result-decides")) << "a tie counts";
  EXPECT_THAT(rules_of(traps(pair(105, 6))), ElementsAre("one-result-decides"));
  EXPECT_THAT(rules_of(traps(pair(200, 0))), ElementsAre("one-result-decides"));
  const std::vector<Finding> found = traps(pair(105, -6));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].others, IsEmpty()) << "nobody is below the backup";
}

TEST(Traps, ADirectorIsNoRealServerOfWhatTheOtherBalances) {
  const auto with = [](const std::string& own, const std::string& kind, const std::string& real) {
    return instance({.more = "mcast_src_ip " + own}) + "virtual_server 10.0.0.7 80 {\n protocol TCP\n lb_algo rr\n" +
           " lb_kind " + kind + "\n real_server " + real + " 80 {\n}\n}\n";
  };
  EXPECT_THAT(traps({with("10.0.0.1", "DR", "10.0.0.11"), with("10.0.0.2", "DR", "10.0.0.11")}), IsEmpty());
  EXPECT_EQ(message_of(traps({with("10.0.0.1", "DR", "10.0.0.2"), with("10.0.0.2", "DR", "10.0.0.2")}),
                       RuleId::director_is_real_server),
            "real_server 10.0.0.2 of virtual_server [10.0.0.7]:tcp:80 is director b, which balances this service too");
  EXPECT_THAT(traps({with("10.0.0.1", "NAT", "10.0.0.2"), with("10.0.0.2", "NAT", "10.0.0.2")}), IsEmpty());
}

TEST(Traps, ConnectionsNeedTimeToBeTold) {
  const std::string sync = "global_defs {\n lvs_sync_daemon eth0 VI_1\n}\n";
  const std::vector<Finding> found = traps({sync + instance({.priority = 110}), sync + instance({.priority = 100})});
  EXPECT_THAT(rules_of(found), ElementsAre("connections-lost-at-return"));
  ASSERT_EQ(found.size(), 1U) << "nobody is below the backup";
  EXPECT_EQ(found[0].place.file, "a.conf");
  EXPECT_THAT(traps({sync + instance({.priority = 110, .more = "preempt_delay 22"}), sync + instance({})}), IsEmpty());
  EXPECT_THAT(traps({sync + instance({.priority = 110, .more = "nopreempt"}), sync + instance({})}), IsEmpty());
}

}  // namespace
}  // namespace vipdrift::analysis
