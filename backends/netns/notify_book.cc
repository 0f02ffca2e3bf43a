#include "backends/netns/notify_book.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <variant>

#include "backends/netns/private_files.h"
#include "protocol/vrrp/notification.h"
#include "scenarios/server_notifications.h"

namespace vipdrift::netns {
namespace {

constexpr char kSeparator = '\x1f';
/// Debts that nobody settles (scripts that cannot be recorded) are forgotten one day.
constexpr std::size_t kMostDebts = 64;

constexpr std::array kStates{vrrp::NotifyState::master, vrrp::NotifyState::backup,  vrrp::NotifyState::fault,
                             vrrp::NotifyState::stop,   vrrp::NotifyState::deleted,
                             vrrp::NotifyState::master_rx_lower_priority};

std::vector<vrrp::NotifyScript> notifications(const config::Configuration& configuration, bool group,
                                              const std::string& name, vrrp::NotifyState state, int priority) {
  vrrp::ActionList actions;
  for (const config::VrrpInstance& instance : configuration.instances) {
    if (!group && instance.name == name) {
      vrrp::notify_instance(instance, configuration.global, state, priority, actions);
    }
  }
  for (const config::SyncGroup& candidate : configuration.sync_groups) {
    if (group && candidate.name == name) vrrp::notify_group(candidate, configuration.global, state, actions);
  }
  std::vector<vrrp::NotifyScript> scripts;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (const auto* script = std::get_if<vrrp::NotifyScript>(&actions[i])) scripts.push_back(*script);
  }
  return scripts;
}

bool same_words(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  // The program may be found by another way than the configuration writes it.
  return a.size() == b.size() && !a.empty() && std::equal(a.begin() + 1, a.end(), b.begin() + 1) &&
         (a[0] == b[0] || a[0].ends_with("/" + b[0]) || b[0].ends_with("/" + a[0]));
}

std::optional<vrrp::NotifyState> state_named(const std::string& word) {
  for (const vrrp::NotifyState state : kStates) {
    if (word == vrrp::to_string(state)) return state;
  }
  return std::nullopt;
}

/// `notify` appends four words that say everything.
std::optional<scenarios::NotificationRun> generic_run(const std::vector<std::string>& argv) {
  if (argv.size() < 5) return std::nullopt;
  const auto* last = &argv[argv.size() - 4];
  const auto state = state_named(last[2]);
  const bool number = last[3].find_first_not_of("0123456789") == std::string::npos && !last[3].empty();
  if ((last[0] != "INSTANCE" && last[0] != "GROUP") || !state || !number || last[3].size() > 3) return std::nullopt;
  return scenarios::NotificationRun{last[0] == "GROUP", last[1], *state, std::stoi(last[3]), argv};
}

scenarios::NotificationRun run_of(const vrrp::NotifyScript& script, const std::vector<std::string>& argv) {
  return {script.group, script.name, script.state, script.priority, argv};
}

template <class Visit>
void each_notifies(const config::Configuration& configuration, Visit visit) {
  for (const config::VrrpInstance& instance : configuration.instances) visit(instance.notifies);
  for (const config::SyncGroup& group : configuration.sync_groups) visit(group.notifies);
}

bool recordable(const std::string& path) {
  if (!can_be_private(path) || directory_of(path) == "/") return false;
  constexpr std::array<const char*, 4> kSystem{"/bin", "/sbin", "/usr/bin", "/usr/sbin"};
  return std::find(kSystem.begin(), kSystem.end(), directory_of(path)) == kSystem.end();
}

}  // namespace

std::string notify_recorder() {
  return std::string("#!/bin/sh\nIFS='") + kSeparator + "'\nprintf '%s\\n' \"$0" + kSeparator + "$*\" > " +
         kNotesPath + "\n";
}

std::vector<std::string> recorded_words(std::string_view line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (c == kSeparator) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  if (words.size() == 2 && words.back().empty()) words.pop_back();  // no arguments
  return words;
}

std::vector<std::string> scripts_to_record(const config::Configuration& configuration) {
  std::set<std::string> paths;
  each_notifies(configuration, [&](const config::Notifies& notifies) {
    for (const config::Command* command :
         {&notifies.master, &notifies.backup, &notifies.fault, &notifies.stop, &notifies.deleted,
          &notifies.master_rx_lower_priority, &notifies.generic}) {
      if (!command->empty() && recordable(command->argv.front())) paths.insert(command->argv.front());
    }
  });
  for (const scenarios::ServerScript& script : scenarios::server_scripts(configuration)) {
    if (recordable(script.argv.front())) paths.insert(script.argv.front());
  }
  return {paths.begin(), paths.end()};
}

std::optional<scenarios::ServerNotification> server_notification(const config::Configuration& configuration,
                                                                 const std::vector<std::string>& argv) {
  for (const scenarios::ServerScript& script : scenarios::server_scripts(configuration)) {
    if (same_words(script.argv, argv)) {
      return scenarios::ServerNotification{script.service, script.server, script.up, argv};
    }
  }
  return std::nullopt;
}

void NotifyBook::entered(const config::Configuration& configuration, bool group, const std::string& name,
                         vrrp::NotifyState state, int priority) {
  for (vrrp::NotifyScript& script : notifications(configuration, group, name, state, priority)) {
    owed_.push_back(std::move(script));
  }
  while (owed_.size() > kMostDebts) owed_.pop_front();
}

std::optional<scenarios::NotificationRun> NotifyBook::settle(const std::vector<std::string>& argv) {
  const auto debt = std::find_if(owed_.begin(), owed_.end(), [&](const vrrp::NotifyScript& script) {
    return same_words(script.command->argv, argv);
  });
  if (debt != owed_.end()) {
    scenarios::NotificationRun run = run_of(*debt, argv);
    owed_.erase(debt);
    return run;
  }
  return generic_run(argv);
}

scenarios::NotificationRun NotifyBook::look_up(const config::Configuration& configuration,
                                               const std::vector<std::string>& argv) {
  for (const vrrp::NotifyState state : kStates) {
    for (const config::VrrpInstance& instance : configuration.instances) {
      for (const vrrp::NotifyScript& script :
           notifications(configuration, false, instance.name, state, instance.priority)) {
        if (same_words(script.command->argv, argv)) return run_of(script, argv);
      }
    }
    for (const config::SyncGroup& group : configuration.sync_groups) {
      for (const vrrp::NotifyScript& script : notifications(configuration, true, group.name, state, 0)) {
        if (same_words(script.command->argv, argv)) return run_of(script, argv);
      }
    }
  }
  return {false, "", vrrp::NotifyState::master, 0, argv};
}

}  // namespace vipdrift::netns
