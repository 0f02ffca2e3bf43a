// What a kernel has worked out about the addresses that it deals with, so that a packet need not ask again.
#ifndef VIPDRIFT_SIM_WAY_TABLE_H_
#define VIPDRIFT_SIM_WAY_TABLE_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>
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
    Entry& known = entries_[place(key_of(address))];
    if (known.version == version_) [[likely]]
      return known.way;
    Way& way = begin(address);
    work_out(way);
    return way;
  }

  /// Addresses, interfaces or routes have changed.
  void forget() { ++version_; }

 private:
  /// An address in words: every packet asks for several.
  struct Key {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::uint8_t last = 0;
    friend bool operator==(const Key& a, const Key& b) {
      return ((a.first ^ b.first) | (a.second ^ b.second) | (a.last ^ b.last)) == 0;
    }
  };
  struct Entry {
    std::uint64_t version = 0;  ///< 0: the place is free
    Key key;
    Way way;
  };
  static constexpr std::size_t kFirstCapacity = 16;

  static Key key_of(const IpAddress& address) {
    static_assert(sizeof address == 17 && std::is_trivially_copyable_v<IpAddress>);
    const auto* const bytes = reinterpret_cast<const unsigned char*>(&address);
    Key key;
    std::memcpy(&key.first, bytes, 8);
    std::memcpy(&key.second, bytes + 8, 8);
    key.last = bytes[16];
    return key;
  }
  std::size_t place(const Key& key) const {
    const std::uint64_t mixed = (key.first ^ std::rotl(key.second, 32) ^ key.last) * 0x9e3779b97f4a7c15U;
    std::size_t at = static_cast<std::size_t>(mixed >> 32U) & mask_;
    while (entries_[at].key != key && entries_[at].version != 0) at = (at + 1) & mask_;
    return at;
  }
  /// A way of which nothing is known. Out of line, so that finding one that is known is short.
  [[gnu::noinline]] Way& begin(const IpAddress& address) {
    const Key key = key_of(address);
    Entry* entry = &entries_[place(key)];
    if (entry->version == 0) {
      if ((used_ + 1) * 2 > entries_.size()) {
        grow();
        entry = &entries_[place(key)];
      }
      entry->key = key;
      ++used_;
    }
    entry->version = version_;
    entry->way = Way{};
    entry->way.address = address;
    return entry->way;
  }
  void grow() {
    std::vector<Entry> old(entries_.size() * 2);
    old.swap(entries_);
    mask_ = entries_.size() - 1;
    for (const Entry& entry : old) {
      if (entry.version != 0) entries_[place(entry.key)] = entry;
    }
  }

  std::uint64_t version_ = 1;
  std::size_t used_ = 0;
  std::size_t mask_ = kFirstCapacity - 1;  ///< of positions
  std::vector<Entry> entries_;             ///< a power of two, at most half of it used
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_WAY_TABLE_H_
