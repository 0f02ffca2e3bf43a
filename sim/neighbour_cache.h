// Who a host believes its neighbours to be: the ARP and neighbour-discovery cache of one interface.
#ifndef VIPDRIFT_SIM_NEIGHBOUR_CACHE_H_
#define VIPDRIFT_SIM_NEIGHBOUR_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"

namespace vipdrift::sim {

/// States of RFC 4861 7.3.2 as Linux uses them for ARP too. `failed` also means: nothing known.
enum class NeighbourState : std::uint8_t { failed, incomplete, reachable, stale, delay, probe };

/// Linux defaults (net/ipv4/neigh/*).
struct NeighbourTiming {
  /// How long an entry is trusted after the last confirmation. Linux draws it per interface from
  /// [0.5, 1.5) * base_reachable_time (30 s): whoever makes the cache passes the drawn value.
  Duration reachable = std::chrono::seconds{30};
  Duration delay_first_probe = std::chrono::seconds{5};
  Duration retransmit = std::chrono::seconds{1};
  std::uint8_t unicast_probes = 3;
  std::uint8_t multicast_probes = 3;
  /// A second, different answer within this time of the first is ignored (`locktime`): the first answer wins.
  Duration lock = std::chrono::seconds{1};
};

/// How an address and a MAC were seen together.
enum class Evidence : std::uint8_t {
  answer,        ///< ARP reply or solicited NA addressed to us
  announcement,  ///< gratuitous ARP, unsolicited NA: changes what is known, never creates an entry (arp_accept 0)
  overheard,     ///< any other broadcast naming its sender: as an announcement, but the lock time holds
  request,       ///< somebody asked for one of our addresses: creates an entry, because an answer is due
};

/// A question that must go out: ARP request or neighbour solicitation.
struct Solicitation {
  IpAddress address;
  MacAddress to;  ///< zero: broadcast (IPv4), solicited-node group (IPv6)
};

/// The model, after Linux's neighbour table. An entry in use is *reachable*; confirm() (an answer of a higher layer)
/// keeps it so. Without confirmation it is trusted for the drawn reachable time, then *delay* (5 s, still used), then
/// *probe*: three questions, one second apart, to the MAC it has (still used). If nobody answers it has *failed*, and
/// the next use asks everybody. A host that asks without a pause therefore stays with a MAC that has become wrong and
/// silent for (reachable + 5 s + 3 s) after the last good answer: 23 to 53 s with Linux's draw of 15 to 45 s.
/// Not modelled: the limit on the number of entries, garbage collection of stale ones.
class NeighbourCache {
 public:
  struct Entry {
    IpAddress address;
    MacAddress mac;
    NeighbourState state = NeighbourState::failed;
    std::uint8_t probes = 0;
    TimePoint confirmed{};
    TimePoint updated{};
    TimePoint used{};
    TimePoint deadline = kNever;
  };
  /// Position of an entry; stays valid until clear().
  using Slot = std::size_t;

  explicit NeighbourCache(NeighbourTiming timing = {}) : timing_(timing) {}

  /// The entry of `address`, made (as failed) when there is none.
  Slot slot_of(const IpAddress& address);
  const Entry& entry(Slot slot) const { return entries_[slot]; }
  /// Null when there is none.
  const Entry* find(const IpAddress& address) const;
  const std::vector<Entry>& entries() const { return entries_; }

  /// Something is to be sent to the entry's address. Returns the MAC to use, or null while nothing is known; then the
  /// sender keeps what it has until the entry gets a MAC or fails. Questions to ask are appended to `solicitations`.
  const MacAddress* use(Slot slot, TimePoint now, std::vector<Solicitation>& solicitations) {
    Entry& known = entries_[slot];
    known.used = now;
    if (known.state == NeighbourState::reachable) return &known.mac;
    return use_doubtful(known, now, solicitations);
  }

  /// A higher layer got an answer through this entry: it works.
  void confirm(Slot slot, TimePoint now) { entries_[slot].confirmed = now; }

  /// Returns whether the known MAC of `address` is another one now.
  bool learn(const IpAddress& address, const MacAddress& mac, Evidence evidence, TimePoint now);

  /// No entry changes by itself before this time. May be earlier than the first real change.
  TimePoint next_deadline() const { return earliest_; }
  /// Lets time do its work up to `now`; questions to ask are appended.
  void expire(TimePoint now, std::vector<Solicitation>& solicitations);

  /// Forgets what is known (the entries stay, as failed): `ip neigh flush`, interface down.
  void flush();
  void clear();

 private:
  const MacAddress* use_doubtful(Entry& entry, TimePoint now, std::vector<Solicitation>& solicitations);
  void enter(Entry& entry, NeighbourState state, TimePoint now, TimePoint deadline);
  void expire(Entry& entry, TimePoint now, std::vector<Solicitation>& solicitations);

  NeighbourTiming timing_;
  std::vector<Entry> entries_;
  TimePoint earliest_ = kNever;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_NEIGHBOUR_CACHE_H_
