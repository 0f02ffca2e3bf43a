// The world of real namespaces: a scenario's cluster on the running kernel, its daemons seen only from outside.
#ifndef VIPDRIFT_BACKENDS_NETNS_NETNS_TESTBED_H_
#define VIPDRIFT_BACKENDS_NETNS_NETNS_TESTBED_H_

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backends/netns/lab.h"
#include "backends/netns/subject.h"
#include "scenarios/testbed.h"

namespace vipdrift::netns {

/// With 23 worlds at a time on two processors under a load of 15 to 19, what daemons did by their timers was seen about
/// 8 ms late and 85 ms at worst. How long a daemon needs to start is another matter: 0.1 to 0.9 s there.
inline constexpr Duration kTolerance = std::chrono::milliseconds{250};

struct NetnsOptions {
  /// Assigned to the directors in the order of the cluster file, from the beginning again when there are more
  /// directors. Not empty.
  std::vector<Subject> subjects;
  Facilities facilities;  ///< of probe_facilities()
  std::string pcap_file;  ///< every frame once, as it leaves its sender; empty: none
  /// Held while a world is built and its first daemons get ready: the loud moments, in which others' daemons would
  /// start late. Shared by the worlds of a process and outlives them; null: nobody else is there.
  std::mutex* launching = nullptr;
  Duration tolerance = kTolerance;  ///< see Testbed::tolerance()
};

/// One world, on the thread that built it and on no other. Needs enter_lab(). Worlds share nothing: as many may run at
/// a time as there are threads.
///
/// Time is real: run_until() returns when the monotonic clock has come there. Frames carry the kernel's time stamps;
/// everything else is stamped when the world's thread reads it. When the world ends, its processes are killed and its
/// namespaces vanish.
class NetnsTestbed final : public scenarios::Testbed {
 public:
  explicit NetnsTestbed(NetnsOptions options);
  ~NetnsTestbed() override;

  std::optional<std::string> cannot(const scenarios::StepAction& step) const override;
  std::optional<std::string> cannot_see(const scenarios::Condition& condition) const override;
  std::optional<scenarios::WorldError> cannot_build(const scenarios::Scenario& scenario) const override;
  Duration tolerance() const override;

  std::optional<scenarios::WorldError> build(const scenarios::Scenario& scenario,
                                             const scenarios::RecordingOptions& recording,
                                             scenarios::Timeline& timeline) override;
  std::optional<scenarios::WorldError> run_until(Duration until) override;
  std::optional<scenarios::WorldError> apply(const scenarios::Step& step) override;
  std::optional<Hiccup> worst_hiccup() const override;
  scenarios::WorldStatistics statistics() const override;

  /// The init of a node (director, client, real server), as numbered in the lab's process namespace: whoever wants to
  /// run something there enters its network, mount, UTS and process namespaces. Nothing: there is no such node.
  std::optional<pid_t> init_of(const std::string& node) const;

 private:
  class World;

  NetnsOptions options_;
  std::unique_ptr<World> world_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_NETNS_TESTBED_H_
