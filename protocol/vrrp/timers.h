// The two times that every failover is made of: skew time and master down interval.
#ifndef VIPDRIFT_PROTOCOL_VRRP_TIMERS_H_
#define VIPDRIFT_PROTOCOL_VRRP_TIMERS_H_

#include <cstdint>

#include "protocol/base/time.h"
#include "protocol/vrrp/advertisement.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::vrrp {

/// Priority of an address owner (RFC 9568, 5.2.4).
inline constexpr int kOwnerPriority = 255;

/// Skew time in full resolution. VRRPv2: (256 - priority) / 256 s (RFC 3768, 6.1), scaled by the interval only if
/// the profile says so. VRRPv3: (256 - priority) / 256 of the master's interval (RFC 9568, 6.1).
constexpr Duration skew_time(Version version, int priority, Duration master_interval, const Profile& profile) {
  const bool scaled = version == Version::v3 || profile.v2_skew_follows_interval;
  const Duration unit = scaled ? master_interval : Duration{std::chrono::seconds{1}};
  return unit * (256 - priority) / 256;
}

/// How long a Backup waits for an advertisement: down_timer_adverts (RFC: 3) intervals of the master and a skew time.
constexpr Duration master_down_interval(Version version, int priority, Duration master_interval, int down_adverts,
                                        const Profile& profile) {
  return master_interval * down_adverts + skew_time(version, priority, master_interval, profile);
}

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_TIMERS_H_
