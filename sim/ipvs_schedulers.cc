#include "sim/ipvs_schedulers.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace vipdrift::sim {
namespace {

using Servers = IpvsScheduler::Servers;
using ipvs::Scheduler;

constexpr std::uint32_t kBuckets = 256;        // sh, dh
constexpr std::uint32_t kMaglevBuckets = 4093;  // prime; CONFIG_IP_VS_MH_TAB_INDEX 12
constexpr std::uint64_t kActiveCost = 256;      // of a connection, where an inactive one costs 1

/// IPv6 addresses are folded to 32 bits.
std::uint32_t folded(const IpAddress& address) {
  const auto bytes = address.bytes();
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    value ^= std::uint32_t{bytes[i]} << 24U | std::uint32_t{bytes[i + 1]} << 16U | std::uint32_t{bytes[i + 2]} << 8U |
             bytes[i + 3];
  }
  return value;
}

/// Multiplicative hashing by the golden ratio (Knuth, TAOCP 6.4), upper `bits` bits.
std::uint32_t golden(std::uint32_t value, unsigned bits) { return value * 0x61C88647U >> (32U - bits); }

// ---------------------------------------------------------------- least connections

std::uint64_t overhead(const IpvsServer& server) { return server.active * kActiveCost + server.inactive; }
std::uint64_t expected_delay(const IpvsServer& server) { return std::uint64_t{server.active} + 1; }

template <class Cost>
bool cheaper(const IpvsServer& a, const IpvsServer& b, Cost cost) {
  return cost(a) * static_cast<std::uint64_t>(b.settings.weight) <
         cost(b) * static_cast<std::uint64_t>(a.settings.weight);
}

/// The first of the open servers whose cost in proportion to its weight is least.
template <class Cost>
IpvsServer* cheapest(const Servers& servers, Cost cost) {
  IpvsServer* best = nullptr;
  for (IpvsServer* server : servers) {
    if (server->open() && (best == nullptr || cheaper(*server, *best, cost))) best = server;
  }
  return best;
}

IpvsServer* least_connections(const Servers& servers) {
  IpvsServer* best = nullptr;
  for (IpvsServer* server : servers) {
    if (server->open() && (best == nullptr || overhead(*server) < overhead(*best))) best = server;
  }
  return best;
}

IpvsServer* never_queue(const Servers& servers) {
  const auto idle = std::find_if(servers.begin(), servers.end(),
                                 [](const IpvsServer* server) { return server->open() && server->active == 0; });
  return idle != servers.end() ? *idle : cheapest(servers, expected_delay);
}

// ---------------------------------------------------------------- by weight

template <class Fits>
IpvsServer* heaviest(const Servers& servers, Fits fits) {
  IpvsServer* best = nullptr;
  for (IpvsServer* server : servers) {
    if (!server->open() || !fits(*server)) continue;
    if (best == nullptr || server->settings.weight > best->settings.weight) best = server;
  }
  return best;
}

/// Two draws by weight; the one with fewer connections for its weight.
IpvsServer* power_of_two(const Servers& servers, const IpvsScheduler::Draw& draw) {
  std::uint64_t total = 0;
  for (const IpvsServer* server : servers) total += server->open() ? static_cast<unsigned>(server->settings.weight) : 0;
  if (total == 0) return nullptr;
  const auto drawn = [&]() -> IpvsServer* {
    std::uint64_t left = draw ? draw(total) : 0;
    for (IpvsServer* server : servers) {
      if (!server->open()) continue;
      const auto weight = static_cast<unsigned>(server->settings.weight);
      if (left < weight) return server;
      left -= weight;
    }
    return nullptr;
  };
  IpvsServer* first = drawn();
  IpvsServer* second = drawn();
  return cheaper(*second, *first, overhead) ? second : first;
}

int greatest_divisor(const Servers& servers) {
  int divisor = 0;
  for (const IpvsServer* server : servers) divisor = std::gcd(divisor, server->settings.weight);
  return std::max(divisor, 1);
}

