#include "protocol/vrrp/notification.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vipdrift::vrrp {
namespace {

const config::Command& command_for(const config::Notifies& notifies, NotifyState state) {
  switch (state) {
    case NotifyState::master:
      return notifies.master;
    case NotifyState::backup:
      return notifies.backup;
    case NotifyState::fault:
      return notifies.fault;
    case NotifyState::stop:
      return notifies.stop;
    case NotifyState::deleted:
      return notifies.deleted;
    case NotifyState::master_rx_lower_priority:
      return notifies.master_rx_lower_priority;
  }
  return notifies.generic;
}

/// The words of keepalived's mails.
std::string_view mail_subject(NotifyState state) {
  switch (state) {
    case NotifyState::master:
      return "Entering MASTER state";
    case NotifyState::backup:
      return "Entering BACKUP state";
    case NotifyState::fault:
      return "Entering FAULT state";
    case NotifyState::stop:
      return "Stopping";
    default:
      return "Deleted";
  }
}

std::string_view mail_body(bool group, NotifyState state) {
  switch (state) {
    case NotifyState::master:
      return group ? "=> All VRRP group instances are now in MASTER state <="
                   : "=> VRRP Instance is now owning VRRP VIPs <=";
    case NotifyState::backup:
      return group ? "=> All VRRP group instances are now in BACKUP state <="
                   : "=> VRRP Instance is no longer owning VRRP VIPs <=";
    case NotifyState::fault:
      return group ? "=> All VRRP group instances are now in FAULT state <="
                   : "=> VRRP Instance is no longer owning VRRP VIPs <=";
    case NotifyState::stop:
      return group ? "=> All VRRP group instances are now stopping <=" : "=> VRRP Instance stopping <=";
    default:
      return "=> VRRP Deleted at reload <=";
  }
}

struct Subject {
  bool group = false;
  const std::string& name;
  NotifyState state;
  int priority;

  std::string kind() const { return group ? "GROUP" : "INSTANCE"; }
};

void notify(const Subject& subject, const config::Notifies& notifies, const config::GlobalDefs& global, bool mail,
            ActionList& actions) {
  const std::string state{to_string(subject.state)};
  const std::string priority = std::to_string(subject.priority);
  if (const config::Command& command = command_for(notifies, subject.state); !command.empty()) {
    actions.push(NotifyScript{subject.group, false, subject.state, subject.priority, subject.name, command});
  }
  const bool is_state = subject.state != NotifyState::master_rx_lower_priority;
  if (is_state && !notifies.generic.empty()) {
    config::Command command = notifies.generic;
    command.argv.insert(command.argv.end(), {subject.kind(), subject.name, state, priority});
    actions.push(
        NotifyScript{subject.group, true, subject.state, subject.priority, subject.name, std::move(command)});
  }
  if (global.has_notify_fifo()) {
    actions.push(NotifyFifo{subject.kind() + " \"" + subject.name + "\" " + state + " " + priority});
  }
  const bool unwanted = global.no_email_faults && subject.state == NotifyState::fault;
  if (mail && is_state && !unwanted && !global.notification_email.empty()) {
    const std::string kind = subject.group ? "Group " : "Instance ";
    actions.push(NotifyMail{"[" + global.router_id + "] VRRP " + kind + subject.name + " - " +
                                std::string(mail_subject(subject.state)),
                            std::string(mail_body(subject.group, subject.state))});
  }
}

}  // namespace

void notify_instance(const config::VrrpInstance& instance, const config::GlobalDefs& global, NotifyState state,
                     int priority, ActionList& actions) {
  notify({false, instance.name, state, priority}, instance.notifies, global, instance.smtp_alert, actions);
}

void notify_group(const config::SyncGroup& group, const config::GlobalDefs& global, NotifyState state,
                  ActionList& actions) {
  notify({true, group.name, state, 0}, group.notifies, global, group.smtp_alert, actions);
}

}  // namespace vipdrift::vrrp
