#include "sim/neighbour_cache.h"

#include <algorithm>

namespace vipdrift::sim {
namespace {

bool has_mac(NeighbourState state) { return state != NeighbourState::failed && state != NeighbourState::incomplete; }

}  // namespace

NeighbourCache::Slot NeighbourCache::slot_of(const IpAddress& address) {
  for (Slot slot = 0; slot < entries_.size(); ++slot) {
    if (entries_[slot].address == address) return slot;
  }
  Entry fresh;
  fresh.address = address;
  entries_.push_back(fresh);
  return entries_.size() - 1;
}

const NeighbourCache::Entry* NeighbourCache::find(const IpAddress& address) const {
  for (const Entry& known : entries_) {
    if (known.address == address) return &known;
  }
  return nullptr;
}

void NeighbourCache::enter(Entry& entry, NeighbourState state, TimePoint now, TimePoint deadline) {
  entry.state = state;
  entry.updated = now;
  entry.deadline = deadline;
  earliest_ = std::min(earliest_, deadline);
}

const MacAddress* NeighbourCache::use_doubtful(Entry& entry, TimePoint now, std::vector<Solicitation>& solicitations) {
  switch (entry.state) {
    case NeighbourState::failed:
      enter(entry, NeighbourState::incomplete, now, now + timing_.retransmit);
      entry.probes = 1;
      solicitations.push_back({entry.address, {}});
      return nullptr;
    case NeighbourState::incomplete:
      return nullptr;
    case NeighbourState::stale:
      enter(entry, NeighbourState::delay, now, now + timing_.delay_first_probe);
      return &entry.mac;
    case NeighbourState::reachable:
    case NeighbourState::delay:
    case NeighbourState::probe:
      break;
  }
  return &entry.mac;
}

bool NeighbourCache::learn(const IpAddress& address, const MacAddress& mac, Evidence evidence, TimePoint now) {
  const Entry* found = find(address);
  if (found == nullptr && evidence != Evidence::request) return false;
  Entry& entry = entries_[found == nullptr ? slot_of(address) : static_cast<Slot>(found - entries_.data())];
  if (evidence == Evidence::request && !has_mac(entry.state)) {
    // Made by hearing, not by asking: unconfirmed.
    entry.mac = mac;
    enter(entry, NeighbourState::stale, now, kNever);
    return true;
  }
  if (entry.state == NeighbourState::failed) return false;

  const bool known = has_mac(entry.state);
  const bool same = known && entry.mac == mac;
  const bool may_override =
      evidence == Evidence::announcement || evidence == Evidence::request || now > entry.updated + timing_.lock;
  if (known && !same && !may_override) return false;

  if (evidence == Evidence::answer) {
    entry.mac = mac;
    entry.confirmed = now;
    enter(entry, NeighbourState::reachable, now, now + timing_.reachable);
  } else if (!same) {
    // What a broadcast says is believed at once, but not as proof that the neighbour can hear us.
    entry.mac = mac;
    enter(entry, NeighbourState::stale, now, kNever);
  }
  return !same;
}

void NeighbourCache::expire(TimePoint now, std::vector<Solicitation>& solicitations) {
  if (now < earliest_) return;
  for (Entry& entry : entries_) {
    if (entry.deadline <= now) expire(entry, now, solicitations);
  }
  earliest_ = kNever;
  for (const Entry& entry : entries_) earliest_ = std::min(earliest_, entry.deadline);
}

void NeighbourCache::expire(Entry& entry, TimePoint now, std::vector<Solicitation>& solicitations) {
  switch (entry.state) {
    case NeighbourState::reachable:
      if (now < entry.confirmed + timing_.reachable) {
        entry.deadline = entry.confirmed + timing_.reachable;
      } else if (now <= entry.used + timing_.delay_first_probe) {
        enter(entry, NeighbourState::delay, now, now + timing_.delay_first_probe);
      } else {
        enter(entry, NeighbourState::stale, now, kNever);
      }
      return;
    case NeighbourState::delay:
      if (now <= entry.confirmed + timing_.delay_first_probe) {
        enter(entry, NeighbourState::reachable, now, entry.confirmed + timing_.reachable);
        return;
      }
      enter(entry, NeighbourState::probe, now, now + timing_.retransmit);
      entry.probes = 1;
      solicitations.push_back({entry.address, entry.mac});
      return;
    case NeighbourState::incomplete:
    case NeighbourState::probe: {
      const bool probing = entry.state == NeighbourState::probe;
      if (entry.probes >= (probing ? timing_.unicast_probes : timing_.multicast_probes)) {
        enter(entry, NeighbourState::failed, now, kNever);
        return;
      }
      ++entry.probes;
      entry.deadline = now + timing_.retransmit;
      solicitations.push_back({entry.address, probing ? entry.mac : MacAddress{}});
      return;
    }
    case NeighbourState::failed:
    case NeighbourState::stale:
      entry.deadline = kNever;
      return;
  }
}

void NeighbourCache::flush() {
  for (Entry& entry : entries_) {
    entry.state = NeighbourState::failed;
    entry.deadline = kNever;
  }
  earliest_ = kNever;
}

void NeighbourCache::clear() {
  entries_.clear();
  earliest_ = kNever;
}

}  // namespace vipdrift::sim
