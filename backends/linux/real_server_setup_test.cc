#include "backends/linux/real_server_setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "backends/linux/file_descriptor.h"
#include "backends/linux/own_namespace.h"

namespace vipdrift::linux_backend {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A machine with one interface, eth0, and the neighbour who asks it for addresses on the other end of the cable.
class RealServerSetupTest : public OwnNamespace {
 protected:
  void SetUp() override {
    OwnNamespace::SetUp();
    ip("link add eth0 type veth peer name neighbour");
    ip("address add 10.1.10.11/24 dev eth0");
    ip("link set eth0 up");
    ip("link set neighbour up");
  }
  static int setting(const std::string& name) {
    int value = -1;
    std::ifstream("/proc/sys/net/ipv4/conf/" + name) >> value;
    return value;
  }
  static void set(const std::string& name, int value) {
    std::ofstream file("/proc/sys/net/ipv4/conf/" + name);
    file << value << std::flush;
    ASSERT_TRUE(file.good()) << name;
  }
  std::vector<RealServerChange> prepare() {
    std::vector<RealServerChange> made;
    const auto error = make_real_server(plan_real_server(vips_), made);
    EXPECT_FALSE(error) << *error;
    return made;
  }

  std::vector<IpAddress> vips_ = {IpAddress::v4(10, 1, 10, 7), *IpAddress::parse("2001:db8::7")};
};

TEST_F(RealServerSetupTest, WhatIsPreparedIsWithoutFault) {
  EXPECT_THAT(real_server_faults(vips_), testing::SizeIs(7));  // two for each interface, lo, and both addresses
  prepare();
  EXPECT_THAT(real_server_faults(vips_), IsEmpty());
  EXPECT_TRUE(ip_prints("address show dev lo", "10.1.10.7/32"));
  EXPECT_TRUE(ip_prints("address show dev lo", "2001:db8::7/128"));
  EXPECT_TRUE(ip_prints("route", "10.1.10.7 dev lo"));
  for (const std::string where : {"all/", "lo/"}) {
    EXPECT_EQ(setting(where + "arp_ignore"), 1);
    EXPECT_EQ(setting(where + "arp_announce"), 2);
  }
}

TEST_F(RealServerSetupTest, OnlyWhatIsMissingIsMade) {
  set("all/arp_ignore", 1);
  ip("link set lo up");
  ip("address add 10.1.10.7/32 dev lo");
  vips_.pop_back();
  const std::vector<RealServerChange> made = prepare();
  std::vector<std::string> words;
  for (const RealServerChange& one : made) words.push_back(to_string(one));
  EXPECT_THAT(words, ElementsAre("net.ipv4.conf.all.arp_announce 0 -> 2", "net.ipv4.conf.lo.arp_ignore 0 -> 1",
                                 "net.ipv4.conf.lo.arp_announce 0 -> 2", "route to 10.1.10.7 through lo"));
  EXPECT_THAT(plan_real_server(vips_), IsEmpty());
  EXPECT_THAT(take_back(made), IsEmpty());
  EXPECT_EQ(setting("all/arp_ignore"), 1);
  EXPECT_EQ(setting("all/arp_announce"), 0);
  EXPECT_TRUE(ip_prints("address show dev lo", "10.1.10.7/32"));
  EXPECT_FALSE(ip_prints("route", "10.1.10.7 dev lo"));
}

TEST_F(RealServerSetupTest, TheWayBackLeavesEverythingAsItWas) {
  set("lo/arp_announce", 1);
  const std::vector<RealServerChange> made = prepare();
  EXPECT_THAT(take_back(made), IsEmpty());
  EXPECT_FALSE(ip_prints("address show dev lo", "10.1.10.7"));
  EXPECT_FALSE(ip_prints("address show dev lo", "2001:db8::7"));
  EXPECT_FALSE(ip_prints("route", "10.1.10.7"));
  EXPECT_FALSE(ip_prints("-6 route", "2001:db8::7"));
  EXPECT_EQ(setting("all/arp_ignore"), 0);
  EXPECT_EQ(setting("all/arp_announce"), 0);
  EXPECT_EQ(setting("lo/arp_announce"), 1);
}

TEST_F(RealServerSetupTest, WhatOthersHaveChangedSinceStays) {
  const std::vector<RealServerChange> made = prepare();
  set("all/arp_ignore", 2);
  ip("address del 10.1.10.7/32 dev lo");
  EXPECT_THAT(take_back(made),
              ElementsAre("10.1.10.7 was not on lo any more",
                          "net.ipv4.conf.all.arp_ignore is 2 now, not 1 as it was left: it stays"));
  EXPECT_EQ(setting("all/arp_ignore"), 2);
}

TEST_F(RealServerSetupTest, ARefusalLeavesNothingHalfDone) {
  std::vector<RealServerChange> plan = plan_real_server(vips_);
  plan.insert(plan.begin() + 2, KernelSetting{"net/ipv4/conf/no_such/arp_ignore", 0, 1});
  std::vector<RealServerChange> made;
  const auto error = make_real_server(plan, made);
  ASSERT_TRUE(error);
  EXPECT_THAT(*error, HasSubstr("net.ipv4.conf.no_such.arp_ignore"));
  EXPECT_THAT(made, IsEmpty());
  EXPECT_EQ(setting("all/arp_ignore"), 0);
  EXPECT_FALSE(ip_prints("address show dev lo", "10.1.10.7"));
}

TEST_F(RealServerSetupTest, TheSlipOfThePublishedRecipeIsNamed) {
  ip("link set lo up");
  ip("address add 10.1.10.7/32 dev lo");
  for (const std::string where : {"all/", "lo/"}) {
    set(where + "arp_announce", 2);
    set(where + "arp_announce", 1);
  }
  vips_.pop_back();
  // Each end of the cable is an interface of this machine.
  EXPECT_THAT(real_server_faults(vips_),
              testing::UnorderedElementsAre(
                  HasSubstr("eth0 answers ARP for the virtual addresses: arp_ignore is 0"),
                  HasSubstr("neighbour answers ARP"), HasSubstr("eth0 may ask its neighbours"),
                  HasSubstr("neighbour may ask"), HasSubstr("wrote arp_announce twice")));
}

TEST_F(RealServerSetupTest, AddressesInTheWrongPlaceOrTooWideAreFaults) {
  vips_.pop_back();
  prepare();
  ip("address add 10.1.10.7/24 dev eth0");
  EXPECT_THAT(real_server_faults(vips_), ElementsAre(HasSubstr("10.1.10.7/24 is on eth0")));
  ip("address del 10.1.10.7/24 dev eth0");
  ip("address del 10.1.10.7/32 dev lo");
  ip("address add 10.1.10.7/24 dev lo");
  EXPECT_THAT(real_server_faults(vips_),
              ElementsAre(HasSubstr("take the whole network"), HasSubstr("10.1.10.7/32 is not on lo")));
}

/// The other end of the cable: asks by ARP, and hears the answers.
class Neighbour {
 public:
  Neighbour() : socket_(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ARP))) {
    sockaddr_ll own{};
    own.sll_family = AF_PACKET;
    own.sll_protocol = htons(ETH_P_ARP);
    own.sll_ifindex = static_cast<int>(if_nametoindex("neighbour"));
    bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own);
    const timeval patience{5, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  void ask(const IpAddress& target) {
    std::vector<std::uint8_t> frame(6, 0xff);                   // to everybody
    frame.insert(frame.end(), {2, 0, 0, 0, 0, 9});              // from us
    frame.insert(frame.end(), {8, 6, 0, 1, 8, 0, 6, 4, 0, 1});  // ARP, Ethernet, IPv4, request
    frame.insert(frame.end(), {2, 0, 0, 0, 0, 9, 10, 1, 10, 99});
    frame.insert(frame.end(), 6, 0);
    frame.insert(frame.end(), target.bytes().begin(), target.bytes().end());
    ASSERT_EQ(send(socket_.get(), frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
  }
  /// Who answers next.
  IpAddress answer() {
    std::array<std::uint8_t, 128> frame{};
    constexpr std::size_t kOperation = 21;
    constexpr std::size_t kSender = 28;
    while (recv(socket_.get(), frame.data(), frame.size(), 0) > 0) {
      if (frame[kOperation] == 2) return IpAddress::from_bytes(Family::ipv4, std::span(frame).subspan(kSender));
    }
    return {};
  }

 private:
  FileDescriptor socket_;
};

// What all of it is for. The question for the machine's own address comes last, and its answer ends the waiting.
TEST_F(RealServerSetupTest, TheNeighbourIsNotAnsweredForTheVirtualAddress) {
  const IpAddress own = IpAddress::v4(10, 1, 10, 11);
  ip("link set lo up");
  ip("address add 10.1.10.7/32 dev lo");
  Neighbour neighbour;
  neighbour.ask(vips_[0]);
  neighbour.ask(own);
  EXPECT_EQ(neighbour.answer().to_string(), "10.1.10.7");
  EXPECT_EQ(neighbour.answer().to_string(), "10.1.10.11");
  prepare();
  neighbour.ask(vips_[0]);
  neighbour.ask(own);
  EXPECT_EQ(neighbour.answer().to_string(), "10.1.10.11");
}

}  // namespace
}  // namespace vipdrift::linux_backend
