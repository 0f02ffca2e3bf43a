// What a kernel has worked out about the addresses that it deals with, so that a packet need not ask again.
#ifndef VIPDRIFT_SIM_WAY_TABLE_H_
#define VIPDRIFT_SIM_WAY_TABLE_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "protocol/base/strong_id.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::sim {

/// Where a packet leaves for an address.
struct Route {
  InterfaceId interface;
  IpAddress next_hop;
  bool local = false;  ///< to this machine itself
  friend bool operator==(const Route&, const Route&) = default;
};

/// One address as its kernel sees it now.
struct Way {
  static constexpr std::size_t kNoSlot = SIZE_MAX;

  IpAddress address;
  bool held = false;           ///< it is on an interface or on lo
  std::optional<Route> route;  ///< none: unreachable
  IpAddress source;            ///< which a program gets that sends to `address` and chooses none
  std::size_t slot = kNoSlot;  ///< of `address` in the neighbour cache of the route's interface, once it was needed
};

/// A hash table of ways that forgets all of them at once in no time. It grows with the number of addresses that were
/// ever asked for, and is never walked through.
class WayTable {
 public:
  WayTable() : entries_(kFirstCapacity) {}

  /// The way to `address`; work_out(way) fills in one that is not known. It stays where it is until the next call.
  template <class WorkOut>
  Way& find(const IpAddress& address, WorkOut work_out) {
    std::size_t at = place(address);
    Entry& known = entries_[at];
    if (known.version == version_) [[likely]]
      return known.way;
    if (known.version == 0) {
      if ((used_ + 1) * 2 > entries_.size()) {
        grow();
        at = place(address);
      }
      ++used_;
    }
    Entry& fresh = entries_[at];
    fresh.version = version_;
    fresh.way = Way{};
    fresh.way.address = address;
    work_out(fresh.way);
    return fresh.way;
  }

  /// Addresses, interfaces or routes have changed.
  void forget() { ++version_; }

 private:
  struct Entry {
    std::uint64_t version = 0;  ///< 0: the place is free
    Way way;
  };
  static constexpr std::size_t kFirstCapacity = 16;

  static std::size_t hash(const IpAddress& address) {
    const auto bytes = address.bytes();
    std::uint64_t mixed = 0;
    if (bytes.size() == 4) {
      std::uint32_t word = 0;
      std::memcpy(&word, bytes.data(), sizeof word);
      mixed = word;
    } else {
      std::array<std::uint64_t, 2> halves{};
      std::memcpy(halves.data(), bytes.data(), sizeof halves);
      mixed = halves[0] ^ std::rotl(halves[1] * 0x9e3779b97f4a7c15U, 23);
    }
    return static_cast<std::size_t>(mixed * 0x9e3779b97f4a7c15U >> 32U);
  }
  std::size_t place(const IpAddress& address) const {
    const std::size_t mask = entries_.size() - 1;
    std::size_t at = hash(address) & mask;
    while (entries_[at].version != 0 && entries_[at].way.address != address) at = (at + 1) & mask;
    return at;
  }
  void grow() {
    std::vector<Entry> old(entries_.size() * 2);
    old.swap(entries_);
    for (const Entry& entry : old) {
      if (entry.version != 0) entries_[place(entry.way.address)] = entry;
    }
  }

  std::uint64_t version_ = 1;
  std::size_t used_ = 0;
  std::vector<Entry> entries_;  ///< a power of two, at most half of it used
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_WAY_TABLE_H_
