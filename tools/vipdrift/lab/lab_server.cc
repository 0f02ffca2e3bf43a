#include "tools/vipdrift/lab/lab_server.h"

#include <fcntl.h>

#include <utility>

#include "tools/vipdrift/lab/node_processes.h"

namespace vipdrift::tools {
namespace {

constexpr Duration kStep = std::chrono::milliseconds{100};
constexpr std::size_t kRecent = 12;

/// What a learner wants to see passing by.
struct IsNews {
  bool operator()(const scenarios::DaemonChanged&) const { return true; }
  bool operator()(const scenarios::InstanceChanged&) const { return true; }
  bool operator()(const scenarios::AddressAdded&) const { return true; }
  bool operator()(const scenarios::AddressRemoved&) const { return true; }
  bool operator()(const scenarios::LinkState&) const { return true; }
  bool operator()(const scenarios::ProbeAnswers&) const { return true; }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }
};

std::vector<std::string> names_of(const scenarios::Cluster& cluster) {
  std::vector<std::string> names;
  for (const auto& director : cluster.directors) names.push_back(director.name);
  for (const auto& client : cluster.clients) names.push_back(client.name);
  for (const auto& server : cluster.real_servers) names.push_back(server.name);
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

LabServer::LabServer(const scenarios::Scenario& scenario, scenarios::Testbed& world, InitOf init_of, LabView view)
    : scenario_(scenario), world_(world), init_of_(std::move(init_of)), view_(std::move(view)), state_(scenario) {}

std::optional<scenarios::WorldError> LabServer::start() {
  if (auto error = world_.cannot_build(scenario_)) return error;
  const scenarios::RecordingOptions changes_only{
      .advertisements = false, .discards = false, .script_results = false, .logs = false};
  if (auto error = world_.build(scenario_, changes_only, timeline_)) return error;
  began_ = std::chrono::steady_clock::now();
  scenarios::StartDaemon all;
  for (const scenarios::DirectorSpec& director : scenario_.cluster.directors) all.directors.push_back(director.name);
  if (auto error = world_.run_until(Duration{0})) return error;
  return world_.apply({Duration{0}, {}, "start " + listed(all.directors), std::move(all)});
}

std::optional<std::string> LabServer::serve(const OpenFile& listener) {
  for (;;) {
    if (auto error = let_time_pass()) return error;
    while (const OpenFile connection = accept_within(listener, 0)) {
      if (!answer(connection)) return std::nullopt;
    }
  }
}

std::optional<std::string> LabServer::let_time_pass() {
  if (const auto error = world_.run_until(elapsed() + kStep)) return error->message;
  take_in_observations();
  return std::nullopt;
}

/// Keeps what they come to, not the observations: a laboratory may stay up for weeks.
void LabServer::take_in_observations() {
  timeline_.sort_by_time();
  for (const scenarios::Observation& seen : timeline_.observations()) {
    state_.apply(seen);
    if (!std::visit(IsNews{}, seen.what)) continue;
    view_.recent.push_back(seen);
    if (view_.recent.size() > kRecent) view_.recent.pop_front();
  }
  timeline_ = {};
}

bool LabServer::answer(const OpenFile& connection) {
  const std::optional<Message> request = receive_message(connection);
  if (!request) return true;
  if (request->text == "down") {
    send_message(connection, "ok\n");
    return false;
  }
  if (request->text == "status") {
    view_.uptime = elapsed();
    look_at_processes();
    send_message(connection, "ok\n" + lab_status_json(view_, scenario_, state_));
  } else if (request->text.starts_with("namespaces ")) {
    send_namespaces(connection, request->text.substr(std::string("namespaces ").size()));
  } else {
    send_message(connection, "error\nunknown request '" + request->text + "'");
  }
  return true;
}

void LabServer::send_namespaces(const OpenFile& connection, const std::string& node) const {
  const std::optional<pid_t> init = init_of_(node);
  if (!init) {
    send_message(connection, "error\nthere is no node '" + node + "' in lab " + view_.name + "; there are " +
                                 listed(names_of(scenario_.cluster)));
    return;
  }
  std::vector<OpenFile> files;
  for (const char* name : kNamespaceNames) {
    const std::string path = "/proc/" + std::to_string(*init) + "/ns/" + name;
    files.emplace_back(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!files.back()) {
      send_message(connection, "error\nthe node " + node + " is gone");
      return;
    }
  }
  send_message(connection, "ok\n", files);
}

void LabServer::look_at_processes() {
  view_.processes.clear();
  for (const std::string& node : names_of(scenario_.cluster)) {
    if (const std::optional<pid_t> init = init_of_(node)) view_.processes[node] = processes_beside(*init);
  }
}

}  // namespace vipdrift::tools
