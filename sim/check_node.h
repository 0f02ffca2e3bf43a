// The process of a daemon that checks real servers, on a simulated machine: feeds a CheckEngine and carries out what it
// asks for.
#ifndef VIPDRIFT_SIM_CHECK_NODE_H_
#define VIPDRIFT_SIM_CHECK_NODE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/check/check_engine.h"
#include "protocol/config/configuration.h"
#include "protocol/vrrp/profile.h"
#include "sim/action_costs.h"
#include "sim/choices.h"
#include "sim/mail_sender.h"
#include "sim/probe_runner.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::sim {

/// What it does takes no time: nothing about failover hangs on it. A paused process hears nothing; what has happened
/// meanwhile is heard in order when it goes on.
class CheckNode {
 public:
  struct Options {
    vrrp::Profile profile;
    bool detailed_log = false;  ///< keepalived -D
    ActionCosts costs = ActionCosts::realistic();
  };
  /// A virtual server has its quorum, or lost it.
  using QuorumSink = std::function<void(VirtualServerId, bool up)>;

  /// All references outlive the node.
  CheckNode(const KernelWorld& world, Choices& choices, VirtualKernel& kernel, ProbeRunner& probes, Options options);

  /// Outlives the node. Without one nobody reads its mails.
  void set_mail(MailSender* mail) { mail_ = mail; }
  void set_quorum_sink(QuorumSink sink) { quorum_sink_ = std::move(sink); }

  // ---- what is done to it

  /// Without virtual servers there is nothing to do, and nothing runs.
  void start(std::shared_ptr<const config::Configuration> configuration);
  /// SIGTERM: the table is cleared.
  void stop();
  /// kill -9 of the whole daemon: the table stays with the kernel.
  void crash();
  /// kill -9 of this process alone: its parent starts another.
  void crash_and_respawn();
  void pause();
  void resume();
  void reload(std::shared_ptr<const config::Configuration> configuration);
  void file_changed(const std::string& path);
  void address_changed(const IpAddress& address, bool present);

  bool runs() const { return engine_.has_value(); }
  const check::CheckEngine* engine() const { return engine_ ? &*engine_ : nullptr; }

  // ---- queue events

  void on_deadline();
  void on_respawned();

 private:
  SimTime now() const { return world_.queue.now(); }
  bool suspended() const { return paused_ || kernel_.frozen(); }
  void begin();
  void end();
  void take(check::Event event);
  void handle_waiting();
  void step(const check::Event& event);
  void arm();
  void report_files();
  void report_file(std::size_t position);

  void carry_out(const check::StartProbe& action);
  void carry_out(const check::AbandonProbe& action);
  void carry_out(const check::EditTable& action);
  void carry_out(const check::NotifyScript& action);
  void carry_out(const check::NotifyFifo& action);
  void carry_out(const check::NotifyMail& action);
  void carry_out(const check::ServerNote& action);
  void carry_out(const check::QuorumNote& action);
  void carry_out(const check::LogLine& action);
  void carry_out(const check::Stopped& action);

  KernelWorld world_;
  Choices& choices_;
  VirtualKernel& kernel_;
  ProbeRunner& probes_;
  Options options_;
  QuorumSink quorum_sink_;
  MailSender* mail_ = nullptr;
  StreamId warmups_;
  StreamId respawns_;
  std::shared_ptr<const config::Configuration> configuration_;
  std::optional<check::CheckEngine> engine_;
  std::vector<ProbeId> running_;        ///< by CheckerId
  std::set<ipvs::ServiceKey> told_up_;  ///< whose quorum the timeline knows of
  std::deque<check::Event> waiting_;
  bool inside_ = false;  ///< an event is being handled
  bool paused_ = false;
  bool stopped_ = false;
  EventId deadline_event_;
  EventId respawn_event_;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_CHECK_NODE_H_
