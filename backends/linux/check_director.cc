#include "backends/linux/check_director.h"

#include <sys/random.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>
#include <variant>

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;

/// Checks that fall due within this part of the shortest interval, or within a millisecond, begin with one wake-up:
/// each costs as much as the work on several checks.
constexpr int kGrainShare = 100;
constexpr Duration kLeastGrain = 1ms;
constexpr Duration kMostGrain = 50ms;
/// The table is read so often, and at most for this part of the time.
constexpr Duration kBetweenLooks = 10s;
constexpr int kLookShare = 200;

std::string reason(int error) { return std::strerror(error); }

/// Where each daemon's first checks fall within their warm-up times.
std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  [[maybe_unused]] const ssize_t size = getrandom(&seed, sizeof seed, 0);
  return seed;
}

/// Each probe under way is a descriptor.
void allow_many_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Whether others may act on it, so that the table has to be as it says.
bool follows_edits(const check::Action& action) {
  return std::holds_alternative<check::NotifyScript>(action) || std::holds_alternative<check::NotifyFifo>(action) ||
         std::holds_alternative<check::QuorumNote>(action) || std::holds_alternative<check::Stopped>(action);
}

Duration grain_of(const check::CheckPlan& plan) {
  Duration shortest = kMostGrain * kGrainShare;
  for (const check::CheckerPlan& checker : plan.checkers) {
    shortest = std::min({shortest, checker.delay_loop, checker.delay_before_retry});
  }
  return std::max(shortest / kGrainShare, kLeastGrain);
}

}  // namespace

CheckDirector::CheckDirector(boost::asio::io_context& context,
                             std::shared_ptr<const config::Configuration> configuration, const vrrp::Profile& profile,
                             CheckErrands::Company company, CheckSinks sinks)
    : configuration_(std::move(configuration)),
      profile_(profile),
      sinks_(std::move(sinks)),
      sync_daemons_(ipvs_, [this](const std::string& line) { log(line); }),
      errands_(context, profile, company, [this](const std::string& line) { log(line); }),
      probes_(context, errands_.runner(), errands_.identities(),
              [this](CheckerId checker, std::uint32_t url, check::ProbeResult& result) {
                step(check::ProbeFinished{checker, url, std::move(result)});
              }),
      netlink_readable_(context),
      files_readable_(context),
      deadline_(context),
      next_look_(context) {}

// The descriptors of Asio must not close what others own.
CheckDirector::~CheckDirector() {
  if (netlink_readable_.is_open()) netlink_readable_.release();
  if (files_readable_.is_open()) files_readable_.release();
}

std::optional<std::string> CheckDirector::start() {
  if (netlink_.error() != 0) return "netlink: " + reason(netlink_.error());
  if (files_.error() != 0) return "inotify: " + reason(files_.error());
  if (probes_.error() != 0) return "epoll: " + reason(probes_.error());
  allow_many_descriptors();
  errands_.configure(*configuration_);
  configure_tls();
  watch_files();
  find_ipvs();
  set_timeouts();
  sync_daemons_.configure(*configuration_);
  IpvsReading found;
  if (const int error = ipvs_.read(found, Ipvs::Detail::table_only); error != 0 && ipvs_.error() == 0) {
    return "the IPVS table cannot be read: " + reason(error);
  }
  tell_strangers(found);
  engine_.emplace(configuration_, profile_, random_seed());
  grain_ = grain_of(engine_->plan());
  netlink_readable_.assign(netlink_.descriptor());
  files_readable_.assign(files_.descriptor());
  wait_for_netlink();
  wait_for_files();
  step(check::Started{std::move(found.table), addresses()});
  for (std::size_t i = 0; i < configuration_->track_files.size(); ++i) report_file(i);
  watch_table(kBetweenLooks);
  return std::nullopt;
}

void CheckDirector::stop(AtStop table) {
  at_stop_ = table;
  step(check::StopRequested{table == AtStop::keep_table});
}

void CheckDirector::reload(std::shared_ptr<const config::Configuration> configuration) {
  configuration_ = std::move(configuration);
  errands_.configure(*configuration_);
  configure_tls();
  set_timeouts();
  sync_daemons_.configure(*configuration_);
  watch_files();
  step(check::ConfigurationLoaded{configuration_});
  if (engine_) grain_ = grain_of(engine_->plan());
  for (std::size_t i = 0; i < configuration_->track_files.size(); ++i) report_file(i);
}

void CheckDirector::configure_tls() {
  const config::TlsClient& wanted = configuration_->tls_client;
  const std::string error =
      probes_.configure({wanted.authorities, wanted.certificate, wanted.key, wanted.password, false});
  if (!error.empty()) log(error);
}

// ---------------------------------------------------------------- the core

void CheckDirector::step(const check::Event& event) {
  if (!engine_ || ended_) return;
  if (stepping_) {
    waiting_.push_back(event);
    return;
  }
  stepping_ = true;
  engine_->step(now(), event, actions_);
  carry_out_all();
  while (!waiting_.empty() && !ended_) {
    const check::Event next = std::move(waiting_.front());
    waiting_.pop_front();
    engine_->step(now(), next, actions_);
    carry_out_all();
  }
  stepping_ = false;
  arm();
}

// Edits go together. Whoever is told of a change finds it made.
void CheckDirector::carry_out_all() {
  for (const check::Action& action : actions_) {
    if (!edits_.empty() && follows_edits(action)) flush_edits();
    std::visit([this](const auto& one) { carry_out(one); }, action);
  }
  actions_.clear();
  flush_edits();
}