int greatest_weight(const Servers& servers) {
  int weight = 0;
  for (const IpvsServer* server : servers) weight = std::max(weight, server->settings.weight);
  return weight;
}

// ---------------------------------------------------------------- SipHash-1-3 (Aumasson and Bernstein)

class SipHash13 {
 public:
  explicit SipHash13(std::uint64_t key)
      : v_{0x736f6d6570736575ULL ^ key, 0x646f72616e646f6dULL ^ key, 0x6c7967656e657261ULL ^ key,
           0x7465646279746573ULL ^ key} {}

  std::uint32_t of(std::uint32_t word) {
    const std::uint64_t block = std::uint64_t{4} << 56U | word;
    v_[3] ^= block;
    round();
    v_[0] ^= block;
    v_[2] ^= 0xff;
    for (int i = 0; i < 3; ++i) round();
    return static_cast<std::uint32_t>(v_[0] ^ v_[1] ^ v_[2] ^ v_[3]);
  }

 private:
  static std::uint64_t rotated(std::uint64_t x, unsigned bits) { return x << bits | x >> (64U - bits); }
  void round() {
    v_[0] += v_[1];
    v_[1] = rotated(v_[1], 13) ^ v_[0];
    v_[0] = rotated(v_[0], 32);
    v_[2] += v_[3];
    v_[3] = rotated(v_[3], 16) ^ v_[2];
    v_[0] += v_[3];
    v_[3] = rotated(v_[3], 21) ^ v_[0];
    v_[2] += v_[1];
    v_[1] = rotated(v_[1], 17) ^ v_[2];
    v_[2] = rotated(v_[2], 32);
  }
  std::array<std::uint64_t, 4> v_;
};

/// The kernel's two keys are constants, so that all directors agree.
constexpr std::uint64_t kMaglevKey = 2654435761U;
constexpr std::uint64_t kMaglevSkipKey = 2654446892U;

std::uint32_t maglev_hash(const IpAddress& address, std::uint32_t port, std::uint64_t key, std::uint32_t offset) {
  return SipHash13{key}.of(offset + port + folded(address));
}

}  // namespace

// ---------------------------------------------------------------- life

void IpvsScheduler::choose(Scheduler scheduler, const ipvs::SchedulerFlags& flags, const Servers& servers) {
  scheduler_ = scheduler;
  flags_ = flags;
  cursor_ = kBeforeAll;
  current_weight_ = 0;
  locality_.clear();
  changed(servers);
}

void IpvsScheduler::added(const Servers& servers) {
  if (cursor_ != kBeforeAll) ++cursor_;
  changed(servers);
}

void IpvsScheduler::removing(const Servers& servers, std::size_t position) {
  IpvsServer* gone = servers[position];
  if (static_cast<std::ptrdiff_t>(position) <= cursor_) --cursor_;
  for (auto& entry : locality_) std::erase(entry.second, gone);
  Servers left = servers;
  left.erase(left.begin() + static_cast<std::ptrdiff_t>(position));
  changed(left);
}

void IpvsScheduler::changed(const Servers& servers) {
  if (scheduler_ == Scheduler::wrr) begin_rounds_again(servers);
  rebuild(servers);
}

void IpvsScheduler::begin_rounds_again(const Servers& servers) {
  cursor_ = kBeforeAll;
  divisor_ = greatest_divisor(servers);
  round_weight_ = greatest_weight(servers) - (divisor_ - 1);
  if (current_weight_ > round_weight_ || current_weight_ == 0) {
    current_weight_ = round_weight_;
  } else if (divisor_ > 1) {
    current_weight_ = current_weight_ / divisor_ * divisor_ + 1;
  }
}

