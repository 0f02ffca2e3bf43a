#include "tools/vipdriftd/command_line.h"

#include <fmt/format.h>
#include <getopt.h>
#include <sys/utsname.h>
#include <syslog.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/linux/signals.h"
#include "protocol/vrrp/profile_text.h"

namespace vipdrift::tools {
namespace {

constexpr int kMistake = static_cast<int>(DaemonStatus::no_start);

/// Long options without a letter.
enum : int { kAll = 256, kSignum, kProfile, kFlushLogFile, kNoMemoryCheck, kPerf, kDebug };

// getopt_long(3) because it is keepalived's parser too: optional values, abbreviations and bundles mean the same.
constexpr const char* kLetters = ":f:PCBlDS:g:Gu:XVIRndp:r:Tc:ab:s:xA:mM::ei:t::vh";

const std::array kLongOptions = {
    option{"use-file", required_argument, nullptr, 'f'},
    option{"vrrp", no_argument, nullptr, 'P'},
    option{"check", no_argument, nullptr, 'C'},
    option{"no_bfd", no_argument, nullptr, 'B'},
    option{"all", no_argument, nullptr, kAll},
    option{"log-console", no_argument, nullptr, 'l'},
    option{"log-detail", no_argument, nullptr, 'D'},
    option{"log-facility", required_argument, nullptr, 'S'},
    option{"log-file", required_argument, nullptr, 'g'},
    option{"flush-log-file", no_argument, nullptr, kFlushLogFile},
    option{"no-syslog", no_argument, nullptr, 'G'},
    option{"umask", required_argument, nullptr, 'u'},
    option{"release-vips", no_argument, nullptr, 'X'},
    option{"dont-release-vrrp", no_argument, nullptr, 'V'},
    option{"dont-release-ipvs", no_argument, nullptr, 'I'},
    option{"dont-respawn", no_argument, nullptr, 'R'},
    option{"dont-fork", no_argument, nullptr, 'n'},
    option{"dump-conf", no_argument, nullptr, 'd'},
    option{"pid", required_argument, nullptr, 'p'},
    option{"vrrp_pid", required_argument, nullptr, 'r'},
    option{"genhash", no_argument, nullptr, 'T'},
    option{"checkers_pid", required_argument, nullptr, 'c'},
    option{"address-monitoring", no_argument, nullptr, 'a'},
    option{"bfd_pid", required_argument, nullptr, 'b'},
    option{"namespace", required_argument, nullptr, 's'},
    option{"snmp", no_argument, nullptr, 'x'},
    option{"snmp-agent-socket", required_argument, nullptr, 'A'},
    option{"core-dump", no_argument, nullptr, 'm'},
    option{"core-dump-pattern", optional_argument, nullptr, 'M'},
    option{"all-config", no_argument, nullptr, 'e'},
    option{"config-id", required_argument, nullptr, 'i'},
    option{"signum", required_argument, nullptr, kSignum},
    option{"config-test", optional_argument, nullptr, 't'},
    option{"perf", optional_argument, nullptr, kPerf},
    option{"debug", optional_argument, nullptr, kDebug},
    option{"no-mem-check", no_argument, nullptr, kNoMemoryCheck},
    option{"profile", required_argument, nullptr, kProfile},
    option{"version", no_argument, nullptr, 'v'},
    option{"help", no_argument, nullptr, 'h'},
    option{nullptr, 0, nullptr, 0},
};

constexpr const char* kUsage = R"(Usage: vipdriftd [OPTION...]
Keeps the virtual addresses of a keepalived.conf alive (VRRP).

