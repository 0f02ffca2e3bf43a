#include "protocol/vrrp/vrrp_stack.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include "protocol/base/prefetch.h"
#include "protocol/base/word_hash.h"
#include "protocol/vrrp/notification.h"

namespace vipdrift::vrrp {
VrrpStack::VrrpStack(std::shared_ptr<const config::Configuration> configuration, HostFacts host, Profile profile)
    : plan_(std::make_shared<const StackPlan>(std::move(configuration), std::move(host), profile)),
      deadlines_(plan_->instances.size()),
      interfaces_(plan_->host.interfaces),
      file_values_(plan_->configuration->track_files.size()),
      processes_(plan_->configuration->track_processes.size()),
      lost_quorums_(plan_->configuration->virtual_servers.size()),
      group_states_(plan_->groups.size()) {
  routers_.reserve(plan_->instances.size());
  for (const InstancePlan& instance : plan_->instances) routers_.emplace_back(instance, plan_->profile);
  for (const config::VrrpScript& script : plan_->configuration->scripts) scripts_.emplace_back(script);
}

void VrrpStack::step(TimePoint now, const Event& event, ActionList& actions) {
  assert(now >= now_ && "time never runs backwards");
  now_ = now;
  const Context context{now, *plan_, actions};
  std::visit([&](const auto& alternative) { on(alternative, context); }, event);
}

// Once an advertisement: nothing but the rare is called.
void VrrpStack::step(TimePoint now, const DatagramReceived& datagram, ActionList& actions) {
  assert(now >= now_ && "time never runs backwards");
  if (phase_ == Phase::running && now >= ready_at_) [[likely]] {
    const std::uint32_t receiver = receiver_of(datagram);
    if (receiver != StackPlan::kNobody && routers_[receiver].repeats(datagram, now)) [[likely]] {
      now_ = now;
      refresh_deadline(receiver);
      return;
    }
  }
  judge(now, datagram, actions);
}

[[gnu::noinline]] void VrrpStack::judge(TimePoint now, const DatagramReceived& datagram, ActionList& actions) {
  now_ = now;
  on(datagram, Context{now, *plan_, actions});
}

void VrrpStack::step(TimePoint now, const DeadlineReached& deadline, ActionList& actions) {
  assert(now >= now_ && "time never runs backwards");
  now_ = now;
  on(deadline, Context{now, *plan_, actions});
}

const VirtualRouter* VrrpStack::find(std::string_view instance) const {
  for (const VirtualRouter& router : routers_) {
    if (router.plan().config->name == instance) return &router;
  }
  return nullptr;
}

// ---------------------------------------------------------------- packets and deadlines

void VrrpStack::on(const DatagramReceived& datagram, const Context& context) {
  if (phase_ != Phase::running || context.now < ready_at_) return;
  const std::uint32_t found = receiver_of(datagram);
  if (found == StackPlan::kNobody) {
    ++unknown_vrids_;
    context.actions.push(DiscardNote{std::nullopt, peek_vrid(datagram), Discard::unknown_vrid, datagram.source});
    return;
  }
  switch (routers_[found].receive(datagram, context)) {
    case VirtualRouter::Outcome::yield:
      yield_mastership(found, context);
      break;
    case VirtualRouter::Outcome::met_loser:
      answer_for_group(found, context);
      break;
    case VirtualRouter::Outcome::lease_lost:
      lose_possession(found, {}, context);
      routers_[found].receive(datagram, context);  // as a Backup
      break;
    case VirtualRouter::Outcome::stay:
    case VirtualRouter::Outcome::master_down:
    case VirtualRouter::Outcome::starved:
      break;
  }
  refresh_deadline(found);
}

void VrrpStack::on(const DeadlineReached&, const Context& context) {
  if (phase_ == Phase::stopping && stop_at_ <= context.now) {
    phase_ = Phase::stopped;
    stop_at_ = kNever;
    context.actions.push(Stopped{});
  }
  if (phase_ == Phase::running) {
    run_routers(context);
    run_scripts(context);
    run_processes(context);
    if (!settling_.empty()) settle_links(context);
    if (!failures_.empty()) run_failures(context);
  }
  refresh_chores();
}

void VrrpStack::run_routers(const Context& context) {
  for (deadlines_.settle(); deadlines_.earliest() <= context.now; deadlines_.settle()) {
    const auto index = static_cast<std::uint32_t>(deadlines_.earliest_item());
    deadlines_.for_each_candidate([&](std::uint32_t item) {
      prefetch(routers_[item]);
      prefetch(context.plan.instances[item]);
      prefetch(context.plan.configuration->instances[item].advert_int);
    });
    switch (routers_[index].fire(context)) {
      case VirtualRouter::Outcome::master_down:
        claim_mastership(index, context);
        break;
      case VirtualRouter::Outcome::starved:
        yield_mastership(index, context);
        break;
      case VirtualRouter::Outcome::lease_lost:
        lose_possession(index, {}, context);
        break;
      case VirtualRouter::Outcome::stay:
      case VirtualRouter::Outcome::met_loser:
      case VirtualRouter::Outcome::yield:
        break;
    }
    refresh_deadline(index);
  }
}

void VrrpStack::run_scripts(const Context& context) {
  using Due = track::ScriptTracker::Due;
  for (std::uint32_t i = 0; i < scripts_.size(); ++i) {
    for (Due due = scripts_[i].advance(context.now); due != Due::nothing; due = scripts_[i].advance(context.now)) {
      switch (due) {
        case Due::run:
          context.actions.push(RunScript{{i}});
          break;
        case Due::skip_still_running:
          context.actions.push(LogLine{"Track script " + context.plan.configuration->scripts[i].name +
                                           " is already running, expect idle - skipping run",
                                       false});
          break;
        case Due::terminate:
          context.actions.push(KillScript{{i}, false});
          break;
        case Due::kill:
          context.actions.push(KillScript{{i}, true});
          break;
        case Due::nothing:
          break;
      }
    }
  }
}

void VrrpStack::run_processes(const Context& context) {
  for (std::uint32_t i = 0; i < processes_.size(); ++i) {
    if (processes_[i].advance(context.now)) refresh_tracking(TrackReference::Kind::process, i, context);
  }
}

void VrrpStack::refresh_chores() {
  chores_ = stop_at_;
  if (phase_ != Phase::running) return;
  for (const track::ScriptTracker& script : scripts_) chores_ = std::min(chores_, script.deadline());
  for (const track::ProcessTracker& process : processes_) chores_ = std::min(chores_, process.settles);
  for (const LinkChange& change : settling_) chores_ = std::min(chores_, change.at);
  chores_ = std::min(chores_, failures_.deadline());
}

// ---------------------------------------------------------------- start and stop

void VrrpStack::on(const Started&, const Context& context) {
  assert(phase_ == Phase::created && "started twice");
  phase_ = Phase::running;
  started_at_ = context.now;
  ready_at_ = context.now + context.plan.configuration->global.vrrp_startup_delay;
  for (const VirtualRouter& router : routers_) router.make_macvlans(context);
  remove_leftovers(context);
  add_statics(context);
  for (std::uint32_t i = 0; i < routers_.size(); ++i) {
    refresh_facts(i);
    refresh_contribution(i, context);
  }
  evaluate_all(context);
  for (std::uint32_t i = 0; i < scripts_.size(); ++i) {
    if (!context.plan.configuration->scripts[i].disabled) scripts_[i].start(context.now);
  }
  run_scripts(context);
  refresh_chores();
}

/// What a crashed predecessor left behind goes first, whatever state comes, unless it may be kept.
void VrrpStack::remove_leftovers(const Context& context) {
  for (std::uint32_t i = 0; i < routers_.size(); ++i) {
    const InstancePlan& plan = routers_[i].plan();
    if (may_adopt(i)) continue;
    for (const config::Rule& rule : plan.config->virtual_rules) context.actions.push(RemoveRule{plan.id, rule});
    for (const config::Route& route : plan.config->virtual_routes) context.actions.push(RemoveRoute{plan.id, route});
    for (const PlannedAddress& planned : plan.addresses) {
      const InterfaceFacts* interface = find_live(planned.interface);
      if (interface == nullptr) continue;
      const auto& present = interface->addresses;
      const bool there = std::find(present.begin(), present.end(), planned.config->address) != present.end();
      if (!there && planned.virtual_mac.is_zero()) continue;  // what is on a macvlan is not told
      context.actions.push(RemoveAddress{plan.id, planned.interface, planned.config->address,
                                         planned.config->prefix_length, planned.virtual_mac});
    }
  }
}

void VrrpStack::on(const StopRequested&, const Context& context) {
  if (phase_ != Phase::running) return;
  for (std::uint32_t i = 0; i < routers_.size(); ++i) {
    routers_[i].leave(NotifyState::stop, context);
    refresh_deadline(i);
  }
  for (const GroupPlan& group : context.plan.groups) {
    notify_group(*group.config, context.plan.configuration->global, NotifyState::stop, context.actions);
  }
  remove_statics(context.plan, nullptr, context);
  phase_ = Phase::stopping;
  stop_at_ = context.now + context.plan.profile.stop_grace;
  refresh_chores();
}

// ---------------------------------------------------------------- comparison

template <class Sink>
void VrrpStack::describe_state(TimePoint now, Sink sink) const {
  const auto left = [&](TimePoint time) { sink(time == kNever ? -1 : (time - now).count()); };
  sink(static_cast<std::int64_t>(phase_));
  sink(phase_ == Phase::running && ready_at_ > now ? (ready_at_ - now).count() : 0);
  left(stop_at_);
  for (const VirtualRouter& router : routers_) router.describe_state(now, sink);
  for (const track::ScriptTracker& script : scripts_) {
    sink(static_cast<std::int64_t>(script.result.health()));
    sink(script.result.count());
    sink(static_cast<std::int64_t>(script.phase));
    left(script.next_run);
    left(script.next_signal);
  }
  for (const std::int64_t value : file_values_) sink(value);
  for (const track::ProcessTracker& process : processes_) {
    sink(static_cast<std::int64_t>(process.health));
    sink(static_cast<std::int64_t>(process.seen));
    left(process.settles);
  }
  for (const bool lost : lost_quorums_) sink(lost);
  failures_.for_each_deadline(left);
  for (const LinkChange& change : settling_) {
    sink(change.interface.value);
    left(change.at);
  }
  for (const InterfaceFacts& interface : interfaces_) {
    sink(interface.up);
    for (const IpAddress& address : interface.addresses) {
      for (const std::uint8_t byte : address.bytes()) sink(byte);
    }
  }
}

std::uint64_t VrrpStack::hash(TimePoint now) const {
  WordHash hash;
  describe_state(now, [&](std::int64_t word) { hash(word); });
  return hash.value();
}

bool VrrpStack::same_future(const VrrpStack& a, TimePoint now_a, const VrrpStack& b, TimePoint now_b) {
  if (!(a.plan_ == b.plan_ || (*a.plan_->configuration == *b.plan_->configuration && a.plan_->host == b.plan_->host &&
                               a.plan_->profile == b.plan_->profile))) {
    return false;
  }
  std::vector<std::int64_t> words_a;
  std::vector<std::int64_t> words_b;
  a.describe_state(now_a, [&](std::int64_t word) { words_a.push_back(word); });
  b.describe_state(now_b, [&](std::int64_t word) { words_b.push_back(word); });
  return words_a == words_b;
}

bool operator==(const VrrpStack& a, const VrrpStack& b) {
  return VrrpStack::same_future(a, TimePoint{}, b, TimePoint{});
}

}  // namespace vipdrift::vrrp