void IpvsScheduler::rebuild(const Servers& servers) {
  buckets_.clear();
  if (scheduler_ == Scheduler::sh) fill_source_buckets(servers);
  if (scheduler_ == Scheduler::dh) fill_destination_buckets(servers);
  if (scheduler_ == Scheduler::mh) fill_maglev(servers);
}

IpvsServer* IpvsScheduler::pick(const Servers& servers, const IpvsClient& client, const Draw& draw) {
  switch (scheduler_) {
    case Scheduler::rr:
      return round_robin(servers);
    case Scheduler::wrr:
      return weighted_round_robin(servers);
    case Scheduler::lc:
      return least_connections(servers);
    case Scheduler::wlc:
      return cheapest(servers, overhead);
    case Scheduler::lblc:
      return by_locality(servers, client);
    case Scheduler::lblcr:
      return by_replicated_locality(servers, client);
    case Scheduler::dh:
      return by_destination(client);
    case Scheduler::sh:
      return by_source(servers, client);
    case Scheduler::mh:
      return maglev(servers, client);
    case Scheduler::sed:
      return cheapest(servers, expected_delay);
    case Scheduler::nq:
      return never_queue(servers);
    case Scheduler::fo:
      return heaviest(servers, [](const IpvsServer&) { return true; });
    case Scheduler::ovf:
      return heaviest(servers, [](const IpvsServer& server) {
        return server.active <= static_cast<std::uint32_t>(server.settings.weight);
      });
    case Scheduler::twos:
      return power_of_two(servers, draw);
  }
  return nullptr;
}

// ---------------------------------------------------------------- round robin

IpvsServer* IpvsScheduler::round_robin(const Servers& servers) {
  const auto count = static_cast<std::ptrdiff_t>(servers.size());
  for (std::ptrdiff_t step = 1; step <= count; ++step) {
    const std::ptrdiff_t position = (cursor_ + step) % count;
    IpvsServer* server = servers[static_cast<std::size_t>(position)];
    if (!server->open()) continue;
    cursor_ = position;
    return server;
  }
  return nullptr;
}

// In rounds: first only the heaviest take part, then those that are lighter by the common divisor too, and so on.
IpvsServer* IpvsScheduler::weighted_round_robin(const Servers& servers) {
  if (std::none_of(servers.begin(), servers.end(), [](const IpvsServer* server) { return server->open(); })) {
    return nullptr;
  }
  const auto count = static_cast<std::ptrdiff_t>(servers.size());
  while (true) {
    while (++cursor_ < count) {
      IpvsServer* server = servers[static_cast<std::size_t>(cursor_)];
      if (server->settings.weight >= current_weight_ && server->open()) return server;
    }
    cursor_ = kBeforeAll;
    current_weight_ -= divisor_;
    if (current_weight_ <= 0) current_weight_ = round_weight_;
  }
}

// ---------------------------------------------------------------- hashing

void IpvsScheduler::fill_source_buckets(const Servers& servers) {
  if (servers.empty()) return;
  std::size_t position = 0;
  int filled = 0;
  for (std::uint32_t i = 0; i < kBuckets; ++i) {
    buckets_.push_back(servers[position]);
    if (++filled < servers[position]->settings.weight) continue;
    position = (position + 1) % servers.size();
    filled = 0;
  }
}

void IpvsScheduler::fill_destination_buckets(const Servers& servers) {
  for (std::uint32_t i = 0; i < kBuckets && !servers.empty(); ++i) buckets_.push_back(servers[i % servers.size()]);
}

IpvsServer* IpvsScheduler::by_source(const Servers&, const IpvsClient& client) const {
  if (buckets_.empty()) return nullptr;
  const std::uint32_t port = flags_.flag_2 ? client.source_port : 0;
  const std::uint32_t hash = golden(folded(client.source) + port, 8);
  IpvsServer* first = buckets_[hash % kBuckets];
  if (first->open()) return first;
  if (!flags_.flag_1) return nullptr;
  for (std::uint32_t offset = 0; offset < kBuckets; ++offset) {
    IpvsServer* other = buckets_[(offset + hash) % kBuckets];
    if (other->open()) return other;
  }
  return nullptr;
}

