#include "protocol/vrrp/announcer.h"

#include <algorithm>

namespace vipdrift::vrrp {
namespace {

Duration spacing(const InstancePlan& plan) {
  return plan.config->family == Family::ipv4 ? plan.config->garp_interval : plan.config->gna_interval;
}

void announce(const InstancePlan& plan, std::size_t address, ActionList& actions) {
  const PlannedAddress& planned = plan.addresses[address];
  actions.push(AnnounceAddress{plan.id, planned.interface, planned.config->address, 1, planned.virtual_mac});
}

TimePoint after(TimePoint now, Duration delay) { return delay > Duration{0} ? now + delay : kNever; }

}  // namespace

void Announcer::start(TimePoint now, const InstancePlan& plan, const Profile& profile, ActionList& actions) {
  const config::VrrpInstance& config = *plan.config;
  announce_now(now, plan, profile, actions);
  second_block_ = after(now, config.garp_master_delay);
  if (config.garp_master_refresh > Duration{0}) refresh_ = now + config.garp_master_delay + config.garp_master_refresh;
  refresh_earliest();
}

void Announcer::announce_now(TimePoint now, const InstancePlan& plan, const Profile& profile, ActionList& actions) {
  if (profile.announcements_yield_to_input) {
    first_block_ = now + Duration{1};
    first_rounds_ = plan.config->garp_master_repeat;
  } else {
    block(now, plan.config->garp_master_repeat, plan, actions);
  }
  refresh_earliest();
}

void Announcer::answer_rival(TimePoint now, const InstancePlan& plan, const Profile& profile, ActionList& actions) {
  const config::VrrpInstance& config = *plan.config;
  block(now, config.garp_lower_prio_repeat, plan, actions);
  if (config.garp_lower_prio_repeat > 0) lower_priority_ = after(now, config.garp_lower_prio_delay);
  rival_ = after(now, profile.rival_announcement_repeat);
  refresh_earliest();
}

void Announcer::advance(TimePoint now, const InstancePlan& plan, ActionList& actions) {
  if (now < earliest_) return;
  const config::VrrpInstance& config = *plan.config;
  const auto take = [now](TimePoint& deadline) { return deadline <= now && (deadline = kNever, true); };
  if (take(first_block_)) block(now, first_rounds_, plan, actions);
  if (take(second_block_)) block(now, config.garp_master_repeat, plan, actions);
  if (take(lower_priority_)) block(now, config.garp_lower_prio_repeat, plan, actions);
  if (take(rival_)) block(now, std::max(1, config.garp_lower_prio_repeat), plan, actions);
  if (take(refresh_)) {
    block(now, config.garp_master_refresh_repeat, plan, actions);
    refresh_ = now + config.garp_master_refresh;
  }
  if (take(paced_)) {
    const std::size_t count = plan.addresses.size();
    announce(plan, (count - static_cast<std::size_t>(paced_left_) % count) % count, actions);
    if (--paced_left_ > 0) paced_ = now + spacing(plan);
  }
  refresh_earliest();
}

void Announcer::refresh_earliest() {
  earliest_ = std::min({first_block_, second_block_, refresh_, lower_priority_, rival_, paced_});
}

/// Rounds over all addresses, as keepalived sends them: every address once, then again.
void Announcer::block(TimePoint now, int rounds, const InstancePlan& plan, ActionList& actions) {
  if (rounds <= 0 || plan.addresses.empty()) return;
  if (spacing(plan) > Duration{0}) {
    paced_left_ += rounds * static_cast<std::int32_t>(plan.addresses.size());
    if (paced_ == kNever) paced_ = now;
    return;
  }
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t address = 0; address < plan.addresses.size(); ++address) announce(plan, address, actions);
  }
}

}  // namespace vipdrift::vrrp
