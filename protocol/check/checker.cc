#include "protocol/check/checker.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <variant>

namespace vipdrift::check {
namespace {

/// Exit codes of a program with misc_dynamic: 0 good, 1 bad, more: the weight and two.
constexpr int kFirstWeightCode = 2;
constexpr std::int64_t kLargestWeight = 65535;

std::string text_of(std::string_view words, const ProbeResult& result) {
  return result.detail.empty() ? std::string{words} : std::string{words} + " (" + result.detail + ")";
}

std::optional<std::string> complaint_of_http(const Question& question, const HttpProbe& probe,
                                             const ProbeResult& result) {
  const bool welcome = std::any_of(question.statuses.begin(), question.statuses.end(), [&](const StatusRange& range) {
    return result.code >= range.first && result.code <= range.last;
  });
  if (!welcome) return "status code " + std::to_string(result.code);
  const auto& digests = question.digests;
  if (!digests.empty() && std::find(digests.begin(), digests.end(), result.digest) == digests.end()) {
    return "digest " + result.digest;
  }
  if (probe.pattern && result.pattern_found == question.pattern_must_be_absent) {
    return question.pattern_must_be_absent ? "the pattern was found" : "the pattern was not found";
  }
  return std::nullopt;
}

std::optional<std::string> complaint_of_misc(const ProbeResult& result, bool dynamic) {
  if (result.signalled) return "ended by signal " + std::to_string(result.code);
  if (result.code == 0 || (dynamic && result.code >= kFirstWeightCode)) return std::nullopt;
  return "exited with status " + std::to_string(result.code);
}

std::optional<std::string> complaint_of_outcome(const ProbeResult& result) {
  switch (result.outcome) {
    case Outcome::answered:
      return std::nullopt;
    case Outcome::refused:
      return text_of("connection refused", result);
    case Outcome::unreachable:
      return text_of("unreachable", result);
    case Outcome::timed_out:
      return text_of("timed out", result);
    case Outcome::broken:
      return text_of("broken answer", result);
    case Outcome::failed:
      return text_of("could not be checked", result);
  }
  return std::nullopt;
}

/// How the log calls the checks of a kind that fail.
std::string_view failing_name(CheckerKind kind) {
  switch (kind) {
    case CheckerKind::http:
    case CheckerKind::https:
      return "HTTP_CHECK";
    case CheckerKind::ping:
      return "ICMP CHECK";
    default:
      return to_string(kind);
  }
}

/// What the log says when a server answers for the first time, or again.
std::string praise(CheckerKind kind, const std::string& server, const std::string& service) {
  switch (kind) {
    case CheckerKind::http:
    case CheckerKind::https:
      return "Remote Web server " + server + " succeed on service.";
    case CheckerKind::smtp:
      return "Remote SMTP server " + server + " succeed on service.";
    case CheckerKind::tcp:
      return "TCP connection to " + server + " success.";
    case CheckerKind::udp:
      return "UDP connection to " + server + " success.";
    case CheckerKind::ping:
      return "ICMP connection to " + server + " success.";
    case CheckerKind::dns:
      return "DNS_CHECK (" + server + ") success.";
    case CheckerKind::misc:
      return "Misc check for [" + server + " VS " + service + "] succeeded.";
    case CheckerKind::file:
      break;
  }
  return {};
}

const std::string& path_of(const Question& question) { return std::get<HttpProbe>(question.probe).path; }

}  // namespace

std::optional<std::string> complaint(const Question& question, const ProbeResult& result, bool dynamic) {
  if (auto words = complaint_of_outcome(result)) return words;
  if (const auto* http = std::get_if<HttpProbe>(&question.probe)) return complaint_of_http(question, *http, result);
  if (std::holds_alternative<MiscProbe>(question.probe)) return complaint_of_misc(result, dynamic);
  const bool dns = std::holds_alternative<DnsProbe>(question.probe);
  if (dns && result.code != 0) return "read error occurred. (rcode = " + std::to_string(result.code) + ")";
  return std::nullopt;
}

Checker::Change Checker::hear(const CheckPlan& plan, CheckerId self, const ProbeResult& result, TimePoint now,
                              ActionList& actions) {
  asking_ = false;
  const CheckerPlan& own = plan.checkers[self.value];
  const auto reason = complaint(own.questions[question_], result, own.dynamic_weight);
  if (!reason && own.dynamic_weight) {
    const int configured = plan.services[own.service.value].servers[own.server].settings.weight;
    weight_ = result.code >= kFirstWeightCode ? result.code - kFirstWeightCode - configured : 0;
  }
  const Change change = reason ? fail(plan, self, *reason, now, actions) : succeed(plan, self, now, actions);
  has_run_ = true;
  return change;
}

TimePoint Checker::next_round(const CheckPlan& plan, CheckerId self, TimePoint now) {
  const Duration between = plan.checkers[self.value].delay_loop;
  if (!plan.profile.checks_keep_phase) return now + between;
  if (phase_ <= now) phase_ += ((now - phase_) / between + 1) * between;
  return phase_;
}

Checker::Change Checker::succeed(const CheckPlan& plan, CheckerId self, TimePoint now, ActionList& actions) {
  const CheckerPlan& own = plan.checkers[self.value];
  const ServicePlan& service = plan.services[own.service.value];
  const std::string& server = service.servers[own.server].name;
  failures_ = 0;
  next_ = next_round(plan, self, now);
  const bool web = own.kind == CheckerKind::http || own.kind == CheckerKind::https;
  if (web && !up_) {
    actions.emplace_back(LogLine{"HTTP status code success to " + server + " url(" +
                                     path_of(own.questions[question_]) + ")",
                                 false});
  }
  const bool repeat = must_repeat_ && web;
  must_repeat_ = false;
  if (!repeat) ++question_;
  if (repeat || question_ < own.questions.size()) {
    if (own.fast_recovery && (!up_ || !praised_)) next_ = now;
    return Change::none;
  }
  question_ = 0;
  const bool recovers = !up_;
  if (recovers || !praised_) actions.emplace_back(LogLine{praise(own.kind, server, service.name), false});
  praised_ = true;
  up_ = true;
  return recovers ? Change::up : Change::none;
}

Checker::Change Checker::fail(const CheckPlan& plan, CheckerId self, const std::string& reason, TimePoint now,
                              ActionList& actions) {
  const CheckerPlan& own = plan.checkers[self.value];
  const std::string about = std::string{failing_name(own.kind)} + " on service " +
                            plan.services[own.service.value].servers[own.server].name;
  if (up_ && has_run_ && failures_ < own.retry) {
    ++failures_;
    next_ = now + own.delay_before_retry;
    if (own.logs_all_failures) actions.emplace_back(LogLine{about + ": " + reason + ".", false});
    return Change::none;
  }
  const Change change = up_ ? Change::down : has_run_ ? Change::none : Change::still_down;
  if (change != Change::none) {
    const bool retried = own.retry > 0 && has_run_;
    actions.emplace_back(LogLine{
        about + (retried ? " failed after " + std::to_string(own.retry) + " retries." : " failed."), false});
    actions.emplace_back(LogLine{about + ": " + reason + ".", !own.logs_all_failures});
  }
  up_ = false;
  praised_ = true;
  failures_ = 0;
  question_ = 0;
  must_repeat_ = plan.profile.repeats_first_url;
  next_ = next_round(plan, self, now);
  return change;
}

Checker::Change Checker::read(const CheckerPlan& plan, std::int64_t value) {
  const std::int64_t limit = std::numeric_limits<std::int32_t>::max();
  const std::int64_t number = std::clamp(value, -limit, limit);
  const bool good = plan.file_weight == 0 ? number == 0 : number * plan.file_weight > -kLargestWeight;
  weight_ = good ? std::clamp(number * plan.file_weight, -kLargestWeight, kLargestWeight) : 0;
  has_run_ = true;
  if (good == up_) return Change::none;
  up_ = good;
  return good ? Change::up : Change::down;
}

}  // namespace vipdrift::check
