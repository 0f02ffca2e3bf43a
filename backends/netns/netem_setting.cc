#include "backends/netns/netem_setting.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace vipdrift::netns {
namespace {

using scenarios::LinkFaults;

/// As many equally likely delays: what fits into one message to the kernel.
constexpr std::size_t kEntries = 1024;
constexpr std::int64_t kMillion = 1'000'000;
/// NETEM_DIST_SCALE; an entry of a table is a number of 16 bits, so that a table spans eight deviations.
constexpr std::int64_t kSpan = 8;
constexpr std::int64_t kEntryRange = 65536;

bool delays(const LinkFaults& faults) { return faults.delay != Duration::zero() || faults.jitter != Duration::zero(); }

bool varies(const LinkFaults& faults) {
  return delays(faults) && (faults.jitter != Duration::zero() || faults.reordering.value != 0);
}

/// The delay of the `i`th of `count` equally likely frames.
Duration delay_of(const LinkFaults& faults, std::size_t i, std::size_t count) {
  const auto share = static_cast<std::int64_t>(faults.reordering.value);
  const auto all = static_cast<std::int64_t>(count);
  std::int64_t late = (share * all + kMillion / 2) / kMillion;
  if (share > 0) late = std::max<std::int64_t>(late, 1);
  const std::int64_t timely = all - late, position = static_cast<std::int64_t>(i);
  const bool held_back = position >= timely;
  const std::int64_t rank = held_back ? position - timely : position;
  const std::int64_t of = held_back ? late : timely;
  // The middle of its share of [0, jitter].
  const Duration drawn = faults.delay + faults.jitter * (2 * rank + 1) / (2 * of);
  return held_back ? drawn + faults.delay + faults.jitter : drawn;
}

std::uint32_t probability(double share) {
  constexpr auto all = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::llround(std::clamp(share, 0.0, 1.0) * all));
}

/// That at least one of the places does it.
template <class Share>
double either(std::span<const LinkFaults> places, Share share) {
  double spared = 1.0;
  for (const LinkFaults& faults : places) spared *= 1.0 - static_cast<double>(share(faults).value) / kMillion;
  return 1.0 - spared;
}

/// Every `stride`th of one place meets each of the next: the sums of several are as likely as their parts say.
std::vector<Duration> equally_likely(std::span<const LinkFaults> places) {
  const auto vary = std::max<std::ptrdiff_t>(1, std::count_if(places.begin(), places.end(), varies));
  const auto varying = static_cast<double>(vary);
  const auto steps = static_cast<std::size_t>(std::max(1.0, std::floor(std::pow(kEntries, 1.0 / varying) + 1e-9)));
  std::vector<Duration> sums{Duration::zero()};
  for (const LinkFaults& faults : places) {
    if (!delays(faults)) continue;
    const std::size_t count = varies(faults) ? steps : 1;
    std::vector<Duration> next;
    for (const Duration& sum : sums) {
      for (std::size_t i = 0; i < count; ++i) next.push_back(sum + delay_of(faults, i, count));
    }
    sums = std::move(next);
  }
  return sums;
}

std::chrono::microseconds in_microseconds(Duration length) {
  return std::chrono::round<std::chrono::microseconds>(length);
}

}  // namespace

bool needs_netem(const LinkFaults& faults) {
  return delays(faults) || faults.duplication.value != 0 || faults.corruption.value != 0;
}

NetemSetting netem_setting(std::span<const LinkFaults> places) {
  NetemSetting setting;
  setting.duplication = probability(either(places, [](const LinkFaults& it) { return it.duplication; }));
  setting.corruption = probability(either(places, [](const LinkFaults& it) { return it.corruption; }));
  const std::vector<Duration> likely = equally_likely(places);
  const auto [least, most] = std::minmax_element(likely.begin(), likely.end());
  setting.mean = in_microseconds((*least + *most) / 2);
  if (*least == *most) return setting;
  const Duration width = *most - *least;
  setting.deviation = std::max(in_microseconds(width / kSpan), std::chrono::microseconds{1});
  for (const Duration& delay : likely) {
    const std::int64_t entry = (delay - Duration{setting.mean}).count() * (kEntryRange / kSpan) /
                               Duration{setting.deviation}.count();
    setting.table.push_back(static_cast<std::int16_t>(
        std::clamp<std::int64_t>(entry, std::numeric_limits<std::int16_t>::min(),
                                 std::numeric_limits<std::int16_t>::max())));
  }
  return setting;
}

}  // namespace vipdrift::netns
