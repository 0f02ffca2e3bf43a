#include "analysis/across_directors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analysis/analysis_test_support.h"

namespace vipdrift::analysis {
namespace {

using testing::cluster_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::instance;
using ::testing::IsEmpty;
using testing::message_of;
using testing::rules_of;

std::vector<Finding> compare(const std::vector<std::string>& texts) { return compare_directors(cluster_of(texts)); }

TEST(AcrossDirectors, AGoodPairIsGood) {
  EXPECT_THAT(compare({instance({.priority = 100}), instance({.priority = 98})}), IsEmpty());
}

TEST(AcrossDirectors, OneFileAloneIsNotCompared) { EXPECT_THAT(compare({instance({})}), IsEmpty()); }

TEST(AcrossDirectors, IntervalsOfVersion2MustBeEqual) {
  const std::vector<Finding> found =
      compare({instance({.priority = 100}), instance({.priority = 98, .more = "advert_int 2"})});
  EXPECT_THAT(rules_of(found), ElementsAre("interval-differs"));
  EXPECT_EQ(found[0].message, "VI_1 of b has advert_int 2 s, VI_1 of a has 1 s");
  EXPECT_EQ(found[0].place.file, "b.conf");
  ASSERT_EQ(found[0].others.size(), 1U);
  EXPECT_EQ(found[0].others[0].file, "a.conf");
}

TEST(AcrossDirectors, IntervalsOfVersion3AreLearned) {
  EXPECT_THAT(compare({instance({.priority = 100, .more = "version 3"}),
                       instance({.priority = 98, .more = "version 3\n advert_int 2"})}),
              IsEmpty());
}

TEST(AcrossDirectors, VersionsMustBeEqual) {
  EXPECT_THAT(rules_of(compare({instance({.priority = 100}), instance({.priority = 98, .more = "version 3"})})),
              ElementsAre("version-differs"));
}

TEST(AcrossDirectors, PasswordsMustBeEqualAsFarAsTheWireCarriesThem) {
  const auto with = [](int priority, const std::string& password) {
    return instance(
        {.priority = priority, .more = "authentication {\n auth_type PASS\n auth_pass " + password + "\n}"});
  };
  EXPECT_THAT(rules_of(compare({with(100, "one"), with(98, "two")})), ElementsAre("authentication-differs"));
  EXPECT_THAT(rules_of(compare({with(100, "one"), instance({.priority = 98})})), ElementsAre("authentication-differs"));
  EXPECT_THAT(compare({with(100, "frSAmesXYSSFmw"), with(98, "frSAmesXYSSymw")}), IsEmpty());
}

TEST(AcrossDirectors, MulticastGroupsMustBeEqual) {
  EXPECT_THAT(rules_of(compare({"global_defs {\n vrrp_mcast_group4 224.0.4.18\n}\n" + instance({.priority = 100}),
                                instance({.priority = 98})})),
              ElementsAre("group-differs"));
}

TEST(AcrossDirectors, UnicastPeersMustListEachOther) {
  const auto peer = [](int priority, const std::string& source, const std::string& other) {
    return instance(
        {.priority = priority, .more = "unicast_src_ip " + source + "\n unicast_peer {\n " + other + "\n}"});
  };
  EXPECT_THAT(compare({peer(100, "10.0.0.1", "10.0.0.2"), peer(98, "10.0.0.2", "10.0.0.1")}), IsEmpty());
  const std::vector<Finding> found = compare({peer(100, "10.0.0.1", "10.0.0.3"), peer(98, "10.0.0.2", "10.0.0.1")});
  EXPECT_THAT(rules_of(found), ElementsAre("peers-differ"));
  EXPECT_EQ(found[0].message, "VI_1 of a does not list 10.0.0.2, the source of VI_1 of b, as unicast_peer");
  EXPECT_THAT(rules_of(compare({peer(100, "10.0.0.1", "10.0.0.2"), instance({.priority = 98})})),
              ElementsAre("group-differs"));
}

TEST(AcrossDirectors, AddressListsMustBeEqual) {
  const std::vector<Finding> found =
      compare({instance({.priority = 100}), instance({.priority = 98, .address = "10.0.0.7\n 10.0.0.8"})});
  EXPECT_THAT(rules_of(found), ElementsAre("addresses-differ"));
  EXPECT_EQ(found[0].message, "VI_1 of b lists 10.0.0.8, which VI_1 of a does not list");
}

TEST(AcrossDirectors, AddressesThatDifferAreToldInOneSentence) {
  const std::vector<Finding> found = compare({instance({.priority = 100, .address = "10.0.0.6\n 10.0.0.7"}),
                                              instance({.priority = 98, .address = "10.0.0.6\n 10.0.0.8"})});
  ASSERT_THAT(rules_of(found), ElementsAre("addresses-differ"));
  EXPECT_EQ(found[0].message, "VI_1 of b lists 10.0.0.8, where VI_1 of a lists 10.0.0.7");
  EXPECT_EQ(compare({instance({.priority = 100, .address = "10.0.0.6\n 10.0.0.7"}),
                     instance({.priority = 98, .address = "10.0.0.6"})})[0]
                .message,
            "VI_1 of b does not list 10.0.0.7, which VI_1 of a lists");
}

TEST(AcrossDirectors, PasswordsAreToldToNobody) {
  const auto with = [](int priority, const std::string& password) {
    return instance(
        {.priority = priority, .more = "authentication {\n auth_type PASS\n auth_pass " + password + "\n}"});
  };
  EXPECT_EQ(compare({with(100, "secret1"), with(98, "secret2")})[0].message,
            "VI_1 of b has another auth_pass than VI_1 of a");
  EXPECT_EQ(compare({with(100, "secret1"), instance({.priority = 98})})[0].message,
            "VI_1 of b has auth_type none, VI_1 of a has PASS");
}

TEST(AcrossDirectors, ADifferenceStandsAtItsLine) {
  std::vector<Director> directors = cluster_of(
      {instance({.priority = 100, .more = "advert_int 1"}), instance({.priority = 98, .more = "advert_int 2"})});
  EXPECT_EQ(compare_directors(directors)[0].place.line, 1) << "nobody knows how it was written";
  const std::vector<std::string> texts{instance({.priority = 100, .more = "advert_int 1"}),
                                       instance({.priority = 98, .more = "advert_int 2", .address = "10.0.0.8"})};
  directors = cluster_of(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    config::ParseOptions options;
    options.file_name = directors[i].name + ".conf";
    directors[i].written =
        std::make_shared<const config::WrittenConfiguration>(config::read_written(texts[i], options));
  }
  for (const Finding& finding : compare_directors(directors)) {
    const int line = finding.rule == RuleId::interval_differs ? 8 : 6;
    EXPECT_EQ(finding.place, (config::Place{"b.conf", line, line == 8 ? 2 : 3})) << finding.message;
    ASSERT_EQ(finding.others.size(), 1U);
    EXPECT_EQ(finding.others[0].line, line);
    EXPECT_EQ(finding.blocks, (std::vector{config::Place{"b.conf", 1, 1}, config::Place{"a.conf", 1, 1}}));
  }
}

TEST(AcrossDirectors, VirtualMacsAreForAllOrForNone) {
  EXPECT_THAT(rules_of(compare({instance({.priority = 100}), instance({.priority = 98, .more = "use_vmac"})})),
              ElementsAre("virtual-mac-differs"));
}

TEST(AcrossDirectors, PrioritiesMustDiffer) {
  EXPECT_THAT(rules_of(compare({instance({.priority = 100}), instance({.priority = 100})})),
              ElementsAre("equal-priorities"));
}

TEST(AcrossDirectors, OneMayBeginAsMaster) {
  EXPECT_THAT(rules_of(compare({instance({.priority = 100, .more = "state MASTER"}),
                                instance({.priority = 98, .more = "state MASTER"})})),
              ElementsAre("several-masters"));
}

TEST(AcrossDirectors, TwoOwnersAreEqualToo) {
  const std::string owner = instance({.priority = 255, .more = "state MASTER"});
  EXPECT_THAT(rules_of(compare({owner, owner})), ElementsAre("equal-priorities", "several-masters"));
}

TEST(AcrossDirectors, AVirtualRouterWantsCompany) {
  EXPECT_THAT(rules_of(compare({instance({.priority = 100}), instance({.priority = 98, .vrid = 52})})),
              ElementsAre("alone"));
}

std::string on(const std::string& interface, const std::string& name, const std::string& addresses) {
  return "vrrp_instance " + name + " {\n interface " + interface + "\n virtual_router_id 5\n virtual_ipaddress {\n" +
         addresses + "\n }\n}\n";
}

std::vector<std::string> routers_of(const std::vector<std::string>& texts) {
  const std::vector<Director> directors = cluster_of(texts);
  std::vector<std::string> routers;
  for (const VirtualRouterSeats& router : virtual_routers(directors)) {
    std::string text;
    for (const VirtualRouterSeats::Seat& seat : router.seats) {
      text += (text.empty() ? "" : ", ") + name_of(directors, seat);
    }
    routers.push_back(text);
  }
  return routers;
}

TEST(VirtualRouters, AddressesDecideBeforeTheNamesOfInterfaces) {
  EXPECT_THAT(routers_of({on("eth0", "IN", "10.0.0.7") + on("eth1", "OUT", "10.1.0.7"),
                          on("ens0", "IN", "10.0.0.7") + on("ens1", "OUT", "10.1.0.7")}),
              ElementsAre("IN of a, IN of b", "OUT of a, OUT of b"));
  EXPECT_THAT(routers_of({on("eth0", "IN", "10.0.0.7") + on("eth1", "OUT", "10.1.0.7"),
                          on("eth0", "OUT", "10.1.0.7") + on("eth1", "IN", "10.0.0.7")}),
              ElementsAre("IN of a, IN of b", "OUT of a, OUT of b"));
}

TEST(VirtualRouters, WhatIsOnEveryLinkDecidesNothing) {
  EXPECT_THAT(routers_of({on("eth0", "A", "fe80::1") + on("eth1", "B", "fe80::1"),
                          on("eth1", "C", "fe80::1") + on("eth0", "D", "fe80::1")}),
              ElementsAre("A of a, D of b", "B of a, C of b"));
  EXPECT_THAT(routers_of({on("eth0", "A", "fe80::1\n 2001:db8::7") + on("eth1", "B", "fe80::1\n 2001:db8:1::7"),
                          on("ens0", "C", "fe80::1\n 2001:db8:1::7") + on("ens1", "D", "fe80::1\n 2001:db8::7")}),
              ElementsAre("A of a, D of b", "B of a, C of b"));
}

TEST(VirtualRouters, WithoutACommonAddressTheNameOfTheInterfaceDecides) {
  EXPECT_THAT(routers_of({on("eth0", "A", "10.0.0.7") + on("eth1", "B", "10.1.0.7"),
                          on("eth0", "A", "10.0.0.8") + on("ens1", "B", "10.1.0.8")}),
              ElementsAre("A of a, A of b", "B of a", "B of b"));
}

TEST(AcrossDirectors, GroupsMustHaveTheSameMembers) {
  const auto two = [](int priority, const std::string& group) {
    return group + instance({.priority = priority}) +
           instance({.priority = priority, .name = "VI_2", .vrid = 52, .address = "10.0.0.8"});
  };
  const std::string both = "vrrp_sync_group G {\n group {\n VI_1\n VI_2\n}\n}\n";
  EXPECT_THAT(compare({two(100, both), two(98, both)}), IsEmpty());
  const std::vector<Finding> found = compare({two(100, both), two(98, "")});
  EXPECT_THAT(rules_of(found), ElementsAre("sync-group-differs"));
  EXPECT_EQ(found[0].message, "VI_1 moves alone on b, but with VI_2 on a");
}

TEST(AcrossDirectors, VirtualServersMustBeEqual) {
  const auto with = [](int priority, const std::string& algorithm, int weight) {
    return instance({.priority = priority}) + "virtual_server 10.0.0.7 80 {\n protocol TCP\n lb_kind DR\n lb_algo " +
           algorithm + "\n real_server 10.0.0.11 80 {\n weight " + std::to_string(weight) +
           "\n TCP_CHECK {\n connect_timeout 1\n}\n}\n}\n";
  };
  EXPECT_THAT(compare({with(100, "rr", 1), with(98, "rr", 1)}), IsEmpty());
  EXPECT_THAT(message_of(compare({with(100, "rr", 1), with(98, "wrr", 1)}), RuleId::virtual_server_differs),
              HasSubstr(" has lb_algo wrr on b, rr on a"));
  EXPECT_THAT(message_of(compare({with(100, "rr", 1), with(98, "rr", 3)}), RuleId::virtual_server_differs),
              HasSubstr(" has real_server 10.0.0.11:80 weight 3 on b, 10.0.0.11:80 weight 1 on a"));
  const std::string another = "virtual_server 10.0.0.9 80 {\n protocol TCP\n real_server 10.0.0.11 80 {\n}\n}\n";
  EXPECT_THAT(message_of(compare({with(100, "rr", 1), with(98, "rr", 1) + another}), RuleId::virtual_server_differs),
              HasSubstr("is on 1 of 2 directors that balance load: not on a"));
}

}  // namespace
}  // namespace vipdrift::analysis
