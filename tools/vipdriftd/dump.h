// The daemon's state for people and for tools, laid out as keepalived's: keepalived.data, .stats and .json.
#ifndef VIPDRIFT_TOOLS_VIPDRIFTD_DUMP_H_
#define VIPDRIFT_TOOLS_VIPDRIFTD_DUMP_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "backends/linux/vrrp_director.h"
#include "protocol/vrrp/virtual_router.h"

namespace vipdrift::tools {

/// Counters as they were when they were cleared last, by instance.
using Baseline = std::map<std::string, vrrp::RouterStatistics>;
Baseline baseline_of(const linux_backend::VrrpDirector& director);
/// What has been counted since.
vrrp::RouterStatistics counted(const vrrp::VirtualRouter& router, const Baseline& baseline);

/// Names and words of keepalived 2.2.7, as far as they mean something here.
std::string data_dump(const linux_backend::VrrpDirector& director);
std::string statistics_dump(const linux_backend::VrrpDirector& director, const Baseline& baseline);
/// An array with one object for each instance, of "data" and "stats".
std::string json_dump(const linux_backend::VrrpDirector& director, const Baseline& baseline);

/// The line of an address in keepalived's dumps: "10.0.0.7/24 dev eth0 scope global label eth0:x set".
std::string address_line(const config::VirtualAddress& address, const std::string& interface, bool set);
/// The words of a command, each in single quotes.
std::string command_line(const config::Command& command);
/// keepalived's counters of packet errors, from ours.
struct ErrorCounters {
  std::uint64_t length, ttl, type, interval, addresses, auth_type, auth_mismatch, auth_failure;
};
ErrorCounters error_counters(const vrrp::RouterStatistics& statistics);

/// The directory TMPDIR, or /tmp.
std::string dump_directory();
/// Puts `text` into `path`, mode 0600, in one go: a reader never sees half of it, and a link that somebody has laid
/// there is replaced, not followed (CVE-2018-19044). An error in words when it cannot be done.
std::optional<std::string> write_dump(const std::string& path, const std::string& text);
/// Makes and writes the dump in a process of its own, a copy of this one, so that nobody waits for it.
void dump_aside(const std::string& path, const std::function<std::string()>& make,
                const std::function<void(const std::string& error)>& failed);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFTD_DUMP_H_
