#include "backends/linux/kernel_work.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <vector>

#include "backends/linux/own_namespace.h"

namespace vipdrift::linux_backend {
namespace {

using std::chrono::seconds;

constexpr int kMany = 1000;
const MacAddress kVirtualMac = virtual_router_mac(Family::ipv4, 51);

/// Address number `i` of 10.8.0.0/16, or of 2001:db8::/64.
IpAddress numbered(Family family, int i) {
  const auto high = static_cast<std::uint8_t>(i / 250);
  const auto low = static_cast<std::uint8_t>(i % 250 + 1);
  if (family == Family::ipv4) return IpAddress::v4(10, 8, high, low);
  return IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, high, low});
}

class KernelWorkTest : public OwnNamespace {
 protected:
  void SetUp() override {
    OwnNamespace::SetUp();
    ip("link set lo up");
    ip("link add eth0 type veth peer name eth1");
    ip("link set eth0 addrgenmode none");  // no address by itself
    ip("link set eth1 up");
    ip("link set eth0 up");
    requests = std::make_unique<NetlinkSocket>(NETLINK_ROUTE);
    table = std::make_unique<Netlink>(*requests);
    ASSERT_EQ(table->error(), 0);
    work = std::make_unique<KernelWork>(
        *requests, *table,
        KernelWork::Sinks{.failed = [this](const vrrp::ActionFailed& failure) { failures.push_back(failure); },
                          .log = [this](const std::string& line) { lines.push_back(line); }});
    eth0 = InterfaceId{table->index_of("eth0")};
    ASSERT_NE(eth0.value, 0U);
  }

  vrrp::AddAddress add(const IpAddress& address, Duration lifetime = {}) const {
    vrrp::AddAddress action{};
    action.instance = InstanceId{0};
    action.interface = eth0;
    action.address = address;
    action.prefix_length = address.family() == Family::ipv4 ? 32 : 128;
    action.lifetime = lifetime;
    return action;
  }
  vrrp::RemoveAddress remove(const IpAddress& address) const {
    vrrp::RemoveAddress action{};
    action.instance = InstanceId{0};
    action.interface = eth0;
    action.address = address;
    action.prefix_length = address.family() == Family::ipv4 ? 32 : 128;
    return action;
  }
  bool notified() const {
    pollfd one{table->descriptor(), POLLIN, 0};
    return poll(&one, 1, 0) > 0;
  }
  std::vector<vrrp::Event> receive() {
    std::vector<vrrp::Event> events;
    table->receive({.event = [&](const vrrp::Event& event) { events.push_back(event); },
                    .route =
                        [&](const nlmsghdr& told) {
                          if (auto event = work->removed(told)) events.push_back(*event);
                        }});
    return events;
  }
  std::size_t held() const { return table->interfaces().at(eth0.value).addresses.size(); }

  std::unique_ptr<NetlinkSocket> requests;
  std::unique_ptr<Netlink> table;
  std::unique_ptr<KernelWork> work;
  std::vector<vrrp::ActionFailed> failures;
  std::vector<std::string> lines;
  InterfaceId eth0;
};

template <class Wanted>
int count(const std::vector<vrrp::Event>& events) {
  return static_cast<int>(std::count_if(
      events.begin(), events.end(), [](const vrrp::Event& event) { return std::holds_alternative<Wanted>(event); }));
}

TEST_F(KernelWorkTest, AThousandAddressesComeAndGoAndAreReportedOnce) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    receive();
    const std::size_t before = held();
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < kMany; ++i) work->carry_out(add(numbered(family, i)));
    work->flush();
    const auto added = std::chrono::steady_clock::now();
    EXPECT_TRUE(failures.empty());
    // IPv6 tells of an address from a worker of the kernel.
    int told = 0;
    for (int turn = 0; turn < 200 && told < kMany; ++turn) {
      pollfd one{table->descriptor(), POLLIN, 0};
      poll(&one, 1, 50);
      told += count<vrrp::AddressChanged>(receive());
    }
    EXPECT_EQ(told, kMany);
    EXPECT_EQ(held(), before + kMany);
    const auto removing = std::chrono::steady_clock::now();
    for (int i = 0; i < kMany; ++i) work->carry_out(remove(numbered(family, i)));
    work->flush();
    const auto removed = std::chrono::steady_clock::now();
    EXPECT_EQ(count<vrrp::AddressChanged>(receive()), kMany);
    EXPECT_EQ(held(), before);
    RecordProperty(family == Family::ipv4 ? "add_ipv4_us" : "add_ipv6_us",
                   std::to_string((added - began).count() / 1000));
    RecordProperty(family == Family::ipv4 ? "remove_ipv4_us" : "remove_ipv6_us",
                   std::to_string((removed - removing).count() / 1000));
  }
  EXPECT_TRUE(failures.empty());
}

