#include "backends/linux/vrrp_director.h"

#include <csignal>
#include <cstring>
#include <utility>
#include <variant>

namespace vipdrift::linux_backend {
namespace {

/// Deadlines that one wake-up looks for, one after the other.
constexpr int kMostTurns = 4;
/// Actions of one step whose memory is kept for the next: the advertisements of 4,000 Masters.
constexpr std::size_t kUsualActions = 4096;

std::string reason(int error) { return std::strerror(error); }

bool tells_others(const vrrp::Action& action) {
  return std::holds_alternative<vrrp::NotifyScript>(action) || std::holds_alternative<vrrp::NotifyFifo>(action) ||
         std::holds_alternative<vrrp::Stopped>(action);
}

bool removes(const vrrp::Action& action) {
  return std::holds_alternative<vrrp::RemoveAddress>(action) || std::holds_alternative<vrrp::RemoveVirtualMac>(action);
}

}  // namespace

VrrpDirector::VrrpDirector(boost::asio::io_context& context, std::shared_ptr<const config::Configuration> configuration,
                           const vrrp::Profile& profile, bool detailed_log, DirectorSinks sinks)
    : context_(context),
      configuration_(std::move(configuration)),
      profile_(profile),
      detailed_log_(detailed_log),
      sinks_(std::move(sinks)),
      kernel_(requests_, netlink_,
              {.failed = [this](const vrrp::ActionFailed& failure) { step(failure); },
               .log = [this](const std::string& line) { log(line); }}),
      errands_(context, profile,
               {.script_finished =
                    [this](ScriptId script, int exit_status, bool killed) {
                      step(vrrp::ScriptFinished{script, exit_status, killed});
                    },
                .process_count =
                    [this](ProcessId process, int running) { step(vrrp::ProcessCountChanged{process, running}); },
                .log = [this](const std::string& line) { log(line); }}),
      netlink_readable_(context),
      files_readable_(context),
      deadline_(context),
      next_reading_(context) {}

// The descriptors of Asio must not close what others own.
VrrpDirector::~VrrpDirector() {
  if (netlink_readable_.is_open()) netlink_readable_.release();
  if (files_readable_.is_open()) files_readable_.release();
  for (const auto& one : listeners_) {
    if (one->readable.is_open()) one->readable.release();
  }
}

std::optional<std::string> VrrpDirector::start() {
  if (netlink_.error() != 0) return "netlink: " + reason(netlink_.error());
  if (announcements_.error() != 0) return "packet socket: " + reason(announcements_.error());
  if (files_.error() != 0) return "inotify: " + reason(files_.error());
  vrrp::HostFacts facts = netlink_.facts();
  facts.detailed_log = detailed_log_;
  open_listeners();
  errands_.configure(configuration_);
  watch_files();
  stack_.emplace(configuration_, std::move(facts), profile_);
  netlink_readable_.assign(netlink_.descriptor());
  files_readable_.assign(files_.descriptor());
  wait_for_netlink();
  wait_for_files();
  step(vrrp::Started{});
  errands_.count_processes();
  for (std::size_t i = 0; i < configuration_->track_files.size(); ++i) report_file(i);
  return std::nullopt;
}

void VrrpDirector::stop(AtStop addresses) {
  at_stop_ = addresses;
  errands_.abandon_scripts();
  step(vrrp::StopRequested{});
}

void VrrpDirector::reload(std::shared_ptr<const config::Configuration> configuration) {
  configuration_ = std::move(configuration);
  errands_.configure(configuration_);
  end_rhythm();
  open_listeners();
  watch_files();
  step(vrrp::ConfigurationLoaded{configuration_});
  allowed_pause_.reset();
  errands_.count_processes();
  for (std::size_t i = 0; i < configuration_->track_files.size(); ++i) report_file(i);
}

// ---------------------------------------------------------------- the event loop

void VrrpDirector::wait_for_netlink() {
  netlink_readable_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error || ended_) return;
    netlink_.receive({
        .event = [this](const vrrp::Event& change) { react(change); },
        .route =
            [this](const nlmsghdr& told) {
              if (const std::optional<vrrp::Event> change = kernel_.removed(told)) step(*change);
            },
    });
    wait_for_netlink();
  });
}

