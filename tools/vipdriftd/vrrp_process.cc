#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "backends/linux/identity.h"
#include "backends/linux/privileges.h"
#include "backends/linux/sibling_link.h"
#include "backends/linux/signals.h"
#include "backends/linux/vrrp_director.h"
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
using linux_backend::PrivilegeNeeds;

/// Memory of one instance from the start until it is a Backup, and what stays at hand for it to become Master.
constexpr std::size_t kBytesOfAnInstance = 2048;
constexpr std::size_t kBytesOfATakeover = 64;

PrivilegeNeeds needs_of(const config::Configuration& configuration) {
  linux_backend::Identities identities(configuration.global.script_user, configuration.global.script_group);
  return linux_backend::privilege_needs(configuration, identities);
}

class VrrpProcess {
 public:
  VrrpProcess(const DaemonArguments& arguments, const linux_backend::ParentLink& parent,
              const linux_backend::FileDescriptor& sibling)
      : arguments_(arguments),
        parent_(parent),
        log_(arguments, "vrrp"),
        checks_(context_, sibling, [this](const std::string& key, const std::string& value) { hear(key, value); }),
        signals_(context_, SIGTERM, SIGINT, SIGHUP) {
    for (const int signal : {linux_backend::kDataSignal, linux_backend::kStatisticsSignal,
                             linux_backend::json_signal(), linux_backend::clear_statistics_signal()}) {
      signals_.add(signal);
    }
  }

  DaemonStatus run(Configuration known) {
    linux_backend::unblock_signals();
    take_place(arguments_, arguments_.processes.vrrp, "vipdriftd_vrrp", log_);
    const auto seen_off = see_off(arguments_.vrrp_pid_file);
    if (seen_off) log_.alert(*seen_off);
    const Configuration configuration = configuration_at_start(arguments_, parent_.start(), std::move(known), log_);
    configuration_ = configuration;
    const PidFile pid_file(arguments_.vrrp_pid_file);
    if (!pid_file.written()) log_.alert("VRRP child process: cannot write pidfile " + arguments_.vrrp_pid_file);
    grow_heap(configuration->instances.size() * kBytesOfAnInstance);
    director_.emplace(context_, configuration, arguments_.profile, arguments_.detailed_log,
                      linux_backend::DirectorSinks{
                          .log = [this](const std::string& line, bool detail) {
                            detail ? log_.detail(line) : log_.write(line);
                          },
                          .stopped = [this] { context_.stop(); },
                          .burst_over = [this] { trim(); },
                          .state_changed = [this](const vrrp::StateNote& note) { tell_checks(note.name, note.to); },
                      });
    if (const std::optional<std::string> why = director_->start()) {
      log_.alert("cannot start: " + *why);
      return DaemonStatus::no_start;
    }
    privileges_ = needs_of(*configuration);
    const auto error = linux_backend::reduce_privileges(privileges_);
    if (error) log_.alert("privileges not reduced: " + *error);
    log_.write("Startup complete");
    if (arguments_.dump_configuration) dump_to_log();
    if (!arguments_.foreground) leave_standard_error();
    trim();
    parent_.tell_ready();
    wait_for_signal();
    context_.run();
    return DaemonStatus::good;
  }

 private:
  /// What the next takeover needs may stay.
  void trim() const {
    const vrrp::VrrpStack* const stack = director_->stack();
    trim_heap(stack == nullptr ? 0 : stack->routers().size() * kBytesOfATakeover);
  }

  /// Only what the check process waits for: the state of the instance that lvs_sync_daemon goes by.
  void tell_checks(const std::string& instance, vrrp::State state) {
    const auto& daemon = configuration_->global.lvs_sync_daemon;
    if (!daemon || daemon->instance != instance) return;
    checks_.tell(state_key(instance), state == vrrp::State::master ? "MASTER" : "BACKUP");
  }