TEST_F(KernelWorkTest, ARefusalIsMatchedToItsActionAndTheOthersAreDone) {
  for (int i = 0; i < 300; ++i) {
    vrrp::AddAddress action = add(numbered(Family::ipv4, i));
    action.instance = InstanceId{static_cast<std::uint32_t>(i)};
    if (i % 100 == 77) action.prefix_length = 33;
    work->carry_out(action);
  }
  work->flush();
  ASSERT_EQ(failures.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(failures[i].what, vrrp::ActionFailed::What::add_address);
    EXPECT_EQ(failures[i].error, EINVAL);
    EXPECT_EQ(failures[i].instance->value, 100 * i + 77);
    EXPECT_EQ(failures[i].address, numbered(Family::ipv4, static_cast<int>(100 * i + 77)));
  }
  receive();
  EXPECT_EQ(std::count_if(table->interfaces().at(eth0.value).addresses.begin(),
                          table->interfaces().at(eth0.value).addresses.end(),
                          [](const auto& one) { return one.first.address.family() == Family::ipv4; }),
            297);
}

TEST_F(KernelWorkTest, AnAddressOfAVanishedInterfaceIsRefused) {
  ip("link del eth0");
  work->carry_out(add(numbered(Family::ipv4, 1)));
  work->carry_out(remove(numbered(Family::ipv4, 1)));  // what is gone is removed
  work->flush();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].error, ENODEV);
}

TEST_F(KernelWorkTest, RenewedLeasesWakeNobody) {
  const auto renew = [this](int seconds_left) {
    for (int i = 0; i < kMany; ++i) work->carry_out(add(numbered(Family::ipv4, i), seconds(seconds_left)));
    work->flush();
  };
  renew(50);
  EXPECT_EQ(count<vrrp::AddressChanged>(receive()), kMany);
  renew(100);
  EXPECT_FALSE(notified());
  EXPECT_TRUE(ip_prints("addr show dev eth0", "valid_lft 100sec"));
  EXPECT_FALSE(ip_prints("addr show dev eth0", "valid_lft 50sec"));
  ip("addr del 10.8.0.5/32 dev eth0");  // what others do is news
  const auto events = receive();
  ASSERT_EQ(count<vrrp::AddressChanged>(events), 1);
  EXPECT_EQ(std::get<vrrp::AddressChanged>(events.front()).address, IpAddress::v4(10, 8, 0, 5));
  EXPECT_FALSE(std::get<vrrp::AddressChanged>(events.front()).present);
}

TEST_F(KernelWorkTest, LostNotificationsAreMadeGood) {
  Netlink forgetful(*requests, 1);  // the system's smallest buffer
  ip("addr add 10.7.0.1/24 dev eth0");
  ip("addr add 10.7.0.2/24 dev eth0");
  forgetful.receive({.event = [](const vrrp::Event&) {}});
  for (int i = 0; i < kMany; ++i) work->carry_out(add(numbered(Family::ipv4, i)));
  work->flush();
  ip("addr del 10.7.0.1/24 dev eth0");
  ip("link add eth2 type veth peer name eth3");
  ip("link set eth1 down");
  std::vector<vrrp::Event> events;
  forgetful.receive({.event = [&](const vrrp::Event& event) { events.push_back(event); }});
  EXPECT_LT(forgetful.interfaces().at(eth0.value).addresses.size(), kMany + 10U);
  EXPECT_EQ(forgetful.facts(), Netlink(*requests).facts());
  int added = 0;
  bool down = false;
  for (const vrrp::Event& event : events) {
    if (const auto* change = std::get_if<vrrp::AddressChanged>(&event)) added += change->present ? 1 : 0;
    if (const auto* change = std::get_if<vrrp::LinkChanged>(&event))
      down = down || (change->interface == eth0 && !change->up);
  }
  EXPECT_EQ(added, kMany);
  EXPECT_EQ(count<vrrp::InterfaceAppeared>(events), 2);
  EXPECT_TRUE(down);
}

