#include "protocol/check/virtual_service.h"

#include <algorithm>
#include <string>
#include <utility>

namespace vipdrift::check {
namespace {

std::int64_t sum_of_live(const std::vector<VirtualService::ServerState>& servers) {
  std::int64_t sum = 0;
  for (const auto& server : servers) sum += server.alive ? server.weight : 0;
  return sum;
}

bool wants_mail(const CheckPlan& plan, bool wanted) {
  const config::GlobalDefs& global = plan.configuration->global;
  return wanted && global.checker_emails && !global.notification_email.empty();
}

void push_script(const config::Command& command, std::string subject, bool up, ActionList& actions) {
  if (!command.empty()) actions.emplace_back(NotifyScript{command, std::move(subject), up});
}

void push_fifo(const CheckPlan& plan, std::string line, ActionList& actions) {
  const config::GlobalDefs& global = plan.configuration->global;
  if (global.lvs_notify_fifo.path.empty() && global.notify_fifo.path.empty()) return;
  actions.emplace_back(NotifyFifo{std::move(line)});
}

std::string_view up_or_down(bool up) { return up ? "UP" : "DOWN"; }

}  // namespace

void push_edit(const ipvs::Edit& edit, ActionList& actions) { actions.emplace_back(EditTable{edit}); }

VirtualService::VirtualService(const CheckPlan& plan, VirtualServerId self, std::vector<ServerState> servers,
                               bool quorum)
    : self_{self}, quorum_{quorum}, live_weight_{sum_of_live(servers)}, servers_{std::move(servers)} {
  quorum_ = quorum_with(plan, live_weight_);
}

bool VirtualService::quorum_with(const CheckPlan& plan, std::int64_t weight) const {
  const config::VirtualServer& server = plan.server_of(self_);
  if (quorum_) return weight > 0 && weight >= server.quorum - server.hysteresis;
  return weight > 0 && weight >= server.quorum + server.hysteresis;
}

std::optional<ipvs::Server> VirtualService::entry(const CheckPlan& plan, std::uint32_t server) const {
  const ServerPlan& planned = own(plan).servers[server];
  const bool inhibited = plan.server_of(self_).real_servers[server].inhibit_on_failure;
  const bool serves = servers_[server].alive && (quorum_ || !own(plan).sorry);
  if (!serves && !inhibited) return std::nullopt;
  ipvs::Server entry{planned.key, planned.settings};
  entry.settings.weight = serves ? servers_[server].weight : 0;
  return entry;
}

std::optional<ipvs::Server> VirtualService::sorry_entry(const CheckPlan& plan) const {
  if (!own(plan).sorry) return std::nullopt;
  const bool inhibited = plan.server_of(self_).sorry_server->inhibit;
  const bool serves = !quorum_ || keeps_sorry_;
  if (!serves && !inhibited) return std::nullopt;
  ipvs::Server entry = *own(plan).sorry;
  if (!serves) entry.settings.weight = 0;
  return entry;
}

std::optional<ipvs::Server> VirtualService::place_of(const CheckPlan& plan, std::uint32_t server) const {
  auto own_entry = entry(plan, server);
  auto sorry = sorry_entry(plan);
  if (!sorry || sorry->key != own(plan).servers[server].key) return own_entry;
  return quorum_ && own_entry ? own_entry : sorry;
}

std::vector<ipvs::Server> VirtualService::pool(const CheckPlan& plan) const {
  std::vector<ipvs::Server> servers;
  for (std::uint32_t i = 0; i < servers_.size(); ++i) {
    if (auto server = place_of(plan, i)) servers.push_back(std::move(*server));
  }
  const auto sorry = sorry_entry(plan);
  if (!sorry) return servers;
  const auto same =
      std::find_if(servers.begin(), servers.end(), [&](const ipvs::Server& each) { return each.key == sorry->key; });
  if (same == servers.end()) servers.push_back(*sorry);
  return servers;
}

void VirtualService::begin(const CheckPlan& plan, bool told, ActionList& actions) const {
  for (std::uint32_t i = 0; i < servers_.size(); ++i) {
    actions.emplace_back(ServerNote{self_, i, servers_[i].alive, servers_[i].weight});
  }
  actions.emplace_back(QuorumNote{self_, quorum_});
  if (quorum_ == told) return;
  say_quorum(plan, actions);
  tell_quorum(plan, quorum_, actions);
}

void VirtualService::change(const CheckPlan& plan, std::uint32_t server, ServerState state, bool is_news,
                            ActionList& actions) {
  const ServerState before = servers_[server];
  if (before == state && !is_news) return;
  const std::int64_t weight = live_weight_ - (before.alive ? before.weight : 0) + (state.alive ? state.weight : 0);
  const bool quorum_changes = quorum_with(plan, weight) != quorum_;
  const auto old_place = place_of(plan, server);
  std::vector<ipvs::Server> old_pool;
  if (quorum_changes) old_pool = pool(plan);

  servers_[server] = state;
  live_weight_ = weight;
  if (quorum_changes) {
    quorum_ = !quorum_;
    keeps_sorry_ = false;
  }

  if (before != state) say_change(plan, server, before, actions);
  if (quorum_changes) {
    const auto order = plan.profile.empties_pool_at_quorum_change ? ipvs::EditOrder::removals_first
                                                                  : ipvs::EditOrder::additions_first;
    std::vector<ipvs::Edit> edits;
    for (const ipvs::ServiceKey& key : own(plan).keys) ipvs::server_edits(key, old_pool, pool(plan), order, edits);
    for (const ipvs::Edit& edit : edits) push_edit(edit, actions);
  } else {
    edit_one(plan, old_place, place_of(plan, server), actions);
  }
  if (before.alive != state.alive || is_news) tell_change(plan, server, state.alive, actions);
  actions.emplace_back(ServerNote{self_, server, state.alive, state.weight});
  if (!quorum_changes) return;
  say_quorum(plan, actions);
  tell_quorum(plan, quorum_, actions);
  actions.emplace_back(QuorumNote{self_, quorum_});
}

void VirtualService::edit_one(const CheckPlan& plan, const std::optional<ipvs::Server>& before,
                              const std::optional<ipvs::Server>& after, ActionList& actions) const {
  if (before == after) return;
  for (const ipvs::ServiceKey& key : own(plan).keys) {
    if (!before) {
      push_edit(ipvs::AddServer{key, *after}, actions);
    } else if (!after) {
      push_edit(ipvs::RemoveServer{key, before->key}, actions);
    } else {
      push_edit(ipvs::SetServer{key, *after}, actions);
    }
  }
}

void VirtualService::say_change(const CheckPlan& plan, std::uint32_t server, const ServerState& before,
                                ActionList& actions) const {
  const ServerState& now = servers_[server];
  const std::string& name = own(plan).servers[server].name;
  const std::string& service = own(plan).name;
  if (before.alive == now.alive) {
    actions.emplace_back(LogLine{"Changing weight from " + std::to_string(before.weight) + " to " +
                                     std::to_string(now.weight) + " for " + (now.alive ? "" : "in") +
                                     "active service " + name + " of VS " + service,
                                 false});
    return;
  }
  const bool inhibited = plan.server_of(self_).real_servers[server].inhibit_on_failure;
  std::string words;
  if (inhibited) {
    words = (now.alive ? "Enabling service " : "Disabling service ") + name + " of VS ";
  } else {
    words = (now.alive ? "Adding service " + name + " to VS " : "Removing service " + name + " from VS ");
  }
  actions.emplace_back(LogLine{words + service, false});
}

void VirtualService::tell_change(const CheckPlan& plan, std::uint32_t server, bool up, ActionList& actions) const {
  const config::RealServer& real = plan.server_of(self_).real_servers[server];
  const std::string& name = own(plan).servers[server].name;
  push_script(up ? real.notify_up : real.notify_down, name + " of " + own(plan).name, up, actions);
  push_fifo(plan, "RS " + name + " " + own(plan).name + " " + std::string{up_or_down(up)}, actions);
  if (!wants_mail(plan, real.smtp_alert)) return;
  actions.emplace_back(NotifyMail{"[" + plan.configuration->global.router_id + "] Realserver " + name +
                                      " of virtual server " + own(plan).name + " - " + std::string{up_or_down(up)},
                                  up ? "=> CHECK succeed on service <=" : "=> CHECK failed on service <="});
}

void VirtualService::say_quorum(const CheckPlan& plan, ActionList& actions) const {
  const config::VirtualServer& server = plan.server_of(self_);
  const std::string& name = own(plan).name;
  const int limit = quorum_ ? server.quorum + server.hysteresis : server.quorum - server.hysteresis;
  actions.emplace_back(LogLine{std::string{quorum_ ? "Gained" : "Lost"} + " quorum " + std::to_string(server.quorum) +
                                   (quorum_ ? "+" : "-") + std::to_string(server.hysteresis) + "=" +
                                   std::to_string(limit) + (quorum_ ? " <= " : " > ") +
                                   std::to_string(live_weight_) + " for VS " + name,
                               false});
}

void VirtualService::tell_quorum(const CheckPlan& plan, bool up, ActionList& actions) const {
  const config::VirtualServer& server = plan.server_of(self_);
  push_script(up ? server.quorum_up : server.quorum_down, own(plan).name, up, actions);
  push_fifo(plan, "VS " + own(plan).name + " " + std::string{up_or_down(up)}, actions);
  if (!wants_mail(plan, server.smtp_alert)) return;
  actions.emplace_back(NotifyMail{"[" + plan.configuration->global.router_id + "] Virtualserver " + own(plan).name +
                                      " - " + std::string{up_or_down(up)},
                                  up ? "=> Gained quorum <=" : "=> Lost quorum <="});
}

void VirtualService::mourn(const CheckPlan& plan, ActionList& actions) const {
  for (std::uint32_t i = 0; i < servers_.size(); ++i) {
    if (servers_[i].alive) tell_change(plan, i, false, actions);
  }
  if (quorum_) tell_quorum(plan, false, actions);
}

}  // namespace vipdrift::check
