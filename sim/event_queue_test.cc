#include "sim/event_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>
#include <vector>

#include "sim/choices.h"

namespace vipdrift::sim {

struct EventQueueProbe {
  static std::size_t in_wheel(const EventQueue& queue) { return queue.wheel_.size(); }
  static std::size_t entries(const EventQueue& queue) {
    return queue.wheel_.size() + queue.near_end_ - queue.near_begin_;
  }
  static void leave_sequences(EventQueue& queue, std::uint64_t left) {
    queue.sequence_ = EventQueue::kLastSequence - left;
  }
  static std::uint64_t sequence(const EventQueue& queue) { return queue.sequence_; }
};

namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

Event numbered(std::uint64_t number) { return {.kind = 1, .detail = 0, .target = 0, .data = number}; }

std::vector<std::uint64_t> drain(EventQueue& queue, SimTime limit = kNoEvent) {
  std::vector<std::uint64_t> numbers;
  for (Fired fired; queue.pop(fired, limit);) numbers.push_back(fired.event.data);
  return numbers;
}

TEST(EventQueue, EmptyHasNothing) {
  EventQueue queue;
  Fired fired;
  EXPECT_FALSE(queue.pop(fired));
  EXPECT_EQ(queue.next_time(), kNoEvent);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.now(), SimTime{0});
}

TEST(EventQueue, PopsInOrderOfTimeAndTellsEverything) {
  EventQueue queue;
  queue.schedule(seconds{2}, {.kind = 7, .detail = 8, .target = 9, .data = 10});
  queue.schedule(seconds{1}, numbered(1));
  EXPECT_EQ(queue.next_time(), seconds{1});
  Fired fired;
  ASSERT_TRUE(queue.pop(fired));
  EXPECT_EQ(fired.at, seconds{1});
  EXPECT_EQ(queue.now(), seconds{1});
  ASSERT_TRUE(queue.pop(fired));
  EXPECT_EQ(fired.at, seconds{2});
  EXPECT_EQ(fired.event, (Event{.kind = 7, .detail = 8, .target = 9, .data = 10}));
  EXPECT_EQ(queue.popped(), 2U);
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, EqualTimesKeepTheOrderOfScheduling) {
  EventQueue queue;
  for (std::uint64_t i = 0; i < 1000; ++i) queue.schedule(seconds{1 + static_cast<int>(i % 2)}, numbered(i));
  std::vector<std::uint64_t> expected;
  for (std::uint64_t i = 0; i < 1000; i += 2) expected.push_back(i);
  for (std::uint64_t i = 1; i < 1000; i += 2) expected.push_back(i);
  EXPECT_EQ(drain(queue), expected);
}

TEST(EventQueue, LimitIsInclusive) {
  EventQueue queue;
  queue.schedule(nanoseconds{100}, numbered(1));
  Fired fired;
  EXPECT_FALSE(queue.pop(fired, nanoseconds{99}));
  EXPECT_EQ(queue.now(), SimTime{0});
  EXPECT_TRUE(queue.pop(fired, nanoseconds{100}));
}

TEST(EventQueue, CancelledEventsNeverCome) {
  EventQueue queue;
  const EventId first = queue.schedule(seconds{1}, numbered(1));
  const EventId second = queue.schedule(seconds{2}, numbered(2));
  EXPECT_TRUE(queue.pending(first));
  EXPECT_TRUE(queue.cancel(first));
  EXPECT_FALSE(queue.cancel(first));
  EXPECT_FALSE(queue.pending(first));
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue.next_time(), seconds{2});
  EXPECT_EQ(drain(queue), std::vector<std::uint64_t>{2});
  EXPECT_FALSE(queue.cancel(second));
  EXPECT_FALSE(queue.cancel(EventId{}));
}

TEST(EventQueue, StaleIdDoesNotNameTheNextEventInItsPlace) {
  EventQueue queue;
  const EventId old = queue.schedule(seconds{1}, numbered(1));
  queue.cancel(old);
  const EventId fresh = queue.schedule(seconds{1}, numbered(2));
  ASSERT_EQ(old.slot, fresh.slot);
  EXPECT_FALSE(queue.cancel(old));
  EXPECT_FALSE(queue.rearm(old, seconds{5}));
  EXPECT_EQ(drain(queue), std::vector<std::uint64_t>{2});
}

TEST(EventQueue, RearmMovesLaterAndEarlierBehindEquals) {
  EventQueue queue;
  const EventId moved = queue.schedule(seconds{1}, numbered(1));
  queue.schedule(seconds{2}, numbered(2));
  EXPECT_TRUE(queue.rearm(moved, seconds{2}));
  EXPECT_EQ(queue.next_time(), seconds{2});
  queue.schedule(seconds{2}, numbered(3));
  const EventId late = queue.schedule(seconds{9}, numbered(4));
  EXPECT_TRUE(queue.rearm(late, seconds{8}));
  EXPECT_TRUE(queue.rearm(late, seconds{2}));
  EXPECT_EQ(queue.size(), 4U);
  EXPECT_EQ(drain(queue), (std::vector<std::uint64_t>{2, 1, 3, 4}));
  EXPECT_FALSE(queue.rearm(moved, seconds{9}));
}

