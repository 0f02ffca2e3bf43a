#include "protocol/vrrp/failures.h"

#include <algorithm>
#include <chrono>

namespace vipdrift::vrrp {
namespace {

using What = ActionFailed::What;

constexpr Duration kFirstPause = std::chrono::seconds{1};
constexpr Duration kLongestPause = std::chrono::seconds{60};

bool same_request(const ActionFailed& a, const ActionFailed& b) {
  return a.what == b.what && a.address == b.address && a.subject == b.subject;
}

}  // namespace

bool is_asked_for_again(What what) {
  return what != What::send_advertisement && what != What::announce && what != What::run_script;
}

std::string what_failed(const ActionFailed& failure) {
  switch (failure.what) {
    case What::send_advertisement:
      return "sending advertisements" +
             (failure.address.is_unspecified() ? std::string{} : " to " + failure.address.to_string());
    case What::add_address:
      return "adding " + failure.address.to_string();
    case What::remove_address:
      return "removing " + failure.address.to_string();
    case What::announce:
      return "announcing " + failure.address.to_string();
    case What::run_script:
      return "running a script";
    case What::add_route:
      return "adding route " + failure.subject;
    case What::remove_route:
      return "removing route " + failure.subject;
    case What::add_rule:
      return "adding rule " + failure.subject;
    case What::remove_rule:
      return "removing rule " + failure.subject;
    case What::add_virtual_mac:
      return "making the interface " + failure.subject;
    case What::remove_virtual_mac:
      return "removing the interface " + failure.subject;
  }
  return "a request";
}

bool Failures::note(const ActionFailed& failure, Duration patience, TimePoint now) {
  auto owner = std::find_if(owners_.begin(), owners_.end(),
                            [&](const Owner& known) { return known.instance == failure.instance; });
  if (owner == owners_.end()) {
    owners_.push_back({.instance = failure.instance,
                       .causes = {},
                       .patience = patience,
                       .pause = kFirstPause,
                       .ask_at = now + kFirstPause});
    owner = owners_.end() - 1;
  }
  const auto cause = std::find_if(owner->causes.begin(), owner->causes.end(),
                                  [&](const Cause& known) { return same_request(known.failure, failure); });
  if (cause == owner->causes.end()) {
    owner->causes.push_back({failure, now});
    return true;
  }
  const bool is_new = cause->failure.error != failure.error;
  cause->failure.error = failure.error;
  cause->seen = now;
  return is_new;
}

TimePoint Failures::deadline() const {
  TimePoint earliest = kNever;
  for (const Owner& owner : owners_) earliest = std::min({earliest, owner.ask_at, owner.judge_at});
  return earliest;
}

void Failures::rest(Owner& owner, TimePoint now) {
  owner.pause = std::min(owner.pause * 2, kLongestPause);
  owner.ask_at = now + owner.pause;
}

}  // namespace vipdrift::vrrp