TEST_F(KernelWorkTest, InterfacesAppearAreRenamedLeaveABridgeAndVanish) {
  ip("link add br0 type bridge");
  ip("link set eth1 master br0");
  receive();
  ip("link set eth1 nomaster");
  EXPECT_EQ(count<vrrp::InterfaceVanished>(receive()), 0);
  EXPECT_NE(table->index_of("eth1"), 0U);
  ip("link set br0 name br1");
  auto events = receive();
  ASSERT_EQ(count<vrrp::InterfaceAppeared>(events), 1);
  EXPECT_EQ(std::get<vrrp::InterfaceAppeared>(events.front()).facts.name, "br1");
  ip("link del br1");
  EXPECT_EQ(count<vrrp::InterfaceVanished>(receive()), 1);
  ip("link del eth0");
  EXPECT_EQ(count<vrrp::InterfaceVanished>(receive()), 2);
}

TEST_F(KernelWorkTest, AnIpv6AddressIsThereWhenDuplicateDetectionIsOver) {
  receive();
  ip("addr add 2001:db8::9/64 dev eth0");
  const auto has = [](const std::vector<vrrp::Event>& events) {
    return std::any_of(events.begin(), events.end(), [](const vrrp::Event& event) {
      const auto* change = std::get_if<vrrp::AddressChanged>(&event);
      return change != nullptr && change->present && change->address == *IpAddress::parse("2001:db8::9");
    });
  };
  EXPECT_FALSE(has(receive()));
  bool seen = false;
  for (int turn = 0; turn < 100 && !seen; ++turn) {
    pollfd one{table->descriptor(), POLLIN, 0};
    poll(&one, 1, 100);
    seen = has(receive());
  }
  EXPECT_TRUE(seen);
}

// ---------------------------------------------------------------- virtual MACs

class VirtualMacTest : public KernelWorkTest {
 protected:
  vrrp::AddVirtualMac add_mac(std::uint8_t vrid) const {
    return {InstanceId{0}, eth0, virtual_router_mac(Family::ipv4, vrid), "vrrp." + std::to_string(vrid)};
  }
  vrrp::RemoveVirtualMac remove_mac(std::uint8_t vrid) const {
    return {InstanceId{0}, eth0, virtual_router_mac(Family::ipv4, vrid), "vrrp." + std::to_string(vrid)};
  }
  static int setting(const std::string& path) {
    std::ifstream in("/proc/sys/net/" + path);
    int value = -1;
    in >> value;
    return value;
  }
};

TEST_F(VirtualMacTest, IsMadeSetUpAndRemoved) {
  work->carry_out(add_mac(51));
  EXPECT_TRUE(failures.empty());
  EXPECT_TRUE(ip_prints("-d link show vrrp.51", "link/ether 00:00:5e:00:01:33"));
  EXPECT_TRUE(ip_prints("-d link show vrrp.51", "macvlan mode vepa"));
  EXPECT_TRUE(ip_prints("link show vrrp.51", "vrrp.51@eth0: <BROADCAST,MULTICAST,UP,LOWER_UP>"));
  EXPECT_FALSE(ip_prints("addr show vrrp.51", "inet"));
  EXPECT_EQ(setting("ipv4/conf/vrrp.51/arp_ignore"), 1);
  EXPECT_EQ(setting("ipv4/conf/eth0/arp_ignore"), 1);
  EXPECT_EQ(setting("ipv4/conf/eth0/arp_announce"), 2);
  EXPECT_EQ(count<vrrp::InterfaceAppeared>(receive()), 0) << "it is none of the stack's interfaces";

  vrrp::AddAddress address = add(IpAddress::v4(10, 9, 0, 7));
  address.virtual_mac = kVirtualMac;
  work->carry_out(address);
  work->flush();
  EXPECT_TRUE(ip_prints("addr show vrrp.51", "inet 10.9.0.7/32"));
  const auto events = receive();
  ASSERT_EQ(count<vrrp::AddressChanged>(events), 1);
  EXPECT_EQ(std::get<vrrp::AddressChanged>(events.front()).interface, eth0) << "told as the interface below";

  work->carry_out(remove_mac(51));
  work->flush();
  EXPECT_FALSE(ip_prints("link", "vrrp.51"));
  EXPECT_EQ(setting("ipv4/conf/eth0/arp_ignore"), 0);
  EXPECT_EQ(setting("ipv4/conf/eth0/arp_announce"), 0);
  EXPECT_EQ(count<vrrp::VirtualMacRemoved>(receive()), 0);
  EXPECT_TRUE(failures.empty());
}

