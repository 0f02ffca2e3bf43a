#include "backends/linux/errands.h"

#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

#include "backends/linux/privileges.h"

namespace vipdrift::linux_backend {
namespace {

/// What notify scripts get to end in when the daemon stops; keepalived gives notify_stop as much.
constexpr std::chrono::seconds kFarewell{1};

std::string host_name() {
  utsname names{};
  return uname(&names) == 0 ? names.nodename : "localhost";
}

}  // namespace

MailerOptions mailer_options(const config::GlobalDefs& global, std::function<void(const std::string&)> log) {
  MailerOptions options;
  options.server = global.smtp_server;
  options.port = global.smtp_port;
  options.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(global.smtp_connect_timeout);
  options.helo_name = global.smtp_helo_name.empty() ? host_name() : global.smtp_helo_name;
  options.from = global.notification_email_from.empty() ? "root@" + host_name() : global.notification_email_from;
  options.to = global.notification_email;
  options.log = std::move(log);
  return options;
}

Errands::Errands(boost::asio::io_context& context, const vrrp::Profile& profile, ErrandReports reports)
    : context_(context),
      reports_(std::move(reports)),
      notifier_(context, runner_, identities_, {.in_order = profile.notify_scripts_in_order, .log = reports_.log}),
      mailer_(context, {}),
      processes_(context, {.changed = reports_.process_count, .log = reports_.log}),
      children_(context, SIGCHLD) {
  wait_for_children();
}

void Errands::configure(std::shared_ptr<const config::Configuration> configuration) {
  configuration_ = std::move(configuration);
  runner_.abandon();
  const config::GlobalDefs& global = configuration_->global;
  identities_ = Identities(global.script_user, global.script_group);
  privilege_needs(*configuration_, identities_);  // looks everybody up, so that running a command need not
  mailer_.configure(mailer_options(global, reports_.log));
  open_fifos();
}

// A FIFO that stays the same stays open: its reader must not notice a reload.
void Errands::open_fifos() {
  std::vector<std::unique_ptr<NotifyFifo>> before = std::move(fifos_);
  fifos_.clear();
  for (const config::NotifyFifo* wanted :
       {&configuration_->global.vrrp_notify_fifo, &configuration_->global.notify_fifo}) {
    if (wanted->path.empty()) continue;
    const auto same = std::find_if(before.begin(), before.end(),
                                   [&](const auto& fifo) { return fifo != nullptr && fifo->settings() == *wanted; });
    if (same != before.end()) {
      (*same)->restart_script(identities_);
      fifos_.push_back(std::move(*same));
    } else {
      fifos_.push_back(std::make_unique<NotifyFifo>(context_, runner_, identities_, *wanted, reports_.log));
    }
  }
}

void Errands::count_processes() { processes_.watch(configuration_->track_processes); }

void Errands::run(ScriptId script) {
  const config::VrrpScript& wanted = configuration_->scripts[script.value];
  const config::Command& command = wanted.command;
  const Identity* const identity = identities_.find(command.user, command.group);
  const int error = identity == nullptr ? EINVAL : runner_.start(script, command.argv, identity);
  if (error == 0) return;
  reports_.log("Couldn't run script " + wanted.name + ": " + std::strerror(error));
  reports_.script_finished(script, 127, false);  // as a shell says of a command that is not there
}

void Errands::tell(const vrrp::NotifyFifo& told) {
  for (const auto& fifo : fifos_) fifo->write(told.line);
}

void Errands::mail(const vrrp::NotifyMail& mail) {
  if (configuration_->global.smtp_server.empty()) return;
  mailer_.send(mail.subject, mail.body);
}

void Errands::finish(std::function<void()> done) { notifier_.finish(kFarewell, std::move(done)); }

void Errands::wait_for_children() {
  children_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    runner_.collect([this](ScriptId script, int exit_status, bool killed) {
      reports_.script_finished(script, exit_status, killed);
    });
    wait_for_children();
  });
}

}  // namespace vipdrift::linux_backend
