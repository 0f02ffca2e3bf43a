// Settings of the daemon as a program: where it lives, what its processes are called, how the kernel schedules them.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_PROCESS_SETTINGS_H_
#define VIPDRIFT_PROTOCOL_CONFIG_PROCESS_SETTINGS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/config/command.h"

namespace vipdrift::config {

/// The VRRP process or that of the checks: vrrp_priority and its kin, checker_priority and its kin.
struct ProcessTuning {
  std::string name;                       ///< at most 15 characters; empty: see ProcessSettings::names
  std::optional<int> nice;                ///< -20 to 19, setpriority(2)
  std::optional<int> real_time_priority;  ///< 1 to 99 of SCHED_RR, sched(7)
  bool no_swap = false;                   ///< all of its memory is locked, mlockall(2)
  std::vector<std::uint16_t> processors;  ///< that it may run on, from 0; empty: all

  friend bool operator==(const ProcessTuning&, const ProcessTuning&) = default;
};

/// startup_script, shutdown_script: a command that the daemon waits for.
struct AwaitedCommand {
  Command command;  ///< may be empty
  std::chrono::seconds timeout{10};

  friend bool operator==(const AwaitedCommand&, const AwaitedCommand&) = default;
};

/// None of it is taken from a reload: it holds from the start of the daemon to its end.
struct ProcessSettings {
  std::string name_space;    ///< net_namespace; empty: the one it is started in
  std::string instance;      ///< part of the names of pid files; empty: none
  bool use_pid_dir = false;  ///< pid files are in /run/keepalived
  std::chrono::seconds child_wait_time{0};  ///< how long children may take to end; 0: the daemon's default
  std::optional<std::uint16_t> umask;       ///< up to 0777
  std::string name;                         ///< of the parent; at most 15 characters; empty: see `names`
  bool names = false;                       ///< process_names: each process gets a name of its own
  ProcessTuning vrrp;
  ProcessTuning checker;
  AwaitedCommand startup;   ///< run before any other process
  AwaitedCommand shutdown;  ///< run when every other process has ended

  friend bool operator==(const ProcessSettings&, const ProcessSettings&) = default;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_PROCESS_SETTINGS_H_
