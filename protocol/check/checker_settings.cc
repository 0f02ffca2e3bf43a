#include "protocol/check/checker_settings.h"

#include <string>
#include <variant>

#include "protocol/check/check_plan.h"
#include "protocol/config/text.h"

namespace vipdrift::check {
namespace {

using config::seconds_text;

std::string on_or_off(bool value) { return value ? "on" : "off"; }

const Connection* connection_of(const Probe& probe) {
  return std::visit(
      [](const auto& each) -> const Connection* {
        if constexpr (requires { each.connection; }) {
          return &each.connection;
        } else {
          return nullptr;
        }
      },
      probe);
}

void add_connection(const Probe& probe, config::CheckerSettings& settings) {
  const Connection* connection = connection_of(probe);
  if (connection == nullptr) return;
  settings.emplace_back("connect_timeout", seconds_text(connection->timeout));
  settings.emplace_back("connect_ip", connection->address.to_string());
  if (connection->port != 0) settings.emplace_back("connect_port", std::to_string(connection->port));
}

}  // namespace

config::CheckerSettings checker_settings(const config::Configuration& configuration,
                                         const config::VirtualServer& service, const config::RealServer& server,
                                         const config::Checker& checker) {
  const CheckerPlan plan = plan_checker(configuration, service, server, checker);
  if (plan.kind == CheckerKind::file) return {{"weight", std::to_string(plan.file_weight)}};
  config::CheckerSettings settings{{"delay_loop", seconds_text(plan.delay_loop)},
                                   {"retry", std::to_string(plan.retry)},
                                   {"delay_before_retry", seconds_text(plan.delay_before_retry)},
                                   {"warmup", seconds_text(plan.warmup)},
                                   {"alpha", on_or_off(plan.alpha)},
                                   {"log_all_failures", on_or_off(plan.logs_all_failures)}};
  if (plan.kind == CheckerKind::http || plan.kind == CheckerKind::https) {
    settings.emplace_back("fast_recovery", on_or_off(plan.fast_recovery));
  }
  if (plan.questions.empty()) return settings;
  const Probe& probe = plan.questions.front().probe;
  if (const auto* program = std::get_if<MiscProbe>(&probe)) {
    settings.emplace_back("misc_timeout", seconds_text(program->timeout));
  } else if (const auto* query = std::get_if<DnsProbe>(&probe)) {
    settings.emplace_back("name", query->name);
  }
  add_connection(probe, settings);
  return settings;
}

}  // namespace vipdrift::check
