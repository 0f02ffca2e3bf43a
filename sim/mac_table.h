// What a learning switch knows: which port was last seen using an Ethernet address.
#ifndef VIPDRIFT_SIM_MAC_TABLE_H_
#define VIPDRIFT_SIM_MAC_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/byte_order.h"
#include "sim/event_queue.h"

namespace vipdrift::sim {

/// A hash table from an address, within one group of a partition, to a port. Iteration never decides anything.
class MacTable {
 public:
  static constexpr std::uint32_t kNoPort = UINT32_MAX;

  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t port = kNoPort;  ///< kNoPort: the place is free
    SimTime seen{};
  };

  explicit MacTable(Duration ageing) : ageing_(ageing), entries_(kFirstCapacity) {}

  /// The key of the six bytes at `mac` in `group`.
  static std::uint64_t key(std::uint32_t group, std::span<const std::uint8_t, 6> mac) {
    return std::uint64_t{group} << 48U | std::uint64_t{get16(mac, 0)} << 32U | get32(mac, 2);
  }

  /// The port of `key`, or kNoPort when it is unknown or was last seen `ageing` ago or longer.
  std::uint32_t find(std::uint64_t key, SimTime now) const {
    const Entry& entry = entries_[place(key)];
    return entry.port != kNoPort && now - entry.seen < ageing_ ? entry.port : kNoPort;
  }

  /// `key` was seen at `port`. Returns the place of its entry, good for refresh() until version() changes.
  std::size_t learn(std::uint64_t key, std::uint32_t port, SimTime now);
  void refresh(std::size_t place, std::uint32_t port, SimTime now) {
    entries_[place].port = port;
    entries_[place].seen = now;
  }
  std::uint32_t version() const { return version_; }

  /// Forgets everything and returns what was known.
  std::vector<Entry> take_all();
  void forget_port(std::uint32_t port);

 private:
  static constexpr std::size_t kFirstCapacity = 16;

  /// Where `key` stands, or the free place where it would.
  std::size_t place(std::uint64_t key) const {
    const std::size_t mask = entries_.size() - 1;
    std::size_t at = (key * 0x9e3779b97f4a7c15U >> 32U) & mask;
    while (entries_[at].port != kNoPort && entries_[at].key != key) at = (at + 1) & mask;
    return at;
  }
  void grow(SimTime now);

  Duration ageing_;
  std::size_t used_ = 0;
  std::uint32_t version_ = 1;
  std::vector<Entry> entries_;  ///< a power of two, at most half of it used
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_MAC_TABLE_H_