TEST(EventQueue, RearmToTheSameTimeGoesBehindEquals) {
  EventQueue queue;
  const EventId moved = queue.schedule(seconds{1}, numbered(1));
  queue.schedule(seconds{1}, numbered(2));
  queue.rearm(moved, seconds{1});
  EXPECT_EQ(drain(queue), (std::vector<std::uint64_t>{2, 1}));
}

TEST(EventQueue, ManyEventsMoveToTheWheelAndFewStayOut) {
  EventQueue queue;
  for (int i = 0; i < 40; ++i) queue.schedule(milliseconds{i}, numbered(0));
  EXPECT_EQ(EventQueueProbe::in_wheel(queue), 0U);
  for (int i = 0; i < 40; ++i) queue.schedule(milliseconds{i}, numbered(0));
  EXPECT_GT(EventQueueProbe::in_wheel(queue), 0U);
}

TEST(EventQueue, BurstBeforeAnOpenedFarBucketStaysInOrder) {
  EventQueue queue;
  for (std::uint64_t i = 0; i < 200; ++i) queue.schedule(hours{1} + seconds{i}, numbered(1000 + i));
  ASSERT_EQ(queue.next_time(), hours{1});  // buckets one hour ahead are open now
  for (std::uint64_t i = 0; i < 500; ++i) queue.schedule(microseconds{500 - i}, numbered(500 - i));
  std::vector<std::uint64_t> expected;
  for (std::uint64_t i = 1; i <= 500; ++i) expected.push_back(i);
  for (std::uint64_t i = 0; i < 200; ++i) expected.push_back(1000 + i);
  EXPECT_EQ(drain(queue), expected);
}

TEST(EventQueue, TheLastMomentIsATimeLikeAnyOther) {
  EventQueue queue;
  for (std::uint64_t i = 0; i < 100; ++i) queue.schedule(kNoEvent, numbered(i));
  for (std::uint64_t i = 0; i < 100; ++i) queue.schedule(kNoEvent - nanoseconds{1}, numbered(i));
  const std::vector<std::uint64_t> popped = drain(queue);
  ASSERT_EQ(popped.size(), 200U);
  EXPECT_EQ(popped[99], 99U);
  EXPECT_EQ(popped[100], 0U);
  EXPECT_EQ(popped[199], 99U);
}

TEST(EventQueue, AdvanceMovesNowUpToTheNextEvent) {
  EventQueue queue;
  queue.schedule(seconds{5}, numbered(1));
  queue.advance_to(seconds{5});
  EXPECT_EQ(queue.now(), seconds{5});
  queue.advance_to(seconds{3});
  EXPECT_EQ(queue.now(), seconds{5});
  EXPECT_DEATH(queue.advance_to(seconds{6}), "past a pending event");
}

TEST(EventQueue, ThePastIsRefused) {
  EventQueue queue;
  const EventId id = queue.schedule(seconds{9}, numbered(1));
  queue.advance_to(seconds{2});
  EXPECT_DEATH(queue.schedule(seconds{2} - nanoseconds{1}, numbered(2)), "scheduled in the past");
  EXPECT_DEATH(queue.rearm(id, seconds{2} - nanoseconds{1}), "re-armed in the past");
}

