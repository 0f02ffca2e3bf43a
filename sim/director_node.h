// A VRRP daemon on a simulated machine: feeds a VrrpStack and carries out what it asks for.
#ifndef VIPDRIFT_SIM_DIRECTOR_NODE_H_
#define VIPDRIFT_SIM_DIRECTOR_NODE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/config/configuration.h"
#include "protocol/vrrp/action.h"
#include "protocol/vrrp/event.h"
#include "protocol/vrrp/profile.h"
#include "protocol/vrrp/vrrp_stack.h"
#include "scenarios/scenario.h"
#include "sim/action_costs.h"
#include "sim/check_node.h"
#include "sim/choices.h"
#include "sim/mail_sender.h"
#include "sim/recorder.h"
#include "sim/script_player.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::sim {

/// Datagrams that a socket buffer holds while nobody reads (net.core.rmem_default with small packets).
inline constexpr std::size_t kSocketBuffer = 200;

/// The daemon works as keepalived does, one thing after the other: an event makes the stack ask for actions, the
/// actions are carried out in order and take their time (ActionCosts), and whatever happens meanwhile waits in the
/// inbox. A batch that only sends advertisements, starts scripts or writes notes is carried out at once; only its
/// duration is added up, so that the regular advertisement costs one queue event.
///
/// Stopped by a signal (pause) the daemon handles nothing: packets wait, up to kSocketBuffer of them, and are handled
/// in order before overdue timers when it goes on. On a frozen machine the packets are lost instead.
class DirectorNode final : public KernelUser {
 public:
  struct Options {
    std::shared_ptr<const config::Configuration> configuration;
    vrrp::Profile profile;
    bool detailed_log = false;  ///< keepalived -D
    ActionCosts costs = ActionCosts::realistic();
    std::vector<std::optional<Duration>> start_delays = {};  ///< see SimOptions
    std::vector<scenarios::ScriptModel> scripts;
  };

  /// All references outlive the node.
  DirectorNode(const KernelWorld& world, Choices& choices, VirtualKernel& kernel, Options options);

  VirtualKernel& kernel() { return kernel_; }
  const VirtualKernel& kernel() const { return kernel_; }
  const ScriptPlayer& scripts() const { return scripts_; }
  /// The process beside this one, which shares its daemon's life; outlives the node.
  void set_checks(CheckNode* checks);
  /// Outlives the node. Without one nobody reads its mails.
  void set_mail(MailSender* mail) { mail_ = mail; }

  // ---- what is done to the daemon and its machine

  void start();
  /// SIGTERM.
  void stop();
  /// kill -9 of all its processes: nothing is said, addresses stay with the kernel.
  void crash();
  /// SIGSTOP and SIGCONT.
  void pause();
  void resume();
  /// The same for the process that checks real servers alone; its parent starts another when it is killed.
  void crash_checks();
  void pause_checks();
  void resume_checks();
  /// SIGHUP with a configuration that can be read.
  void reload(std::shared_ptr<const config::Configuration> configuration);
  /// SIGHUP with one that cannot: the daemon goes on as before.
  void refuse_reload(const std::string& why);
  void power_off();
  void power_on();
  void freeze();
  void thaw();
  /// A file of the machine was written or removed; processes were started or stopped.
  void file_changed(const std::string& path);
  void process_changed(const std::string& process);

  /// Started and not ended; a paused daemon runs.
  bool daemon_runs() const { return stack_.has_value(); }
  /// Null unless daemon_runs().
  const vrrp::VrrpStack* stack() const { return stack_ ? &*stack_ : nullptr; }

  // ---- queue events

  void on_deadline();
  void on_work();
  void on_script(std::uint64_t run);
  void on_started();

  // ---- the kernel speaking

  void on_vrrp(const vrrp::Datagram& datagram) override;
  void on_link(InterfaceId interface, bool up) override;
  void on_address(InterfaceId interface, const IpAddress& address, bool present) override;
  void on_interface_gone(InterfaceId interface) override;
  void on_interface_there(const vrrp::InterfaceFacts& facts) override;

 private:
  struct Waiting {
    vrrp::Event event;
    std::uint32_t offset = 0;  ///< of a datagram's payload in waiting_bytes_
    std::uint32_t size = 0;
  };
  struct Run {
    std::uint64_t number = 0;  ///< 0: not running
    EventId event;
    int exit_status = 0;
  };

  SimTime now() const { return world_.queue.now(); }
  bool suspended() const { return paused_ || kernel_.frozen(); }
  bool busy() const { return inside_ || acting() || now() < busy_until_; }
  bool has_waiting() const { return next_waiting_ < waiting_.size(); }

