#include "protocol/ipvs/edits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace vipdrift::ipvs {
namespace {

ServiceKey web(std::uint8_t last) {
  return {.transport = Transport::tcp, .address = IpAddress::v4(10, 1, 10, last), .port = 80};
}

Server server(std::uint8_t last, int weight = 1, Method method = Method::direct_route) {
  return {.key = {.address = IpAddress::v4(10, 1, 10, last), .port = 80},
          .settings = {.forwarding = {.method = method}, .weight = weight}};
}

Table pool(std::vector<Server> servers) {
  Table table;
  table[web(7)] = {.settings = {.scheduler = Scheduler::rr}, .servers = std::move(servers)};
  return table;
}

std::vector<std::string> texts(const std::vector<Edit>& edits) {
  std::vector<std::string> out;
  for (const Edit& edit : edits) out.push_back(to_string(edit));
  return out;
}

using Texts = std::vector<std::string>;

TEST(Edits, NothingBetweenEqualTables) {
  const Table table = pool({server(11), server(12)});
  EXPECT_TRUE(edits(table, table, EditOrder::additions_first).empty());
}

TEST(Edits, TheOrderOfServersIsNoDifference) {
  const Table a = pool({server(11), server(12)});
  const Table b = pool({server(12), server(11)});
  EXPECT_TRUE(edits(a, b, EditOrder::additions_first).empty());
}

TEST(Edits, ANewServiceGetsItsServersInTheirOrder) {
  EXPECT_EQ(texts(edits({}, pool({server(12), server(11)}), EditOrder::additions_first)),
            (Texts{"add service TCP 10.1.10.7:80 (rr)", "add server 10.1.10.12:80 (DR, weight 1) to TCP 10.1.10.7:80",
                   "add server 10.1.10.11:80 (DR, weight 1) to TCP 10.1.10.7:80"}));
}

TEST(Edits, AServiceGoesWithItsServers) {
  EXPECT_EQ(texts(edits(pool({server(11)}), {}, EditOrder::additions_first)),
            (Texts{"remove service TCP 10.1.10.7:80"}));
}

TEST(Edits, TheSorryServerComesBeforeTheLastServerGoesOrAfter) {
  const Table before = pool({server(11)});
  const Table after = pool({server(1)});
  const std::string add = "add server 10.1.10.1:80 (DR, weight 1) to TCP 10.1.10.7:80";
  const std::string remove = "remove server 10.1.10.11:80 from TCP 10.1.10.7:80";
  EXPECT_EQ(texts(edits(before, after, EditOrder::additions_first)), (Texts{add, remove}));
  EXPECT_EQ(texts(edits(before, after, EditOrder::removals_first)), (Texts{remove, add}));
}

TEST(Edits, AServerWithOtherSettingsIsSetInItsPlace) {
  EXPECT_EQ(texts(edits(pool({server(11), server(12)}),
                        pool({server(11), server(12, 3)}), EditOrder::additions_first)),
            (Texts{"set server 10.1.10.12:80 (DR, weight 3) of TCP 10.1.10.7:80"}));
}

TEST(Edits, AServiceWithAnotherSchedulerKeepsItsServers) {
  Table after = pool({server(11)});
  after.begin()->second.settings.scheduler = Scheduler::wlc;
  EXPECT_EQ(texts(edits(pool({server(11)}), after, EditOrder::additions_first)),
            (Texts{"set service TCP 10.1.10.7:80 (wlc)"}));
}

TEST(CarryOut, RefusesWhatTheKernelRefuses) {
  Table table;
  EXPECT_FALSE(carry_out(AddServer{web(7), server(11)}, table));
  EXPECT_TRUE(carry_out(AddService{web(7), {}}, table));
  EXPECT_FALSE(carry_out(AddService{web(7), {}}, table));
  EXPECT_TRUE(carry_out(AddServer{web(7), server(11)}, table));
  EXPECT_FALSE(carry_out(AddServer{web(7), server(11)}, table));
  EXPECT_FALSE(carry_out(SetServer{web(7), server(12)}, table));
  EXPECT_FALSE(carry_out(RemoveServer{web(7), server(12).key}, table));
  EXPECT_FALSE(carry_out(SetService{web(77), {}}, table));
  EXPECT_TRUE(carry_out(RemoveService{web(7)}, table));
  EXPECT_FALSE(carry_out(RemoveService{web(7)}, table));
}

TEST(Keys, AreNamedAsAnOperatorNamesThem) {
  EXPECT_EQ(to_string(web(7)), "TCP 10.1.10.7:80");
  EXPECT_EQ(to_string(ServiceKey{.family = Family::ipv6, .fwmark = 3}), "FWM 3 inet6");
  EXPECT_EQ(to_string(ServerKey{.address = *IpAddress::parse("2001:db8::7"), .port = 443}), "[2001:db8::7]:443");
}

// ---- against a plain model: whatever two tables are, the edits lead from one to the other, and none is superfluous

Table random_table(std::mt19937& draw) {
  Table table;
  for (const std::uint8_t vip : std::vector<std::uint8_t>{7, 77, 78}) {
    if (draw() % 4 == 0) continue;
    Service some;
    some.settings.scheduler = draw() % 2 == 0 ? Scheduler::rr : Scheduler::wlc;
    std::vector<std::uint8_t> hosts{11, 12, 13, 14, 15};
    std::shuffle(hosts.begin(), hosts.end(), draw);
    hosts.resize(draw() % (hosts.size() + 1));
    for (const std::uint8_t host : hosts) some.servers.push_back(server(host, static_cast<int>(draw() % 2)));
    table.emplace(web(vip), some);
  }
  return table;
}

Table sorted(Table table) {
  for (auto& [key, each] : table) {
    std::sort(each.servers.begin(), each.servers.end(), [](const Server& a, const Server& b) { return a.key < b.key; });
  }
  return table;
}

class EditsProperty : public testing::TestWithParam<EditOrder> {};

TEST_P(EditsProperty, LeadFromAnyTableToAnyOther) {
  std::mt19937 draw{7};
  for (int round = 0; round < 2'000; ++round) {
    const Table from = random_table(draw);
    const Table to = random_table(draw);
    const std::vector<Edit> path = edits(from, to, GetParam());
    Table table = from;
    for (const Edit& edit : path) ASSERT_TRUE(carry_out(edit, table)) << to_string(edit);
    ASSERT_EQ(sorted(table), sorted(to));
    for (std::size_t left_out = 0; left_out < path.size(); ++left_out) {
      Table other = from;
      for (std::size_t i = 0; i < path.size(); ++i) {
        if (i != left_out) carry_out(path[i], other);
      }
      ASSERT_NE(sorted(other), sorted(to)) << "superfluous: " << to_string(path[left_out]);
    }
  }
}

TEST_P(EditsProperty, NeverEmptyAPoolThatHasServersBeforeAndAfterWhenAdditionsComeFirst) {
  if (GetParam() != EditOrder::additions_first) return;
  std::mt19937 draw{8};
  for (int round = 0; round < 2'000; ++round) {
    const Table from = random_table(draw);
    const Table to = random_table(draw);
    Table table = from;
    for (const Edit& edit : edits(from, to, EditOrder::additions_first)) {
      ASSERT_TRUE(carry_out(edit, table));
      for (const auto& [key, each] : table) {
        const auto before = from.find(key);
        const auto after = to.find(key);
        if (before == from.end() || after == to.end()) continue;
        if (before->second.servers.empty() || after->second.servers.empty()) continue;
        ASSERT_FALSE(each.servers.empty()) << to_string(key);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(BothOrders, EditsProperty,
                         testing::Values(EditOrder::additions_first, EditOrder::removals_first));

}  // namespace
}  // namespace vipdrift::ipvs