  void hear(const std::string& key, const std::string& value) {
    if (!director_ || director_->stack() == nullptr) return;
    for (std::uint32_t i = 0; i < configuration_->virtual_servers.size(); ++i) {
      if (quorum_key(configuration_->virtual_servers[i]) != key) continue;
      director_->quorum_changed(VirtualServerId{i}, value == "up");
    }
  }

  void wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      on_signal(signal);
      wait_for_signal();
    });
  }

  void on_signal(int signal) {
    const auto failed = [this](const std::string& error) { log_.write(error); };
    const std::string stem = dump_directory() + "/keepalived.";
    if (signal == SIGHUP) {
      reload();
    } else if (signal == linux_backend::kDataSignal) {
      log_.write(fmt::format("Printing VRRP data for process({}) on signal", getpid()));
      dump_aside(stem + "data", [this] { return data_dump(*director_); }, failed);
    } else if (signal == linux_backend::kStatisticsSignal || signal == linux_backend::clear_statistics_signal()) {
      const bool clear = signal != linux_backend::kStatisticsSignal;
      const char* const also = clear ? "and clearing " : "";
      log_.write(fmt::format("Printing {}VRRP stats for process({}) on signal", also, getpid()));
      dump_aside(stem + "stats", [this] { return statistics_dump(*director_, baseline_); }, failed);
      if (clear) baseline_ = baseline_of(*director_);
    } else if (signal == linux_backend::json_signal()) {
      log_.write(fmt::format("Printing VRRP as json for process({}) on signal", getpid()));
      dump_aside(stem + "json", [this] { return json_dump(*director_, baseline_); }, failed);
    } else {
      log_.write("Stopping");
      using AtStop = linux_backend::VrrpDirector::AtStop;
      director_->stop(arguments_.keep_addresses ? AtStop::keep_addresses : AtStop::remove_addresses);
    }
  }

  // Parsed whole first: a wrong file changes nothing.
  void reload() {
    log_.write("Reloading");
    const LoadedConfiguration loaded = load_configuration(arguments_);
    for (const std::string& line : loaded.lines) log_.write(line);
    if (loaded.configuration == nullptr) {
      log_.alert("the configuration is wrong and is not reloaded; running on with the former one");
    } else if (const PrivilegeNeeds wanted = needs_of(*loaded.configuration); !privileges_.cover(wanted)) {
      log_.alert("the configuration is not reloaded: its commands run as other users, or a FIFO belongs to one, and "
                 "this process has given up the privilege for it; please restart vipdriftd");
    } else {
      if (wanted.root_commands && !privileges_.root_commands && !privileges_.other_users) {
        log_.write("commands run with the daemon's own privileges until vipdriftd is restarted");
      }
      tell_what_waits(arguments_, loaded.configuration->global.processes, log_);
      configuration_ = loaded.configuration;
      director_->reload(loaded.configuration);
      for (const vrrp::VirtualRouter& router : director_->stack()->routers()) {
        tell_checks(router.plan().config->name, router.state());
      }
      log_.write("Reload complete");
    }
    trim();
    parent_.tell_ready();
  }

  void dump_to_log() const {
    std::istringstream lines(data_dump(*director_));
    for (std::string line; std::getline(lines, line);) log_.write(line);
  }

  const DaemonArguments& arguments_;
  const linux_backend::ParentLink& parent_;
  Log log_;
  /// No other thread touches it, so that nothing need be locked.
  boost::asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  linux_backend::SiblingLink checks_;
  boost::asio::signal_set signals_;
  Configuration configuration_;
  std::optional<linux_backend::VrrpDirector> director_;
  PrivilegeNeeds privileges_;
  Baseline baseline_;
};

}  // namespace

DaemonStatus run_vrrp_process(const DaemonArguments& arguments, Configuration configuration,
                              const linux_backend::ParentLink& parent, const linux_backend::FileDescriptor& sibling) {
  VrrpProcess process(arguments, parent, sibling);
  return process.run(std::move(configuration));
}

}  // namespace vipdrift::tools
