// Health checks on this machine: probes, IPVS and processes around the pure engine.
#ifndef VIPDRIFT_BACKENDS_LINUX_CHECK_DIRECTOR_H_
#define VIPDRIFT_BACKENDS_LINUX_CHECK_DIRECTOR_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/linux/check_errands.h"
#include "backends/linux/file_watcher.h"
#include "backends/linux/ipvs.h"
#include "backends/linux/netlink.h"
#include "backends/linux/netlink_socket.h"
#include "backends/linux/probe_set.h"
#include "backends/linux/sync_daemons.h"
#include "protocol/check/check_engine.h"
#include "protocol/config/configuration.h"

namespace vipdrift::linux_backend {

/// What a check director tells the outside. All may be empty.
struct CheckSinks {
  /// One line for the log, worded as keepalived words it. `detail`: only with -D.
  std::function<void(const std::string& line, bool detail)> log;
  /// Something needs somebody's attention: IPVS is missing.
  std::function<void(const std::string& line)> alert;
  /// The stop is complete.
  std::function<void()> stopped;
  /// A virtual server has its quorum, or lost it.
  std::function<void(VirtualServerId service, bool up)> quorum;
};

/// Runs the health checks of one configuration on the namespace it lives in. Everything happens on the context's
/// thread.
///
/// The kernel's table is kept as the engine wants it. Since the kernel tells nobody of changes, the whole table is read
/// every ten seconds, or as rarely as it takes for this to cost no more than half a percent of the time (a table of
/// 10,000 servers takes some tens of milliseconds); what somebody else has changed is put right then. Without IPVS in
/// the kernel servers are checked all the same, and IPVS is looked for again in the same rhythm.
class CheckDirector {
 public:
  CheckDirector(boost::asio::io_context& context, std::shared_ptr<const config::Configuration> configuration,
                const vrrp::Profile& profile, CheckErrands::Company company, CheckSinks sinks);
  ~CheckDirector();
  CheckDirector(const CheckDirector&) = delete;
  CheckDirector& operator=(const CheckDirector&) = delete;

  /// Reads the table, which may be a predecessor's, and starts the checks; loads the kernel's module if it is missing
  /// and we may. An error in words when the machine refuses something without which nothing works.
  std::optional<std::string> start();
  /// A graceful stop, then CheckSinks::stopped. The table is cleared of our services, or left as it is.
  enum class AtStop : std::uint8_t { clear_table, keep_table };
  void stop(AtStop table);
  void reload(std::shared_ptr<const config::Configuration> configuration);
  /// Whether a VRRP instance is MASTER, for lvs_sync_daemon.
  void instance_state(const std::string& instance, bool master) { sync_daemons_.instance_state(instance, master); }

  const check::CheckEngine& engine() const { return *engine_; }
  /// The kernel's table with what has passed through it; empty without IPVS.
  IpvsReading reading();
  const Ipvs& ipvs() const { return ipvs_; }

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;

  TimePoint now() const { return TimePoint{std::chrono::steady_clock::now().time_since_epoch()}; }
  void step(const check::Event& event);
  void carry_out_all();
  void flush_edits();
  TimePoint grained(TimePoint time) const;
  void arm();
  void wait_for_netlink();
  void wait_for_files();
  void watch_files();
  void report_file(std::size_t position);
  void watch_table(Duration pause);
  void look_at_table();
  void find_ipvs();
  void tell_strangers(const IpvsReading& reading);
  void set_timeouts();
  void configure_tls();
  std::vector<IpAddress> addresses() const;
  bool holds(const IpAddress& address) const;
  void log(const std::string& line, bool detail = false) const;

  void carry_out(const check::StartProbe& action);
  void carry_out(const check::AbandonProbe& action) { probes_.abandon(action.checker); }
  void carry_out(const check::EditTable& action) { edits_.push_back(*action.edit); }
  void carry_out(const check::NotifyScript& action) { errands_.notify(action); }
  void carry_out(const check::NotifyFifo& action) { errands_.tell(action); }
  void carry_out(const check::NotifyMail& action) { errands_.mail(action); }
  void carry_out(const check::ServerNote&) {}
  void carry_out(const check::QuorumNote& action);
  void carry_out(const check::LogLine& action) { log(action.text, action.detail); }
  void carry_out(const check::Stopped&);

  std::shared_ptr<const config::Configuration> configuration_;
  vrrp::Profile profile_;
  CheckSinks sinks_;
  NetlinkSocket requests_{NETLINK_ROUTE};
  Netlink netlink_{requests_};
  Ipvs ipvs_;
  SyncDaemons sync_daemons_;
  CheckErrands errands_;
  ProbeSet probes_;
  FileWatcher files_;
  Descriptor netlink_readable_;
  Descriptor files_readable_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer next_look_;
  std::optional<check::CheckEngine> engine_;
  check::ActionList actions_;
  std::deque<check::Event> waiting_;  ///< events that carrying out actions has caused
  std::vector<ipvs::Edit> edits_;     ///< not yet asked of the kernel
  TimePoint armed_at_ = kNever;
  Duration grain_ = std::chrono::milliseconds{1};
  AtStop at_stop_ = AtStop::clear_table;
  bool stepping_ = false;
  bool ended_ = false;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_CHECK_DIRECTOR_H_
