#include "protocol/check/check_engine.h"

#include <algorithm>
#include <cassert>
#include <system_error>
#include <utility>
#include <variant>

#include "protocol/base/word_hash.h"

namespace vipdrift::check {
namespace {

/// keepalived's checkers begin this long after the start, and later by a part of their warm-up time.
constexpr Duration kFirstCheck = std::chrono::seconds{1};
constexpr std::int64_t kLargestWeight = 65535;

constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15U;  ///< its fractional part, in units of 2^-64

/// A part of `whole` for each index, any number of which lie evenly: multiples of the golden ratio, of which only the
/// fractions count. `seed` moves all of them, round and round.
std::uint64_t even_part_of(std::uint64_t whole, std::uint64_t seed, std::uint64_t index) {
  const std::uint64_t fraction = (seed + index * kGoldenRatio) >> 32U;  // in units of 2^-32
  return fraction * (whole >> 32U) + (fraction * (whole & 0xffffffffU) >> 32U);
}

/// A number that looks drawn, the same for the same two (splitmix64).
std::uint64_t scatter(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed + (index + 1) * kGoldenRatio;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

CheckEngine::CheckEngine(std::shared_ptr<const config::Configuration> configuration, vrrp::Profile profile,
                         std::uint64_t seed)
    : plan_{std::make_shared<const CheckPlan>(std::move(configuration), profile)}, seed_{seed} {}

void CheckEngine::step(TimePoint now, const Event& event, ActionList& actions) {
  assert(now >= now_);
  now_ = now;
  const Context context{now, actions};
  std::visit([&](const auto& each) { on(each, context); }, event);
}

ipvs::Table CheckEngine::wanted() const {
  ipvs::Table table;
  if (phase_ != Phase::running) return table;
  for (std::uint32_t i = 0; i < services_.size(); ++i) {
    const ipvs::Service service{plan_->configuration->virtual_servers[i].settings, services_[i].pool(*plan_)};
    for (const ipvs::ServiceKey& key : plan_->services[i].keys) table.emplace(key, service);
  }
  return table;
}

// ---------------------------------------------------------------- start

void CheckEngine::on(const Started& event, const Context& context) {
  assert(phase_ == Phase::created);
  phase_ = Phase::running;
  addresses_ = event.addresses;
  std::sort(addresses_.begin(), addresses_.end());
  file_values_.assign(plan_->configuration->track_files.size(), 0);
  deadlines_ = DeadlineIndex(plan_->checkers.size());
  make_services(event.found);
  if (plan_->configuration->global.lvs_flush) {
    const ipvs::Table table = wanted();
    for (const auto& [key, service] : event.found) {
      if (table.find(key) == table.end()) push_edit(ipvs::RemoveService{key}, context.actions);
    }
  }
  mend(event.found, context);
  for (const VirtualService& service : services_) service.begin(*plan_, false, context.actions);
  for (std::uint32_t i = 0; i < checkers_.size(); ++i) schedule_first(i, context.now);
}

/// Servers begin as alpha says, or as a predecessor's table does.
void CheckEngine::make_services(const ipvs::Table& found) {
  services_.clear();
  checkers_.clear();
  for (std::uint32_t i = 0; i < plan_->services.size(); ++i) {
    const ServicePlan& service = plan_->services[i];
    const auto old = service.keys.empty() ? found.end() : found.find(service.keys.front());
    const auto serves = [](const ipvs::Server& server) { return server.settings.weight > 0; };
    const bool adopt = plan_->profile.adopts_ipvs_table && old != found.end() &&
                       std::any_of(old->second.servers.begin(), old->second.servers.end(), serves);
    const auto sorry = adopt && service.sorry ? old->second.find(service.sorry->key) : nullptr;
    for (std::uint32_t j = 0; j < service.servers.size(); ++j) {
      const ServerPlan& server = service.servers[j];
      const ipvs::Server* before = adopt ? old->second.find(server.key) : nullptr;
      for (std::uint32_t c = server.first_checker; c < server.last_checker; ++c) {
        const bool up = adopt ? before != nullptr && before != sorry && serves(*before) : !plan_->checkers[c].alpha;
        checkers_.emplace_back(up);
      }
    }
    std::vector<VirtualService::ServerState> states;
    for (std::uint32_t j = 0; j < service.servers.size(); ++j) states.push_back(judge(service, j));
    const bool had_quorum = adopt && (sorry == nullptr || !serves(*sorry));
    services_.emplace_back(*plan_, VirtualServerId{i}, std::move(states), had_quorum);
  }
}

void CheckEngine::schedule_first(std::uint32_t checker, TimePoint now) {
  const CheckerPlan& plan = plan_->checkers[checker];
  if (plan.questions.empty()) return;
  const auto longest = static_cast<std::uint64_t>(plan.warmup.count());
  const std::uint64_t warmup = plan_->profile.checks_keep_phase ? even_part_of(longest, seed_, checker)
                                                                : scatter(seed_, checker) % (longest + 1);
  checkers_[checker].begin(now + kFirstCheck + Duration{static_cast<std::int64_t>(warmup)});
  refresh(checker, now);
}

void CheckEngine::mend(const ipvs::Table& found, const Context& context) const {
  const ipvs::Table table = wanted();
  ipvs::Table own;
  for (const auto& [key, service] : found) {
    if (table.find(key) != table.end()) own.emplace(key, service);
  }
  for (const ipvs::Edit& edit : ipvs::edits(own, table, ipvs::EditOrder::additions_first)) {
    push_edit(edit, context.actions);
  }
}

// ---------------------------------------------------------------- checks

void CheckEngine::on(const DeadlineReached&, const Context& context) {
  if (phase_ != Phase::running) return;
  deadlines_.settle();
  while (deadlines_.earliest() <= context.now) {
    const auto checker = static_cast<std::uint32_t>(deadlines_.earliest_item());
    if (suspended(plan_->checkers[checker].service.value)) {
      checkers_[checker].skip(*plan_, CheckerId{checker}, context.now);
      refresh(checker, context.now);
    } else {
      ask(checker, context);
    }
    deadlines_.settle();
  }
}

void CheckEngine::ask(std::uint32_t checker, const Context& context) {
  checkers_[checker].begin_asking();
  refresh(checker, context.now);
  context.actions.emplace_back(StartProbe{CheckerId{checker}, checkers_[checker].question()});
}

void CheckEngine::on(const ProbeFinished& event, const Context& context) {
  const std::uint32_t checker = event.checker.value;
  if (phase_ != Phase::running || checker >= checkers_.size()) return;
  if (!checkers_[checker].asking() || checkers_[checker].question() != event.url) return;
  const Checker::Change change =
      checkers_[checker].hear(*plan_, event.checker, event.result, context.now, context.actions);
  refresh(checker, context.now);
  take(checker, change, context);
}

void CheckEngine::on(const FileChanged& event, const Context& context) {
  if (phase_ != Phase::running || event.file.value >= file_values_.size()) return;
  file_values_[event.file.value] = event.value.value_or(0);
  for (std::uint32_t i = 0; i < checkers_.size(); ++i) {
    if (plan_->checkers[i].file != event.file) continue;
    take(i, checkers_[i].read(plan_->checkers[i], file_values_[event.file.value]), context);
  }
}

void CheckEngine::take(std::uint32_t checker, Checker::Change change, const Context& context) {
  const CheckerPlan& plan = plan_->checkers[checker];
  services_[plan.service.value].change(*plan_, plan.server, judge(plan_->services[plan.service.value], plan.server),
                                       change == Checker::Change::still_down, context.actions);
}

VirtualService::ServerState CheckEngine::judge(const ServicePlan& service, std::uint32_t server) const {
  const ServerPlan& plan = service.servers[server];
  VirtualService::ServerState state{true, 0};
  std::int64_t weight = plan.settings.weight;
  for (std::uint32_t i = plan.first_checker; i < plan.last_checker; ++i) {
    state.alive = state.alive && checkers_[i].up();
    weight += checkers_[i].weight();
  }
  state.weight = static_cast<int>(std::clamp<std::int64_t>(weight, 0, kLargestWeight));
  return state;
}

// ---------------------------------------------------------------- the host

bool CheckEngine::suspended(std::uint32_t service) const {
  const config::VirtualServer& server = plan_->configuration->virtual_servers[service];
  if (!server.ha_suspend || server.fwmark != 0) return false;
  const auto& keys = plan_->services[service].keys;
  return std::none_of(keys.begin(), keys.end(), [this](const ipvs::ServiceKey& key) {
    return std::binary_search(addresses_.begin(), addresses_.end(), key.address);
  });
}

void CheckEngine::on(const AddressChanged& event, const Context& context) {
  const auto place = std::lower_bound(addresses_.begin(), addresses_.end(), event.address);
  const bool known = place != addresses_.end() && *place == event.address;
  if (known == event.present || phase_ == Phase::created) return;
  std::vector<bool> before;
  for (std::uint32_t i = 0; i < services_.size(); ++i) before.push_back(suspended(i));
  if (event.present) {
    addresses_.insert(place, event.address);
  } else {
    addresses_.erase(place);
  }
  for (std::uint32_t i = 0; i < services_.size(); ++i) {
    if (suspended(i) == before[i]) continue;
    for (const ServerPlan& server : plan_->services[i].servers) {
      context.actions.emplace_back(
          LogLine{(before[i] ? "Activating" : "Suspending") + std::string{" healthchecker for service "} +
                      server.name + " for VS " + plan_->services[i].name,
                  false});
    }
  }
}

void CheckEngine::on(const TableRead& event, const Context& context) {
  if (phase_ != Phase::running) return;
  const std::size_t before = context.actions.size();
  mend(event.table, context);
  const std::size_t edits = context.actions.size() - before;
  if (edits == 0) return;
  context.actions.emplace_back(
      LogLine{"The IPVS table was changed by somebody else: put right with " + std::to_string(edits) +
                  (edits == 1 ? " edit" : " edits"),
              false});
}

void CheckEngine::on(const EditFailed& event, const Context& context) {
  context.actions.emplace_back(LogLine{"IPVS: the kernel refused to " + ipvs::to_string(event.edit) + ": " +
                                           std::generic_category().message(event.error),
                                       false});
}

// ---------------------------------------------------------------- stop

void CheckEngine::abandon_probes(const Context& context) const {
  for (std::uint32_t i = 0; i < checkers_.size(); ++i) {
    if (checkers_[i].asking()) context.actions.emplace_back(AbandonProbe{CheckerId{i}});
  }
}

void CheckEngine::on(const StopRequested& event, const Context& context) {
  if (phase_ == Phase::stopped) return;
  abandon_probes(context);
  for (std::uint32_t i = 0; i < services_.size(); ++i) {
    const ServicePlan& service = plan_->services[i];
    for (std::uint32_t j = 0; !event.keep_table && j < service.servers.size(); ++j) {
      const bool inhibited = plan_->configuration->virtual_servers[i].real_servers[j].inhibit_on_failure &&
                             !services_[i].servers()[j].alive;
      if (!services_[i].servers()[j].alive && !inhibited) continue;
      context.actions.emplace_back(LogLine{"Shutting down " + std::string{inhibited ? "(inhibited) " : ""} +
                                               "service " + service.servers[j].name + " from VS " + service.name,
                                           false});
    }
    if (plan_->configuration->virtual_servers[i].omega) services_[i].mourn(*plan_, context.actions);
  }
  if (!event.keep_table) {
    for (const auto& [key, service] : wanted()) push_edit(ipvs::RemoveService{key}, context.actions);
  }
  phase_ = Phase::stopped;
  checkers_.clear();
  services_.clear();
  deadlines_ = DeadlineIndex(0);
  context.actions.emplace_back(Stopped{});
}

// ---------------------------------------------------------------- the value

template <class Sink>
void CheckEngine::describe_state(TimePoint now, Sink sink) const {
  sink(static_cast<std::int64_t>(phase_));
  for (const VirtualService& service : services_) service.describe_state(sink);
  for (const Checker& checker : checkers_) checker.describe_state(now, sink);
  for (const std::int64_t value : file_values_) sink(value);
  for (const IpAddress& address : addresses_) {
    for (const std::uint8_t byte : address.bytes()) sink(byte);
  }
}

std::uint64_t CheckEngine::hash(TimePoint now) const {
  WordHash hash;
  describe_state(now, [&](std::int64_t word) { hash(word); });
  return hash.value();
}

bool operator==(const CheckEngine& a, const CheckEngine& b) {
  if (a.plan_ != b.plan_ &&
      (*a.plan_->configuration != *b.plan_->configuration || a.plan_->profile != b.plan_->profile)) {
    return false;
  }
  std::vector<std::int64_t> words_a;
  std::vector<std::int64_t> words_b;
  a.describe_state(TimePoint{}, [&](std::int64_t word) { words_a.push_back(word); });
  b.describe_state(TimePoint{}, [&](std::int64_t word) { words_b.push_back(word); });
  return words_a == words_b;
}

}  // namespace vipdrift::check
