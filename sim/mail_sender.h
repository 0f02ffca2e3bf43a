// The mails of a simulated daemon, on their way to the machine that takes them.
#ifndef VIPDRIFT_SIM_MAIL_SENDER_H_
#define VIPDRIFT_SIM_MAIL_SENDER_H_

#include <cstdint>
#include <map>
#include <string>

#include "protocol/config/global_defs.h"
#include "sim/transport.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::sim {

/// One attempt a mail: a server that refuses it or is silent never gets it (vipdriftd itself would try again).
class MailSender final : public ExchangeUser {
 public:
  /// All references outlive the sender.
  MailSender(const KernelWorld& world, const VirtualKernel& kernel, Transport& transport)
      : world_(world), kernel_(kernel), transport_(transport) {}

  /// `global`: of a configuration whose smtp_server is an address.
  void send(const config::GlobalDefs& global, std::string subject);

  void on_reply(std::uint64_t tag, const Reply& reply) override;

 private:
  KernelWorld world_;
  const VirtualKernel& kernel_;
  Transport& transport_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::string> under_way_;  ///< subjects by number
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_MAIL_SENDER_H_
