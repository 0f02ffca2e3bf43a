#include "protocol/vrrp/profile_text.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

#include "protocol/config/nearest_word.h"

namespace vipdrift::vrrp {
namespace {

constexpr std::string_view kYesOrNo = "yes|no";
constexpr std::string_view kTime = "TIME such as 250ms or 1s";
constexpr std::array<std::string_view, 2> kPresets{"keepalived", "vipdrift"};

bool read(std::string_view text, bool& value) {
  if (text != "yes" && text != "no") return false;
  value = text == "yes";
  return true;
}

bool read(std::string_view text, std::uint8_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read(std::string_view text, Duration& value) {
  constexpr std::int64_t kLongest = 3600;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc{} || number < 0 || number > kLongest * 1000) return false;
  if (unit == "ms") {
    value = std::chrono::milliseconds{number};
  } else if (unit == "s" && number <= kLongest) {
    value = std::chrono::seconds{number};
  } else {
    return false;
  }
  return true;
}

bool read(std::string_view text, DeadlineShift& value) {
  if (text != "from_stored_timer" && text != "by_skew_difference") return false;
  value = text == "from_stored_timer" ? DeadlineShift::from_stored_timer : DeadlineShift::by_skew_difference;
  return true;
}

std::string write(bool value) { return value ? "yes" : "no"; }
std::string write(std::uint8_t value) { return std::to_string(value); }
std::string write(Duration value) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(value).count()) + "ms";
}
std::string write(DeadlineShift value) {
  return value == DeadlineShift::from_stored_timer ? "from_stored_timer" : "by_skew_difference";
}

template <auto Member>
constexpr ProfileMember member(std::string_view name, std::string_view values) {
  return {name, values, [](Profile& profile, std::string_view text) { return read(text, profile.*Member); },
          [](const Profile& profile) { return write(profile.*Member); }};
}

constexpr std::array kMembers{
    member<&Profile::any_packet_rearms_master>("any_packet_rearms_master", kYesOrNo),
    member<&Profile::own_interval_needs_detail_log>("own_interval_needs_detail_log", kYesOrNo),
    member<&Profile::backup_deadline_shift>("backup_deadline_shift", "from_stored_timer|by_skew_difference"),
    member<&Profile::refuses_interval_zero>("refuses_interval_zero", kYesOrNo),
    member<&Profile::refuses_global_first_address>("refuses_global_first_address", kYesOrNo),
    member<&Profile::refuses_other_addresses>("refuses_other_addresses", kYesOrNo),
    member<&Profile::understands_both_checksums>("understands_both_checksums", kYesOrNo),
    member<&Profile::fault_farewells>("fault_farewells", "0 to 255"),
    member<&Profile::v2_skew_follows_interval>("v2_skew_follows_interval", kYesOrNo),
    member<&Profile::step_down_advertises>("step_down_advertises", kYesOrNo),
    member<&Profile::announcements_yield_to_input>("announcements_yield_to_input", kYesOrNo),
    member<&Profile::rival_announcement_repeat>("rival_announcement_repeat", kTime),
    member<&Profile::state_master_starts_sooner>("state_master_starts_sooner", kYesOrNo),
    member<&Profile::address_leases>("address_leases", kYesOrNo),
    member<&Profile::adopts_leased_addresses>("adopts_leased_addresses", kYesOrNo),
    member<&Profile::stop_grace>("stop_grace", kTime),
    member<&Profile::explains_shell_scripts>("explains_shell_scripts", kYesOrNo),
    member<&Profile::notify_scripts_in_order>("notify_scripts_in_order", kYesOrNo),
    member<&Profile::empties_pool_at_quorum_change>("empties_pool_at_quorum_change", kYesOrNo),
    member<&Profile::repeats_first_url>("repeats_first_url", kYesOrNo),
    member<&Profile::each_byte_restarts_timeout>("each_byte_restarts_timeout", kYesOrNo),
    member<&Profile::checks_keep_phase>("checks_keep_phase", kYesOrNo),
    member<&Profile::reload_trusts_changed_checks>("reload_trusts_changed_checks", kYesOrNo),
    member<&Profile::adopts_ipvs_table>("adopts_ipvs_table", kYesOrNo),
};

std::string meant(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view nearest = config::nearest_word(word, candidates);
  return nearest.empty() ? std::string{} : "; did you mean '" + std::string{nearest} + "'?";
}

/// Empty when `assignment` was carried out.
std::string assign(Profile& profile, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  for (const ProfileMember& member : kMembers) {
    if (member.name != name) continue;
    const std::string_view value = equals == std::string_view::npos ? "" : assignment.substr(equals + 1);
    if (equals != std::string_view::npos && member.set(profile, value)) return {};
    return std::string{name} + "=" + std::string{value} + ": expected " + std::string{name} + "=" +
           std::string{member.values};
  }
  std::vector<std::string_view> names;
  for (const ProfileMember& member : kMembers) names.push_back(member.name);
  return "'" + std::string{name} + "' is no member of a profile" + meant(name, names);
}

}  // namespace

std::span<const ProfileMember> profile_members() { return kMembers; }

ProfileParse parse_profile(std::string_view text) {
  const auto next = [&text] {
    const std::size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    return word;
  };
  const std::string_view preset = next();
  ProfileParse result{profile_named(preset), {}};
  if (!result.profile) {
    result.error =
        "'" + std::string{preset} + "' is no profile: expected keepalived or vipdrift" + meant(preset, kPresets);
    return result;
  }
  while (!text.empty()) {
    result.error = assign(*result.profile, next());
    if (result.error.empty()) continue;
    result.profile.reset();
    break;
  }
  return result;
}

std::string differences(const Profile& preset, const Profile& profile) {
  std::string text;
  for (const ProfileMember& member : kMembers) {
    const std::string value = member.get(profile);
    if (value == member.get(preset)) continue;
    text += (text.empty() ? "" : ",") + std::string{member.name} + "=" + value;
  }
  return text;
}

}  // namespace vipdrift::vrrp
