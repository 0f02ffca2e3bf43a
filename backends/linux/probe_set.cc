#include "backends/linux/probe_set.h"

#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <type_traits>

namespace vipdrift::linux_backend {
namespace {

using check::Outcome;
using check::ProbeResult;

/// Events taken with one system call, and calls in a row before others get their turn.
constexpr std::size_t kBatch = 256;
constexpr int kMostBatches = 16;
constexpr std::size_t kRoom = 65536;
constexpr std::size_t kFirstSlots = 64;

std::string own_host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

ProbeResult result_of_program(int status) {
  ProbeResult result;
  result.outcome = Outcome::answered;
  result.signalled = WIFSIGNALED(status);
  result.code = result.signalled ? WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

ProbeResult failed(std::string detail) {
  ProbeResult result;
  result.outcome = Outcome::failed;
  result.detail = std::move(detail);
  return result;
}

}  // namespace

ProbeSet::ProbeSet(boost::asio::io_context& context, ScriptRunner& runner, Identities& identities, Finished finished)
    : runner_(runner),
      identities_(identities),
      finished_(std::move(finished)),
      room_(std::make_unique_for_overwrite<char[]>(kRoom)),
      host_name_(own_host_name()),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      readable_(context),
      timer_(context) {
  if (!epoll_) {
    error_ = errno;
    return;
  }
  readable_.assign(epoll_.get());
  wait_for_events();
}

// Asio must not close what belongs to us.
ProbeSet::~ProbeSet() {
  if (readable_.is_open()) readable_.release();
}

std::string ProbeSet::configure(const TlsSettings& settings) {
  patterns_.forget();
  if (settings == tls_settings_) return tls_ == nullptr ? std::string{} : tls_->error();
  tls_settings_ = settings;
  tls_ = std::make_unique<TlsClient>(tls_settings_);
  return tls_->error();
}

/// Most configurations have no SSL_GET, and OpenSSL takes its time and memory.
ProbeTools ProbeSet::tools(const check::HttpProbe* probe) {
  if (probe != nullptr && probe->tls && tls_ == nullptr) tls_ = std::make_unique<TlsClient>(tls_settings_);
  return {{room_.get(), kRoom}, patterns_, tls_.get(), host_name_};
}

// ---------------------------------------------------------------- beginning

void ProbeSet::start(CheckerId checker, std::uint32_t url, const check::Probe& probe) {
  abandon(checker);
  if (slot_of_.size() <= checker.value) slot_of_.resize(checker.value + std::size_t{1}, kNone);
  const std::uint32_t number = free_slot();
  slot_of_[checker.value] = number;
  Slot& slot = slots_[number];
  slot.checker = checker;
  slot.url = url;
  slot.told = false;
  ++under_way_;
  struct Visitor {
    ProbeSet& set;
    std::uint32_t number;
    void operator()(const check::TcpProbe& one) const { set.begin<TcpRun>(number, one); }
    void operator()(const check::HttpProbe& one) const { set.begin<HttpRun>(number, one); }
    void operator()(const check::SmtpProbe& one) const { set.begin<SmtpRun>(number, one); }
    void operator()(const check::DnsProbe& one) const { set.begin<DnsRun>(number, one); }
    void operator()(const check::UdpProbe& one) const { set.begin<UdpRun>(number, one); }
    void operator()(const check::PingProbe& one) const { set.begin<PingRun>(number, one); }
    void operator()(const check::MiscProbe& one) const { set.begin_program(number, one); }
  };
  std::visit(Visitor{*this, number}, probe);
}

std::uint32_t ProbeSet::free_slot() {
  if (free_.empty()) {
    const std::size_t before = slots_.size();
    const std::size_t after = std::max(kFirstSlots, 2 * before);
    slots_.resize(after);
    for (std::size_t number = after; number-- > before;) free_.push_back(static_cast<std::uint32_t>(number));
    DeadlineIndex grown(after);
    const TimePoint time = now();
    for (std::size_t number = 0; number < before; ++number) grown.set(number, deadlines_.deadline_of(number), time);
    deadlines_ = std::move(grown);
  }
  const std::uint32_t number = free_.back();
  free_.pop_back();
  return number;
}

template <class Kind, class Probe>
void ProbeSet::begin(std::uint32_t number, const Probe& probe) {
  Slot& slot = slots_[number];
  Kind& run = slot.run.emplace<Kind>(probe);
  const check::HttpProbe* http = nullptr;
  if constexpr (std::is_same_v<Kind, HttpRun>) http = &probe;
  ProbeTools with = tools(http);
  if (auto result = run.begin(with)) return end_later(number, std::move(*result));
  epoll_event wanted{};
  wanted.events = EPOLLET | EPOLLOUT;
  if constexpr (!std::is_same_v<Kind, TcpRun>) wanted.events |= EPOLLIN | EPOLLRDHUP;
  wanted.data.u64 = std::uint64_t{slot.generation} << 32U | number;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, run.descriptor(), &wanted) != 0) {
    return end_later(number, failed(std::string("epoll: ") + std::strerror(errno)));
  }
  set_deadline(number, probe.connection.timeout);
}

