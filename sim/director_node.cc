#include "sim/director_node.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "protocol/track/tracked_file.h"
#include "sim/node_events.h"

namespace vipdrift::sim {
namespace {

using scenarios::DaemonEvent;

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

DirectorNode::DirectorNode(const KernelWorld& world, Choices& choices, VirtualKernel& kernel, Options options)
    : world_(world),
      choices_(choices),
      kernel_(kernel),
      configuration_(std::move(options.configuration)),
      profile_(options.profile),
      detailed_log_(options.detailed_log),
      costs_(options.costs),
      start_delays_(std::move(options.start_delays)),
      scripts_(kernel, std::move(options.scripts)),
      costs_stream_(choices.stream("costs/" + kernel.name())) {
  kernel_.set_user(this);
}

// ---------------------------------------------------------------- the daemon's life

void DirectorNode::note(DaemonEvent event, std::string detail, scenarios::DaemonPart part) {
  world_.recorder.note(kernel_.name(), scenarios::DaemonChanged{event, std::move(detail), part});
}

void DirectorNode::set_checks(CheckNode* checks) {
  checks_ = checks;
  checks->set_quorum_sink([this](VirtualServerId server, bool up) { take(vrrp::QuorumChanged{server, up}); });
}

void DirectorNode::start() {
  if (stack_ || starting_ || !kernel_.powered()) return;
  starting_ = true;
  note(DaemonEvent::started);
  const Duration drawn = draw(costs_.start);  // also when it is not needed: later draws stay the same
  const std::size_t start = starts_++;
  const Duration takes = start < start_delays_.size() ? start_delays_[start].value_or(drawn) : drawn;
  start_event_ =
      world_.queue.schedule(now() + takes, {kind_of(NodeEvent::director_started), 0, kernel_.index(), 0});
}

void DirectorNode::on_started() {
  if (!starting_) return;
  if (suspended()) return;  // resume() and thaw() come back here
  starting_ = false;
  vrrp::HostFacts facts = kernel_.facts();
  facts.detailed_log = detailed_log_;
  use_configuration(configuration_);
  create_track_files();
  stack_.emplace(configuration_, std::move(facts), profile_);
  identification_.assign(configuration_->instances.size(), 0);
  take(vrrp::Started{});
  report_tracked_objects();
  tell_sync_daemon({}, vrrp::State::backup);
  if (checks_ != nullptr) checks_->start(configuration_);
}

void DirectorNode::use_configuration(std::shared_ptr<const config::Configuration> configuration) {
  configuration_ = std::move(configuration);
  scripts_.bind(*configuration_);
  cancel_runs();
  identification_.resize(configuration_->instances.size());
  kernel_.leave_all();
  join_groups();
}

void DirectorNode::join_groups() {
  for (const config::VrrpInstance& instance : configuration_->instances) {
    if (!instance.unicast_peers.empty()) continue;
    const config::GlobalDefs& global = configuration_->global;
    const IpAddress& group = instance.family == Family::ipv4 ? global.vrrp_mcast_group4 : global.vrrp_mcast_group6;
    kernel_.join(kernel_.interface_named(instance.interface), instance.multicast_group.value_or(group));
  }
}

void DirectorNode::create_track_files() {
  for (const config::TrackFile& file : configuration_->track_files) {
    const bool there = kernel_.file(file.path) != nullptr;
    if (file.init_file == config::InitFile::overwrite || (file.init_file == config::InitFile::create && !there)) {
      kernel_.write_file(file.path, std::to_string(file.init_value));
    }
  }
}

void DirectorNode::report_tracked_objects() {
  for (std::size_t i = 0; i < configuration_->track_files.size(); ++i) report_file(i);
  for (std::size_t i = 0; i < configuration_->track_processes.size(); ++i) report_process(i);
}

void DirectorNode::report_file(std::size_t position) {
  vrrp::FileChanged change{FileId{static_cast<std::uint32_t>(position)}, std::nullopt};
  if (const std::string* contents = kernel_.file(configuration_->track_files[position].path)) {
    change.value = track::tracked_value(*contents);
  }
  take(change);
}

void DirectorNode::report_process(std::size_t position) {
  const std::string& name = configuration_->track_processes[position].process;
  take(vrrp::ProcessCountChanged{ProcessId{static_cast<std::uint32_t>(position)},
                                 kernel_.running(std::string{base_name(name)})});
}

void DirectorNode::file_changed(const std::string& path) {
  if (!stack_) return;
  for (std::size_t i = 0; i < configuration_->track_files.size(); ++i) {
    if (configuration_->track_files[i].path == path) report_file(i);
  }
  if (checks_ != nullptr) checks_->file_changed(path);
}

void DirectorNode::process_changed(const std::string& process) {
  if (!stack_) return;
  for (std::size_t i = 0; i < configuration_->track_processes.size(); ++i) {
    if (base_name(configuration_->track_processes[i].process) == process) report_process(i);
  }
}

void DirectorNode::stop() {
  if (starting_) {  // the signal meets a daemon that holds nothing yet
    end_daemon();
    note(DaemonEvent::stopped);
  }
  if (checks_ != nullptr) checks_->stop();
  if (stack_) take(vrrp::StopRequested{});
}

void DirectorNode::crash() {
  if (!stack_ && !starting_) return;
  end_daemon();
  note(DaemonEvent::crashed);
}

void DirectorNode::end_daemon() {
  if (checks_ != nullptr) checks_->crash();
  kernel_.set_ipvs_sync({});
  starting_ = false;
  paused_ = false;
  stopped_ = false;
  stack_.reset();
  world_.queue.cancel(start_event_);
  world_.queue.cancel(deadline_event_);
  world_.queue.cancel(work_event_);
  deadline_at_ = kNoEvent;
  busy_until_ = now();
  actions_.clear();
  next_action_ = 0;
  prepared_ = false;
  announced_ = 0;
  waiting_.clear();
  next_waiting_ = 0;
  waiting_datagrams_ = 0;
  waiting_bytes_.clear();
  former_.reset();
  cancel_runs();
  kernel_.leave_all();
}

void DirectorNode::cancel_runs() {
  for (const Run& run : runs_) world_.queue.cancel(run.event);
  runs_.assign(configuration_->scripts.size(), Run{});
}

void DirectorNode::pause() {
  if ((!stack_ && !starting_) || paused_) return;
  paused_ = true;
  if (checks_ != nullptr) checks_->pause();
  note(DaemonEvent::paused);
}

void DirectorNode::resume() {
  if (!paused_) return;
  paused_ = false;
  note(DaemonEvent::resumed);
  if (checks_ != nullptr) checks_->resume();
  if (starting_ && !world_.queue.pending(start_event_)) on_started();
  if (stack_ && !suspended()) go_on();
}

void DirectorNode::crash_checks() {
  if (checks_ == nullptr || !checks_->runs()) return;
  note(DaemonEvent::crashed, {}, scenarios::DaemonPart::check);
  checks_->crash_and_respawn();
}

void DirectorNode::pause_checks() {
  if (checks_ == nullptr || !checks_->runs()) return;
  note(DaemonEvent::paused, {}, scenarios::DaemonPart::check);
  checks_->pause();
}

void DirectorNode::resume_checks() {
  if (checks_ == nullptr || !checks_->runs()) return;
  note(DaemonEvent::resumed, {}, scenarios::DaemonPart::check);
  checks_->resume();
}

/// An empty name: of a daemon that has just started.
void DirectorNode::tell_sync_daemon(const std::string& instance, vrrp::State state) {
  const auto& daemon = configuration_->global.lvs_sync_daemon;
  if (!daemon) return;
  const bool tied = !daemon->instance.empty();
  if (!instance.empty() && daemon->instance != instance) return;
  std::uint8_t id = static_cast<std::uint8_t>(std::max(daemon->sync_id, 0));
  for (const config::VrrpInstance& each : configuration_->instances) {
    if (daemon->sync_id < 0 && each.name == daemon->instance) id = each.virtual_router_id;
  }
  const bool master = state == vrrp::State::master;
  kernel_.set_ipvs_sync({!tied || master, !tied || !master, kernel_.interface_named(daemon->interface), id});
}

void DirectorNode::freeze() {
  if (kernel_.frozen() || !kernel_.powered()) return;
  kernel_.freeze();
  note(DaemonEvent::paused, "the whole machine");
}

void DirectorNode::thaw() {
  if (!kernel_.frozen()) return;
  kernel_.thaw();
  note(DaemonEvent::resumed, "the whole machine");
  if (checks_ != nullptr) checks_->resume();
  if (starting_ && !world_.queue.pending(start_event_)) on_started();
  if (stack_ && !suspended()) go_on();
}

void DirectorNode::reload(std::shared_ptr<const config::Configuration> configuration) {
  if (!stack_) return;
  note(DaemonEvent::reloaded);
  if (checks_ != nullptr) checks_->reload(configuration);
  take(vrrp::ConfigurationLoaded{std::move(configuration)});
}

void DirectorNode::refuse_reload(const std::string& why) {
  if (stack_) note(DaemonEvent::refused, why);
}

void DirectorNode::power_off() {
  if (!kernel_.powered()) return;
  ran_before_power_off_ = stack_.has_value() || starting_;
  end_daemon();
  note(DaemonEvent::powered_off);
  kernel_.power_off();
}

void DirectorNode::power_on() {
  if (kernel_.powered()) return;
  kernel_.power_on();
  note(DaemonEvent::powered_on);
  if (ran_before_power_off_) start();
}

// ---------------------------------------------------------------- events in

void DirectorNode::on_vrrp(const vrrp::Datagram& datagram) {
  if (!stack_) return;
  if (suspended() || busy() || has_waiting()) {
    put_aside(datagram);
  } else {
    step(datagram);
  }
}

void DirectorNode::on_link(InterfaceId interface, bool up) { take(vrrp::LinkChanged{interface, up}); }

void DirectorNode::on_address(InterfaceId interface, const IpAddress& address, bool present) {
  take(vrrp::AddressChanged{interface, address, present});
  if (checks_ != nullptr) checks_->address_changed(address, present);
}

void DirectorNode::on_interface_gone(InterfaceId interface) { take(vrrp::InterfaceVanished{interface}); }

void DirectorNode::on_interface_there(const vrrp::InterfaceFacts& facts) { take(vrrp::InterfaceAppeared{facts}); }

void DirectorNode::on_script(std::uint64_t run) {
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (runs_[i].number != run) continue;
    runs_[i].number = 0;
    if (world_.recorder.wants().script_results) {
      world_.recorder.note(kernel_.name(),
                           scenarios::ScriptResult{configuration_->scripts[i].name, runs_[i].exit_status, false});
    }
    take(vrrp::ScriptFinished{ScriptId{static_cast<std::uint32_t>(i)}, runs_[i].exit_status, false});
    return;
  }
}

void DirectorNode::take(vrrp::Event event) {
  if (!stack_) return;
  if (suspended() || busy() || has_waiting()) {
    put_aside(std::move(event));
  } else {
    step_event(event);
  }
}

void DirectorNode::put_aside(vrrp::Event event) {
  waiting_.push_back({std::move(event), 0, 0});
  work_when_free();
}

void DirectorNode::put_aside(const vrrp::Datagram& datagram) {
  if (waiting_datagrams_ >= kSocketBuffer) return;
  ++waiting_datagrams_;
  const auto offset = static_cast<std::uint32_t>(waiting_bytes_.size());
  const auto size = static_cast<std::uint32_t>(datagram.payload.size());
  waiting_bytes_.insert(waiting_bytes_.end(), datagram.payload.begin(), datagram.payload.end());
  waiting_.push_back({datagram, offset, size});
  work_when_free();
}

void DirectorNode::on_deadline() {
  deadline_at_ = kNoEvent;
  if (!stack_ || suspended()) return;  // resume() and thaw() look at the deadlines
  if (busy() || has_waiting()) {
    work_when_free();
  } else if (kernel_.clock().monotonic(TimePoint{now()}) >= stack_->next_deadline()) {
    step(vrrp::DeadlineReached{});
  } else {
    arm_deadline();
  }
}

void DirectorNode::on_work() {
  if (stack_ && !suspended()) go_on();
}

void DirectorNode::work_at(SimTime at) {
  if (!world_.queue.rearm(work_event_, at)) {
    work_event_ = world_.queue.schedule(at, {kind_of(NodeEvent::director_work), 0, kernel_.index(), 0});
  }
}

// A batch under way has its own event; go_on() looks at everything else when the batch is done.
void DirectorNode::work_when_free() {
  if (inside_ || acting() || suspended() || world_.queue.pending(work_event_)) return;
  work_at(std::max(busy_until_, now()));
}

// The stack's next deadline has an event at that time or earlier. Later deadlines do not move the event: it is the
// deadline that is looked at when the event fires.
void DirectorNode::arm_deadline() {
  const TimePoint deadline = stack_->next_deadline();
  if (deadline == kNever) return;
  const SimTime at = std::max(kernel_.clock().simulated(deadline).time_since_epoch(), now());
  if (at >= deadline_at_) return;
  deadline_at_ = at;
  if (!world_.queue.rearm(deadline_event_, at)) {
    deadline_event_ = world_.queue.schedule(at, {kind_of(NodeEvent::director_deadline), 0, kernel_.index(), 0});
  }
}

// `event` is a vrrp::Event, or one of those that the stack takes without the variant around it.
template <class Event>
void DirectorNode::step(const Event& event) {
  former_.reset();
  step_through(event);
}

template <class Event>
void DirectorNode::step_through(const Event& event) {
  actions_.clear();
  next_action_ = 0;
  stack_->step(kernel_.clock().monotonic(TimePoint{now()}), event, actions_);
  if (!actions_.empty()) begin_actions();
  if (stack_) arm_deadline();
}

void DirectorNode::step_event(const vrrp::Event& event) {
  if (const auto* loaded = std::get_if<vrrp::ConfigurationLoaded>(&event)) return step_reload(*loaded);
  if (std::holds_alternative<vrrp::InterfaceAppeared>(event)) join_groups();  // whose membership died with the old one
  step(event);
}

void DirectorNode::step_reload(const vrrp::ConfigurationLoaded& event) {
  former_ = configuration_;
  use_configuration(event.configuration);
  create_track_files();
  forget_waiting_results();
  step_through(vrrp::Event{event});
  report_tracked_objects();
}

// Their ids are those of the former configuration; everything that counts is reported anew.
void DirectorNode::forget_waiting_results() {
  const auto is_result = [](const Waiting& waiting) {
    return std::holds_alternative<vrrp::FileChanged>(waiting.event) ||
           std::holds_alternative<vrrp::ProcessCountChanged>(waiting.event) ||
           std::holds_alternative<vrrp::ScriptFinished>(waiting.event);
  };
  const auto from = waiting_.begin() + static_cast<std::ptrdiff_t>(next_waiting_);
  waiting_.erase(std::remove_if(from, waiting_.end(), is_result), waiting_.end());
}

void DirectorNode::step_waiting() {
  Waiting waiting = std::move(waiting_[next_waiting_++]);
  if (auto* datagram = std::get_if<vrrp::DatagramReceived>(&waiting.event)) {
    --waiting_datagrams_;
    datagram->payload = std::span<const std::uint8_t>{waiting_bytes_}.subspan(waiting.offset, waiting.size);
    step(*datagram);
  } else {
    step_event(waiting.event);
  }
  if (!has_waiting()) {
    waiting_.clear();
    waiting_bytes_.clear();
    next_waiting_ = 0;
  }
}

// Ends what is begun, then the inbox, then overdue deadlines; leaves as soon as something takes time.
void DirectorNode::go_on() {
  if (acting()) go_on_acting();
  while (stack_ && !busy() && has_waiting()) step_waiting();
  if (!stack_ || acting()) return;
  if (busy()) {
    work_when_free();
  } else if (kernel_.clock().monotonic(TimePoint{now()}) >= stack_->next_deadline()) {
    step(vrrp::DeadlineReached{});
  } else {
    arm_deadline();
  }
}

// ---------------------------------------------------------------- actions out

Duration DirectorNode::draw(const Spread& spread) {
  if (spread.spread == Duration::zero()) return spread.least;
  return choices_.between(costs_stream_, spread.least, spread.least + spread.spread);
}

// Whether others can see when exactly it happens, relative to what is before and after it.
bool DirectorNode::takes_its_place(const vrrp::Action& action) const {
  return std::holds_alternative<vrrp::AddAddress>(action) || std::holds_alternative<vrrp::RemoveAddress>(action) ||
         std::holds_alternative<vrrp::AnnounceAddress>(action);
}

Duration DirectorNode::before(const vrrp::Action& action) {
  const bool address =
      std::holds_alternative<vrrp::AddAddress>(action) || std::holds_alternative<vrrp::RemoveAddress>(action);
  return address ? draw(costs_.address) : Duration::zero();
}

Duration DirectorNode::after(const vrrp::Action& action) const {
  if (std::holds_alternative<vrrp::SendAdvertisement>(action)) return costs_.send;
  if (std::holds_alternative<vrrp::AnnounceAddress>(action)) return costs_.announce;
  const bool forks =
      std::holds_alternative<vrrp::RunScript>(action) || std::holds_alternative<vrrp::NotifyScript>(action);
  return forks ? costs_.script : Duration::zero();
}

void DirectorNode::begin_actions() {
  if (std::none_of(actions_.begin(), actions_.end(),
                   [this](const vrrp::Action& action) { return takes_its_place(action); })) {
    act_at_once();
    return;
  }
  prepared_ = false;
  announced_ = 0;
  const Duration wake = draw(costs_.wake);
  if (wake > Duration::zero()) {
    work_at(now() + wake);
  } else {
    go_on_acting();
  }
}

void DirectorNode::act_at_once() {
  inside_ = true;
  Duration takes{};
  for (; next_action_ < actions_.size(); ++next_action_) {
    const vrrp::Action& action = actions_[next_action_];
    std::visit([this](const auto& one) { carry_out(one); }, action);
    takes += after(action);
  }
  inside_ = false;
  busy_until_ = now() + takes;
  end_if_stopped();
}

void DirectorNode::go_on_acting() {
  while (acting()) {
    const vrrp::Action& action = actions_[next_action_];
    if (!prepared_) {
      prepared_ = true;
      const Duration first = before(action);
      if (first > Duration::zero()) return work_at(now() + first);
    }
    inside_ = true;
    std::visit([this](const auto& one) { carry_out(one); }, action);
    inside_ = false;
    const Duration takes = after(action);
    const auto* announcement = std::get_if<vrrp::AnnounceAddress>(&action);
    if (announcement == nullptr || ++announced_ >= announcement->repeats) {
      ++next_action_;
      prepared_ = false;
      announced_ = 0;
    }
    busy_until_ = now() + takes;
    if (takes > Duration::zero() && acting()) return work_at(busy_until_);
  }
  end_if_stopped();
  if (stack_ && has_waiting()) work_when_free();
}

void DirectorNode::end_if_stopped() {
  if (!stopped_) return;
  end_daemon();
  note(DaemonEvent::stopped);
}

}  // namespace vipdrift::sim
