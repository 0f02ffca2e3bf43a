#include "sim/mac_table.h"

#include <utility>

namespace vipdrift::sim {

std::size_t MacTable::learn(std::uint64_t key, std::uint32_t port, SimTime now) {
  std::size_t at = place(key);
  if (entries_[at].port == kNoPort) {
    if ((used_ + 1) * 2 > entries_.size()) {
      grow(now);
      at = place(key);
    }
    ++used_;
  }
  entries_[at] = {key, port, now};
  return at;
}

std::vector<MacTable::Entry> MacTable::take_all() {
  std::vector<Entry> known;
  for (Entry& entry : entries_) {
    if (entry.port != kNoPort) known.push_back(std::exchange(entry, Entry{}));
  }
  used_ = 0;
  ++version_;
  return known;
}

void MacTable::forget_port(std::uint32_t port) {
  for (const Entry& entry : take_all()) {
    if (entry.port != port) learn(entry.key, entry.port, entry.seen);
  }
}

/// Drops aged entries, and doubles when that did not help.
void MacTable::grow(SimTime now) {
  std::vector<Entry> known = take_all();
  std::erase_if(known, [&](const Entry& entry) { return now - entry.seen >= ageing_; });
  if (known.size() * 4 > entries_.size()) entries_.assign(entries_.size() * 2, Entry{});
  for (const Entry& entry : known) learn(entry.key, entry.port, entry.seen);
}

}  // namespace vipdrift::sim
