#include "backends/linux/sync_daemons.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vipdrift::linux_backend {
namespace {

using Role = IpvsSyncDaemon::Role;

const char* name_of(Role role) { return role == Role::master ? "master" : "backup"; }

/// What was asked for and is zero is the kernel's choice.
bool serves_as(const IpvsSyncDaemon& running, const IpvsSyncDaemon& wanted) {
  const auto same = [](auto chosen, auto asked) { return asked == 0 || chosen == asked; };
  return running.role == wanted.role && running.interface == wanted.interface && running.sync_id == wanted.sync_id &&
         same(running.max_length, wanted.max_length) && same(running.port, wanted.port) &&
         same(running.ttl, wanted.ttl) && (wanted.group.is_unspecified() || running.group == wanted.group);
}

}  // namespace

void SyncDaemons::configure(const config::Configuration& configuration) {
  const std::string before = settings_ ? settings_->instance : std::string{};
  settings_ = configuration.global.lvs_sync_daemon;
  if (!settings_ || settings_->instance != before) master_ = false;
  if (settings_) {
    const auto instance =
        std::find_if(configuration.instances.begin(), configuration.instances.end(),
                     [this](const config::VrrpInstance& one) { return one.name == settings_->instance; });
    const int own = instance == configuration.instances.end() ? 0 : instance->virtual_router_id;
    sync_id_ = static_cast<std::uint8_t>(settings_->sync_id >= 0 ? settings_->sync_id : own);
  }
  active_ = active_ || settings_.has_value();
  adjust();
  active_ = settings_.has_value();
}

void SyncDaemons::instance_state(const std::string& instance, bool master) {
  if (!settings_ || settings_->instance != instance || instance.empty() || master_ == master) return;
  master_ = master;
  adjust();
}

void SyncDaemons::stop() {
  settings_.reset();
  adjust();
  active_ = false;
}

// The kernel has at most one of each role in a namespace.
void SyncDaemons::adjust() {
  if (!active_ || ipvs_.error() != 0) return;
  std::vector<IpvsSyncDaemon> wanted;
  if (settings_) {
    for (const Role role : {Role::backup, Role::master}) {
      if (!settings_->instance.empty() && (role == Role::master) != master_) continue;
      wanted.push_back({role, settings_->interface, sync_id_, static_cast<std::uint16_t>(settings_->maximum_length),
                        settings_->group.value_or(IpAddress{}), settings_->port, settings_->ttl});
    }
  }
  std::vector<IpvsSyncDaemon> running;
  ipvs_.read(running);
  for (const IpvsSyncDaemon& one : running) {
    const auto same = std::find_if(wanted.begin(), wanted.end(),
                                   [&one](const IpvsSyncDaemon& asked) { return serves_as(one, asked); });
    if (same != wanted.end()) {
      wanted.erase(same);
    } else if (const int error = ipvs_.stop(one.role); error != 0) {
      log_(std::string("IPVS: cannot stop the ") + name_of(one.role) + " sync daemon: " + std::strerror(error));
    }
  }
  for (const IpvsSyncDaemon& one : wanted) {
    const int error = ipvs_.start(one);
    log_(std::string("IPVS: ") + (error == 0 ? "started the " : "cannot start the ") + name_of(one.role) +
         " sync daemon on " + one.interface + (error == 0 ? "" : std::string(": ") + std::strerror(error)));
  }
}

}  // namespace vipdrift::linux_backend