TEST_F(VirtualMacTest, ALeftoverIsReplacedAndSomethingElseIsNot) {
  ip("link add link eth0 name old address 00:00:5e:00:01:33 type macvlan mode private");
  ip("addr add 10.9.0.7/24 dev old");
  ip("link add vrrp.52 type veth peer name eth3");
  receive();
  work->carry_out(add_mac(51));
  EXPECT_TRUE(failures.empty());
  EXPECT_FALSE(ip_prints("link", "old@"));
  EXPECT_FALSE(ip_prints("addr show vrrp.51", "10.9.0.7"));
  work->carry_out(add_mac(52));
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].error, EEXIST);
  EXPECT_EQ(failures[0].what, vrrp::ActionFailed::What::add_virtual_mac);
  EXPECT_TRUE(ip_prints("link", "vrrp.52@eth3"));
}

TEST_F(VirtualMacTest, ALeftoverWhoseAddressesAreLeasedIsTakenOver) {
  ip("link add link eth0 name vrrp.51 address 00:00:5e:00:01:33 type macvlan mode vepa");
  ip("link set vrrp.51 addrgenmode none");
  ip("addr add 10.9.0.7/24 dev vrrp.51 valid_lft 100 preferred_lft 100");
  ip("link set vrrp.51 up");
  receive();
  const vrrp::HostFacts facts = table->facts();
  const auto below = std::find_if(facts.interfaces.begin(), facts.interfaces.end(),
                                  [&](const vrrp::InterfaceFacts& one) { return one.id == eth0; });
  ASSERT_NE(below, facts.interfaces.end());
  EXPECT_EQ(below->leased, std::vector<IpAddress>{IpAddress::v4(10, 9, 0, 7)});
  EXPECT_TRUE(std::none_of(facts.interfaces.begin(), facts.interfaces.end(),
                           [](const vrrp::InterfaceFacts& one) { return one.name == "vrrp.51"; }));
  work->carry_out(add_mac(51));
  EXPECT_TRUE(failures.empty());
  EXPECT_TRUE(ip_prints("addr show vrrp.51", "10.9.0.7"));
  EXPECT_EQ(setting("ipv4/conf/vrrp.51/arp_ignore"), 1);
  work->carry_out(add_mac(52));
  work->carry_out(remove_mac(51));
  work->carry_out(remove_mac(52));
  work->flush();
  EXPECT_FALSE(ip_prints("link", "vrrp.5")) << "it belongs to the group of those that go with one request";
}

TEST_F(VirtualMacTest, ALeftoverWithAnAddressForEverIsReplaced) {
  ip("link add link eth0 name vrrp.51 address 00:00:5e:00:01:33 type macvlan mode vepa");
  ip("addr add 10.9.0.7/24 dev vrrp.51 valid_lft 100 preferred_lft 100");
  ip("addr add 10.9.0.8/24 dev vrrp.51");
  receive();
  work->carry_out(add_mac(51));
  EXPECT_TRUE(failures.empty());
  EXPECT_FALSE(ip_prints("addr show vrrp.51", "10.9.0"));
}

