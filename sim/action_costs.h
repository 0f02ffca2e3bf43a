// How long a daemon is busy with what it does.
#ifndef VIPDRIFT_SIM_ACTION_COSTS_H_
#define VIPDRIFT_SIM_ACTION_COSTS_H_

#include "protocol/base/time.h"

namespace vipdrift::sim {

/// A value with a spread: uniform in [least, least + spread].
struct Spread {
  Duration least{};
  Duration spread{};
};

/// keepalived works synchronously: while it waits for netlink or forks a script, received packets lie in the socket's
/// buffer. These times decide races such as whose gratuitous ARP is the last one on the wire. The figures of
/// realistic() reproduce what stock keepalived showed on an idle machine; they are orders of magnitude, not promises.
struct ActionCosts {
  /// From exec to the first VRRP step: process start, reading of the configuration.
  Spread start;
  /// Getting the processor, before work that changes addresses or announces them. An advertisement alone is free of it.
  Spread wake;
  /// One netlink request; the address is there (or gone) at its end.
  Spread address;
  /// One sendmsg() of an advertisement, and of a gratuitous ARP or NA; the frame leaves at its beginning.
  Duration send{};
  Duration announce{};
  /// fork and exec of a tracking or notify script.
  Duration script{};

  static constexpr ActionCosts realistic() {
    using std::chrono::microseconds;
    using std::chrono::milliseconds;
    ActionCosts costs;
    costs.start = {milliseconds{20}, milliseconds{150}};
    costs.wake = {microseconds{20}, microseconds{400}};
    costs.address = {microseconds{100}, microseconds{900}};
    costs.send = microseconds{20};
    costs.announce = microseconds{30};
    costs.script = microseconds{300};
    return costs;
  }
  /// Everything at once: for formulas and benchmarks. Nothing is drawn.
  static constexpr ActionCosts none() { return {}; }
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_ACTION_COSTS_H_
