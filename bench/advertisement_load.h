// The load of the advertisement benchmarks: stacks in a settled state, the bytes they are fed, and the floor.
#ifndef VIPDRIFT_BENCH_ADVERTISEMENT_LOAD_H_
#define VIPDRIFT_BENCH_ADVERTISEMENT_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/vrrp/vrrp_stack.h"

namespace vipdrift::bench {

/// What one measurement varies.
struct AdvertisementCase {
  vrrp::Version version = vrrp::Version::v2;  ///< v2 with PASS
  int instances = 1;                          ///< 255 to an interface
  int addresses = 1;
};

/// A stack whose instances are all Backup (or all Master), and one advertisement for each of them.
class AdvertisementLoad {
 public:
  AdvertisementLoad(const AdvertisementCase& load, vrrp::State state);

  /// The next instance's advertisement from an equal peer, as it comes from the socket. Made beforehand.
  const vrrp::Datagram& next();
  /// One advertisement through the stack, to the updated deadline.
  void receive();
  /// All masters advertise once; returns how many advertisements that were.
  std::size_t advertise_all();

  vrrp::VrrpStack stack;
  vrrp::ActionList actions;
  TimePoint now{};

 private:
  std::vector<std::vector<std::uint8_t>> messages_;
  std::vector<vrrp::Datagram> datagrams_;  ///< one for each of messages_
  std::size_t position_ = 0;
};

/// The floor: straight code for one known instance. Length, TTL, version, type, VRID, authentication, interval,
/// count, checksum (16 bits at a time, as RFC 1071 writes it), password; then one deadline is stored.
class Floor {
 public:
  explicit Floor(const AdvertisementCase& load);
  /// True when the advertisement is good; the deadline is then updated.
  [[gnu::noinline]] bool receive(TimePoint now, const vrrp::Datagram& datagram);
  TimePoint deadline() const { return deadline_; }

 private:
  vrrp::Version version_;
  std::size_t size_;
  std::uint8_t addresses_;
  std::uint8_t vrid_ = 1;
  std::uint8_t priority_ = 100;
  vrrp::Password password_;
  Duration master_down_;
  TimePoint deadline_{};
};

}  // namespace vipdrift::bench

#endif  // VIPDRIFT_BENCH_ADVERTISEMENT_LOAD_H_
