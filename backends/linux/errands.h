// All that a director has done by or learns of other processes: scripts, notifications, FIFOs, mail, process counts.
#ifndef VIPDRIFT_BACKENDS_LINUX_ERRANDS_H_
#define VIPDRIFT_BACKENDS_LINUX_ERRANDS_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends/linux/identity.h"
#include "backends/linux/mailer.h"
#include "backends/linux/notifier.h"
#include "backends/linux/notify_fifo.h"
#include "backends/linux/process_watcher.h"
#include "backends/linux/script_runner.h"
#include "protocol/config/configuration.h"
#include "protocol/vrrp/action.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::linux_backend {

/// What errands report.
struct ErrandReports {
  std::function<void(ScriptId script, int exit_status, bool timed_out)> script_finished;
  std::function<void(ProcessId process, int running)> process_count;
  std::function<void(const std::string& line)> log;
};

/// How mail goes out, as global_defs say.
MailerOptions mailer_options(const config::GlobalDefs& global, std::function<void(const std::string&)> log);

/// Nothing here blocks, and nothing that goes wrong here matters to VRRP.
class Errands {
 public:
  Errands(boost::asio::io_context& context, const vrrp::Profile& profile, ErrandReports reports);

  /// Takes the commands, FIFOs and mail settings of `configuration`; at a reload again. Track scripts under way are
  /// ended: their numbers are those of the former configuration. FIFO scripts are started anew, as keepalived does.
  void configure(std::shared_ptr<const config::Configuration> configuration);
  /// Counts the tracked processes of the configuration from now on. To be called when reports can be taken.
  void count_processes();

  void run(ScriptId script);
  void kill(ScriptId script, bool force) { runner_.kill(script, force); }
  void notify(const vrrp::NotifyScript& script) { notifier_.submit(script); }
  void tell(const vrrp::NotifyFifo& told);
  void mail(const vrrp::NotifyMail& mail);

  /// Ends track scripts. Their ends are not reported.
  void abandon_scripts() { runner_.abandon(); }
  /// Calls `done` when the notify scripts have ended, but soon.
  void finish(std::function<void()> done);

 private:
  void wait_for_children();
  void open_fifos();

  boost::asio::io_context& context_;
  ErrandReports reports_;
  std::shared_ptr<const config::Configuration> configuration_;
  Identities identities_;
  ScriptRunner runner_;
  Notifier notifier_;
  Mailer mailer_;
  ProcessWatcher processes_;
  std::vector<std::unique_ptr<NotifyFifo>> fifos_;
  boost::asio::signal_set children_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_ERRANDS_H_
