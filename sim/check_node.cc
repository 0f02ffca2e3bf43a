#include "sim/check_node.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "protocol/track/tracked_file.h"
#include "sim/node_events.h"

namespace vipdrift::sim {

CheckNode::CheckNode(const KernelWorld& world, Choices& choices, VirtualKernel& kernel, ProbeRunner& probes,
                     Options options)
    : world_(world),
      choices_(choices),
      kernel_(kernel),
      probes_(probes),
      options_(options),
      warmups_(choices.stream("warmups/" + kernel.name())),
      respawns_(choices.stream("respawns/" + kernel.name())) {}

// ---------------------------------------------------------------- its life

void CheckNode::start(std::shared_ptr<const config::Configuration> configuration) {
  configuration_ = std::move(configuration);
  if (!configuration_->virtual_servers.empty()) begin();
}

void CheckNode::begin() {
  constexpr std::uint64_t kSeeds = 1ULL << 62;
  engine_.emplace(configuration_, options_.profile, choices_.below(warmups_, kSeeds));
  told_up_.clear();
  check::Started started;
  if (kernel_.ipvs() != nullptr) started.found = kernel_.ipvs()->table();
  for (const vrrp::InterfaceFacts& interface : kernel_.facts().interfaces) {
    started.addresses.insert(started.addresses.end(), interface.addresses.begin(), interface.addresses.end());
  }
  take(std::move(started));
  report_files();
}

void CheckNode::stop() {
  world_.queue.cancel(respawn_event_);
  if (engine_) take(check::StopRequested{});
}

void CheckNode::crash() {
  world_.queue.cancel(respawn_event_);
  end();
}

void CheckNode::end() {
  engine_.reset();
  paused_ = false;
  stopped_ = false;
  waiting_.clear();
  running_.clear();
  probes_.abandon_all();
  world_.queue.cancel(deadline_event_);
}

void CheckNode::crash_and_respawn() {
  if (!engine_) return;
  end();
  const Spread& start = options_.costs.start;
  const auto spread = static_cast<std::uint64_t>(start.spread.count());
  const Duration takes = start.least + Duration{static_cast<std::int64_t>(choices_.below(respawns_, spread + 1))};
  respawn_event_ = world_.queue.schedule(now() + takes, {kind_of(NodeEvent::check_respawned), 0, kernel_.index(), 0});
}

void CheckNode::on_respawned() {
  if (!engine_ && configuration_ && kernel_.powered()) begin();
}

void CheckNode::pause() { paused_ = engine_.has_value(); }

void CheckNode::resume() {
  paused_ = false;
  if (!engine_ || suspended()) return;
  handle_waiting();
  on_deadline();
}

void CheckNode::reload(std::shared_ptr<const config::Configuration> configuration) {
  if (!engine_) return start(std::move(configuration));
  configuration_ = std::move(configuration);
  take(check::ConfigurationLoaded{configuration_});
  report_files();
}

void CheckNode::report_files() {
  for (std::size_t i = 0; i < configuration_->track_files.size(); ++i) report_file(i);
}

void CheckNode::report_file(std::size_t position) {
  check::FileChanged change{FileId{static_cast<std::uint32_t>(position)}, std::nullopt};
  if (const std::string* contents = kernel_.file(configuration_->track_files[position].path)) {
    change.value = track::tracked_value(*contents);
  }
  take(change);
}

void CheckNode::file_changed(const std::string& path) {
  for (std::size_t i = 0; engine_ && i < configuration_->track_files.size(); ++i) {
    if (configuration_->track_files[i].path == path) report_file(i);
  }
}

void CheckNode::address_changed(const IpAddress& address, bool present) {
  if (engine_) take(check::AddressChanged{address, present});
}

// ---------------------------------------------------------------- events

void CheckNode::take(check::Event event) {
  waiting_.push_back(std::move(event));
  if (!inside_ && !suspended()) handle_waiting();
}

void CheckNode::handle_waiting() {
  inside_ = true;
  while (engine_ && !waiting_.empty()) {
    const check::Event event = std::move(waiting_.front());
    waiting_.pop_front();
    step(event);
  }
  inside_ = false;
}

void CheckNode::step(const check::Event& event) {
  check::ActionList actions;
  engine_->step(kernel_.clock().monotonic(TimePoint{now()}), event, actions);
  for (const check::Action& action : actions) {
    std::visit([this](const auto& each) { carry_out(each); }, action);
  }
  if (stopped_) {
    end();
  } else {
    arm();
  }
}

void CheckNode::on_deadline() {
  if (!engine_ || suspended()) return;
  if (kernel_.clock().monotonic(TimePoint{now()}) >= engine_->next_deadline()) {
    take(check::DeadlineReached{});
  } else {
    arm();
  }
}

void CheckNode::arm() {
  const TimePoint deadline = engine_->next_deadline();
  world_.queue.cancel(deadline_event_);
  if (deadline == kNever) return;
  const SimTime at = std::max(kernel_.clock().simulated(deadline).time_since_epoch(), now());
  deadline_event_ = world_.queue.schedule(at, {kind_of(NodeEvent::check_deadline), 0, kernel_.index(), 0});
}

// ---------------------------------------------------------------- actions

void CheckNode::carry_out(const check::StartProbe& action) {
  if (running_.size() <= action.checker.value) running_.resize(action.checker.value + 1);
  running_[action.checker.value] =
      probes_.start(engine_->probe(action.checker, action.url), [this, action](const check::ProbeResult& result) {
        running_[action.checker.value] = {};
        take(check::ProbeFinished{action.checker, action.url, result});
      });
}

void CheckNode::carry_out(const check::AbandonProbe& action) {
  if (action.checker.value < running_.size()) probes_.abandon(std::exchange(running_[action.checker.value], {}));
}

void CheckNode::carry_out(const check::EditTable& action) {
  const int error = kernel_.edit_ipvs(*action.edit);
  if (error != kDone) take(check::EditFailed{*action.edit, error});
}

void CheckNode::carry_out(const check::NotifyScript& action) {
  constexpr std::string_view kOf = " of ";
  const std::size_t end = action.subject.find(kOf);
  const bool quorum = end == std::string::npos;
  world_.recorder.note(kernel_.name(), scenarios::ServerNotification{
                                           quorum ? action.subject : action.subject.substr(end + kOf.size()),
                                           quorum ? std::string{} : action.subject.substr(0, end), action.up,
                                           action.command->argv});
}

void CheckNode::carry_out(const check::NotifyMail& action) {
  if (mail_ != nullptr) mail_->send(configuration_->global, action.subject);
}

void CheckNode::carry_out(const check::NotifyFifo& action) {
  world_.recorder.note(kernel_.name(), scenarios::FifoLine{action.line});
}

void CheckNode::carry_out(const check::ServerNote&) {}

// What a log tells: a quorum that is there, and one that was lost; not one that never was.
void CheckNode::carry_out(const check::QuorumNote& action) {
  if (quorum_sink_) quorum_sink_(action.service, action.up);
  for (const ipvs::ServiceKey& key : engine_->plan().services[action.service.value].keys) {
    if (told_up_.contains(key) == action.up) continue;
    action.up ? void(told_up_.insert(key)) : void(told_up_.erase(key));
    world_.recorder.note(kernel_.name(), scenarios::QuorumChanged{key, action.up});
  }
}

void CheckNode::carry_out(const check::LogLine& action) {
  if (!world_.recorder.wants().logs || (action.detail && !options_.detailed_log)) return;
  world_.recorder.note(kernel_.name(), scenarios::LogWritten{action.text});
}

void CheckNode::carry_out(const check::Stopped&) {
  stopped_ = true;
  if (configuration_->global.lvs_flush_on_stop == config::LvsFlush::everything) kernel_.clear_ipvs();
}

}  // namespace vipdrift::sim
