// A FIFO that tells state changes to whoever reads it, and the script that does.
#ifndef VIPDRIFT_BACKENDS_LINUX_NOTIFY_FIFO_H_
#define VIPDRIFT_BACKENDS_LINUX_NOTIFY_FIFO_H_

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends/linux/file_descriptor.h"
#include "backends/linux/identity.h"
#include "backends/linux/script_runner.h"
#include "protocol/config/configuration.h"

namespace vipdrift::linux_backend {

/// Made by us unless it is there (mode 0600, its owner as configured), open for as long as this lives, so that neither
/// a missing reader nor a lost privilege matters; removed at the end if we made it. Writing never blocks: a line that
/// does not fit because nobody reads is lost, and the log says so once. The script gets the path as its last argument,
/// is started anew when it ends, and gets SIGTERM at the end.
class NotifyFifo {
 public:
  using Log = std::function<void(const std::string& line)>;

  NotifyFifo(boost::asio::io_context& context, ScriptRunner& runner, Identities& identities,
             const config::NotifyFifo& settings, Log log);
  ~NotifyFifo();
  NotifyFifo(const NotifyFifo&) = delete;
  NotifyFifo& operator=(const NotifyFifo&) = delete;

  const config::NotifyFifo& settings() const { return settings_; }
  void write(const std::string& line);
  /// Ends the script and starts it again, as keepalived does at a reload.
  void restart_script(Identities& identities);

 private:
  void open(Identities& identities);
  void start_script();
  void script_ended(unsigned generation);

  config::NotifyFifo settings_;
  ScriptRunner& runner_;
  Log log_;
  FileDescriptor fifo_;
  const Identity* identity_ = nullptr;  ///< of the script
  bool made_ = false;
  bool overflowing_ = false;
  pid_t script_ = 0;  ///< 0: does not run
  unsigned generation_ = 0;
  boost::asio::steady_timer restart_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< gone when this is: what runs on must not call back
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_NOTIFY_FIFO_H_
