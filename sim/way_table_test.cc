#include "sim/way_table.h"

#include <gtest/gtest.h>

#include <map>

namespace vipdrift::sim {
namespace {

IpAddress address_of(std::uint64_t number) {
  const auto low = static_cast<std::uint8_t>(number % 251);
  const auto network = static_cast<std::uint8_t>(number / 251 % 3);
  if (number % 4 != 0) return IpAddress::v4(10, 1, network, low);
  return IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, network, 0, 0, 0, 0, 0, 0, 0, low});
}

/// Against a plain map: what is worked out once is known until everything is forgotten, however the table grows.
TEST(WayTable, WorksOutEachAddressOnceUntilItForgets) {
  WayTable table;
  std::map<IpAddress, std::size_t> known;
  std::uint64_t random = 7;
  std::size_t worked_out = 0;
  for (int turn = 0; turn < 200'000; ++turn) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    if ((random >> 33U) % 3000 == 0) {
      table.forget();
      known.clear();
    }
    const IpAddress address = address_of(random >> 40U);
    bool asked = false;
    const Way& way = table.find(address, [&](Way& unknown) {
      asked = true;
      unknown.slot = ++worked_out;
    });
    ASSERT_EQ(way.address, address);
    ASSERT_EQ(asked, !known.contains(address));
    ASSERT_EQ(known.emplace(address, way.slot).first->second, way.slot);
  }
  EXPECT_GT(worked_out, 1000U);
}

TEST(WayTable, StartsAWayAnew) {
  WayTable table;
  const IpAddress address = address_of(1);
  table.find(address, [](Way& way) { way.held = true; });
  table.forget();
  const Way& way = table.find(address, [](Way&) {});
  EXPECT_FALSE(way.held);
  EXPECT_EQ(way.slot, Way::kNoSlot);
}

}  // namespace
}  // namespace vipdrift::sim