  -f, --use-file=FILE          Configuration file (/etc/keepalived/keepalived.conf)
  -t, --config-test[=FILE]     Say what is wrong with the configuration, to standard error or FILE, and exit
  -i, --config-id=ID           Which lines with @ID or @^ID count (the host's name without its domain)
  -e, --all-config             A configuration file that is missing is an error
  -n, --dont-fork              Stay in the foreground
  -P, --vrrp                   Only VRRP
  -C, --check                  Only the health checks of real servers, and IPVS
      --all                    Start every process, also those without configuration
  -R, --dont-respawn           Exit when a process dies, instead of starting it again
  -V, --dont-release-vrrp      Leave the virtual addresses in place when stopping
  -I, --dont-release-ipvs      Leave the IPVS table as it is when stopping
  -l, --log-console            Log to standard error (with -n)
  -g, --log-file=FILE          Log to FILE, with _vrrp or _healthcheckers in its name for those processes
      --flush-log-file         Write each line through to that file at once
  -D, --log-detail             Log in detail
  -d, --dump-conf              Log the configuration data
  -S, --log-facility=[0-7|local0-7|user|daemon]
                               Facility of syslog (daemon)
  -G, --no-syslog              Nothing to syslog
  -u, --umask=MASK             umask for files that are created
  -p, --pid=FILE               Pid file of the parent, the process to signal (/run/keepalived.pid)
  -r, --vrrp_pid=FILE          Pid file of the VRRP process (/run/vrrp.pid)
  -c, --checkers_pid=FILE      Pid file of the process for health checks (/run/checkers.pid)
  -s, --namespace=NAME         Run in the network namespace NAME of ip-netns(8)
  -m, --core-dump              Produce a core dump when something goes badly wrong
      --profile=PROFILE        Habits: vipdrift, or keepalived's own, faults included (vipdrift); single ones may
                               differ, as in vipdrift,address_leases=no,rival_announcement_repeat=250ms
      --signum=NAME            Print the number of the signal STOP, RELOAD, DATA, STATS, STATS_CLEAR or JSON
  -v, --version                Print the version
  -h, --help                   Print this

Taken as in keepalived, and true anyhow: -B (no BFD), -X (addresses go with a stop),
--no-mem-check. Refused, because not supported: -T, -a, -b, -x, -A, -M, --perf, --debug.

Examples:
  vipdriftd -t -f keepalived.conf       what is wrong with a configuration
  vipdriftd -n -l -D -f keepalived.conf in the foreground, telling everything
  kill -s $(vipdriftd --signum=JSON) $(cat /run/keepalived.pid)

Signals: HUP reloads, TERM and INT stop gracefully, USR1 writes keepalived.data and keepalived_check.data, USR2
keepalived.stats, and JSON keepalived.json, into the directory TMPDIR or else /tmp.

Exit codes:
  0  stopped, or the configuration is right (-t)
  1  the machine refuses what is needed, or the command line is wrong
  4  the configuration is wrong, or asks for what is not supported yet
  5  -t: something in the configuration is wrong, or will not work
  6  -t: scripts run as root, and enable_script_security is not set
)";

int mistake(std::string_view text) {
  fmt::print(stderr, "vipdriftd: {}\nTry 'vipdriftd --help'.\n", text);
  return kMistake;
}

int not_supported(std::string_view option, std::string_view what) {
  return mistake(fmt::format("option {} ({}) is not supported by vipdriftd", option, what));
}

std::optional<int> facility_named(std::string_view name) {
  if (name == "daemon") return LOG_DAEMON;
  if (name == "user") return LOG_USER;
  if (name.starts_with("local")) name.remove_prefix(5);
  if (name.size() != 1 || name[0] < '0' || name[0] > '7') return std::nullopt;
  return (16 + (name[0] - '0')) << 3;  // LOG_LOCAL0 and on, syslog(3)
}

int print_signal(std::string_view name) {
  const std::array<std::pair<std::string_view, int>, 6> signals = {{
      {"STOP", SIGTERM},
      {"RELOAD", SIGHUP},
      {"DATA", linux_backend::kDataSignal},
      {"STATS", linux_backend::kStatisticsSignal},
      {"STATS_CLEAR", linux_backend::clear_statistics_signal()},
      {"JSON", linux_backend::json_signal()},
  }};
  for (const auto& [known, number] : signals) {
    if (name != known) continue;
    fmt::print("{}\n", number);
    return 0;
  }
  fmt::print(stderr, "Unknown sigfunc {}\n", name);
  return kMistake;
}

std::string own_name() {
  utsname names{};
  if (uname(&names) != 0) return {};
  const std::string name = names.nodename;
  return name.substr(0, name.find('.'));
}

std::optional<int> set_mask(const char* text, DaemonArguments& arguments) {
  char* end = nullptr;
  const unsigned long mask = std::strtoul(text, &end, 0);
  if (*text == '\0' || *end != '\0' || mask > 0777) {
    return mistake(fmt::format("-u {}: not a umask; expected a number up to 0777, octal with a 0 in front", text));
  }
  arguments.file_mask = static_cast<unsigned>(mask);
  return std::nullopt;
}

/// One option; a status means: exit with it.
std::optional<int> take(int letter, const char* value, DaemonArguments& arguments) {
  switch (letter) {
    case 'f': arguments.config_file = value; break;
    case 'i': arguments.config_id = value; break;
    case 'p': arguments.pid_file = value; break;
    case 'r': arguments.vrrp_pid_file = value; break;
    case 'c': arguments.checkers_pid_file = value; break;
    case 's': arguments.name_space = value; break;
    case 'g': arguments.log_file = value; break;
    case 'P': arguments.vrrp_only = true; break;
    case 'C': arguments.check_only = true; break;
    case kAll: arguments.all_processes = true; break;
    case 'l': arguments.log_to_console = true; break;
    case 'D': arguments.detailed_log = true; break;
    case 'G': arguments.no_syslog = true; break;
    case kFlushLogFile: arguments.flush_log_file = true; break;
    case 'd': arguments.dump_configuration = true; break;
    case 'V': arguments.keep_addresses = true; break;
    case 'I': arguments.keep_ipvs = true; break;
    case 'R': arguments.respawn = false; break;
    case 'n': arguments.foreground = true; break;
    case 'm': arguments.core_dump = true; break;
    case 'e': arguments.all_files_must_exist = true; break;
    case 'B':
    case 'X':
    case kNoMemoryCheck:
      break;  // so it is anyhow
    case 'u': return set_mask(value, arguments);
    case 't':
      arguments.test_only = true;
      if (value != nullptr) arguments.test_log = value;
      break;
    case 'S':
      if (const auto facility = facility_named(value)) {
        arguments.syslog_facility = *facility;
        break;
      }
      return mistake(fmt::format("-S {}: no such facility; expected 0 to 7, local0 to local7, user or daemon", value));
    case kProfile:
      if (const vrrp::ProfileParse parsed = vrrp::parse_profile(value); parsed.profile) {
        arguments.profile = *parsed.profile;
      } else {
        return mistake(fmt::format("--profile: {}", parsed.error));
      }
      break;
    case kSignum: return print_signal(value);
    case 'v': fmt::print(stderr, "vipdriftd {}\n", VIPDRIFT_VERSION); return 0;
    case 'h': fmt::print(stderr, "{}", kUsage); return 0;
    case 'T': return not_supported("-T", "genhash");
    case 'a': return not_supported("-a", "address monitoring");
    case 'b': return not_supported("-b", "the pid file of a BFD process");
    case 'x': return not_supported("-x", "SNMP");
    case 'A': return not_supported("-A", "SNMP");
    case 'M': return not_supported("-M", "the machine's core pattern");
    case kPerf: return not_supported("--perf", "recording performance data");
    case kDebug: return not_supported("--debug", "debugging options");
    default: return kMistake;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int> parse_daemon_arguments(int argc, char** argv, DaemonArguments& arguments) {
  opterr = 0;
  int letter = 0;
  while ((letter = getopt_long(argc, argv, kLetters, kLongOptions.data(), nullptr)) != -1) {
    const std::string word = argv[optind - 1];
    if (letter == '?') {
      return mistake(optopt > 0 && optopt < kAll ? fmt::format("Unknown option -{:c}", optopt)
                                                 : "Unknown option " + word);
    }
    if (letter == ':') return mistake("option " + word + " lacks its value");
    if (const auto status = take(letter, optarg, arguments)) return status;
  }
  if (optind < argc) return mistake(fmt::format("unexpected argument '{}'", argv[optind]));
  if (arguments.vrrp_only && arguments.check_only) return mistake("-P and -C exclude each other");
  if (arguments.config_id.empty()) arguments.config_id = own_name();
  return std::nullopt;
}

}  // namespace vipdrift::tools
