#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <functional>

#include "backends/linux/privileges.h"
#include "backends/linux/signals.h"
#include "tools/vipdriftd/configuration_loader.h"
#include "tools/vipdriftd/daemon_processes.h"
#include "tools/vipdriftd/log.h"
#include "tools/vipdriftd/pid_file.h"
#include "tools/vipdriftd/readiness.h"

namespace vipdrift::tools {
namespace {

constexpr const char* kIpvs = "/proc/net/ip_vs";

/// Once at the start and at each reload.
void tell_what_is_missing(const DaemonArguments& arguments, const Log& log) {
  const LoadedConfiguration loaded = load_configuration(arguments);
  const std::size_t servers = loaded.configuration == nullptr ? 0 : loaded.configuration->virtual_servers.size();
  if (servers > 0) {
    log.alert(std::to_string(servers) +
              " virtual_server: vipdriftd neither checks real servers nor sets up IPVS yet; VRRP is not affected");
  } else {
    log.write("no virtual_server is configured: nothing to check");
  }
  if (access(kIpvs, F_OK) != 0) log.write("IPVS is missing in this kernel (there is no " + std::string(kIpvs) + ")");
}

}  // namespace

DaemonStatus run_check_process(const DaemonArguments& arguments, const linux_backend::ParentLink& parent) {
  const Log log(arguments, "healthcheckers");
  boost::asio::io_context context;
  boost::asio::signal_set signals(context, SIGTERM, SIGINT, SIGHUP);
  for (const int signal : {linux_backend::kDataSignal, linux_backend::kStatisticsSignal, linux_backend::json_signal(),
                           linux_backend::clear_statistics_signal()}) {
    signals.add(signal);  // nothing to dump; by default they would be deadly
  }
  linux_backend::unblock_signals();
  if (const auto seen_off = see_off(arguments.checkers_pid_file)) log.alert(*seen_off);
  const PidFile pid_file(arguments.checkers_pid_file);
  if (!pid_file.written()) {
    log.alert("Healthcheck child process: cannot write pidfile " + arguments.checkers_pid_file);
  }
  if (const auto error = linux_backend::drop_privileges()) log.alert("privileges not reduced: " + *error);
  tell_what_is_missing(arguments, log);
  if (!arguments.foreground) leave_standard_error();
  parent.tell_ready();
  std::function<void()> wait_for_signal = [&] {
    signals.async_wait([&](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGTERM || signal == SIGINT) {
        log.write("Stopping");
        context.stop();
        return;
      }
      if (signal == SIGHUP) {
        tell_what_is_missing(arguments, log);
        parent.tell_ready();
      }
      wait_for_signal();
    });
  };
  wait_for_signal();
  context.run();
  return DaemonStatus::good;
}

}  // namespace vipdrift::tools
