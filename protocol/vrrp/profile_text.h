// A Profile written as text: a preset, and the members in which somebody wants it otherwise.
//
//   vipdrift
//   vipdrift,address_leases=no,rival_announcement_repeat=250ms
#ifndef VIPDRIFT_PROTOCOL_VRRP_PROFILE_TEXT_H_
#define VIPDRIFT_PROTOCOL_VRRP_PROFILE_TEXT_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/vrrp/profile.h"

namespace vipdrift::vrrp {

/// A member of Profile as it may be written.
struct ProfileMember {
  std::string_view name;
  std::string_view values;  ///< what may stand behind `=`, for people: "yes|no", "0..255", "TIME (250ms, 1s)"
  /// False, and nothing changed, when `value` is none of the values.
  bool (*set)(Profile& profile, std::string_view value);
  std::string (*get)(const Profile& profile);
};

/// Every member, in the order of the struct.
std::span<const ProfileMember> profile_members();

struct ProfileParse {
  std::optional<Profile> profile;
  std::string error;  ///< when there is no profile: what is wrong, what was expected, the nearest word
};

/// PRESET[,MEMBER=VALUE]...
ProfileParse parse_profile(std::string_view text);

/// `MEMBER=VALUE` for each member in which `profile` differs from `preset`, separated by commas.
std::string differences(const Profile& preset, const Profile& profile);

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_PROFILE_TEXT_H_
