#include "sim/choices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

namespace vipdrift::sim {
namespace {

using scenarios::PartsPerMillion;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using ::testing::ElementsAre;

std::vector<std::uint64_t> take(Choices& choices, std::string_view name, std::size_t count, std::uint64_t bound) {
  const StreamId stream = choices.stream(name);
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(choices.below(stream, bound));
  return numbers;
}

TEST(Generator, GivesThePublishedNumbers) {
  Generator generator{std::array<std::uint64_t, 4>{1, 2, 3, 4}};
  const std::uint64_t expected[] = {11520U,
                                    0U,
                                    1509978240U,
                                    1215971899390074240U,
                                    1216172134540287360U,
                                    607988272756665600U,
                                    16172922978634559625U,
                                    8476171486693032832U,
                                    10595114339597558777U,
                                    2904607092377533576U};
  for (const std::uint64_t number : expected) EXPECT_EQ(generator.next(), number);
}

TEST(Generator, BelowHasNoBias) {
  // 3 * 2^62: plain modulo would give the lowest third twice as often.
  const std::uint64_t n = std::uint64_t{3} << 62U;
  Generator generator{1};
  int lowest_third = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::uint64_t value = generator.below(n);
    ASSERT_LT(value, n);
    if (value < n / 3) ++lowest_third;
  }
  EXPECT_NEAR(lowest_third, 10'000, 300);
}

TEST(Choices, SeedAndNameGiveTheseNumbers) {
  Choices choices = Choices::random(42);
  EXPECT_THAT(take(choices, "loss/lan/lvs1", 5, 1000), ElementsAre(206, 929, 103, 188, 414));
  EXPECT_THAT(take(choices, "loss/lan/lvs2", 5, 1000), ElementsAre(366, 467, 639, 347, 417));
  EXPECT_EQ(choices.between(choices.stream("jitter"), milliseconds{1}, milliseconds{2}), nanoseconds{1630116});
  EXPECT_EQ(choices.draws(), 11U);
  EXPECT_EQ(choices.last_draw(), 5284964546724894976U);
}

TEST(Choices, StreamsDoNotMoveOneAnother) {
  Choices alone = Choices::random(7);
  Choices crowded = Choices::random(7);
  take(crowded, "another", 100, 10);
  EXPECT_EQ(take(alone, "mine", 100, 1'000'000), take(crowded, "mine", 100, 1'000'000));
}

TEST(Choices, OtherSeedOrNameGivesOtherNumbers) {
  Choices first = Choices::random(1);
  Choices second = Choices::random(2);
  const auto mine = take(first, "mine", 10, 1'000'000);
  EXPECT_NE(mine, take(second, "mine", 10, 1'000'000));
  EXPECT_NE(mine, take(first, "other", 10, 1'000'000));
}

TEST(Choices, ChanceKeepsItsShare) {
  Choices choices = Choices::random(3);
  const StreamId stream = choices.stream("loss");
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) hits += choices.chance(stream, PartsPerMillion{300'000}) ? 1 : 0;
  EXPECT_EQ(hits, 29896);
}

TEST(Choices, CertaintiesDrawNothing) {
  Choices choices = Choices::random(3);
  const StreamId stream = choices.stream("loss");
  EXPECT_FALSE(choices.chance(stream, PartsPerMillion{0}));
  EXPECT_TRUE(choices.chance(stream, PartsPerMillion{1'000'000}));
  EXPECT_EQ(choices.below(stream, 1), 0U);
  EXPECT_EQ(choices.between(stream, milliseconds{5}, milliseconds{5}), milliseconds{5});
  EXPECT_EQ(choices.draws(), 0U);
}

TEST(Choices, BetweenIncludesBothEnds) {
  Choices choices = Choices::random(5);
  const StreamId stream = choices.stream("delay");
  std::set<std::int64_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(choices.between(stream, nanoseconds{-1}, nanoseconds{1}).count());
  EXPECT_THAT(seen, ElementsAre(-1, 0, 1));
}

TEST(Choices, LastDrawTellsRunsApart) {
  Choices one = Choices::random(9);
  Choices same = Choices::random(9);
  take(one, "a", 3, 10);
  take(same, "a", 3, 10);
  EXPECT_EQ(one.last_draw(), same.last_draw());
  EXPECT_EQ(one.last_draw(), one.last_draw());
  take(same, "a", 1, 10);
  EXPECT_NE(one.last_draw(), same.last_draw());
}

TEST(Choices, ReplayRepeatsARecordStreamByStream) {
  Choices original = Choices::random(11);
  original.start_recording();
  const auto a = take(original, "a", 5, 100);
  const auto b = take(original, "b", 5, 100);
  EXPECT_TRUE(original.chance(original.stream("c"), PartsPerMillion{999'999}));

  Choices replayed = Choices::replaying(original.record());
  replayed.start_recording();
  EXPECT_EQ(take(replayed, "b", 5, 100), b);  // the order between streams is free
  EXPECT_EQ(take(replayed, "a", 5, 100), a);
  EXPECT_TRUE(replayed.chance(replayed.stream("c"), PartsPerMillion{1}));
  EXPECT_THAT(take(replayed, "a", 2, 100), ElementsAre(0, 0));
  EXPECT_FALSE(replayed.chance(replayed.stream("c"), PartsPerMillion{999'999}));
  EXPECT_EQ(replayed.record().draws.size(), 14U);
}

TEST(Choices, ReplayUnderASmallerBoundIsDull) {
  Choices choices = Choices::replaying({{"a"}, {{0, 100, 99}, {0, 100, 3}}});
  EXPECT_THAT(take(choices, "a", 2, 50), ElementsAre(0, 3));
}

TEST(Choices, EnumerationVisitsEverySequenceOnce) {
  Enumeration all;
  std::set<std::vector<std::uint64_t>> seen;
  do {
    Choices choices = Choices::enumerating(all);
    const StreamId stream = choices.stream("s");
    std::vector<std::uint64_t> run{choices.below(stream, 3)};
    if (run[0] == 1) run.push_back(choices.chance(stream, PartsPerMillion{5}) ? 1 : 0);  // depends on what came before
    if (run[0] == 2)
      run.push_back(static_cast<std::uint64_t>(choices.between(stream, nanoseconds{4}, nanoseconds{9}).count()));
    EXPECT_TRUE(seen.insert(run).second);
  } while (all.next());
  EXPECT_THAT(seen,
              ElementsAre(ElementsAre(0), ElementsAre(1, 0), ElementsAre(1, 1), ElementsAre(2, 4), ElementsAre(2, 9)));
  EXPECT_EQ(all.runs(), 5U);
}

TEST(Choices, EnumerationStopsAtItsDepth) {
  Enumeration all{2};
  do {
    Choices choices = Choices::enumerating(all);
    const StreamId stream = choices.stream("s");
    for (int i = 0; i < 2; ++i) choices.below(stream, 2);
    EXPECT_EQ(choices.below(stream, 2), 0U);
  } while (all.next());
  EXPECT_EQ(all.runs(), 4U);
}

TEST(Choices, BytesAreTakenInOrderAndEndDull) {
  const std::array<std::uint8_t, 4> bytes{7, 1, 0x12, 0x34};
  Choices choices = Choices::from_bytes(bytes);
  const StreamId stream = choices.stream("s");
  EXPECT_EQ(choices.below(stream, 5), 2U);
  EXPECT_TRUE(choices.chance(stream, PartsPerMillion{1}));
  EXPECT_EQ(choices.below(stream, 0x10000), 0x1234U);
  EXPECT_EQ(choices.below(stream, 5), 0U);
  EXPECT_FALSE(choices.chance(stream, PartsPerMillion{999'999}));
}

TEST(Choices, ACopyForksTheFuture) {
  Choices choices = Choices::random(1);
  take(choices, "a", 3, 10);
  Choices fork = choices;
  EXPECT_EQ(take(fork, "a", 20, 10), take(choices, "a", 20, 10));
}

}  // namespace
}  // namespace vipdrift::sim
