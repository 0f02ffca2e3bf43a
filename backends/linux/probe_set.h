// Makes the probes of protocol/check/probe.h, thousands at a time.
#ifndef VIPDRIFT_BACKENDS_LINUX_PROBE_SET_H_
#define VIPDRIFT_BACKENDS_LINUX_PROBE_SET_H_

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "backends/linux/datagram_probes.h"
#include "backends/linux/file_descriptor.h"
#include "backends/linux/http_answer.h"
#include "backends/linux/identity.h"
#include "backends/linux/probe_tls.h"
#include "backends/linux/script_runner.h"
#include "backends/linux/stream_probes.h"
#include "protocol/base/deadline_index.h"
#include "protocol/base/strong_id.h"
#include "protocol/check/probe.h"

namespace vipdrift::linux_backend {

/// One checker has one probe at a time. Sockets are waited for in an epoll set of their own, and one timer stands for
/// all time-outs, so that a probe costs little beyond the kernel's work: nothing is allocated for a TCP probe, nor for
/// a plain HTTP probe whose header comes in one piece.
///
/// A time-out counts from start() and bounds the whole probe, however slowly an answer drips, unless its connection
/// says otherwise; it is told within a millisecond of its end as far as this process gets to run. Answers of HTTP are
/// at most HttpAnswer::kMostBytes long.
class ProbeSet {
 public:
  /// Never called from within start() or abandon().
  using Finished = std::function<void(CheckerId checker, std::uint32_t url, check::ProbeResult& result)>;

  /// `runner` and `identities` are for MISC_CHECK; ScriptRunner::collect() is called by whoever hears of SIGCHLD. All
  /// outlive this. error() tells whether it worked.
  ProbeSet(boost::asio::io_context& context, ScriptRunner& runner, Identities& identities, Finished finished);
  ~ProbeSet();
  ProbeSet(const ProbeSet&) = delete;
  ProbeSet& operator=(const ProbeSet&) = delete;

  int error() const { return error_; }
  /// For SSL_GET, from now on. What is wrong with the settings, or nothing.
  std::string configure(const TlsSettings& settings);

  /// `probe` stays where it is until the probe has finished or is abandoned.
  void start(CheckerId checker, std::uint32_t url, const check::Probe& probe);
  /// Closes at once, or ends the program; nothing is told. Harmless without a probe.
  void abandon(CheckerId checker);
  /// All of them, for good.
  void abandon_all();

  /// Those that nobody has been told the end of.
  std::size_t under_way() const { return under_way_; }

  /// From the end of the time that a program has to the signal that it cannot ignore.
  static constexpr Duration kGraceOfPrograms = std::chrono::seconds{2};

 private:
  struct MiscRun {
    pid_t pid = 0;
    bool timed_out = false;
  };
  using Run = std::variant<std::monostate, TcpRun, HttpRun, SmtpRun, UdpRun, DnsRun, PingRun, MiscRun>;
  struct Slot {
    CheckerId checker;
    std::uint32_t url = 0;
    std::uint32_t generation = 0;  ///< of the probe that is in it: what comes late for an earlier one is ignored
    bool told = false;             ///< a program is being waited for whose result interests nobody any more
    Run run;
  };
  struct Ended {
    std::uint32_t slot;
    std::uint32_t generation;
    check::ProbeResult result;
  };
  static constexpr std::uint32_t kNone = 0xffffffff;

  ProbeTools tools(const check::HttpProbe* probe);
  std::uint32_t free_slot();
  template <class Kind, class Probe>
  void begin(std::uint32_t number, const Probe& probe);
  void begin_program(std::uint32_t number, const check::MiscProbe& probe);
  void on_program_end(std::uint32_t number, std::uint32_t generation, int status);
  void on_event(std::uint32_t number, std::uint32_t generation, std::uint32_t events);
  void on_time_out(std::uint32_t number);
  void end(std::uint32_t number, check::ProbeResult result);
  void end_later(std::uint32_t number, check::ProbeResult result);
  void detach(Slot& slot);
  void release(std::uint32_t number);
  void set_deadline(std::uint32_t number, Duration timeout);

  void wait_for_events();
  std::size_t take_events();
  void tell_ended();
  void arm();
  TimePoint now() const { return TimePoint{std::chrono::steady_clock::now().time_since_epoch()}; }

  ScriptRunner& runner_;
  Identities& identities_;
  Finished finished_;
  BodyPatterns patterns_;
  TlsSettings tls_settings_;
  std::unique_ptr<TlsClient> tls_;  ///< made when the first probe needs it
  std::unique_ptr<char[]> room_;
  std::string host_name_;

  FileDescriptor epoll_;
  boost::asio::posix::stream_descriptor readable_;
  boost::asio::steady_timer timer_;
  TimePoint armed_at_ = kNever;

  std::deque<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> slot_of_;  ///< by checker
  DeadlineIndex deadlines_{0};
  std::vector<Ended> ended_;  ///< of probes that ended while they began
  bool tells_soon_ = false;
  std::size_t under_way_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< gone when this is: what runs on must not call back
  int error_ = 0;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_PROBE_SET_H_
