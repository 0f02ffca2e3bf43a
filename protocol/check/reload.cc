// A new configuration under running checks (SIGHUP).
#include "protocol/check/reload.h"

#include <algorithm>
#include <utility>

#include "protocol/check/check_engine.h"

namespace vipdrift::check {

std::map<std::vector<ipvs::ServiceKey>, std::uint32_t> services_by_keys(const CheckPlan& plan) {
  std::map<std::vector<ipvs::ServiceKey>, std::uint32_t> services;
  for (std::uint32_t i = 0; i < plan.services.size(); ++i) services.emplace(plan.services[i].keys, i);
  return services;
}

std::map<ipvs::ServerKey, std::uint32_t> servers_by_key(const ServicePlan& service) {
  std::map<ipvs::ServerKey, std::uint32_t> servers;
  for (std::uint32_t i = 0; i < service.servers.size(); ++i) servers.emplace(service.servers[i].key, i);
  return servers;
}

std::optional<std::uint32_t> continued_check(const CheckPlan& before, const ServerPlan& old, const CheckerPlan& check) {
  for (std::uint32_t i = old.first_checker; i < old.last_checker; ++i) {
    if (before.checkers[i].same_check(check)) return i;
  }
  return std::nullopt;
}

void CheckEngine::on(const ConfigurationLoaded& event, const Context& context) {
  if (phase_ == Phase::stopped) return;
  const ipvs::Table old_table = wanted();
  abandon_probes(context);
  const Before before{plan_, std::move(checkers_), std::move(services_)};
  plan_ = std::make_shared<const CheckPlan>(event.configuration, before.plan->profile);
  if (phase_ == Phase::created) return;
  file_values_.resize(plan_->configuration->track_files.size());
  carry_over(before, context);
  for (const ipvs::Edit& edit : ipvs::edits(old_table, wanted(), ipvs::EditOrder::additions_first)) {
    push_edit(edit, context.actions);
  }
}

/// A server that stays in a service that stays is as alive as it was; a check that stays goes on where it was.
void CheckEngine::carry_over(const Before& before, const Context& context) {
  services_.clear();
  checkers_.clear();
  deadlines_ = DeadlineIndex(plan_->checkers.size());
  const auto old_services = services_by_keys(*before.plan);
  for (std::uint32_t i = 0; i < plan_->services.size(); ++i) {
    const ServicePlan& service = plan_->services[i];
    const auto old = old_services.find(service.keys);
    const bool stays = old != old_services.end();
    const ServicePlan nothing;
    const ServicePlan& old_plan = stays ? before.plan->services[old->second] : nothing;
    const auto old_servers = servers_by_key(old_plan);
    std::vector<VirtualService::ServerState> states;
    for (std::uint32_t j = 0; j < service.servers.size(); ++j) {
      const auto same = old_servers.find(service.servers[j].key);
      if (same == old_servers.end()) {
        begin_checkers(service.servers[j], context.now);
      } else {
        carry_over_checkers(before, service.servers[j], old_plan.servers[same->second],
                            before.services[old->second].servers()[same->second].alive, context);
      }
      states.push_back(judge(service, j));
    }
    const bool had_quorum = stays && before.services[old->second].has_quorum();
    services_.emplace_back(*plan_, VirtualServerId{i}, std::move(states), had_quorum);
    const bool gained = stays && !had_quorum && services_.back().has_quorum();
    const bool kept = stays && before.services[old->second].keeps_sorry_server();
    if (kept || (gained && plan_->profile.reload_trusts_changed_checks)) services_.back().keep_sorry_server();
    services_.back().begin(*plan_, had_quorum, context.actions);
  }
}

void CheckEngine::begin_checkers(const ServerPlan& server, TimePoint now) {
  for (std::uint32_t i = server.first_checker; i < server.last_checker; ++i) {
    checkers_.emplace_back(!plan_->checkers[i].alpha);
    schedule_first(i, now);
  }
}

void CheckEngine::carry_over_checkers(const Before& before, const ServerPlan& server, const ServerPlan& old, bool alive,
                                      const Context& context) {
  for (std::uint32_t i = server.first_checker; i < server.last_checker; ++i) {
    const std::optional<std::uint32_t> same = continued_check(*before.plan, old, plan_->checkers[i]);
    if (!same) {
      const bool trusted = plan_->profile.reload_trusts_changed_checks && !plan_->checkers[i].alpha;
      checkers_.emplace_back(alive || trusted);
      schedule_first(i, context.now);
      continue;
    }
    checkers_.push_back(before.checkers[*same]);
    if (checkers_.back().asking()) checkers_.back().stop_asking(context.now);
    refresh(i, context.now);
  }
}

}  // namespace vipdrift::check
