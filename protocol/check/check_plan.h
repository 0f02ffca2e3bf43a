// What a configuration means for health checks: worked out once, never changed, shared by all copies of an engine.
#ifndef VIPDRIFT_PROTOCOL_CHECK_CHECK_PLAN_H_
#define VIPDRIFT_PROTOCOL_CHECK_CHECK_PLAN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/strong_id.h"
#include "protocol/base/time.h"
#include "protocol/check/probe.h"
#include "protocol/config/configuration.h"
#include "protocol/ipvs/table.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::check {

enum class CheckerKind : std::uint8_t { http, https, tcp, smtp, dns, misc, ping, udp, file };
/// As in the configuration: "HTTP_GET", ...
std::string_view to_string(CheckerKind kind);

/// HTTP status codes from `first` to `last`.
struct StatusRange {
  int first = 200;
  int last = 299;
  friend bool operator==(const StatusRange&, const StatusRange&) = default;
};

/// One probe, and which answers to it are welcome.
struct Question {
  Probe probe;
  std::vector<StatusRange> statuses{};  ///< of HTTP
  std::vector<std::string> digests{};   ///< any of them; empty: whatever the body is
  bool pattern_must_be_absent = false;
  friend bool operator==(const Question&, const Question&) = default;
};

struct CheckerPlan {
  VirtualServerId service;
  std::uint32_t server = 0;  ///< position in VirtualServer::real_servers
  CheckerKind kind{};
  std::vector<Question> questions;  ///< one, or one for each url, asked in turn; none for FILE_CHECK
  Duration delay_loop{};
  Duration delay_before_retry{};
  Duration warmup{};
  std::uint32_t retry = 1;  ///< failures after the first that are needed
  bool alpha = false;       ///< down until the first success
  bool fast_recovery = false;
  bool logs_all_failures = false;
  bool dynamic_weight = false;  ///< misc_dynamic
  std::optional<FileId> file;
  std::int64_t file_weight = 0;  ///< what the number in the file is multiplied with; 0: it must be 0

  /// Whether both ask the same of the same server in the same rhythm, wherever they stand.
  bool same_check(const CheckerPlan& other) const;
};

/// A real server and its checkers: [first_checker, last_checker) of CheckPlan::checkers.
struct ServerPlan {
  ipvs::ServerKey key;
  ipvs::ServerSettings settings;
  std::uint32_t first_checker = 0;
  std::uint32_t last_checker = 0;
  std::string name;  ///< "[10.1.10.11]:tcp:80", as keepalived's log has it
};

struct ServicePlan {
  std::vector<ipvs::ServiceKey> keys;  ///< one; with a virtual_server_group one for each of its members
  std::string name;                    ///< "[10.1.10.7]:tcp:80", "FWM 3" or the name of the group
  std::vector<ServerPlan> servers;
  std::optional<ipvs::Server> sorry;
  std::string sorry_name;
};

/// The services that a virtual server becomes in the kernel's table: one, or one for each address and mark of its
/// group.
std::vector<ipvs::ServiceKey> service_keys(const config::Configuration& configuration,
                                           const config::VirtualServer& service);

/// "[10.1.10.7]:tcp:80", "FWM 3" or the name of the group.
std::string service_name(const config::VirtualServer& service);

/// "[10.1.10.11]:tcp:80", as ServerPlan::name.
std::string server_name(const config::VirtualServer& service, const config::RealServer& server);

struct CheckPlan {
  CheckPlan(std::shared_ptr<const config::Configuration> the_configuration, const vrrp::Profile& the_profile);

  std::shared_ptr<const config::Configuration> configuration;
  vrrp::Profile profile;
  std::vector<ServicePlan> services;  ///< one for each of Configuration::virtual_servers
  std::vector<CheckerPlan> checkers;  ///< numbered by CheckerId

  const config::VirtualServer& server_of(VirtualServerId id) const { return configuration->virtual_servers[id.value]; }
};

/// The plan of one checker as it is written: settings that are missing have keepalived's defaults.
CheckerPlan plan_checker(const config::Configuration& configuration, const config::VirtualServer& service,
                         const config::RealServer& server, const config::Checker& checker);

}  // namespace vipdrift::check

#endif  // VIPDRIFT_PROTOCOL_CHECK_CHECK_PLAN_H_
