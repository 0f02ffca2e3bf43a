#include "scenarios/timeline.h"

#include <algorithm>

#include "scenarios/durations.h"
#include "scenarios/target.h"

namespace vipdrift::scenarios {
namespace {

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
      return "powered off";
    case DaemonEvent::powered_on:
      return "powered on";
    case DaemonEvent::refused:
      return "refused its configuration";
  }
  return "?";
}

std::string text(std::string_view view) { return std::string{view}; }

std::string groups_text(const std::vector<std::vector<std::string>>& groups) {
  std::string result;
  for (const auto& group : groups) {
    result += result.empty() ? "{" : " {";
    for (std::size_t i = 0; i < group.size(); ++i) result += (i == 0 ? "" : " ") + group[i];
    result += "}";
  }
  return result;
}

struct Describer {
  std::string operator()(const StepDone& it) const { return "== " + it.text; }
  std::string operator()(const DaemonChanged& it) const {
    const bool machine = it.event == DaemonEvent::powered_off || it.event == DaemonEvent::powered_on;
    return (machine ? "machine" : text(to_string(it.part))) + " " + text(word(it.event)) +
           (it.detail.empty() ? "" : ": " + it.detail);
  }
  std::string operator()(const InstanceChanged& it) const {
    return it.instance + " " + text(to_string(it.to)) + " (vrid " + std::to_string(it.vrid) + ", was " +
           text(to_string(it.from)) + ")";
  }
  std::string operator()(const PriorityChanged& it) const {
    return it.instance + " priority " + std::to_string(it.from) + " -> " + std::to_string(it.to);
  }
  std::string operator()(const AddressAdded& it) const {
    return "VIP + " + it.address.to_string() + " on " + it.interface;
  }
  std::string operator()(const AddressRemoved& it) const {
    return "VIP - " + it.address.to_string() + " on " + it.interface;
  }
  std::string operator()(const AdvertisementSent& it) const {
    return "advertisement" + (it.instance.empty() ? "" : " of " + it.instance) + " vrid " + std::to_string(it.vrid) +
           " priority " + std::to_string(it.priority) + " from " + it.source.to_string() + " to " +
           it.destination.to_string();
  }
  std::string operator()(const AnnouncementSent& it) const {
    return "announces " + it.address.to_string() + " at " + it.mac.to_string() + " x" + std::to_string(it.count);
  }
  std::string operator()(const AdvertisementDiscarded& it) const {
    return "discards advertisement" + (it.instance.empty() ? "" : " for " + it.instance) + " vrid " +
           std::to_string(it.vrid) + " from " + it.source.to_string() + ": " + text(to_string(it.reason));
  }
  std::string operator()(const NotificationRun& it) const {
    std::string line = std::string{"notify "} + (it.group ? "GROUP " : "INSTANCE ") + it.name + " " +
                       text(to_string(it.state)) + " " + std::to_string(it.priority);
    for (std::size_t i = 0; i < it.argv.size(); ++i) line += (i == 0 ? ": " : " ") + it.argv[i];
    return line;
  }
  std::string operator()(const ServerNotification& it) const {
    std::string line = std::string{it.server.empty() ? "quorum_" : "notify_"} + (it.up ? "up" : "down") + " of " +
                       (it.server.empty() ? it.service : it.server + " behind " + it.service);
    for (std::size_t i = 0; i < it.argv.size(); ++i) line += (i == 0 ? ": " : " ") + it.argv[i];
    return line;
  }
  std::string operator()(const MailTaken& it) const { return "mail taken: " + it.subject; }
  std::string operator()(const FifoLine& it) const { return "fifo " + it.line; }
  std::string operator()(const LogWritten& it) const { return "log " + it.text; }
  std::string operator()(const ScriptResult& it) const {
    return "script " + it.script + (it.timed_out ? " timed out" : " exit " + std::to_string(it.exit_status));
  }
  std::string operator()(const LinkState& it) const { return "link " + it.interface + (it.up ? " up" : " down"); }
  std::string operator()(const ProbeAnswers& it) const {
    const std::string target = target_text(it.target, it.port);
    if (it.node.empty()) return target + " answered by nobody";
    return target + " answered by " + it.node + " (" + it.mac.to_string() + ")";
  }
  std::string operator()(const NeighbourLearned& it) const {
    return "believes " + it.address.to_string() + " at " + it.mac.to_string() +
           (it.node.empty() ? "" : " (" + it.node + ")");
  }
  std::string operator()(const RequestDone& it) const {
    std::string line = to_string(it.url) + " ";
    if (it.failure == RequestFailure::none) {
      line += "answered by " + it.node + (it.status == 0 ? "" : " with " + std::to_string(it.status));
    } else {
      line += text(to_string(it.failure));
    }
    return line + " after " + to_text(it.took);
  }
  std::string operator()(const ConnectionChanged& it) const {
    return "connection to " + target_text(it.target, it.port) + " " + text(to_string(it.state)) +
           (it.node.empty() ? "" : " with " + it.node) + (it.detail.empty() ? "" : ": " + it.detail);
  }
  std::string operator()(const ServiceChanged& it) const {
    return std::string{"service "} + (it.present ? "+ " : "- ") + service_text(it.service);
  }
  std::string operator()(const ServerChanged& it) const {
    const std::string names = to_string(it.server) + " behind " + service_text(it.service);
    if (!it.present) return "server - " + names;
    return "server + " + names + " (weight " + std::to_string(it.weight) + ")";
  }
  std::string operator()(const QuorumChanged& it) const {
    return "quorum of " + service_text(it.service) + (it.up ? " UP" : " DOWN");
  }
  std::string operator()(const ConnectivityChanged& it) const {
    std::string line = it.segment + " connects " + groups_text(it.groups);
    if (!it.audible.empty() && it.audible != it.groups) line += ", audible " + groups_text(it.audible);
    return line;
  }
};

class Fnv1a {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) {
      value_ ^= static_cast<unsigned char>(c);
      value_ *= 1'099'511'628'211U;
    }
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 14'695'981'039'346'656'037U;
};

}  // namespace

void Timeline::sort_by_time() {
  const auto earlier = [](const Observation& a, const Observation& b) { return a.at < b.at; };
  if (std::is_sorted(observations_.begin(), observations_.end(), earlier)) return;
  std::stable_sort(observations_.begin(), observations_.end(), earlier);
}

std::string target_text(const IpAddress& target, std::uint16_t port) {
  if (port == 0) return target.to_string();
  const bool bracketed = target.family() == Family::ipv6;
  return (bracketed ? "[" + target.to_string() + "]" : target.to_string()) + ":" + std::to_string(port);
}

std::string describe(const What& what) { return std::visit(Describer{}, what); }

std::uint64_t hash(const Timeline& timeline) {
  Fnv1a sum;
  for (const Observation& observation : timeline.observations()) {
    sum.add(std::to_string(observation.at.count()));
    sum.add(" ");
    sum.add(observation.node);
    sum.add(" ");
    sum.add(describe(observation.what));
    sum.add("\n");
  }
  return sum.value();
}

}  // namespace vipdrift::scenarios