TEST_F(VirtualMacTest, SomebodyElseRemovesItOrTheInterfaceBelow) {
  work->carry_out(add_mac(51));
  work->carry_out(add_mac(52));
  receive();
  ip("link del vrrp.51");
  auto events = receive();
  ASSERT_EQ(count<vrrp::VirtualMacRemoved>(events), 1);
  EXPECT_EQ(std::get<vrrp::VirtualMacRemoved>(events.front()).mac, kVirtualMac);
  work->carry_out(add_mac(51));
  EXPECT_TRUE(ip_prints("link", "vrrp.51@eth0"));
  ip("link del eth0");
  events = receive();
  EXPECT_EQ(count<vrrp::VirtualMacRemoved>(events), 2);
  EXPECT_EQ(count<vrrp::InterfaceVanished>(events), 2);
}

TEST_F(VirtualMacTest, AllGoTogether) {
  for (int vrid = 1; vrid <= 255; ++vrid) work->carry_out(add_mac(static_cast<std::uint8_t>(vrid)));
  EXPECT_TRUE(failures.empty());
  receive();
  const auto began = std::chrono::steady_clock::now();
  for (int vrid = 1; vrid <= 255; ++vrid) work->carry_out(remove_mac(static_cast<std::uint8_t>(vrid)));
  work->flush();
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_TRUE(failures.empty());
  EXPECT_FALSE(ip_prints("link", "vrrp."));
  RecordProperty("remove_255_us", std::to_string(took.count() / 1000));
  EXPECT_LT(took, seconds(2)) << "one by one they take about 5 s";
}

TEST_F(VirtualMacTest, AStrictReversePathFilterMovesToTheOtherInterfaces) {
  std::ofstream("/proc/sys/net/ipv4/conf/all/rp_filter") << 1;
  work->carry_out(add_mac(51));
  EXPECT_EQ(setting("ipv4/conf/all/rp_filter"), 0);
  EXPECT_EQ(setting("ipv4/conf/eth0/rp_filter"), 1);
  EXPECT_EQ(setting("ipv4/conf/vrrp.51/rp_filter"), 0);
  ASSERT_FALSE(lines.empty());
}

// ---------------------------------------------------------------- routes and rules

class RouteTest : public KernelWorkTest {
 protected:
  static config::Route route(const std::string& to) {
    config::Route route;
    route.destination = *IpPrefix::parse(to);
    route.family = route.destination.address.family();
    route.device = "eth0";
    return route;
  }
};

TEST_F(RouteTest, IsAddedRemovedAndMissed) {
  config::Route wanted = route("10.20.0.0/16");
  wanted.table = "100";
  wanted.metric = 5;
  wanted.tos = 8;
  wanted.metrics = {{config::RouteMetric::mtu, 1000, true}, {config::RouteMetric::rtt, 100, false}};
  work->carry_out(vrrp::AddRoute{InstanceId{0}, wanted});
  config::Route wanted6 = route("2001:db8:1::/48");
  work->carry_out(vrrp::AddRoute{std::nullopt, wanted6});
  work->carry_out(vrrp::AddRoute{InstanceId{0}, wanted});  // there already
  work->flush();
  EXPECT_TRUE(failures.empty());
  EXPECT_TRUE(ip_prints("route show table 100", "10.20.0.0/16 tos 0x08 dev eth0 proto keepalived metric 5"));
  EXPECT_TRUE(ip_prints("route show table 100", "mtu lock 1000"));
  EXPECT_TRUE(ip_prints("-6 route", "2001:db8:1::/48 dev eth0 proto keepalived metric 1024"));
  EXPECT_EQ(count<vrrp::RouteRemoved>(receive()), 0);

  ip("route del 10.20.0.0/16 tos 0x08 metric 5 table 100");
  auto events = receive();
  ASSERT_EQ(count<vrrp::RouteRemoved>(events), 1);
  EXPECT_EQ(std::get<vrrp::RouteRemoved>(events.front()).route, wanted);

  work->carry_out(vrrp::RemoveRoute{std::nullopt, wanted6});
  work->carry_out(vrrp::RemoveRoute{InstanceId{0}, wanted});  // gone already
  work->flush();
  EXPECT_TRUE(failures.empty());
  EXPECT_FALSE(ip_prints("-6 route", "2001:db8:1::/48"));
  EXPECT_EQ(count<vrrp::RouteRemoved>(receive()), 0);
}

