#include "scenarios/report_json.h"

#include <nlohmann/json.hpp>

#include "scenarios/target.h"

namespace vipdrift::scenarios {
namespace {

using Json = nlohmann::ordered_json;

std::string text(std::string_view view) { return std::string{view}; }

std::string_view word(DaemonEvent event) {
  switch (event) {
    case DaemonEvent::started:
      return "started";
    case DaemonEvent::stopped:
      return "stopped";
    case DaemonEvent::crashed:
      return "crashed";
    case DaemonEvent::paused:
      return "paused";
    case DaemonEvent::resumed:
      return "resumed";
    case DaemonEvent::reloaded:
      return "reloaded";
    case DaemonEvent::powered_off:
      return "powered_off";
    case DaemonEvent::powered_on:
      return "powered_on";
    case DaemonEvent::refused:
      return "refused";
  }
  return "unknown";
}

std::string_view word(ExitStatus status) {
  switch (status) {
    case ExitStatus::held:
      return "held";
    case ExitStatus::failed:
      return "failed";
    case ExitStatus::wrong_input:
      return "wrong_input";
    case ExitStatus::no_world:
      return "no_world";
  }
  return "unknown";
}

/// Adds "kind" and the members of one observation.
struct Describer {
  Json& out;

  void operator()(const StepDone& it) const {
    out["kind"] = "step";
    out["text"] = it.text;
  }
  void operator()(const DaemonChanged& it) const {
    out["kind"] = "daemon";
    out["event"] = text(word(it.event));
    if (it.part != DaemonPart::daemon) out["part"] = it.part == DaemonPart::check ? "check" : "vrrp";
    if (!it.detail.empty()) out["detail"] = it.detail;
  }
  void operator()(const InstanceChanged& it) const {
    out["kind"] = "state";
    out["instance"] = it.instance;
    out["vrid"] = it.vrid;
    out["from"] = text(to_string(it.from));
    out["to"] = text(to_string(it.to));
  }
  void operator()(const PriorityChanged& it) const {
    out["kind"] = "priority";
    out["instance"] = it.instance;
    out["from"] = it.from;
    out["to"] = it.to;
  }
  void operator()(const AddressAdded& it) const { address("address_added", it.interface, it.address); }
  void operator()(const AddressRemoved& it) const { address("address_removed", it.interface, it.address); }
  void operator()(const AdvertisementSent& it) const {
    out["kind"] = "advertisement";
    if (!it.instance.empty()) out["instance"] = it.instance;
    out["vrid"] = it.vrid;
    out["priority"] = it.priority;
    out["source"] = it.source.to_string();
    out["destination"] = it.destination.to_string();
  }
  void operator()(const AnnouncementSent& it) const {
    out["kind"] = "announcement";
    out["address"] = it.address.to_string();
    out["mac"] = it.mac.to_string();
    out["count"] = it.count;
  }
  void operator()(const AdvertisementDiscarded& it) const {
    out["kind"] = "discard";
    if (!it.instance.empty()) out["instance"] = it.instance;
    out["vrid"] = it.vrid;
    out["reason"] = text(to_string(it.reason));
    out["source"] = it.source.to_string();
  }
  void operator()(const NotificationRun& it) const {
    out["kind"] = "notify";
    out["group"] = it.group;
    out["name"] = it.name;
    out["state"] = text(to_string(it.state));
    out["priority"] = it.priority;
    out["argv"] = it.argv;
  }
  void operator()(const ServerNotification& it) const {
    out["kind"] = "server_notify";
    out["service"] = it.service;
    if (!it.server.empty()) out["server"] = it.server;
    out["state"] = it.up ? "UP" : "DOWN";
    out["argv"] = it.argv;
  }
  void operator()(const MailTaken& it) const {
    out["kind"] = "mail";
    out["subject"] = it.subject;
  }
  void operator()(const FifoLine& it) const {
    out["kind"] = "fifo";
    out["line"] = it.line;
  }
  void operator()(const LogWritten& it) const {
    out["kind"] = "log";
    out["text"] = it.text;
  }
  void operator()(const ScriptResult& it) const {
    out["kind"] = "script";
    out["script"] = it.script;
    out["exit_status"] = it.exit_status;
    out["timed_out"] = it.timed_out;
  }
  void operator()(const LinkState& it) const {
    out["kind"] = "link";
    out["interface"] = it.interface;
    out["up"] = it.up;
  }
  void operator()(const ProbeAnswers& it) const {
    out["kind"] = "answers";
    out["target"] = it.target.to_string();
    out["port"] = it.port;
    out["by"] = it.node.empty() ? Json(nullptr) : Json(it.node);
    if (!it.node.empty()) out["mac"] = it.mac.to_string();
  }
  void operator()(const NeighbourLearned& it) const {
    out["kind"] = "neighbour";
    out["address"] = it.address.to_string();
    out["mac"] = it.mac.to_string();
    out["believed"] = it.node;
  }
  void operator()(const ConnectivityChanged& it) const {
    out["kind"] = "connectivity";
    out["segment"] = it.segment;
    out["groups"] = it.groups;
    out["audible"] = it.audible.empty() ? it.groups : it.audible;
  }
  void operator()(const RequestDone& it) const {
    out["kind"] = "request";
    out["url"] = to_string(it.url);
    out["by"] = it.node.empty() ? Json(nullptr) : Json(it.node);
    if (it.status != 0) out["status"] = it.status;
    if (it.failure != RequestFailure::none) out["failure"] = text(to_string(it.failure));
    out["took_ns"] = it.took.count();
  }
  void operator()(const ConnectionChanged& it) const {
    out["kind"] = "connection";
    out["target"] = it.target.to_string();
    out["port"] = it.port;
    out["state"] = text(to_string(it.state));
    if (!it.node.empty()) out["by"] = it.node;
    if (!it.detail.empty()) out["detail"] = it.detail;
  }
  void operator()(const ServiceChanged& it) const {
    out["kind"] = "service";
    out["service"] = service_text(it.service);
    out["present"] = it.present;
  }
  void operator()(const ServerChanged& it) const {
    out["kind"] = "server";
    out["service"] = service_text(it.service);
    out["server"] = to_string(it.server);
    out["present"] = it.present;
    if (it.present) out["weight"] = it.weight;
  }
  void operator()(const QuorumChanged& it) const {
    out["kind"] = "quorum";
    out["service"] = service_text(it.service);
    out["up"] = it.up;
  }

