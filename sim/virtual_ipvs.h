// IP Virtual Server of a simulated kernel: the table, the connections it remembers, and what becomes of each packet.
#ifndef VIPDRIFT_SIM_VIRTUAL_IPVS_H_
#define VIPDRIFT_SIM_VIRTUAL_IPVS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "protocol/ipvs/edits.h"
#include "protocol/ipvs/table.h"
#include "protocol/net/ip_address.h"
#include "sim/chunked_list.h"
#include "sim/event_queue.h"
#include "sim/flow_index.h"
#include "sim/ipvs_schedulers.h"

namespace vipdrift::sim {

/// A connection as the client sees it.
struct IpvsFlow {
  ipvs::Transport transport = ipvs::Transport::tcp;
  IpAddress client;
  std::uint16_t client_port = 0;
  IpAddress destination;
  std::uint16_t destination_port = 0;
  friend bool operator==(const IpvsFlow&, const IpvsFlow&) = default;
};

/// A packet that has reached the director for an address that it holds.
struct IpvsPacket {
  IpvsFlow flow;
  std::uint32_t fwmark = 0;
  bool syn = false;  ///< TCP: opens a connection
  bool fin = false;
  bool reset = false;
};

struct IpvsVerdict {
  enum class Kind : std::uint8_t {
    accept,   ///< no business of IPVS: the host's own
    forward,  ///< to `server`
    drop,     ///< in silence: its server was removed (net.ipv4.vs.expire_nodest_conn 0)
    refuse    ///< the service has no server that takes it: ICMP port unreachable
  } kind = Kind::accept;
  ipvs::ServerKey server{};
  ipvs::Forwarding forwarding{};
};

/// A remembered connection, as the sync daemon tells it to others.
struct IpvsConnection {
  IpvsFlow flow;
  ipvs::ServiceKey service;
  ipvs::ServerKey server;
  ipvs::Forwarding forwarding;
};

/// The model, with the kernel's defaults: connections are forgotten 60 s after a lonely SYN, 15 min after the last
/// packet, 2 min after FIN, 10 s after RST, 5 min for UDP (only packets from clients are seen, as with direct routing);
/// a SYN of a known connection belongs to it. New servers stand before older ones. A removed server's connections stay,
/// their packets are dropped, and go on when it is added again. A persistence template outlives its last connection.
class VirtualIpvs {
 public:
  explicit VirtualIpvs(IpvsScheduler::Draw draw = {}) : draw_(std::move(draw)) {}
  VirtualIpvs(const VirtualIpvs&) = delete;
  VirtualIpvs& operator=(const VirtualIpvs&) = delete;

  const ipvs::Table& table() const { return table_; }
  /// false: the kernel would refuse it, and nothing changes.
  bool edit(const ipvs::Edit& edit);
  /// ipvsadm -C; connections stay, without servers.
  void clear();
  /// The machine went down.
  void reset();

  /// `now` never runs backwards.
  IpvsVerdict input(const IpvsPacket& packet, SimTime now);
  /// The connection of `client` that was forwarded to `server`: whose answers a NAT director rewrites.
  std::optional<IpvsFlow> flow_of_answer(ipvs::Transport transport, const ipvs::ServerKey& server,
                                         const IpAddress& client, std::uint16_t client_port) const;

  struct Counts {
    std::uint32_t active = 0;
    std::uint32_t inactive = 0;
    friend bool operator==(const Counts&, const Counts&) = default;
  };
  Counts counts(const ipvs::ServiceKey& service, const ipvs::ServerKey& server) const;
  std::size_t connections() const { return by_flow_.size(); }

  /// Established connections that it is time to tell of (the sync daemon of a master).
  std::vector<IpvsConnection> take_unsynced();
  bool has_unsynced() const { return !unsynced_.empty(); }
  /// A connection that another director told of (the sync daemon of a backup); a known one lives on.
  void learn(const IpvsConnection& connection, SimTime now);

 private:
  enum class State : std::uint8_t { syn_received, established, fin_wait, closed, datagrams };
  static constexpr std::size_t kStates = 5;
  static constexpr std::uint32_t kNone = FlowIndex::kNone;

  struct Service;
  struct Connection {
    IpvsFlow flow;
    std::uint32_t hash = 0;     ///< of its flow
    std::uint16_t packets = 0;  ///< as the sync daemon counts them, up to a period
    State state = State::syn_received;
    SimTime deadline{};            ///< zero: in no list
    std::uint32_t before = kNone;  ///< in the list of its state
    std::uint32_t after = kNone;
    IpvsServer* server = nullptr;
    Service* service = nullptr;
    ipvs::Forwarding forwarding;
  };
  struct Template {
    IpvsServer* server = nullptr;
    SimTime expires{};
    SimTime last_connection_ends{};
  };
  struct Service {
    ipvs::ServiceKey key;
    ipvs::ServiceSettings settings;
    IpvsScheduler::Servers servers;                     ///< in the table, the newest first
    std::vector<std::unique_ptr<IpvsServer>> all;       ///< and those that were removed
    std::map<IpAddress, Template> templates;            ///< by the client's network
    IpvsScheduler scheduler;
    bool present = true;
  };
  /// Connections of one state, which all last equally long: whoever ends first stands first.
  struct List {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
  };

  struct Editor;

  Service* service_for(const IpvsPacket& packet);
  Service* find(const ipvs::ServiceKey& key);
  const Service* find(const ipvs::ServiceKey& key) const;
  std::uint32_t find_connection(const IpvsFlow& flow) const;
  IpvsServer* schedule(Service& service, const IpvsPacket& packet, SimTime now);
  IpvsVerdict open(Service& service, const IpvsPacket& packet, SimTime now);
  IpvsVerdict pass(std::uint32_t number, const IpvsPacket& packet, SimTime now);
  std::uint32_t add(const IpvsFlow& flow, Service& service, IpvsServer& server, SimTime now);
  void enter(Connection& connection, std::uint32_t number, State state, SimTime now);
  void link(Connection& connection, std::uint32_t number);
  void unlink(Connection& connection);
  void expire(SimTime now);
  void forget(std::uint32_t number);
  static bool counts_as_active(State state) { return state == State::syn_received || state == State::established; }
  static void update_overload(IpvsServer& server);

  IpvsScheduler::Draw draw_;
  ipvs::Table table_;
  std::list<Service> services_;  ///< also removed ones that connections refer to
  std::map<ipvs::ServiceKey, Service*> by_key_;
  ChunkedList<Connection> connections_;
  std::vector<std::uint32_t> free_;
  FlowIndex by_flow_;  ///< to the position in connections_
  std::array<List, kStates> by_state_;
  std::vector<std::uint32_t> unsynced_;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_VIRTUAL_IPVS_H_