IpvsServer* IpvsScheduler::by_destination(const IpvsClient& client) const {
  if (buckets_.empty()) return nullptr;
  IpvsServer* server = buckets_[golden(folded(client.destination), 8)];
  return server->open() ? server : nullptr;
}

// Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer" (2016), 3.4; a server takes as many
// places in a turn as its weight.
void IpvsScheduler::fill_maglev(const Servers& servers) {
  struct Walk {
    IpvsServer* server;
    std::uint32_t place;
    std::uint32_t skip;
    int turns;
  };
  std::vector<Walk> walks;
  const int divisor = greatest_divisor(servers);
  for (IpvsServer* server : servers) {
    if (server->settings.weight <= 0) continue;
    const auto& [address, port] = server->key;
    walks.push_back({server, maglev_hash(address, port, kMaglevKey, 0) % kMaglevBuckets,
                     maglev_hash(address, port, kMaglevSkipKey, 0) % (kMaglevBuckets - 1) + 1,
                     server->settings.weight / divisor});
  }
  if (walks.empty()) return;
  buckets_.assign(kMaglevBuckets, nullptr);
  std::uint32_t left = kMaglevBuckets;
  while (true) {
    for (Walk& walk : walks) {
      for (int turn = 0; turn < walk.turns; ++turn) {
        while (buckets_[walk.place] != nullptr) walk.place = (walk.place + walk.skip) % kMaglevBuckets;
        buckets_[walk.place] = walk.server;
        if (--left == 0) return;
      }
    }
  }
}

IpvsServer* IpvsScheduler::maglev(const Servers&, const IpvsClient& client) const {
  if (buckets_.empty()) return nullptr;
  const std::uint32_t port = flags_.flag_2 ? client.source_port : 0;
  const std::uint32_t hash = maglev_hash(client.source, port, kMaglevKey, 0) % kMaglevBuckets;
  if (buckets_[hash]->open()) return buckets_[hash];
  if (!flags_.flag_1) return nullptr;
  for (std::uint32_t offset = 0; offset < kMaglevBuckets; ++offset) {
    IpvsServer* other =
        buckets_[maglev_hash(client.source, port, kMaglevKey, offset + hash) % kMaglevBuckets];
    if (other->open()) return other;
  }
  return nullptr;
}

// ---------------------------------------------------------------- locality

namespace {

/// Busier than its weight while another one is at most half as busy as its own.
bool busy_while_others_idle(const IpvsServer& server, const Servers& servers) {
  if (server.active <= static_cast<std::uint32_t>(server.settings.weight)) return false;
  return std::any_of(servers.begin(), servers.end(), [](const IpvsServer* other) {
    return other->active * 2 < static_cast<std::uint32_t>(std::max(other->settings.weight, 0));
  });
}

}  // namespace

IpvsServer* IpvsScheduler::by_locality(const Servers& servers, const IpvsClient& client) {
  std::vector<IpvsServer*>& known = locality_[client.destination];
  if (!known.empty() && known.front()->open() && !busy_while_others_idle(*known.front(), servers)) {
    return known.front();
  }
  IpvsServer* server = cheapest(servers, overhead);
  if (server != nullptr) known.assign(1, server);
  return server;
}

// The kernel also takes the busiest server out of a set that has not changed for a day; that is left out.
IpvsServer* IpvsScheduler::by_replicated_locality(const Servers& servers, const IpvsClient& client) {
  std::vector<IpvsServer*>& known = locality_[client.destination];
  IpvsServer* server = cheapest(known, overhead);
  if (server != nullptr && !busy_while_others_idle(*server, servers)) return server;
  server = cheapest(servers, overhead);
  if (server != nullptr && std::find(known.begin(), known.end(), server) == known.end()) known.push_back(server);
  return server;
}

}  // namespace vipdrift::sim
