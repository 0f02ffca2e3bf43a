// All that a check director has done by other processes: notifications, FIFOs, mail, and the programs of MISC_CHECK.
#ifndef VIPDRIFT_BACKENDS_LINUX_CHECK_ERRANDS_H_
#define VIPDRIFT_BACKENDS_LINUX_CHECK_ERRANDS_H_

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
#include "backends/linux/script_runner.h"
#include "protocol/check/action.h"
#include "protocol/config/configuration.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::linux_backend {

/// Nothing here blocks, and nothing that goes wrong here matters to the checks.
class CheckErrands {
 public:
  /// Who else speaks into notify_fifo and runs the script that reads it: the process that speaks VRRP, or nobody.
  enum class Company : std::uint8_t { beside_vrrp, alone };

  CheckErrands(boost::asio::io_context& context, const vrrp::Profile& profile, Company company,
               std::function<void(const std::string& line)> log);

  /// Takes the commands, FIFOs and mail settings of `configuration`; at a reload again.
  void configure(const config::Configuration& configuration);

  void notify(const check::NotifyScript& script);
  void tell(const check::NotifyFifo& told);
  void mail(const check::NotifyMail& mail);
  /// Calls `done` when the notify scripts have ended, but soon.
  void finish(std::function<void()> done);

  ScriptRunner& runner() { return runner_; }
  Identities& identities() { return identities_; }

 private:
  void wait_for_children();
  void open_fifos(const config::GlobalDefs& global);

  boost::asio::io_context& context_;
  Company company_;
  std::function<void(const std::string& line)> log_;
  Identities identities_;
  ScriptRunner runner_;
  Notifier notifier_;
  Mailer mailer_;
  bool mails_ = false;
  std::vector<std::unique_ptr<NotifyFifo>> fifos_;
  boost::asio::signal_set children_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_CHECK_ERRANDS_H_
