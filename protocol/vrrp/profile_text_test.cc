#include "protocol/vrrp/profile_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vipdrift::vrrp {
namespace {

using testing::HasSubstr;

TEST(ProfileText, PresetsAreProfiles) {
  EXPECT_EQ(parse_profile("keepalived").profile, keepalived_profile());
  EXPECT_EQ(parse_profile("vipdrift").profile, vipdrift_profile());
}

TEST(ProfileText, EveryMemberCanBeWritten) {
  // A member that the table lacks would be lost on the way from one preset to the other.
  const std::string there = differences(keepalived_profile(), vipdrift_profile());
  EXPECT_EQ(parse_profile("keepalived," + there).profile, vipdrift_profile());
  const std::string back = differences(vipdrift_profile(), keepalived_profile());
  EXPECT_EQ(parse_profile("vipdrift," + back).profile, keepalived_profile());
}

TEST(ProfileText, EveryMemberChangesTheProfile) {
  for (const ProfileMember& member : profile_members()) {
    Profile profile = vipdrift_profile();
    const std::string before = member.get(profile);
    int changed = 0;
    for (const char* value : {"yes", "no", "0", "7", "0ms", "3s", "from_stored_timer", "by_skew_difference"}) {
      if (member.set(profile, value) && member.get(profile) != before) ++changed;
    }
    EXPECT_GT(changed, 0) << member.name;
    EXPECT_FALSE(member.set(profile, "perhaps")) << member.name;
  }
}

TEST(ProfileText, MembersAreSetOneByOne) {
  const auto parsed = parse_profile("vipdrift,address_leases=no,rival_announcement_repeat=250ms,fault_farewells=2");
  ASSERT_TRUE(parsed.profile) << parsed.error;
  Profile expected = vipdrift_profile();
  expected.address_leases = false;
  expected.rival_announcement_repeat = std::chrono::milliseconds{250};
  expected.fault_farewells = 2;
  EXPECT_EQ(*parsed.profile, expected);
}

TEST(ProfileText, MistakesAreToldWithTheNearestWord) {
  EXPECT_THAT(parse_profile("vipdrft").error, HasSubstr("did you mean 'vipdrift'"));
  EXPECT_THAT(parse_profile("vipdrift,adress_leases=no").error, HasSubstr("did you mean 'address_leases'"));
  EXPECT_EQ(parse_profile("vipdrift,address_leases=maybe").error,
            "address_leases=maybe: expected address_leases=yes|no");
  EXPECT_THAT(parse_profile("vipdrift,stop_grace=1").error, HasSubstr("expected stop_grace=TIME such as 250ms or 1s"));
  EXPECT_THAT(parse_profile("vipdrift,stop_grace=1000h").error, HasSubstr("expected stop_grace=TIME"));
  EXPECT_THAT(parse_profile("vipdrift,fault_farewells=256").error, HasSubstr("expected fault_farewells=0 to 255"));
  EXPECT_THAT(parse_profile("vipdrift,address_leases").error, HasSubstr("expected address_leases=yes|no"));
  EXPECT_FALSE(parse_profile("").profile);
  EXPECT_FALSE(parse_profile("vipdrift,,address_leases=no").profile);
}

}  // namespace
}  // namespace vipdrift::vrrp