void VrrpDirector::wait_for_files() {
  files_readable_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error || ended_) return;
    files_.receive([this](const std::string& path) {
      for (std::size_t i = 0; i < configuration_->track_files.size(); ++i) {
        if (configuration_->track_files[i].path == path) report_file(i);
      }
    });
    wait_for_files();
  });
}

// ---------------------------------------------------------------- the core

void VrrpDirector::step(const vrrp::Event& event) {
  if (stepping_) {
    waiting_.push_back(event);
  } else {
    step_through(now(), event);
    arm();
  }
}

// Events that carrying out actions has caused.
void VrrpDirector::step_waiting() {
  while (!waiting_.empty() && !ended_) {
    const vrrp::Event next = std::move(waiting_.front());
    waiting_.pop_front();
    stepped_at_ = now();
    actions_.clear();
    stack_->step(stepped_at_, next, actions_);
    carry_out_all();
  }
}

// Advertisements go first, together. What is announced is still there then.
void VrrpDirector::carry_out_all() {
  allowed_pause_.reset();
  send_advertisements();
  for (const vrrp::Action& action : actions_) {
    if (tells_others(action) || (removes(action) && !announcements_.empty())) catch_up();
    std::visit([this](const auto& one) { carry_out(one); }, action);
  }
  catch_up();
  if (actions_.size() <= kUsualActions) return;
  actions_.clear_to(kUsualActions);
  had_burst_ = true;
}

// Before the process sleeps. Nobody waits for the log: its lines come last.
void VrrpDirector::arm() {
  wait_for_deadline();
  for (const vrrp::LogLine& line : unlogged_) log(line.text, line.detail);
  unlogged_.clear();
  if (!had_burst_) return;
  had_burst_ = false;
  std::vector<vrrp::LogLine>().swap(unlogged_);
  if (sinks_.burst_over) sinks_.burst_over();
}

// The timer moves forward at once and backward only when it fires: a Backup's deadline moves with every advertisement.
void VrrpDirector::wait_for_deadline() {
  if (ended_ || stack_->next_deadline() >= armed_at_) return;
  armed_at_ = stack_->next_deadline();
  deadline_.expires_at(std::chrono::steady_clock::time_point(armed_at_.time_since_epoch()));
  deadline_.async_wait([this](const boost::system::error_code& error) {
    if (error || ended_) return;
    armed_at_ = kNever;
    // What waits in the sockets counts first: a late daemon must not fall out with a living master. The first step may
    // make another due at once.
    for (int turn = 0; turn < kMostTurns; ++turn) {
      read_all();
      const TimePoint time = now();
      if (ended_ || stack_->next_deadline() > time) break;
      step_through(time, vrrp::DeadlineReached{});
    }
    arm();
  });
}

std::optional<std::chrono::system_clock::time_point> VrrpDirector::last_transition(
    const vrrp::VirtualRouter& router) const {
  const TimePoint at = router.statistics().last_transition;
  if (at == TimePoint::min()) return std::nullopt;
  return std::chrono::system_clock::now() - std::chrono::duration_cast<std::chrono::system_clock::duration>(now() - at);
}

void VrrpDirector::failed(vrrp::ActionFailed::What what, std::optional<InstanceId> instance, const IpAddress& address,
                          int error) {
  if (error != 0) step(vrrp::ActionFailed{what, instance, address, error, {}});
}

void VrrpDirector::log(const std::string& line, bool detail) const {
  if (sinks_.log) sinks_.log(line, detail);
}

void VrrpDirector::carry_out(const vrrp::StateNote& action) {
  if (sinks_.state_changed) sinks_.state_changed(action);
}

void VrrpDirector::carry_out(const vrrp::Stopped&) {
  ended_ = true;
  deadline_.cancel();
  next_reading_.cancel();
  errands_.finish([this] {
    if (sinks_.stopped) sinks_.stopped();
  });
}

}  // namespace vipdrift::linux_backend