TEST_F(RouteTest, SeveralNextHops) {
  ip("addr add 10.9.0.1/24 dev eth0");
  config::Route wanted = route("10.21.0.0/16");
  wanted.device.clear();
  wanted.next_hops = {{IpAddress::v4(10, 9, 0, 2), "eth0", 3, false, ""},
                      {IpAddress::v4(10, 9, 0, 3), "", 1, false, ""}};
  work->carry_out(vrrp::AddRoute{InstanceId{0}, wanted});
  work->flush();
  EXPECT_TRUE(failures.empty());
  EXPECT_TRUE(ip_prints("route", "nexthop via 10.9.0.2 dev eth0 weight 3"));
  EXPECT_TRUE(ip_prints("route", "nexthop via 10.9.0.3 dev eth0 weight 1"));
  work->carry_out(vrrp::RemoveRoute{InstanceId{0}, wanted});
  work->flush();
  EXPECT_FALSE(ip_prints("route", "10.21.0.0/16"));
}

TEST_F(RouteTest, WhatCannotBeSaidFailsWithTheReason) {
  config::Route no_device = route("10.22.0.0/16");
  no_device.device = "eth9";
  work->carry_out(vrrp::AddRoute{InstanceId{0}, no_device});
  config::Route no_table = route("10.22.0.0/16");
  no_table.table = "no_such_table";
  work->carry_out(vrrp::AddRoute{InstanceId{0}, no_table});
  config::Route no_gateway = route("10.22.0.0/16");
  no_gateway.via = IpAddress::v4(192, 0, 2, 1);
  work->carry_out(vrrp::AddRoute{InstanceId{0}, no_gateway});
  work->carry_out(vrrp::AddRoute{InstanceId{0}, no_gateway});
  work->flush();
  ASSERT_EQ(failures.size(), 4U);
  EXPECT_EQ(failures[0].error, ENODEV);
  EXPECT_EQ(failures[1].error, EINVAL);
  EXPECT_EQ(failures[2].error, ENETUNREACH);
  ASSERT_EQ(lines.size(), 3U) << "the kernel's reason is said once";
  EXPECT_NE(lines[0].find("there is no interface eth9"), std::string::npos);
  EXPECT_NE(lines[1].find("no routing table 'no_such_table'"), std::string::npos);
  EXPECT_NE(lines[2].find("Nexthop has invalid gateway"), std::string::npos);
}

TEST_F(RouteTest, ARuleIsAddedRemovedAndMissed) {
  config::Rule wanted;
  wanted.from = *IpPrefix::parse("10.9.0.0/24");
  wanted.input_interface = "eth0";
  wanted.priority = 500;
  wanted.table = "100";
  wanted.firewall_mark = 0x10;
  work->carry_out(vrrp::AddRule{InstanceId{0}, wanted});
  work->carry_out(vrrp::AddRule{InstanceId{0}, wanted});
  work->flush();
  EXPECT_TRUE(failures.empty());
  EXPECT_TRUE(ip_prints("rule", "500:\tfrom 10.9.0.0/24 fwmark 0x10 iif eth0 lookup 100 proto keepalived"));
  ip("rule del priority 500");
  const auto events = receive();
  ASSERT_EQ(count<vrrp::RuleRemoved>(events), 1);
  EXPECT_EQ(std::get<vrrp::RuleRemoved>(events.front()).rule, wanted);
  work->carry_out(vrrp::AddRule{InstanceId{0}, wanted});
  work->carry_out(vrrp::RemoveRule{InstanceId{0}, wanted});
  work->carry_out(vrrp::RemoveRule{InstanceId{0}, wanted});
  work->flush();
  EXPECT_TRUE(failures.empty());
  EXPECT_FALSE(ip_prints("rule", "500:"));
}

}  // namespace
}  // namespace vipdrift::linux_backend
