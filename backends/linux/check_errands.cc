#include "backends/linux/check_errands.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <utility>

#include "backends/linux/errands.h"
#include "backends/linux/privileges.h"

namespace vipdrift::linux_backend {
namespace {

/// What notify scripts get to end in when the daemon stops.
constexpr std::chrono::seconds kFarewell{1};

}  // namespace

CheckErrands::CheckErrands(boost::asio::io_context& context, const vrrp::Profile& profile, Company company,
                           std::function<void(const std::string& line)> log)
    : context_(context),
      company_(company),
      log_(std::move(log)),
      notifier_(context, runner_, identities_, {.in_order = profile.notify_scripts_in_order, .log = log_}),
      mailer_(context, {}),
      children_(context, SIGCHLD) {
  wait_for_children();
}

void CheckErrands::configure(const config::Configuration& configuration) {
  const config::GlobalDefs& global = configuration.global;
  identities_ = Identities(global.script_user, global.script_group);
  check_privilege_needs(configuration, identities_);  // looks everybody up, so that running a command need not
  mails_ = !global.smtp_server.empty();
  mailer_.configure(mailer_options(global, log_));
  open_fifos(global);
}

// A FIFO that stays the same stays open. The script that reads notify_fifo is run by the process that speaks VRRP.
void CheckErrands::open_fifos(const config::GlobalDefs& global) {
  std::vector<std::unique_ptr<NotifyFifo>> before = std::move(fifos_);
  fifos_.clear();
  config::NotifyFifo common = global.notify_fifo;
  if (company_ == Company::beside_vrrp) common.script = {};
  for (const config::NotifyFifo& wanted : {global.lvs_notify_fifo, common}) {
    if (wanted.path.empty()) continue;
    const auto same = std::find_if(before.begin(), before.end(),
                                   [&](const auto& fifo) { return fifo != nullptr && fifo->settings() == wanted; });
    if (same != before.end()) {
      (*same)->restart_script(identities_);
      fifos_.push_back(std::move(*same));
    } else {
      fifos_.push_back(std::make_unique<NotifyFifo>(context_, runner_, identities_, wanted, log_));
    }
  }
}

void CheckErrands::notify(const check::NotifyScript& script) {
  vrrp::NotifyScript one;
  one.name = script.subject;
  one.command = script.command;
  notifier_.submit(one);
}

void CheckErrands::tell(const check::NotifyFifo& told) {
  for (const auto& fifo : fifos_) fifo->write(told.line);
}

void CheckErrands::mail(const check::NotifyMail& mail) {
  if (mails_) mailer_.send(mail.subject, mail.body);
}

void CheckErrands::finish(std::function<void()> done) { notifier_.finish(kFarewell, std::move(done)); }

void CheckErrands::wait_for_children() {
  children_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    runner_.collect([](ScriptId, int, bool) {});  // there are no track scripts here
    wait_for_children();
  });
}

}  // namespace vipdrift::linux_backend