  void take(vrrp::Event event);
  void put_aside(vrrp::Event event);
  void put_aside(const vrrp::Datagram& datagram);
  template <class Event>
  void step(const Event& event);
  template <class Event>
  void step_through(const Event& event);
  void step_event(const vrrp::Event& event);
  void step_reload(const vrrp::ConfigurationLoaded& event);
  void step_waiting();
  void go_on();
  void work_at(SimTime at);
  void work_when_free();
  void arm_deadline();

  void begin_actions();
  void act_at_once();
  void go_on_acting();
  bool acting() const { return next_action_ < actions_.size(); }
  void end_if_stopped();
  bool takes_its_place(const vrrp::Action& action) const;
  Duration before(const vrrp::Action& action);
  Duration after(const vrrp::Action& action) const;
  Duration draw(const Spread& spread);

  void carry_out(const vrrp::SendAdvertisement& action);
  void carry_out(const vrrp::AddAddress& action);
  void carry_out(const vrrp::RemoveAddress& action);
  void carry_out(const vrrp::AnnounceAddress& action);
  void carry_out(const vrrp::RunScript& action);
  void carry_out(const vrrp::KillScript& action);
  void carry_out(const vrrp::NotifyScript& action);
  void carry_out(const vrrp::NotifyFifo& action);
  void carry_out(const vrrp::NotifyMail& action);
  void carry_out(const vrrp::StateNote& action);
  void carry_out(const vrrp::PriorityNote& action);
  void carry_out(const vrrp::DiscardNote& action);
  void carry_out(const vrrp::LogLine& action);
  void carry_out(const vrrp::Stopped& action);
  void carry_out(const vrrp::AddVirtualMac& action);
  void carry_out(const vrrp::RemoveVirtualMac& action);
  void carry_out(const vrrp::AddRoute& action);
  void carry_out(const vrrp::RemoveRoute& action);
  void carry_out(const vrrp::AddRule& action);
  void carry_out(const vrrp::RemoveRule& action);
  void failed(vrrp::ActionFailed::What what, std::optional<InstanceId> instance, const IpAddress& address, int error);

  void tell_sync_daemon(const std::string& instance, vrrp::State state);
  void use_configuration(std::shared_ptr<const config::Configuration> configuration);
  void join_groups();
  void cancel_runs();
  void forget_waiting_results();
  void create_track_files();
  void report_tracked_objects();
  void report_file(std::size_t position);
  void report_process(std::size_t position);
  void end_daemon();
  void note(scenarios::DaemonEvent event, std::string detail = {},
            scenarios::DaemonPart part = scenarios::DaemonPart::daemon);
  const std::string& instance_name(InstanceId id, std::uint8_t vrid) const;

  KernelWorld world_;
  Choices& choices_;
  VirtualKernel& kernel_;
  std::shared_ptr<const config::Configuration> configuration_;
  vrrp::Profile profile_;
  bool detailed_log_;
  ActionCosts costs_;
  std::vector<std::optional<Duration>> start_delays_;
  std::size_t starts_ = 0;
  ScriptPlayer scripts_;
  StreamId costs_stream_;

  CheckNode* checks_ = nullptr;
  MailSender* mail_ = nullptr;
  std::optional<vrrp::VrrpStack> stack_;
  bool starting_ = false;
  bool paused_ = false;
  bool ran_before_power_off_ = false;
  EventId start_event_;

  EventId deadline_event_;
  SimTime deadline_at_ = kNoEvent;  ///< of deadline_event_; never later than the stack's next deadline

  vrrp::ActionList actions_;
  std::size_t next_action_ = 0;  ///< below actions_.size(): a batch is being carried out
  bool prepared_ = false;        ///< the time before the next action has passed
  int announced_ = 0;            ///< repeats of the next AnnounceAddress that have been sent
  bool inside_ = false;          ///< an action is being carried out; the kernel may be calling back
  bool stopped_ = false;         ///< the stack has said its last word
  SimTime busy_until_{0};        ///< when the last action of the last batch is over
  EventId work_event_;
  /// During the batch of a reload: the configuration that deleted instances come from.
  std::shared_ptr<const config::Configuration> former_;

  std::vector<Waiting> waiting_;
  std::size_t next_waiting_ = 0;
  std::size_t waiting_datagrams_ = 0;
  std::vector<std::uint8_t> waiting_bytes_;

  std::vector<Run> runs_;  ///< by ScriptId
  std::uint64_t last_run_ = 0;
  std::vector<std::uint16_t> identification_;  ///< IP id of the last advertisement, by InstanceId
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_DIRECTOR_NODE_H_
