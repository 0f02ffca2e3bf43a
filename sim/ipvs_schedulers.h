// The kernel's IPVS schedulers: which server a new connection goes to (ipvsadm(8), -s).
#ifndef VIPDRIFT_SIM_IPVS_SCHEDULERS_H_
#define VIPDRIFT_SIM_IPVS_SCHEDULERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "protocol/ipvs/table.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::sim {

/// A server as a scheduler sees it.
struct IpvsServer {
  ipvs::ServerKey key;
  ipvs::ServerSettings settings;
  std::uint32_t active = 0;    ///< connections that are established or about to be
  std::uint32_t inactive = 0;  ///< connections that are over but not forgotten
  bool overloaded = false;     ///< its upper threshold was reached and the lower one not yet
  bool available = true;       ///< false: removed, with connections left

  /// Takes new connections.
  bool open() const { return settings.weight > 0 && !overloaded; }
};

/// What a scheduler may look at.
struct IpvsClient {
  IpAddress source;
  std::uint16_t source_port = 0;
  IpAddress destination;
  std::uint16_t destination_port = 0;
};

/// The state of one service's scheduler. Servers stand in the kernel's order: the newest first.
class IpvsScheduler {
 public:
  using Servers = std::vector<IpvsServer*>;
  /// Uniform in [0, n); for twos.
  using Draw = std::function<std::uint64_t(std::uint64_t n)>;

  /// Another scheduler, or other flags: what was remembered is forgotten.
  void choose(ipvs::Scheduler scheduler, const ipvs::SchedulerFlags& flags, const Servers& servers);
  /// A server was put before all others; the one at `position` is about to be taken out; weights changed.
  void added(const Servers& servers);
  void removing(const Servers& servers, std::size_t position);
  void changed(const Servers& servers);

  /// nullptr: nobody takes it.
  IpvsServer* pick(const Servers& servers, const IpvsClient& client, const Draw& draw);

 private:
  static constexpr std::ptrdiff_t kBeforeAll = -1;

  IpvsServer* round_robin(const Servers& servers);
  IpvsServer* weighted_round_robin(const Servers& servers);
  IpvsServer* by_source(const Servers& servers, const IpvsClient& client) const;
  IpvsServer* by_destination(const IpvsClient& client) const;
  IpvsServer* maglev(const Servers& servers, const IpvsClient& client) const;
  IpvsServer* by_locality(const Servers& servers, const IpvsClient& client);
  IpvsServer* by_replicated_locality(const Servers& servers, const IpvsClient& client);
  void begin_rounds_again(const Servers& servers);
  void rebuild(const Servers& servers);
  void fill_source_buckets(const Servers& servers);
  void fill_destination_buckets(const Servers& servers);
  void fill_maglev(const Servers& servers);

  ipvs::Scheduler scheduler_ = ipvs::Scheduler::wlc;
  ipvs::SchedulerFlags flags_;
  std::ptrdiff_t cursor_ = kBeforeAll;  ///< rr, wrr: the server used last
  int current_weight_ = 0;              ///< wrr: who takes part in this round
  int round_weight_ = 0;                ///< wrr: of the first round
  int divisor_ = 1;                     ///< wrr: by so much the next round is lighter
  std::vector<IpvsServer*> buckets_;    ///< sh, dh, mh
  std::map<IpAddress, std::vector<IpvsServer*>> locality_;  ///< lblc, lblcr: by destination
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_IPVS_SCHEDULERS_H_
