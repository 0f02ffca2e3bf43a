#include "backends/linux/ipvs_messages.h"

#include <gtest/gtest.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>

#include <chrono>
#include <optional>
#include <string>

#include "backends/linux/ipvs.h"

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kAnyFamily = 0x20;

/// What is written is read again: requests and dumps have the same attributes. ipvs_test.cc asks a kernel.
class IpvsMessagesTest : public testing::Test {
 protected:
  const nlmsghdr& written(const ipvs::Edit& edit) {
    append_edit(requests_, kAnyFamily, edit);
    return requests_.last();
  }
  static std::uint8_t command(const nlmsghdr& message) { return fixed_part<genlmsghdr>(message).cmd; }
  static bool has_server_attribute(const nlmsghdr& message, std::size_t type) {
    const NetlinkAttributes parts(message, sizeof(genlmsghdr));
    const NetlinkAttributes said(*parts[IPVS_CMD_ATTR_DEST]);
    return said[type] != nullptr;
  }

  NetlinkSocket requests_{NETLINK_GENERIC};
  ipvs::ServiceKey tcp4_{Family::ipv4, 0, ipvs::Transport::tcp, IpAddress::v4(10, 1, 10, 7), 80};
  ipvs::ServiceKey sctp6_{Family::ipv6, 0, ipvs::Transport::sctp, *IpAddress::parse("2001:db8::7"), 443};
};

TEST_F(IpvsMessagesTest, AServiceOfEitherFamilyKeepsItsSettings) {
  for (const ipvs::ServiceKey& key : {tcp4_, sctp6_}) {
    ipvs::ServiceSettings settings;
    settings.scheduler = ipvs::Scheduler::mh;
    settings.flags = {true, false, true};
    settings.persistence = 300s;
    settings.persistence_prefix = 24;
    settings.persistence_engine = "sip";
    const nlmsghdr& message = written(ipvs::AddService{key, settings});
    EXPECT_EQ(command(message), IPVS_CMD_NEW_SERVICE);
    const std::optional<IpvsService> read = service_in(message);
    ASSERT_TRUE(read);
    EXPECT_EQ(to_string(read->key), to_string(key));
    EXPECT_EQ(read->settings, settings);
    EXPECT_EQ(read->unknown_scheduler, "");
  }
}

TEST_F(IpvsMessagesTest, AFirewallMarkSaysAllButTheFamily) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const ipvs::ServiceKey key{family, 3, {}, {}, 0};
    const nlmsghdr& message = written(ipvs::SetService{key, {}});
    EXPECT_EQ(command(message), IPVS_CMD_SET_SERVICE);
    ASSERT_TRUE(service_in(message));
    EXPECT_EQ(service_in(message)->key, key);
  }
}

TEST_F(IpvsMessagesTest, ANetmaskOfAWholeAddressIsNone) {
  ipvs::ServiceSettings settings;
  settings.persistence = 50s;
  for (const ipvs::ServiceKey& key : {tcp4_, sctp6_}) {
    EXPECT_EQ(service_in(written(ipvs::AddService{key, settings}))->settings, settings) << to_string(key);
  }
  for (std::uint8_t prefix = 1; prefix < 32; ++prefix) {
    settings.persistence_prefix = prefix;
    EXPECT_EQ(service_in(written(ipvs::AddService{tcp4_, settings}))->settings.persistence_prefix, prefix);
  }
}

TEST_F(IpvsMessagesTest, AServerKeepsItsSettings) {
  ipvs::Server server{{IpAddress::v4(10, 1, 10, 11), 8080}, {}};
  server.settings = {{ipvs::Method::direct_route, {}}, 5, 1000, 800};
  const nlmsghdr& message = written(ipvs::AddServer{tcp4_, server});
  EXPECT_EQ(command(message), IPVS_CMD_NEW_DEST);
  const std::optional<IpvsServer> read = server_in(message, Family::ipv4);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->server, server);
}

TEST_F(IpvsMessagesTest, OldKernelsAreNotAskedForWhatTheyDoNotKnow) {
  ipvs::Server server{{IpAddress::v4(10, 1, 10, 11), 80}, {}};
  server.settings.forwarding.method = ipvs::Method::tunnel;
  const nlmsghdr& plain = written(ipvs::SetServer{tcp4_, server});
  EXPECT_FALSE(has_server_attribute(plain, IPVS_DEST_ATTR_TUN_TYPE));
  EXPECT_FALSE(has_server_attribute(plain, IPVS_DEST_ATTR_ADDR_FAMILY));
  EXPECT_EQ(server_in(plain, Family::ipv4)->server, server);

  server.settings.forwarding.tunnel = {ipvs::Tunnel::Type::gue, 5555, ipvs::Tunnel::Checksum::remote};
  EXPECT_EQ(server_in(written(ipvs::SetServer{tcp4_, server}), Family::ipv4)->server, server);

  server.key.address = *IpAddress::parse("2001:db8::11");  // an IPv4 service over IPv6
  EXPECT_EQ(server_in(written(ipvs::SetServer{tcp4_, server}), Family::ipv4)->server, server);
}

TEST_F(IpvsMessagesTest, ARemovalNamesAndNothingElse) {
  const nlmsghdr& message = written(ipvs::RemoveServer{sctp6_, {*IpAddress::parse("2001:db8::11"), 443}});
  EXPECT_EQ(command(message), IPVS_CMD_DEL_DEST);
  EXPECT_FALSE(has_server_attribute(message, IPVS_DEST_ATTR_WEIGHT));
  EXPECT_EQ(command(written(ipvs::RemoveService{sctp6_})), IPVS_CMD_DEL_SERVICE);
}

TEST_F(IpvsMessagesTest, ASyncDaemonIsToldWithWhatWasAskedFor) {
  const IpvsSyncDaemon simple{IpvsSyncDaemon::Role::backup, "eth0", 7, 0, {}, 0, 0};
  const IpvsSyncDaemon full{IpvsSyncDaemon::Role::master, "eth0", 255, 1400, IpAddress::v4(239, 1, 2, 3), 8849, 2};
  for (const IpvsSyncDaemon& daemon : {simple, full}) {
    append_start_of(requests_, kAnyFamily, daemon);
    EXPECT_EQ(sync_daemon_in(requests_.last()), daemon);
  }
}

TEST(IpvsTest, AKernelWithoutIpvsIsToldApartInWords) {
  const bool there = access("/proc/net/ip_vs", F_OK) == 0;
  Ipvs ipvs;
  if (!there && ipvs.error() != 0) {
    EXPECT_EQ(ipvs.error(), Ipvs::kIpvsMissing);
    EXPECT_NE(ipvs.why().find("modprobe ip_vs"), std::string::npos);
    IpvsReading reading;
    EXPECT_EQ(ipvs.read(reading, Ipvs::Detail::table_only), Ipvs::kIpvsMissing);
    const ipvs::Edit edit = ipvs::RemoveService{};
    const std::vector<Ipvs::Refusal> refused = ipvs.carry_out({&edit, 1});
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].error, Ipvs::kIpvsMissing);
  } else {
    EXPECT_EQ(ipvs.error(), 0) << ipvs.why();
  }
}

}  // namespace
}  // namespace vipdrift::linux_backend