TEST(EventQueue, CancelAndScheduleForEverKeepsMemoryBounded) {
  EventQueue queue;
  std::vector<EventId> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(queue.schedule(seconds{1} + milliseconds{i}, numbered(0)));
  std::size_t most = 0;
  for (int round = 0; round < 100'000; ++round) {
    EventId& id = ids[static_cast<std::size_t>(round * 37 % 100)];
    queue.cancel(id);
    id = queue.schedule(seconds{1} + microseconds{round * 7919 % 999'983}, numbered(0));
    most = std::max(most, EventQueueProbe::entries(queue));
  }
  EXPECT_LE(most, 300U);
  EXPECT_EQ(drain(queue).size(), 100U);
}

TEST(EventQueue, RunningOutOfSequenceNumbersRenumbers) {
  EventQueue queue;
  std::vector<std::uint64_t> expected;
  EventQueueProbe::leave_sequences(queue, 70);
  for (std::uint64_t i = 0; i < 200; ++i) {
    queue.schedule(seconds{1}, numbered(i));
    expected.push_back(i);
  }
  EXPECT_EQ(EventQueueProbe::sequence(queue), 201U);
  EXPECT_EQ(drain(queue), expected);
}

TEST(EventQueue, ACopyIsAForkOfTheFuture) {
  EventQueue queue;
  for (std::uint64_t i = 0; i < 300; ++i) queue.schedule(milliseconds{i * 17 % 101}, numbered(i));
  EventQueue fork = queue;
  EXPECT_EQ(drain(fork), drain(queue));
}

/// A queue and the simplest thing that must behave alike.
class AgainstModel {
 public:
  explicit AgainstModel(std::uint64_t seed) : draw_(seed) {}

  /// `horizon`: how far ahead events are scheduled; `target`: about how many are pending.
  void run(std::size_t steps, SimTime horizon, std::size_t target) {
    for (std::size_t step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      const bool grow = draw_.below(2 * target + 1) >= ids_.size();
      switch (draw_.below(8)) {
        case 0:
          cancel();
          break;
        case 1:
        case 2:
          rearm(horizon);
          break;
        case 3:
          ASSERT_EQ(queue_.next_time(), model_.empty() ? kNoEvent : SimTime{model_.begin()->first.first});
          break;
        default:
          grow ? schedule(horizon) : pop();
          break;
      }
      ASSERT_EQ(queue_.size(), model_.size());
    }
  }

  void finish() {
    while (!model_.empty() && !::testing::Test::HasFailure()) pop();
    EXPECT_TRUE(queue_.empty());
  }

 private:
  using Key = std::pair<std::int64_t, std::uint64_t>;
  struct Known {
    EventId id;
    Key key;
    std::uint64_t number;
  };

  /// Mostly round times, so that equal ones are common; sometimes at once.
  SimTime draw_time(SimTime horizon) {
    const auto span = static_cast<std::uint64_t>(horizon.count());
    switch (draw_.below(4)) {
      case 0:
        return queue_.now();
      case 1:
        return queue_.now() + SimTime{static_cast<std::int64_t>(draw_.below(span / 1000 + 1))};
      case 2:
        return queue_.now() + SimTime{static_cast<std::int64_t>(draw_.below(8) * (span / 8))};
      default:
        return queue_.now() + SimTime{static_cast<std::int64_t>(draw_.below(span))};
    }
  }

  void schedule(SimTime horizon) {
    const SimTime at = draw_time(horizon);
    const Key key{at.count(), ++sequence_};
    ids_.push_back({queue_.schedule(at, numbered(sequence_)), key, sequence_});
    model_[key] = sequence_;
  }
  void cancel() {
    if (ids_.empty()) return;
    const std::size_t which = draw_.below(ids_.size());
    ASSERT_EQ(queue_.cancel(ids_[which].id), model_.erase(ids_[which].key) == 1);
    forget(which);
  }
  void rearm(SimTime horizon) {
    if (ids_.empty()) return;
    const std::size_t which = draw_.below(ids_.size());
    const SimTime at = draw_time(horizon);
    const bool known = model_.erase(ids_[which].key) == 1;
    ASSERT_EQ(queue_.rearm(ids_[which].id, at), known);
    if (!known) return forget(which);
    ids_[which].key = {at.count(), ++sequence_};
    model_[ids_[which].key] = ids_[which].number;
  }
  void pop() {
    Fired fired;
    ASSERT_EQ(queue_.pop(fired), !model_.empty());
    if (model_.empty()) return;
    ASSERT_EQ(fired.at.count(), model_.begin()->first.first);
    ASSERT_EQ(fired.event.data, model_.begin()->second);
    model_.erase(model_.begin());
  }
  void forget(std::size_t which) {
    ids_[which] = ids_.back();
    ids_.pop_back();
  }

  Generator draw_;
  EventQueue queue_;
  std::map<Key, std::uint64_t> model_;
  std::vector<Known> ids_;
  std::uint64_t sequence_ = 0;
};

TEST(EventQueueProperty, AnyOperationsAgreeWithAMultimap) {
  const SimTime horizons[] = {nanoseconds{10}, microseconds{5}, milliseconds{300}, seconds{3}, hours{1000}};
  std::uint64_t seed = 0;
  for (const SimTime horizon : horizons) {
    for (const std::size_t target : {3U, 30U, 60U, 300U, 3000U}) {
      SCOPED_TRACE(::testing::Message() << "horizon " << horizon.count() << " ns, about " << target << " pending");
      AgainstModel pair{++seed};
      pair.run(20'000, horizon, target);
      pair.finish();
      if (HasFailure()) return;
    }
  }
}

TEST(EventQueueProperty, SwitchingBetweenFewAndManyAgreesWithAMultimap) {
  for (std::uint64_t seed = 100; seed < 110; ++seed) {
    AgainstModel pair{seed};
    for (int round = 0; round < 20; ++round) {
      pair.run(1500, milliseconds{300}, 400);
      pair.run(1500, seconds{30}, 5);
      pair.run(500, microseconds{300}, 80);
    }
    pair.finish();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace vipdrift::sim
