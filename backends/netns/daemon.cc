#include "backends/netns/daemon.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <utility>

#include "backends/netns/config_files.h"
#include "backends/netns/lab.h"
#include "protocol/check/check_plan.h"

namespace vipdrift::netns {
namespace {

using scenarios::DaemonEvent;
using scenarios::DaemonPart;

/// Hands over every whole line of what waits in `descriptor`; `rest` keeps the beginning of the next.
void read_lines(int descriptor, std::string& rest, const std::function<void(std::string_view)>& line) {
  std::array<char, 4096> buffer;
  for (ssize_t got = read(descriptor, buffer.data(), buffer.size()); got > 0;
       got = read(descriptor, buffer.data(), buffer.size())) {
    rest.append(buffer.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', begin)) {
      line(std::string_view{rest}.substr(begin, end - begin));
      begin = end + 1;
    }
    rest.erase(0, begin);
  }
}

vrrp::NotifyState told_as(vrrp::State state) {
  if (state == vrrp::State::master) return vrrp::NotifyState::master;
  return state == vrrp::State::backup ? vrrp::NotifyState::backup : vrrp::NotifyState::fault;
}

const config::VrrpInstance* instance_named(const config::Configuration* configuration, const std::string& name) {
  if (configuration == nullptr) return nullptr;
  for (const config::VrrpInstance& instance : configuration->instances) {
    if (instance.name == name) return &instance;
  }
  return nullptr;
}

}  // namespace

Daemon::Daemon(const Options& options, NodeInit& init, Recorder& recorder)
    : scenario_(options.scenario),
      director_(options.director),
      subject_(options.subject),
      ipvs_(options.ipvs),
      init_(init),
      recorder_(recorder),
      config_file_(options.director.config_file) {}

const config::Configuration* Daemon::configuration() const {
  const scenarios::DirectorConfig* config = scenario_.config_of(director_.name, config_file_);
  return config == nullptr ? nullptr : config->configuration.get();
}

Daemon::Error Daemon::install() {
  const scenarios::DirectorConfig* config = scenario_.config_of(director_.name, config_file_);
  if (config == nullptr) return "there is no configuration '" + config_file_ + "'";
  for (const NodeFile& file : config_files(config_file_, config->text, SubjectPaths{}.config)) {
    if (auto error = init_.write_file(file.path, file.text)) return error;
  }
  for (const scenarios::DirectorConfig& read : scenario_.configs) {
    if (read.director != director_.name || read.configuration == nullptr) continue;
    for (const std::string& path : scripts_to_record(*read.configuration)) {
      if (auto error = init_.write_file(path, notify_recorder(), "755")) return error;
    }
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- its life

void Daemon::note(DaemonEvent event, std::string detail) {
  recorder_.note(director_.name, scenarios::DaemonChanged{event, std::move(detail)});
}

Daemon::Error Daemon::start() {
  if (alive()) return std::nullopt;
  Words order{"start"};
  for (std::string& word : command_line(subject_, {})) order.push_back(std::move(word));
  if (!init_.program().empty()) order[1] = init_.program();
  if (director_.detailed_log && !subject_.detailed_option.empty()) order.push_back(subject_.detailed_option);
  if (!ipvs_ && !subject_.vrrp_only_option.empty()) order.push_back(subject_.vrrp_only_option);
  states_.clear();
  priorities_.clear();
  notifications_.clear();
  paused_ = false;
  life_ = Life::running;
  const bool idle_servers = !ipvs_ && configuration() != nullptr && !configuration()->virtual_servers.empty();
  const bool say_so = idle_servers && !said_no_ipvs_;
  note(DaemonEvent::started, say_so ? std::string("without its virtual servers: ") + kNoIpvs : "");
  said_no_ipvs_ = said_no_ipvs_ || idle_servers;
  if (auto error = init_.order(order)) {
    life_ = Life::dead;
    return error;
  }
  return std::nullopt;
}

Daemon::Error Daemon::stop() {
  if (!alive()) return std::nullopt;
  life_ = Life::stopping;
  return init_.order({"signal", std::to_string(SIGTERM)});
}

// Frozen first, so that what it says until then is heard, and nothing that it says when it is dead.
Daemon::Error Daemon::die(DaemonEvent event, bool whole_machine) {
  const char* whom = whole_machine ? "all" : "daemon";
  if (auto error = init_.order({"freeze", whom})) return error;
  read_log();
  read_notes();
  note(event);
  life_ = Life::dead;
  paused_ = false;
  const Error error = init_.order({"kill", whom});
  read_reports();
  log_rest_.clear();
  return error;
}

Daemon::Error Daemon::crash(DaemonPart part) {
  if (part != DaemonPart::daemon) return signal_child(part, SIGKILL, DaemonEvent::crashed);
  return alive() ? die(DaemonEvent::crashed, false) : std::nullopt;
}

Daemon::Error Daemon::signal_child(DaemonPart part, int number, DaemonEvent event) {
  if (!alive()) return std::nullopt;
  const SubjectPaths paths;
  const std::string& file = part == DaemonPart::check ? paths.checkers_pid : paths.vrrp_pid;
  recorder_.note(director_.name, scenarios::DaemonChanged{event, {}, part});
  return init_.order({"child", file, std::to_string(number)});
}

Daemon::Error Daemon::pause(DaemonPart part) {
  if (part != DaemonPart::daemon) return signal_child(part, SIGSTOP, DaemonEvent::paused);
  if (!alive() || paused_) return std::nullopt;
  paused_ = true;
  const Error error = init_.order({"freeze", "daemon"});
  read_log();
  note(DaemonEvent::paused);
  return error;
}

Daemon::Error Daemon::resume(DaemonPart part) {
  if (part != DaemonPart::daemon) return signal_child(part, SIGCONT, DaemonEvent::resumed);
  if (!paused_) return std::nullopt;
  paused_ = false;
  note(DaemonEvent::resumed);
  return init_.order({"thaw", "daemon"});
}

Daemon::Error Daemon::reload(const std::string& config_file) {
  if (!alive()) return std::nullopt;
  if (!config_file.empty()) config_file_ = config_file;
  if (auto error = install()) return error;
  if (configuration() == nullptr) {
    note(DaemonEvent::refused, config_file_ + " has errors");
  } else {
    note(DaemonEvent::reloaded);
  }
  return init_.order({"signal", std::to_string(SIGHUP)});
}

Daemon::Error Daemon::power_off() {
  ran_before_power_off_ = alive();
  return die(DaemonEvent::powered_off, true);
}

Daemon::Error Daemon::power_on() {
  note(DaemonEvent::powered_on);
  if (auto error = install()) return error;
  return ran_before_power_off_ ? start() : std::nullopt;
}

Daemon::Error Daemon::freeze() {
  const Error error = init_.order({"freeze", "all"});
  read_log();
  note(DaemonEvent::paused, "the whole machine");
  return error;
}

Daemon::Error Daemon::thaw() {
  note(DaemonEvent::resumed, "the whole machine");
  // A daemon that was paused by itself before stays so.
  if (auto error = init_.order({"thaw", "all"})) return error;
  return paused_ ? init_.order({"freeze", "daemon"}) : std::nullopt;
}

// ---------------------------------------------------------------- what it says

void Daemon::read_log() {
  read_lines(init_.log(), log_rest_, [this](std::string_view line) {
    if (alive()) take_line(line);
  });
}

void Daemon::take_line(std::string_view line) {
  const std::string_view text = without_stamp(line);
  if (recorder_.wants().logs && !text.empty()) recorder_.note(director_.name, scenarios::LogWritten{std::string{text}});
  if (const std::optional<LogEvent> event = read_log_line(text)) {
    std::visit([this](const auto& one) { take(one); }, *event);
  }
  if (life_ != Life::stopping || text != "Stopping") return;
  // A master's farewell is heard on the wire.
  for (const auto& [instance, state] : states_) {
    if (state != vrrp::State::master) leave(recorder_.clock.now(), instance);
  }
}

void Daemon::said_farewell(Duration at, const std::string& instance) {
  if (life_ == Life::stopping) leave(at, instance);
}

// No daemon's log tells that an instance of a stopping daemon has ended.
void Daemon::leave(Duration at, const std::string& name) {
  const config::VrrpInstance* instance = instance_named(configuration(), name);
  const auto known = states_.find(name);
  if (instance == nullptr || known == states_.end() || known->second == vrrp::State::initialize) return;
  const vrrp::State before = std::exchange(known->second, vrrp::State::initialize);
  recorder_.note_at(at, director_.name,
                    scenarios::InstanceChanged{name, instance->virtual_router_id, before, vrrp::State::initialize});
  notifications_.entered(*configuration(), false, name, vrrp::NotifyState::stop, priority_of(name));
}

void Daemon::take(const StateEntered& event) {
  const config::VrrpInstance* instance = instance_named(configuration(), event.instance);
  if (instance == nullptr) return;
  vrrp::State& known = states_[event.instance];
  if (known == event.state) return;
  const vrrp::State before = std::exchange(known, event.state);
  recorder_.note(director_.name,
                 scenarios::InstanceChanged{event.instance, instance->virtual_router_id, before, event.state});
  notifications_.entered(*configuration(), false, event.instance, told_as(event.state), priority_of(event.instance));
}

void Daemon::take(const GroupEntered& event) {
  if (configuration() != nullptr) {
    notifications_.entered(*configuration(), true, event.group, told_as(event.state), 0);
  }
}

void Daemon::take(const PrioritySet& event) {
  priorities_[event.instance] = event.to;
  recorder_.note(director_.name, scenarios::PriorityChanged{event.instance, event.from, event.to});
}

void Daemon::take(const LowerPriorityHeard& event) {
  if (configuration() == nullptr) return;
  notifications_.entered(*configuration(), false, event.instance, vrrp::NotifyState::master_rx_lower_priority,
                         priority_of(event.instance));
}

void Daemon::take(const QuorumHeard& event) {
  if (configuration() == nullptr) return;
  for (const config::VirtualServer& server : configuration()->virtual_servers) {
    if (check::service_name(server) != event.service) continue;
    for (const ipvs::ServiceKey& key : check::service_keys(*configuration(), server)) {
      recorder_.note(director_.name, scenarios::QuorumChanged{key, event.up});
    }
  }
}

int Daemon::priority_of(const std::string& name) const {
  const auto found = priorities_.find(name);
  if (found != priorities_.end()) return found->second;
  const config::VrrpInstance* instance = instance_named(configuration(), name);
  return instance == nullptr ? 0 : instance->priority;
}

void Daemon::read_notes() {
  read_log();  // tells of the changes that the notes are about
  read_lines(init_.notes(), notes_rest_, [this](std::string_view line) {
    notes_.push_back({recorder_.clock.now(), recorded_words(line)});
  });
  settle_notes();
}

void Daemon::settle_notes(Duration longest) {
  const Duration now = recorder_.clock.now();
  std::erase_if(notes_, [&](const Note& note) {
    std::optional<scenarios::NotificationRun> run = notifications_.settle(note.argv);
    if (!run && configuration() != nullptr) {
      if (auto told = server_notification(*configuration(), note.argv)) {
        recorder_.note_at(note.at, director_.name, std::move(*told));
        return true;
      }
    }
    if (!run && configuration() != nullptr && now - note.at >= longest) {
      run = NotifyBook::look_up(*configuration(), note.argv);
    }
    if (run) recorder_.note_at(note.at, director_.name, std::move(*run));
    return run.has_value();
  });
}

void Daemon::read_reports() {
  while (const std::optional<Words> report = init_.next_report()) {
    if (report->size() == 2 && (*report)[0] == "ended") ended(std::stoi((*report)[1]));
  }
}

void Daemon::ended(int status) {
  if (!alive()) return;
  read_log();
  read_notes();
  const bool asked = life_ == Life::stopping;
  for (const auto& one : states_) leave(recorder_.clock.now(), one.first);
  life_ = Life::dead;
  paused_ = false;
  if (WIFSIGNALED(status)) return note(DaemonEvent::crashed, "killed by signal " + std::to_string(WTERMSIG(status)));
  const int code = WEXITSTATUS(status);
  const std::string detail = code == 0 ? std::string{} : "exit status " + std::to_string(code);
  note(asked || code == 0 ? DaemonEvent::stopped : DaemonEvent::crashed, detail);
}

}  // namespace vipdrift::netns
