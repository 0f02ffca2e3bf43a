#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "backends/linux/check_director.h"
#include "backends/linux/identity.h"
#include "backends/linux/privileges.h"
#include "backends/linux/sibling_link.h"
#include "backends/linux/signals.h"
#include "tools/vipdriftd/check_dump.h"
#include "tools/vipdriftd/configuration_loader.h"
#include "tools/vipdriftd/daemon_processes.h"
#include "tools/vipdriftd/dump.h"
#include "tools/vipdriftd/heap.h"
#include "tools/vipdriftd/log.h"
#include "tools/vipdriftd/pid_file.h"
#include "tools/vipdriftd/readiness.h"
#include "tools/vipdriftd/residence.h"

namespace vipdrift::tools {
namespace {

using Configuration = std::shared_ptr<const config::Configuration>;
using linux_backend::CheckDirector;
using linux_backend::CheckErrands;
using linux_backend::PrivilegeNeeds;

PrivilegeNeeds needs_of(const config::Configuration& configuration) {
  linux_backend::Identities identities(configuration.global.script_user, configuration.global.script_group);
  return linux_backend::check_privilege_needs(configuration, identities);
}

class CheckProcess {
 public:
  CheckProcess(const DaemonArguments& arguments, const linux_backend::ParentLink& parent,
               const linux_backend::FileDescriptor& sibling)
      : arguments_(arguments),
        parent_(parent),
        log_(arguments, "healthcheckers"),
        vrrp_(context_, sibling, [this](const std::string& key, const std::string& value) { hear(key, value); }),
        signals_(context_, SIGTERM, SIGINT, SIGHUP) {
    for (const int signal : {linux_backend::kDataSignal, linux_backend::kStatisticsSignal,
                             linux_backend::json_signal(), linux_backend::clear_statistics_signal()}) {
      signals_.add(signal);  // by default they would be deadly
    }
  }

  DaemonStatus run(Configuration known) {
    linux_backend::unblock_signals();
    take_place(arguments_, arguments_.processes.checker, "vipdriftd_check", log_);
    if (const auto seen_off = see_off(arguments_.checkers_pid_file)) log_.alert(*seen_off);
    const Configuration configuration = configuration_at_start(arguments_, parent_.start(), std::move(known), log_);
    const PidFile pid_file(arguments_.checkers_pid_file);
    if (!pid_file.written()) {
      log_.alert("Healthcheck child process: cannot write pidfile " + arguments_.checkers_pid_file);
    }
    const auto company = arguments_.check_only ? CheckErrands::Company::alone : CheckErrands::Company::beside_vrrp;
    director_.emplace(context_, configuration, arguments_.profile, company,
                      linux_backend::CheckSinks{
                          .log = [this](const std::string& line, bool detail) {
                            detail ? log_.detail(line) : log_.write(line);
                          },
                          .alert = [this](const std::string& line) { log_.alert(line); },
                          .stopped = [this] { context_.stop(); },
                          .quorum = [this](VirtualServerId service, bool up) { tell_vrrp(service, up); },
                      });
    if (configuration->virtual_servers.empty()) log_.write("no virtual_server is configured: nothing to check");
    if (const std::optional<std::string> why = director_->start()) {
      log_.alert("cannot start: " + *why);
      return DaemonStatus::no_start;
    }
    privileges_ = needs_of(*configuration);
    if (const auto error = linux_backend::reduce_privileges(privileges_)) {
      log_.alert("privileges not reduced: " + *error);
    }
    log_.write("Startup complete");
    if (arguments_.dump_configuration) dump_to_log();
    if (!arguments_.foreground) leave_standard_error();
    trim_heap();
    parent_.tell_ready();
    wait_for_signal();
    context_.run();
    return DaemonStatus::good;
  }

 private:
  /// Only what an instance tracks.
  void tell_vrrp(VirtualServerId service, bool up) {
    const config::Configuration& configuration = director_->engine().configuration();
    for (const config::VrrpInstance& instance : configuration.instances) {
      for (const config::TrackedQuorum& tracked : *instance.track_quorums) {
        if (tracked.server != service) continue;
        vrrp_.tell(quorum_key(configuration.virtual_servers[service.value]), up ? "up" : "down");
        return;
      }
    }
  }

  void hear(const std::string& key, const std::string& value) {
    if (!director_) return;
    const auto& daemon = director_->engine().configuration().global.lvs_sync_daemon;
    if (daemon && state_key(daemon->instance) == key) director_->instance_state(daemon->instance, value == "MASTER");
  }

  void wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      on_signal(signal);
      wait_for_signal();
    });
  }

  void on_signal(int signal) {
    if (signal == SIGHUP) {
      reload();
    } else if (signal == SIGTERM || signal == SIGINT) {
      log_.write("Stopping");
      director_->stop(arguments_.keep_ipvs ? CheckDirector::AtStop::keep_table : CheckDirector::AtStop::clear_table);
    } else if (signal == linux_backend::kDataSignal) {
      log_.write(fmt::format("Printing checker data for process({}) on signal", getpid()));
      // The table is read here: a copy of this process must not share its socket.
      const linux_backend::IpvsReading reading = director_->reading();
      dump_aside(
          dump_directory() + "/keepalived_check.data",
          [this, &reading] { return check_data_dump(director_->engine(), reading); },
          [this](const std::string& error) { log_.write(error); });
    }
  }

  // Parsed whole first: a wrong file changes nothing.
  void reload() {
    log_.write("Reloading");
    const LoadedConfiguration loaded = load_configuration(arguments_);
    for (const std::string& line : loaded.lines) log_.write(line);
    if (loaded.configuration == nullptr) {
      log_.alert("the configuration is wrong and is not reloaded; running on with the former one");
    } else if (!privileges_.cover(needs_of(*loaded.configuration))) {
      log_.alert("the configuration is not reloaded: its commands run as other users, a FIFO belongs to one, or a "
                 "check is bound to a port below 1024, and this process has given up the privilege for it; please "
                 "restart vipdriftd");
    } else {
      if (arguments_.check_only) tell_what_waits(arguments_, loaded.configuration->global.processes, log_);
      director_->reload(loaded.configuration);
      log_.write("Reload complete");
    }
    trim_heap();
    parent_.tell_ready();
  }

  void dump_to_log() {
    std::istringstream lines(check_data_dump(director_->engine(), director_->reading()));
    for (std::string line; std::getline(lines, line);) log_.write(line);
  }

  const DaemonArguments& arguments_;
  const linux_backend::ParentLink& parent_;
  Log log_;
  /// No other thread touches it, so that nothing need be locked.
  boost::asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  linux_backend::SiblingLink vrrp_;
  boost::asio::signal_set signals_;
  std::optional<CheckDirector> director_;
  PrivilegeNeeds privileges_;
};

}  // namespace

std::string quorum_key(const config::VirtualServer& service) { return "quorum " + check::service_name(service); }
std::string state_key(const std::string& instance) { return "state " + instance; }

DaemonStatus run_check_process(const DaemonArguments& arguments, Configuration configuration,
                               const linux_backend::ParentLink& parent, const linux_backend::FileDescriptor& sibling) {
  CheckProcess process(arguments, parent, sibling);
  return process.run(std::move(configuration));
}

}  // namespace vipdrift::tools