 private:
  void address(const char* kind, const std::string& interface, const IpAddress& ip) const {
    out["kind"] = kind;
    out["interface"] = interface;
    out["address"] = ip.to_string();
  }
};

Json place_json(const Place& place) { return {{"file", place.file}, {"line", place.line}, {"column", place.column}}; }

Json diagnostic_json(const config::Diagnostic& diagnostic) {
  Json out{{"severity", diagnostic.severity == config::Severity::error ? "error" : "warning"},
           {"place", place_json(diagnostic.place)},
           {"message", diagnostic.message}};
  if (!diagnostic.expected.empty()) out["expected"] = diagnostic.expected;
  if (!diagnostic.nearest.empty()) out["nearest"] = diagnostic.nearest;
  return out;
}

Json judgement_json(const Judgement& judgement) {
  Json out{{"kind", judgement.kind == Judgement::Kind::expectation ? "expectation" : "invariant"},
           {"held", judgement.judged() ? Json(judgement.held) : Json(nullptr)},
           {"place", place_json(judgement.place)},
           {"expected", judgement.expected},
           {"seen", judgement.seen}};
  if (!judgement.judged()) out["not_observable"] = judgement.not_judged;
  if (judgement.at) out["at_ns"] = judgement.at->count();
  if (judgement.margin) out["margin_ns"] = judgement.margin->count();
  return out;
}

Json observation_json(const Observation& seen) {
  Json out{{"at_ns", seen.at.count()}, {"node", seen.node}};
  std::visit(Describer{out}, seen.what);
  return out;
}

std::string hex(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string result(16, '0');
  for (std::size_t i = result.size(); i > 0; --i, value >>= 4U) result[i - 1] = kDigits[value & 0xfU];
  return result;
}

void add_result(const RunResult& result, Json& out) {
  if (result.error) {
    out["error"] = {{"place", place_json(result.error->place)}, {"message", result.error->message}};
  }
  out["tolerance_ns"] = result.verdict.tolerance.count();
  for (const Judgement& judgement : result.verdict.judgements) out["judgements"].push_back(judgement_json(judgement));
  out["hash"] = hex(hash(result.timeline));
  out["statistics"] = {{"events", result.statistics.events},
                       {"frames", result.statistics.frames},
                       {"last_draw", hex(result.statistics.last_draw)}};
  for (const Observation& seen : result.timeline.observations()) out["timeline"].push_back(observation_json(seen));
}

Json report_of(const ScenarioReport& report) {
  Json out{{"file", report.file},
           {"name", report.title()},
           {"world", report.world},
           {"subject", report.subject},
           {"status", text(word(report.status()))}};
  out["diagnostics"] = Json::array();
  for (const config::Diagnostic& diagnostic : report.diagnostics) {
    out["diagnostics"].push_back(diagnostic_json(diagnostic));
  }
  if (report.scenario) {
    out["tags"] = report.scenario->tags;
    out["seed"] = report.scenario->seed;
    out["end_ns"] = report.scenario->end.count();
    out["directors"] = Json::array();
    for (const DirectorSpec& director : report.scenario->cluster.directors) out["directors"].push_back(director.name);
  }
  out["wall_ns"] = report.wall.count();
  out["judgements"] = Json::array();
  out["timeline"] = Json::array();
  if (report.result) add_result(*report.result, out);
  return out;
}

}  // namespace

std::string report_json(const std::vector<ScenarioReport>& reports) {
  Json document{{"vipdrift", 1}, {"scenarios", Json::array()}};
  for (const ScenarioReport& report : reports) document["scenarios"].push_back(report_of(report));
  // Names and log texts come from files: bytes that are no UTF-8 must not stop a report.
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vipdrift::scenarios
