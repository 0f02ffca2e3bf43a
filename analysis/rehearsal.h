// The directors of a cluster as the core runs them, on one wire without loss or delay, while chosen things fail.
#ifndef VIPDRIFT_ANALYSIS_REHEARSAL_H_
#define VIPDRIFT_ANALYSIS_REHEARSAL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "protocol/vrrp/profile.h"
#include "protocol/vrrp/vrrp_stack.h"

namespace vipdrift::analysis {

/// Something that may fail on a director: what an instance tracks, or the interface it lives on.
struct Failure {
  vrrp::TrackReference::Kind kind{};
  std::uint32_t index = 0;  ///< as in vrrp::TrackReference

  friend auto operator<=>(const Failure&, const Failure&) = default;
};

/// What a tracked file holds when it is bad: what costs priority.
int bad_value(const config::TrackFile& file);

/// What the configuration of a director supposes of its host: every interface that it mentions, with the addresses that
/// it surely has, or one that is made up for it.
std::vector<vrrp::InterfaceFacts> supposed_interfaces(std::span<const Director> directors,
                                                      std::span<const VirtualRouterSeats> routers,
                                                      std::size_t director);

/// A value: a copy goes on alone. Instances that are one virtual router meet, whatever their interfaces are called. A
/// director whose own address is not written has one that others list as their peer, or one of 192.0.2.0/24 or
/// fe80::/64 that grows with its place in the list.
class Rehearsal {
 public:
  /// Nothing fails, and nobody has begun.
  Rehearsal(std::span<const Director> directors, std::span<const VirtualRouterSeats> routers,
            const vrrp::Profile& profile);

  /// Its daemon begins. Exactly once each, before anything fails there.
  void start(std::size_t director);
  /// From now on its process is gone, and says no farewell.
  void crash(std::size_t director);
  /// A script exits with 1, a link is down, no process is there, a quorum is lost; a file holds 1 where a number costs
  /// priority, and -1 where it earns some.
  void fail(std::size_t director, const Failure& failure);
  /// The same, or its end; a script is heard of at once, as often as its fall or rise wants it.
  void decide(std::size_t director, const Failure& failure, bool well);
  /// SIGTERM: its process says farewell and is gone.
  void stop(std::size_t director);
  /// Its links stay up, and nothing comes through them any more.
  void cut_off(std::size_t director);
  /// A new daemon, after a crash.
  void restart(std::size_t director);

  void run_for(Duration length);
  /// Plays what is due next, up to `end`; false: nothing is, and it is `end` now.
  bool play_next(TimePoint end);
  TimePoint now() const { return now_; }

  /// Nothing when it has crashed.
  const vrrp::VrrpStack* stack(std::size_t director) const;
  /// The name of an interface that the director's configuration mentions.
  const std::string& interface_name(std::size_t director, InterfaceId interface) const;
  /// How often instances have changed their state.
  std::uint64_t changes() const { return changes_; }
  /// How many advertisements a director has sent.
  std::uint64_t sent(std::size_t director) const { return members_[director].sent; }

 private:
  struct Member {
    std::optional<vrrp::VrrpStack> stack;
    std::shared_ptr<const config::Configuration> configuration;
    bool started = false;
    bool cut_off = false;
    std::uint64_t sent = 0;
    std::vector<vrrp::InterfaceFacts> interfaces;
    std::vector<bool> script_fails;
    std::vector<InterfaceId> dead_links;

    bool lives() const { return started && stack; }
  };
  struct Packet {
    std::size_t sender = 0;
    vrrp::SendAdvertisement send;
    std::vector<std::uint8_t> message;
  };
  struct ScriptEnd {
    std::size_t director = 0;
    ScriptId script;
  };

  /// Of everything but scripts, which are run.
  void tell(std::size_t director, const Failure& failure, bool well);
  void step(std::size_t director, const vrrp::Event& event);
  void carry_out(std::size_t director, const vrrp::ActionList& actions);
  void deliver(const Packet& packet);
  void settle_mail();

  std::vector<VirtualRouterSeats> routers_;
  vrrp::Profile profile_;
  /// By director and instance: the index of its virtual router.
  std::vector<std::vector<std::size_t>> router_of_;
  std::vector<Member> members_;
  TimePoint now_{};
  std::deque<Packet> packets_;
  std::deque<ScriptEnd> scripts_;
  std::uint64_t changes_ = 0;
};

/// Nothing fails: one director held everything before the others began, and all of them have settled.
Rehearsal at_peace(std::span<const Director> directors, std::span<const VirtualRouterSeats> routers,
                   const vrrp::Profile& profile, std::size_t first);

/// Long enough for every failure to be noticed and answered: scripts' falls, delays, master-down intervals.
Duration settling_time(std::span<const Director> directors);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_REHEARSAL_H_
