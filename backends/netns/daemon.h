// The daemon of one director: started, signalled and killed through its node's init, known from what it says.
#ifndef VIPDRIFT_BACKENDS_NETNS_DAEMON_H_
#define VIPDRIFT_BACKENDS_NETNS_DAEMON_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backends/netns/log_line.h"
#include "backends/netns/node_init.h"
#include "backends/netns/notify_book.h"
#include "backends/netns/recorder.h"
#include "backends/netns/subject.h"
#include "scenarios/scenario.h"

namespace vipdrift::netns {

/// How much later than its notification the log may tell of a change of state.
inline constexpr Duration kNotesWait = std::chrono::seconds{1};

class Daemon {
 public:
  using Error = std::optional<std::string>;

  struct Options {
    const scenarios::Scenario& scenario;
    const scenarios::DirectorSpec& director;
    Subject subject;
    bool ipvs = false;  ///< the kernel has it
  };

  /// All references outlive the daemon.
  Daemon(const Options& options, NodeInit& init, Recorder& recorder);

  /// Puts its configuration and the recorders of its notifications into the node. Before every start of the machine.
  Error install();

  // ---- what is done to it; what does not apply (stopping what does not run) does nothing

  Error start();
  Error stop();
  Error crash(scenarios::DaemonPart part);
  Error pause(scenarios::DaemonPart part);
  Error resume(scenarios::DaemonPart part);
  /// With another file from now on, unless `config_file` is empty.
  Error reload(const std::string& config_file);
  /// The machine loses power or freezes: its other processes too.
  Error power_off();
  Error power_on();
  Error freeze();
  Error thaw();

  // ---- what it says: reads all that waits

  void read_log();
  void read_notes();
  void read_reports();
  /// Gives notes whose change of state has been told in the meantime their names; one that has waited for `longest` is
  /// named by its words alone.
  void settle_notes(Duration longest = kNotesWait);

  /// It was started and no instance has said its first state.
  bool getting_ready() const { return life_ == Life::running && states_.empty(); }
  const config::Configuration* configuration() const;
  /// The wire has carried an advertisement of priority 0 from this instance.
  void said_farewell(Duration at, const std::string& instance);

 private:
  struct Note {
    Duration at{};
    std::vector<std::string> argv;
  };
  enum class Life : std::uint8_t { dead, running, stopping };

  bool alive() const { return life_ != Life::dead; }
  Error die(scenarios::DaemonEvent event, bool whole_machine);
  Error signal_child(scenarios::DaemonPart part, int number, scenarios::DaemonEvent event);
  void note(scenarios::DaemonEvent event, std::string detail = {});
  void take_line(std::string_view line);
  void take(const StateEntered& event);
  void take(const GroupEntered& event);
  void take(const PrioritySet& event);
  void take(const LowerPriorityHeard& event);
  void take(const QuorumHeard& event);
  void leave(Duration at, const std::string& instance);
  int priority_of(const std::string& instance) const;
  void ended(int status);

  const scenarios::Scenario& scenario_;
  const scenarios::DirectorSpec& director_;
  Subject subject_;
  bool ipvs_;
  NodeInit& init_;
  Recorder& recorder_;

  Life life_ = Life::dead;
  bool paused_ = false;
  bool said_no_ipvs_ = false;
  bool ran_before_power_off_ = false;
  std::string config_file_;
  std::string log_rest_;
  std::string notes_rest_;
  std::map<std::string, vrrp::State> states_;
  std::map<std::string, int> priorities_;
  NotifyBook notifications_;
  std::vector<Note> notes_;  ///< read, and not yet known whose they are
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_DAEMON_H_
