#include "scenarios/durations.h"

#include <gtest/gtest.h>

#include <limits>

namespace vipdrift::scenarios {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Durations, ReadsEveryUnit) {
  EXPECT_EQ(parse_duration("2d"), Duration{hours{48}});
  EXPECT_EQ(parse_duration("1h"), Duration{hours{1}});
  EXPECT_EQ(parse_duration("90m"), Duration{minutes{90}});
  EXPECT_EQ(parse_duration("20s"), Duration{seconds{20}});
  EXPECT_EQ(parse_duration("100ms"), Duration{milliseconds{100}});
  EXPECT_EQ(parse_duration("50us"), Duration{microseconds{50}});
  EXPECT_EQ(parse_duration("7ns"), Duration{7});
  EXPECT_EQ(parse_duration("0s"), Duration{0});
}

TEST(Durations, AddsUnitsFromLargeToSmall) {
  EXPECT_EQ(parse_duration("1h30m"), Duration{minutes{90}});
  EXPECT_EQ(parse_duration("1m2s3ms"), Duration{milliseconds{62'003}});
  EXPECT_EQ(parse_duration("1m1.5s"), Duration{milliseconds{61'500}});
  EXPECT_FALSE(parse_duration("30m1h"));
  EXPECT_FALSE(parse_duration("1s1s"));
  EXPECT_FALSE(parse_duration("1.5m1s"));
}

TEST(Durations, ReadsFractionsExactly) {
  EXPECT_EQ(parse_duration("3.7s"), Duration{3'700'000'000});
  EXPECT_EQ(parse_duration("3.609375s"), Duration{3'609'375'000});
  EXPECT_EQ(parse_duration("0.5m"), Duration{seconds{30}});
  EXPECT_EQ(parse_duration("0.000000001s"), Duration{1});
  EXPECT_FALSE(parse_duration("0.0000000001s"));
  EXPECT_EQ(parse_duration("0.0000000010s"), Duration{1});
  EXPECT_FALSE(parse_duration("1.5ns"));
}

TEST(Durations, NegatesTheWhole) {
  EXPECT_EQ(parse_duration("-5s"), Duration{seconds{-5}});
  EXPECT_EQ(parse_duration("-1m30s"), Duration{seconds{-90}});
  EXPECT_FALSE(parse_duration("--5s"));
  EXPECT_FALSE(parse_duration("1m-30s"));
}

TEST(Durations, RefusesWhatHasNoUnitOrIsNoNumber) {
  for (const char* text : {"", "-", "20", "3.7", "s", "ms", ".5s", "5.s", "5 s", " 5s", "5s ", "5sec", "5S", "1e3s",
                           "0x5s", "+5s", "5,5s", "five"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Durations, RefusesWhatDoesNotFit) {
  EXPECT_EQ(parse_duration("9223372036854775807ns"), Duration::max());
  EXPECT_FALSE(parse_duration("9223372036854775808ns"));
  EXPECT_EQ(parse_duration("9223372036.854775807s"), Duration::max());
  EXPECT_FALSE(parse_duration("9223372036.854775808s"));
  EXPECT_FALSE(parse_duration("106752d"));
  EXPECT_FALSE(parse_duration("106751d24h"));
}

TEST(Durations, WritesTheShortestSingleUnit) {
  EXPECT_EQ(to_text(Duration{0}), "0s");
  EXPECT_EQ(to_text(Duration{7}), "7ns");
  EXPECT_EQ(to_text(Duration{1'500}), "1.5us");
  EXPECT_EQ(to_text(Duration{999'999'999}), "999.999999ms");
  EXPECT_EQ(to_text(Duration{3'609'375'000}), "3.609375s");
  EXPECT_EQ(to_text(Duration{seconds{5400}}), "5400s");
  EXPECT_EQ(to_text(Duration{seconds{-5}}), "-5s");
  EXPECT_EQ(to_text(Duration::min()), "-9223372036.854775808s");
}

TEST(Durations, ParsesBackWhatItWrites) {
  std::uint64_t state = 1;
  for (int i = 0; i < 2000; ++i) {
    state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    const Duration duration{static_cast<std::int64_t>(state >> (1 + i % 60))};
    EXPECT_EQ(parse_duration(to_text(duration)), duration) << to_text(duration);
  }
}

TEST(Shares, ReadsPercent) {
  EXPECT_EQ(parse_share("30%"), PartsPerMillion{300'000});
  EXPECT_EQ(parse_share("0.5%"), PartsPerMillion{5'000});
  EXPECT_EQ(parse_share("0%"), PartsPerMillion{0});
  EXPECT_EQ(parse_share("100%"), PartsPerMillion{1'000'000});
  EXPECT_EQ(parse_share("0.0001%"), PartsPerMillion{1});
}

TEST(Shares, RefusesTheRest) {
  for (const char* text : {"", "%", "30", "0.3", "101%", "100.0001%", "-1%", "0.00001%", "5.%", ".5%", "1.5x%", "30 %",
                           "99999999999999999999%"}) {
    EXPECT_FALSE(parse_share(text)) << text;
  }
}

TEST(Shares, WritesPercent) {
  EXPECT_EQ(to_text(PartsPerMillion{300'000}), "30%");
  EXPECT_EQ(to_text(PartsPerMillion{5'000}), "0.5%");
  EXPECT_EQ(to_text(PartsPerMillion{1}), "0.0001%");
  EXPECT_EQ(to_text(PartsPerMillion{0}), "0%");
}

}  // namespace
}  // namespace vipdrift::scenarios
