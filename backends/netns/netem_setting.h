// What the faults of a wire mean in the words of the kernel's netem.
#ifndef VIPDRIFT_BACKENDS_NETNS_NETEM_SETTING_H_
#define VIPDRIFT_BACKENDS_NETNS_NETEM_SETTING_H_

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "scenarios/scenario.h"

namespace vipdrift::netns {

/// netem draws one entry of `table` for each frame and delays it by mean + deviation * entry / 8192.
struct NetemSetting {
  std::chrono::microseconds mean{0};
  std::chrono::microseconds deviation{0};
  std::vector<std::int16_t> table = {};  ///< empty: every frame is delayed by `mean`
  std::uint32_t duplication = 0;         ///< of 2^32 - 1
  std::uint32_t corruption = 0;

  friend bool operator==(const NetemSetting&, const NetemSetting&) = default;
};

/// Whether netem has to do anything for it: loss and cuts are nftables' part.
bool needs_netem(const scenarios::LinkFaults& faults);

/// All of `places`, which a frame meets one after the other. Delays come out as LinkFaults has them: uniform in
/// [delay, delay + jitter], a share of the frames held back by delay + jitter once more; netem's own jitter is
/// symmetric, and its own reordering sends a share at once. Shares of reordered frames are multiples of 1/1024, never
/// rounded to none; several duplications count as one.
NetemSetting netem_setting(std::span<const scenarios::LinkFaults> places);

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_NETEM_SETTING_H_
