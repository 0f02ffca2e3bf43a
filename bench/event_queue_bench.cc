// sim::EventQueue beside what the standard library offers, on the same sequence of times.
//
// Hold: the earliest event is taken and another scheduled a drawn time later, with 10 to 1,000,000 pending.
// Move: a drawn pending event is moved to a drawn time (cancel and insert, or re-arm).
// Churn: both, as timers live: the earliest fires and is set again, and another one, still pending, is re-armed. A
// std::priority_queue cannot move an entry; beside it stands a table of which entry of each timer counts.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <queue>
#include <set>
#include <tuple>
#include <vector>

#include "sim/choices.h"
#include "sim/event_queue.h"

namespace {

using vipdrift::sim::Event;
using vipdrift::sim::EventId;
using vipdrift::sim::EventQueue;
using vipdrift::sim::Fired;
using vipdrift::sim::Generator;
using vipdrift::sim::SimTime;

constexpr std::size_t kDraws = 1U << 16U;

/// How far ahead events are scheduled.
enum class Shape : std::uint8_t {
  uniform,  ///< anywhere in two seconds
  wire,     ///< as on a segment: every other event a delivery 50 us ahead, the others timers 1 s and a bit ahead
};

std::vector<std::int64_t> draw_delays(Shape shape) {
  Generator generator{1};
  std::vector<std::int64_t> delays(kDraws);
  for (std::size_t i = 0; i < kDraws; ++i) {
    if (shape == Shape::uniform) {
      delays[i] = 1 + static_cast<std::int64_t>(generator.below(2'000'000'000));
    } else {
      delays[i] = i % 2 == 0 ? 50'000 : 1'000'000'000 + static_cast<std::int64_t>(generator.below(200'000));
    }
  }
  return delays;
}

std::vector<std::uint32_t> draw_victims(std::size_t pending) {
  Generator generator{2};
  std::vector<std::uint32_t> victims(kDraws);
  for (std::uint32_t& victim : victims) victim = static_cast<std::uint32_t>(generator.below(pending));
  return victims;
}

/// An event of the rivals: time, order of scheduling, and the same payload.
struct Pending {
  std::int64_t at;
  std::uint64_t sequence;
  Event event;

  friend bool operator<(const Pending& a, const Pending& b) {
    return std::tie(a.at, a.sequence) < std::tie(b.at, b.sequence);
  }
  friend bool operator>(const Pending& a, const Pending& b) { return b < a; }
};

struct StdPriorityQueue {
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> queue;
  std::uint64_t sequence = 0;

  void schedule(std::int64_t at, Event event) { queue.push({at, ++sequence, event}); }
  Pending pop() {
    const Pending first = queue.top();
    queue.pop();
    return first;
  }
};

struct StdSet {
  std::set<Pending> queue;
  std::uint64_t sequence = 0;

  std::set<Pending>::iterator schedule(std::int64_t at, Event event) {
    return queue.insert({at, ++sequence, event}).first;
  }
  Pending pop() {
    const Pending first = *queue.begin();
    queue.erase(queue.begin());
    return first;
  }
};

struct Ours {
  EventQueue queue;

  EventId schedule(std::int64_t at, Event event) { return queue.schedule(SimTime{at}, event); }
  Pending pop() {
    Fired fired;
    queue.pop(fired);
    return {fired.at.count(), 0, fired.event};
  }
};

template <class Queue, Shape kShape>
void hold(benchmark::State& state) {
  const auto pending = static_cast<std::size_t>(state.range(0));
  const std::vector<std::int64_t> delays = draw_delays(kShape);
  Queue queue;
  for (std::size_t i = 0; i < pending; ++i) queue.schedule(delays[i % kDraws], {});
  std::size_t draw = 0;
  for (std::size_t i = 0; i < 3 * pending; ++i) queue.schedule(queue.pop().at + delays[draw++ % kDraws], {});
  for (auto _ : state) {
    const Pending first = queue.pop();
    queue.schedule(first.at + delays[draw++ % kDraws], first.event);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void move_in_set(benchmark::State& state) {
  const auto pending = static_cast<std::size_t>(state.range(0));
  const std::vector<std::int64_t> delays = draw_delays(Shape::uniform);
  const std::vector<std::uint32_t> victims = draw_victims(pending);
  StdSet queue;
  std::vector<std::set<Pending>::iterator> handles;
  for (std::size_t i = 0; i < pending; ++i) handles.push_back(queue.schedule(delays[i % kDraws], {}));
  std::size_t draw = 0;
  for (auto _ : state) {
    auto& handle = handles[victims[draw % kDraws]];
    queue.queue.erase(handle);
    handle = queue.schedule(delays[draw * 7 % kDraws], {});
    ++draw;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void cancel_and_schedule(benchmark::State& state) {
  const auto pending = static_cast<std::size_t>(state.range(0));
  const std::vector<std::int64_t> delays = draw_delays(Shape::uniform);
  const std::vector<std::uint32_t> victims = draw_victims(pending);
  EventQueue queue;
  std::vector<EventId> handles;
  for (std::size_t i = 0; i < pending; ++i) handles.push_back(queue.schedule(SimTime{delays[i % kDraws]}, {}));
  std::size_t draw = 0;
  for (auto _ : state) {
    EventId& handle = handles[victims[draw % kDraws]];
    queue.cancel(handle);
    handle = queue.schedule(SimTime{delays[draw * 7 % kDraws]}, {});
    ++draw;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void rearm(benchmark::State& state) {
  const auto pending = static_cast<std::size_t>(state.range(0));
  const std::vector<std::int64_t> delays = draw_delays(Shape::uniform);
  const std::vector<std::uint32_t> victims = draw_victims(pending);
  EventQueue queue;
  std::vector<EventId> handles;
  for (std::size_t i = 0; i < pending; ++i) handles.push_back(queue.schedule(SimTime{delays[i % kDraws]}, {}));
  std::size_t draw = 0;
  for (auto _ : state) {
    queue.rearm(handles[victims[draw % kDraws]], SimTime{delays[draw * 7 % kDraws]});
    ++draw;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

/// Timers, numbered from 0, on a std::priority_queue: entries that were overtaken are skipped when they come up.
struct StdPriorityQueueTimers {
  explicit StdPriorityQueueTimers(std::size_t count) : counts_(count) {}

  void set(std::uint32_t timer, std::int64_t at) {
    counts_[timer] = ++sequence_;
    queue_.push({at, sequence_, {.target = timer}});
  }
  Pending pop() {
    while (counts_[queue_.top().event.target] != queue_.top().sequence) queue_.pop();
    const Pending first = queue_.top();
    queue_.pop();
    return first;
  }

 private:
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> queue_;
  std::vector<std::uint64_t> counts_;  ///< the sequence of the entry that counts
  std::uint64_t sequence_ = 0;
};

struct OurTimers {
  explicit OurTimers(std::size_t count) : ids_(count) {}

  void set(std::uint32_t timer, std::int64_t at) {
    if (!queue_.rearm(ids_[timer], SimTime{at})) ids_[timer] = queue_.schedule(SimTime{at}, {.target = timer});
  }
  Pending pop() {
    Fired fired;
    queue_.pop(fired);
    return {fired.at.count(), 0, fired.event};
  }

 private:
  EventQueue queue_;
  std::vector<EventId> ids_;
};

template <class Timers>
void churn(benchmark::State& state) {
  const auto pending = static_cast<std::size_t>(state.range(0));
  const std::vector<std::int64_t> delays = draw_delays(Shape::uniform);
  const std::vector<std::uint32_t> victims = draw_victims(pending);
  Timers timers(pending);
  for (std::uint32_t i = 0; i < pending; ++i) timers.set(i, delays[i % kDraws]);
  std::size_t draw = 0;
  const auto step = [&] {
    const Pending first = timers.pop();
    timers.set(first.event.target, first.at + delays[draw % kDraws]);
    timers.set(victims[draw % kDraws], first.at + delays[draw * 7 % kDraws]);
    ++draw;
  };
  for (std::size_t i = 0; i < 3 * pending; ++i) step();
  for (auto _ : state) step();
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t pending : {2, 10, 30, 100, 1'000, 10'000, 100'000}) benchmark->Arg(pending);
}

BENCHMARK(hold<StdPriorityQueue, Shape::uniform>)->Name("hold/uniform/std_priority_queue")->Apply(sizes);
BENCHMARK(hold<Ours, Shape::uniform>)->Name("hold/uniform/event_queue")->Apply(sizes);
BENCHMARK(hold<StdPriorityQueue, Shape::wire>)->Name("hold/wire/std_priority_queue")->Apply(sizes);
BENCHMARK(hold<Ours, Shape::wire>)->Name("hold/wire/event_queue")->Apply(sizes);
BENCHMARK(hold<StdSet, Shape::uniform>)->Name("hold/uniform/std_set")->Apply(sizes);
BENCHMARK(churn<StdPriorityQueueTimers>)->Name("churn/std_priority_queue")->Apply(sizes);
BENCHMARK(churn<OurTimers>)->Name("churn/event_queue")->Apply(sizes);
BENCHMARK(move_in_set)->Name("move/std_set")->Apply(sizes);
BENCHMARK(cancel_and_schedule)->Name("move/event_queue_cancel_schedule")->Apply(sizes);
BENCHMARK(rearm)->Name("move/event_queue_rearm")->Apply(sizes);

}  // namespace

BENCHMARK_MAIN();