void ProbeSet::begin_program(std::uint32_t number, const check::MiscProbe& probe) {
  Slot& slot = slots_[number];
  const config::Command& command = probe.command;
  const Identity* const identity = identities_.find(command.user, command.group);
  if (identity == nullptr) return end_later(number, failed("there is no such user or group"));
  MiscRun& run = slot.run.emplace<MiscRun>();
  const auto on_end = [this, number, generation = slot.generation, alive = std::weak_ptr<int>(alive_)](int status) {
    if (!alive.expired()) on_program_end(number, generation, status);
  };
  const int error = runner_.run(command.argv, identity, on_end, &run.pid);
  if (error != 0) {
    const std::string what = command.argv.empty() ? "no program" : command.argv.front();
    return end_later(number, failed(what + ": " + std::strerror(error)));
  }
  set_deadline(number, probe.timeout);
}

void ProbeSet::set_deadline(std::uint32_t number, Duration timeout) {
  const TimePoint time = now();
  deadlines_.set(number, time + timeout, time);
  arm();
}

// ---------------------------------------------------------------- events

void ProbeSet::wait_for_events() {
  using Descriptor = boost::asio::posix::stream_descriptor;
  readable_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    for (int batch = 0; batch < kMostBatches && take_events() == kBatch; ++batch) {
    }
    wait_for_events();
  });
}

std::size_t ProbeSet::take_events() {
  std::array<epoll_event, kBatch> events;
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& one = events[static_cast<std::size_t>(i)];
    on_event(static_cast<std::uint32_t>(one.data.u64), static_cast<std::uint32_t>(one.data.u64 >> 32U), one.events);
  }
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

void ProbeSet::on_event(std::uint32_t number, std::uint32_t generation, std::uint32_t events) {
  Slot& slot = slots_[number];
  if (slot.generation != generation) return;
  ProbeTools with = tools(nullptr);
  ProbeProgress result = std::visit(
      [&](auto& run) -> ProbeProgress {
        using Kind = std::remove_cvref_t<decltype(run)>;
        if constexpr (std::is_same_v<Kind, std::monostate> || std::is_same_v<Kind, MiscRun>) {
          return std::nullopt;
        } else {
          return run.on_ready(events, with);
        }
      },
      slot.run);
  if (result) return end(number, std::move(*result));
  std::visit(
      [&](const auto& run) {
        if constexpr (requires { run.connection(); }) {
          if (run.connection().restarts_timeout) set_deadline(number, run.connection().timeout);
        }
      },
      slot.run);
}

void ProbeSet::on_program_end(std::uint32_t number, std::uint32_t generation, int status) {
  Slot& slot = slots_[number];
  if (slot.generation != generation) return;
  if (slot.told) return release(number);
  end(number, result_of_program(status));
}

// ---------------------------------------------------------------- time-outs

