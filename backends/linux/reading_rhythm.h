// When a director that has only Backups reads its sockets: as they fill, or every few milliseconds.
#ifndef VIPDRIFT_BACKENDS_LINUX_READING_RHYTHM_H_
#define VIPDRIFT_BACKENDS_LINUX_READING_RHYTHM_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>

#include "protocol/base/time.h"
#include "protocol/vrrp/virtual_router.h"

namespace vipdrift::linux_backend {

/// A wake-up costs ten times what an advertisement costs. A Backup answers nothing; all it ever does about an
/// advertisement happens at a deadline, a skew time after its arrival or later, and no skew time is shorter than
/// 1/256 of the interval (RFC 9568, 6.1). So while no instance is Master, what arrives in quick succession may be read
/// together up to 1/256 of the shortest interval later, and nobody outside can tell, provided that deadlines count from
/// the arrival (Datagram::age). A Master reads at once.
class ReadingRhythm {
 public:
  /// Also the oldest that a datagram gets in the socket's buffer on purpose.
  static constexpr Duration kLongest = std::chrono::milliseconds{4};
  /// Pauses shorter than this save nothing.
  static constexpr Duration kShortest = std::chrono::microseconds{250};

  /// How long the sockets of these routers may be left alone; zero: not at all.
  static Duration allowed_pause(std::span<const vrrp::VirtualRouter> routers) {
    Duration least = kLongest;
    for (const vrrp::VirtualRouter& router : routers) {
      if (router.state() == vrrp::State::master) return Duration{0};
      least = std::min({least, router.master_interval() / 256, router.plan().config->advert_int / 256});
    }
    return least >= kShortest ? least : Duration{0};
  }

  /// A socket has become readable at `now`. When to read all that have, or nothing: wait for the socket as ever.
  std::optional<TimePoint> woken(TimePoint now, Duration allowed) {
    const bool soon_again = allowed > Duration{0} && woken_at_ && now - *woken_at_ < allowed;
    woken_at_ = now;
    if (!soon_again) return std::nullopt;
    pause_ = allowed;
    return now + pause_;
  }

  /// A reading brought so many datagrams. When the next one is due; nothing: it no longer pays, wait for the sockets.
  /// No more than a share of the socket's buffer may fill up in a pause.
  std::optional<TimePoint> read(TimePoint now, std::size_t datagrams, Duration allowed) {
    if (allowed == Duration{0} || datagrams < kFewest) return std::nullopt;
    pause_ = datagrams > kMany ? pause_ * kMany / static_cast<int>(datagrams) : pause_ * 2;
    pause_ = std::clamp(pause_, kShortest, allowed);
    return now + pause_;
  }

 private:
  static constexpr std::size_t kFewest = 2;
  static constexpr int kMany = 256;

  std::optional<TimePoint> woken_at_;
  Duration pause_ = kShortest;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_READING_RHYTHM_H_
