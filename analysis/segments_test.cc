#include "analysis/segments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analysis/analysis_test_support.h"
#include "analysis/traps.h"

namespace vipdrift::analysis {
namespace {

using testing::cluster_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::rules_of;
using Relation = Segments::Relation;

std::string on(const std::string& interface, int vrid, const std::string& addresses, const std::string& name = {}) {
  return "vrrp_instance " + (name.empty() ? "V" + std::to_string(vrid) + interface : name) + " {\n interface " +
         interface + "\n virtual_router_id " + std::to_string(vrid) + "\n virtual_ipaddress {\n" + addresses +
         "\n }\n}\n";
}

/// Of the first instance of the first director and each instance of the second.
std::vector<Relation> relations(const std::string& one, const std::string& other) {
  const std::vector<Director> directors = cluster_of({one, other});
  const Segments segments(directors);
  std::vector<Relation> found;
  for (std::size_t i = 0; i < directors[1].configuration->instances.size(); ++i) {
    found.push_back(segments.between({0, 0}, {1, i}));
  }
  return found;
}

TEST(Segments, AVirtualRouterThatTwoDirectorsHaveIsOnOneWire) {
  EXPECT_THAT(relations(on("eth0", 1, "10.0.0.7"), on("eth1", 1, "10.0.0.7") + on("eth0", 2, "10.1.0.7")),
              ElementsAre(Relation::one, Relation::apart));
}

TEST(Segments, ANameAloneSaysNothing) {
  EXPECT_THAT(relations(on("eth0", 1, "10.0.0.7"), on("eth0", 1, "10.0.0.8")), ElementsAre(Relation::unknown));
}

TEST(Segments, AnAddressOfEveryLinkSaysNothing) {
  EXPECT_THAT(relations(on("eth0", 1, "fe80::1"), on("eth0", 1, "fe80::1")), ElementsAre(Relation::unknown));
}

TEST(Segments, ANetworkIsOnOneWire) {
  EXPECT_THAT(relations(on("eth0", 1, "10.0.0.7/24"), on("ens3", 2, "10.0.0.8/24") + on("ens4", 2, "10.1.0.8/24")),
              ElementsAre(Relation::one, Relation::apart));
  // One that was written without its network is in it all the same.
  EXPECT_THAT(relations(on("eth0", 1, "10.0.0.7/24"), on("ens3", 2, "10.0.0.8") + on("ens4", 2, "10.1.0.8")),
              ElementsAre(Relation::one, Relation::apart));
  EXPECT_THAT(relations(on("eth0", 1, "10.0.0.7/24"), on("eth0", 2, "10.1.0.8/24")), ElementsAre(Relation::apart));
}

TEST(Segments, ANetworkOnTwoInterfacesOfADirectorDecidesNothing) {
  EXPECT_THAT(relations(on("eth0", 1, "10.0.0.7/24"), on("ens3", 2, "10.0.0.8/24") + on("ens4", 3, "10.0.0.9/24")),
              ElementsAre(Relation::apart, Relation::apart));
}

TEST(Segments, CommonAddressesCountMoreThanNetworks) {
  EXPECT_THAT(relations(on("eth0", 1, "10.0.0.7/24"), on("eth1", 1, "10.0.0.7/25") + on("eth0", 2, "10.0.0.8/24")),
              ElementsAre(Relation::one, Relation::apart));
}

std::vector<std::string> found_in(const std::vector<std::string>& texts) {
  return rules_of(find_traps(cluster_of(texts)));
}

TEST(Segments, AnIdUsedTwiceIsFoundWhateverInterfacesAreCalled) {
  // VRID 9 is on another wire of each: eth0 of a is eth1 of b, as the others tell.
  const std::string a = on("eth0", 1, "10.0.0.7") + on("eth1", 2, "10.1.0.7");
  const std::string b = on("eth1", 1, "10.0.0.7") + on("eth0", 2, "10.1.0.7");
  EXPECT_THAT(found_in({a + on("eth0", 9, "10.0.0.9", "WEB"), b + on("eth0", 9, "10.1.0.9", "MAIL")}), IsEmpty());
  EXPECT_THAT(found_in({a + on("eth0", 9, "10.0.0.9", "WEB"), b + on("eth1", 9, "10.0.0.10", "MAIL")}),
              ElementsAre("vrid-shared"));
}

TEST(Segments, WhatIsOnAnotherWireIsAnotherVirtualRouterThoughItsNameIsTheSame) {
  const std::string a = on("eth0", 1, "10.0.0.7") + on("eth1", 2, "10.1.0.7");
  const std::string b = on("eth1", 1, "10.0.0.7") + on("eth0", 2, "10.1.0.7");
  const std::vector<Director> directors =
      cluster_of({a + on("eth0", 9, "10.0.0.9", "WEB"), b + on("eth0", 9, "10.1.0.9", "WEB")});
  EXPECT_EQ(virtual_routers(directors).size(), 4U);
}

TEST(Segments, LinkLocalAddressesFollowTheWire) {
  const std::string a = on("eth0", 1, "2001:db8::7") + on("eth0", 5, "fe80::1") + on("eth1", 5, "fe80::1");
  const std::string b = on("eth1", 1, "2001:db8::7") + on("eth0", 5, "fe80::1") + on("eth1", 5, "fe80::1");
  const std::vector<Director> directors = cluster_of({a, b});
  std::vector<std::string> names;
  for (const VirtualRouterSeats& router : virtual_routers(directors)) {
    std::string text;
    for (const VirtualRouterSeats::Seat& seat : router.seats) text += instance_of(directors, seat).interface + " ";
    names.push_back(text);
  }
  EXPECT_THAT(names, ElementsAre("eth0 eth1 ", "eth0 eth1 ", "eth1 eth0 "));
}

}  // namespace
}  // namespace vipdrift::analysis