void CheckDirector::flush_edits() {
  if (edits_.empty()) return;
  if (ipvs_.error() == 0) {
    for (const Ipvs::Refusal& refused : ipvs_.carry_out(edits_)) {
      waiting_.push_back(check::EditFailed{edits_[refused.position], refused.error});
    }
  }
  edits_.clear();
}

/// The end of the grain that `time` lies in.
TimePoint CheckDirector::grained(TimePoint time) const {
  if (time == kNever) return time;
  return TimePoint{(time.time_since_epoch() + grain_ - Duration{1}) / grain_ * grain_};
}

void CheckDirector::arm() {
  const TimePoint wanted = grained(engine_->next_deadline());
  if (ended_ || wanted >= armed_at_) return;
  armed_at_ = wanted;
  deadline_.expires_at(std::chrono::steady_clock::time_point(armed_at_.time_since_epoch()));
  deadline_.async_wait([this](const boost::system::error_code& error) {
    if (error || ended_) return;
    armed_at_ = kNever;
    step(check::DeadlineReached{});
    arm();
  });
}

void CheckDirector::carry_out(const check::StartProbe& action) {
  probes_.start(action.checker, action.url, engine_->probe(action.checker, action.url));
}

void CheckDirector::carry_out(const check::QuorumNote& action) {
  if (sinks_.quorum) sinks_.quorum(action.service, action.up);
}

void CheckDirector::carry_out(const check::Stopped&) {
  const bool everything = configuration_->global.lvs_flush_on_stop == config::LvsFlush::everything;
  if (everything && at_stop_ == AtStop::clear_table && ipvs_.error() == 0) ipvs_.flush();
  sync_daemons_.stop();
  ended_ = true;
  probes_.abandon_all();
  deadline_.cancel();
  next_look_.cancel();
  errands_.finish([this] {
    if (sinks_.stopped) sinks_.stopped();
  });
}

void CheckDirector::log(const std::string& line, bool detail) const {
  if (sinks_.log) sinks_.log(line, detail);
}

// ---------------------------------------------------------------- the kernel's table

void CheckDirector::find_ipvs() {
  if (ipvs_.error() == Ipvs::kIpvsMissing && load_ipvs_module()) ipvs_.look_again();
  if (ipvs_.error() == 0 || !sinks_.alert) return;
  sinks_.alert(ipvs_.why() + "; real servers are checked all the same, and VRRP is not affected");
}

void CheckDirector::set_timeouts() {
  const config::LvsTimeouts& wanted = configuration_->global.lvs_timeouts;
  if (wanted == config::LvsTimeouts{} || ipvs_.error() != 0) return;
  const int error = ipvs_.set(IpvsTimeouts{wanted.tcp, wanted.tcp_fin, wanted.udp});
  if (error != 0) log("lvs_timeouts: " + reason(error));
}

void CheckDirector::tell_strangers(const IpvsReading& reading) {
  for (const auto& [key, scheduler] : reading.strangers) {
    log("IPVS: service " + ipvs::to_string(key) + " has the unknown scheduler '" + scheduler + "' and is left alone");
  }
}

void CheckDirector::watch_table(Duration pause) {
  next_look_.expires_after(pause);
  next_look_.async_wait([this](const boost::system::error_code& error) {
    if (error || ended_) return;
    const TimePoint before = now();
    look_at_table();
    if (!ended_) watch_table(std::max(kBetweenLooks, kLookShare * (now() - before)));
  });
}

void CheckDirector::look_at_table() {
  if (ipvs_.error() != 0 && ipvs_.look_again() == 0) {
    log("IPVS is there now");
    set_timeouts();
    sync_daemons_.configure(*configuration_);
  }
  IpvsReading found;
  if (ipvs_.error() == 0 && ipvs_.read(found, Ipvs::Detail::table_only) == 0) {
    step(check::TableRead{std::move(found.table)});
  }
}

IpvsReading CheckDirector::reading() {
  IpvsReading found;
  ipvs_.read(found, Ipvs::Detail::with_traffic);
  return found;
}

// ---------------------------------------------------------------- addresses and files

bool CheckDirector::holds(const IpAddress& address) const {
  return std::any_of(netlink_.interfaces().begin(), netlink_.interfaces().end(), [&](const auto& interface) {
    const auto held = interface.second.addresses.lower_bound({address, 0});
    return held != interface.second.addresses.end() && held->first.address == address;
  });
}

std::vector<IpAddress> CheckDirector::addresses() const {
  std::set<IpAddress> all;
  for (const auto& [index, interface] : netlink_.interfaces()) {
    for (const auto& [prefix, held] : interface.addresses) all.insert(prefix.address);
  }
  return {all.begin(), all.end()};
}

// An address counts as present as long as one interface has it.
void CheckDirector::wait_for_netlink() {
  netlink_readable_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error || ended_) return;
    netlink_.receive({.event = [this](const vrrp::Event& change) {
      if (const auto* address = std::get_if<vrrp::AddressChanged>(&change)) {
        step(check::AddressChanged{address->address, holds(address->address)});
      }
    }});
    wait_for_netlink();
  });
}

void CheckDirector::wait_for_files() {
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

// The process that speaks VRRP makes those that are to be made.
void CheckDirector::watch_files() {
  files_.forget_all();
  for (const config::TrackFile& file : configuration_->track_files) {
    if (const int error = files_.watch(file.path); error != 0) {
      log("cannot watch the tracked file " + file.path + ": " + reason(error));
    }
  }
}

void CheckDirector::report_file(std::size_t position) {
  const std::string& path = configuration_->track_files[position].path;
  step(check::FileChanged{FileId{static_cast<std::uint32_t>(position)}, read_tracked_file(path)});
}

}  // namespace vipdrift::linux_backend
