#include "sim/flow_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "sim/way_table.h"

namespace vipdrift::sim {
namespace {

const auto kAny = [](std::uint32_t) { return true; };

TEST(FlowIndex, TellsNumbersOfOneHashApart) {
  FlowIndex index;
  index.insert(7, 1);
  index.insert(7, 2);
  EXPECT_EQ(index.find(7, [](std::uint32_t number) { return number == 2; }), 2U);
  EXPECT_EQ(index.find(7, [](std::uint32_t number) { return number == 3; }), FlowIndex::kNone);
  EXPECT_EQ(index.find(8, kAny), FlowIndex::kNone);
  index.erase(7, 1);
  EXPECT_EQ(index.find(7, kAny), 2U);
  EXPECT_EQ(index.size(), 1U);
}

// Few hashes, so that many stand where others belong, also across the end of the table.
TEST(FlowIndexProperty, HoldsWhatAMapHolds) {
  for (const std::uint32_t hashes : {3U, 20U, 4'000'000'000U}) {
    std::mt19937 engine{hashes};
    const auto below = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(engine() % limit); };
    FlowIndex index;
    std::map<std::uint32_t, std::uint32_t> hash_of;
    for (std::uint32_t step = 0; step < 20'000; ++step) {
      const std::uint32_t number = below(step < 10'000 ? 40 : 400);
      if (hash_of.contains(number)) {
        index.erase(hash_of[number], number);
        hash_of.erase(number);
      } else {
        hash_of[number] = below(hashes) + 13;
        index.insert(hash_of[number], number);
      }
      ASSERT_EQ(index.size(), hash_of.size());
      const std::uint32_t asked = below(40);
      const auto known = hash_of.find(asked);
      const std::uint32_t hash = known == hash_of.end() ? below(hashes) + 13 : known->second;
      ASSERT_EQ(index.find(hash, [&](std::uint32_t each) { return each == asked; }),
                known == hash_of.end() ? FlowIndex::kNone : asked);
    }
    for (const auto& known : hash_of) {
      ASSERT_EQ(index.find(known.second, [&](std::uint32_t each) { return each == known.first; }), known.first);
    }
    index.clear();
    EXPECT_TRUE(index.empty());
    EXPECT_EQ(index.find(13, kAny), FlowIndex::kNone);
  }
}

TEST(WayTable, WorksOutEachAddressOnceUntilItForgets) {
  WayTable ways;
  int worked_out = 0;
  const auto ask = [&](int i) {
    const IpAddress v4 = IpAddress::v4(10, 1, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i % 256));
    const IpAddress v6 = IpAddress::v6({0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(i / 256),
                                        static_cast<std::uint8_t>(i % 256)});
    const IpAddress address = i % 2 == 0 ? v4 : v6;
    return ways.find(address, [&](Way& way) {
      EXPECT_EQ(way.address, address);
      EXPECT_EQ(way.slot, Way::kNoSlot);
      EXPECT_FALSE(way.held || way.route);
      way.slot = static_cast<std::size_t>(i) + 1000 * static_cast<std::size_t>(worked_out++ / 1000);
    }).slot;
  };
  for (int round = 0; round < 3; ++round) {
    for (int again = 0; again < 2; ++again) {
      for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(ask(i), static_cast<std::size_t>(i) + 1000 * static_cast<std::size_t>(round));
      }
    }
    EXPECT_EQ(worked_out, 1000 * (round + 1));
    ways.forget();
  }
}

}  // namespace
}  // namespace vipdrift::sim