/// The timer moves forward at once and backward only when it fires.
void ProbeSet::arm() {
  const TimePoint earliest = deadlines_.earliest();
  if (earliest >= armed_at_) return;
  armed_at_ = earliest;
  timer_.expires_at(std::chrono::steady_clock::time_point(armed_at_.time_since_epoch()));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    armed_at_ = kNever;
    // What has been answered in time counts, however late we are.
    while (take_events() == kBatch) {
    }
    const TimePoint time = now();
    for (deadlines_.settle(); deadlines_.earliest() <= time; deadlines_.settle()) {
      on_time_out(static_cast<std::uint32_t>(deadlines_.earliest_item()));
    }
    arm();
  });
}

void ProbeSet::on_time_out(std::uint32_t number) {
  Slot& slot = slots_[number];
  const TimePoint time = now();
  if (auto* const program = std::get_if<MiscRun>(&slot.run)) {
    ::kill(-program->pid, program->timed_out ? SIGKILL : SIGTERM);
    const bool first = !program->timed_out && !slot.told;
    deadlines_.set(number, program->timed_out ? kNever : time + kGraceOfPrograms, time);
    program->timed_out = true;
    if (!first) return;
    ProbeResult result;
    result.outcome = Outcome::timed_out;
    detach(slot);
    slot.told = true;
    finished_(slot.checker, slot.url, result);
    return;
  }
  ProbeResult result = std::visit(
      [](const auto& run) -> ProbeResult {
        using Kind = std::remove_cvref_t<decltype(run)>;
        if constexpr (std::is_same_v<Kind, std::monostate> || std::is_same_v<Kind, MiscRun>) {
          return {};
        } else {
          return run.on_time_out();
        }
      },
      slot.run);
  end(number, std::move(result));
}

// ---------------------------------------------------------------- ends

// Released first: whoever hears of it may start the next probe.
void ProbeSet::end(std::uint32_t number, ProbeResult result) {
  Slot& slot = slots_[number];
  const CheckerId checker = slot.checker;
  const std::uint32_t url = slot.url;
  detach(slot);
  release(number);
  finished_(checker, url, result);
}

/// A probe that has ended while it began is told of when its beginner has returned.
void ProbeSet::end_later(std::uint32_t number, ProbeResult result) {
  Slot& slot = slots_[number];
  slot.run.emplace<std::monostate>();
  ended_.push_back({number, slot.generation, std::move(result)});
  if (tells_soon_) return;
  tells_soon_ = true;
  boost::asio::post(timer_.get_executor(), [this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) tell_ended();
  });
}

void ProbeSet::tell_ended() {
  tells_soon_ = false;
  std::vector<Ended> told;
  told.swap(ended_);
  for (Ended& one : told) {
    if (slots_[one.slot].generation == one.generation) end(one.slot, std::move(one.result));  // else: abandoned
  }
}

void ProbeSet::detach(Slot& slot) {
  slot_of_[slot.checker.value] = kNone;
  --under_way_;
}

void ProbeSet::release(std::uint32_t number) {
  Slot& slot = slots_[number];
  ++slot.generation;
  slot.run.emplace<std::monostate>();
  deadlines_.set(number, kNever, now());
  free_.push_back(number);
}

void ProbeSet::abandon(CheckerId checker) {
  if (checker.value >= slot_of_.size() || slot_of_[checker.value] == kNone) return;
  const std::uint32_t number = slot_of_[checker.value];
  Slot& slot = slots_[number];
  const TimePoint time = now();
  detach(slot);
  if (auto* const program = std::get_if<MiscRun>(&slot.run)) {
    ::kill(-program->pid, SIGTERM);
    slot.told = true;
    program->timed_out = true;
    deadlines_.set(number, time + kGraceOfPrograms, time);
    arm();
    return;
  }
  release(number);
}

void ProbeSet::abandon_all() {
  for (std::uint32_t checker = 0; checker < slot_of_.size(); ++checker) abandon(CheckerId{checker});
}

}  // namespace vipdrift::linux_backend
