// One simulated machine below its programs: interfaces, addresses, neighbour caches, files, processes, power.
#ifndef VIPDRIFT_SIM_VIRTUAL_KERNEL_H_
#define VIPDRIFT_SIM_VIRTUAL_KERNEL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/base/strong_id.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"
#include "protocol/vrrp/advertisement.h"
#include "protocol/vrrp/host_facts.h"
#include "sim/event_queue.h"
#include "sim/frame.h"
#include "sim/neighbour_cache.h"
#include "sim/network.h"
#include "sim/packets.h"
#include "sim/recorder.h"
#include "sim/transport_packets.h"
#include "sim/virtual_clock.h"
#include "sim/virtual_ipvs.h"
#include "sim/vrrp_flows.h"
#include "sim/way_table.h"

namespace vipdrift::sim {

/// errno values that kernel calls answer with.
inline constexpr int kDone = 0;
inline constexpr int kNoDevice = 19;             ///< ENODEV
inline constexpr int kNetworkDown = 100;         ///< ENETDOWN
inline constexpr int kNoSuchEntry = 2;           ///< ENOENT
inline constexpr int kNoSuchService = 3;         ///< ESRCH
inline constexpr int kAddressExists = 17;        ///< EEXIST
inline constexpr int kAddressNotAvailable = 99;  ///< EADDRNOTAVAIL

/// Whoever runs on a kernel hears of these. The default is not to care.
class KernelUser {
 public:
  virtual ~KernelUser() = default;
  /// A datagram of protocol 112 for a joined group or an own address. Its payload lives for the call.
  virtual void on_vrrp(const vrrp::Datagram&) {}
  virtual void on_link(InterfaceId, bool /*up*/) {}
  virtual void on_address(InterfaceId, const IpAddress&, bool /*present*/) {}
  virtual void on_interface_gone(InterfaceId) {}
  virtual void on_interface_there(const vrrp::InterfaceFacts&) {}
  /// An answer to an own probe: echo reply (sequence) or TCP SYN+ACK / RST (sequence: our source port).
  virtual void on_answer(const IpAddress& /*from*/, std::uint16_t /*port*/, std::uint16_t /*sequence*/,
                         const MacAddress& /*mac*/) {}
  virtual void on_neighbour(InterfaceId, const IpAddress&, const MacAddress&) {}
};

/// TCP and UDP above a kernel. true: it was somebody's business.
class KernelTransport {
 public:
  virtual ~KernelTransport() = default;
  virtual bool on_tcp(const IpHeader& header, const TcpSegment& segment) = 0;
  /// `packet`: from its IP header on, to be quoted in an error.
  virtual bool on_udp(const IpHeader& header, const UdpDatagram& datagram, std::span<const std::uint8_t> packet) = 0;
  virtual bool on_echo_reply(const IpAddress& from, std::uint16_t identifier, std::uint16_t sequence) = 0;
  virtual void on_port_unreachable(const PortUnreachable& about) = 0;
  /// A frame that was to be sent found no neighbour.
  virtual void on_unsent(std::span<const std::uint8_t> frame) = 0;
  virtual void on_power_off() = 0;
};

/// What a kernel needs of the world around it; all outlive it.
struct KernelWorld {
  EventQueue& queue;
  Network& network;
  FramePool& frames;
  Recorder& recorder;
};

/// A model of Linux as far as failover is concerned:
/// - Any own address is answered for on any interface (arp_ignore 0), from that interface's MAC, whether or not the
///   daemon that added the address still lives; ICMP echo and TCP connection attempts to it are answered too.
/// - Answers go where the neighbour cache says, and may have to ask first.
/// - Every destination counts as on-link unless there is a gateway, which then gets what is in no connected network.
///   Nothing is forwarded but by IPVS. A packet for an address that is not (any more) ours is dropped in silence, which
///   is what leaves a client with a stale entry in the dark.
/// - Addresses on lo are taken like others; whether ARP tells of them is a matter of arp_ignore and arp_announce.
/// - A packet that claims to come from one of our own addresses is dropped (martian source).
/// - Interface down: nothing is sent or received, known neighbours are forgotten, addresses stay.
/// - Interface deleted: down, then its addresses go, then itself. One that is created again has another id.
/// - An address with a lifetime goes by itself when nobody renews it; lifetimes are whole seconds, rounded up.
/// - Frozen: frames that arrive are lost, timers fire when the machine is thawed; its clock runs on.
/// - Powered off: everything but files is gone; power_on() starts with the configured addresses.
class VirtualKernel final : public FrameSink {
 public:
  struct Address {
    IpPrefix prefix;
    std::string label;
    SimTime expires = kNoEvent;
    MacAddress virtual_mac;   ///< answers come from it; zero: the interface's own
    bool configured = false;  ///< there since boot
    bool deprecated = false;  ///< no source of what begins here while another address is to be had
  };

  /// `index`: position of the node in its testbed, the target of its events.
  VirtualKernel(const KernelWorld& world, std::uint32_t index, std::string name, VirtualClock clock);
  VirtualKernel(const VirtualKernel&) = delete;
  VirtualKernel& operator=(const VirtualKernel&) = delete;

  /// Ids count from 1. An IPv6 link-local address is added when IPv6 addresses are given without one. Plug it in with
  /// connect().
  InterfaceId add_interface(std::string name, const MacAddress& mac, std::vector<IpPrefix> addresses,
                            NeighbourTiming timing);
  void connect(InterfaceId id, PortId port) { at(id).port = port; }
  void set_user(KernelUser* user) { user_ = user; }

  const std::string& name() const { return name_; }
  std::uint32_t index() const { return index_; }
  VirtualClock& clock() { return clock_; }
  const VirtualClock& clock() const { return clock_; }

  // ---- interfaces and addresses

  std::size_t interface_count() const { return interfaces_.size(); }
  /// 0 when there is none of that name now.
  InterfaceId interface_named(std::string_view name) const;
  const std::string& interface_name(InterfaceId id) const { return at(id).name; }
  const MacAddress& mac(InterfaceId id) const { return at(id).mac; }
  PortId port(InterfaceId id) const { return at(id).port; }
  bool is_up(InterfaceId id) const { return at(id).up; }
  const std::vector<Address>& addresses(InterfaceId id) const { return at(id).addresses; }
  /// Whether `address` is on any interface, lo included.
  bool holds(const IpAddress& address) const { return way_to(address).held; }
  /// The interface that holds it; 0: none.
  InterfaceId interface_of(const IpAddress& address) const;
  /// The interface to reach `target` from: the one whose network contains it, else the first that has its family.
  InterfaceId interface_towards(const IpAddress& target) const;
  /// The first address of the family on an interface; unspecified when there is none.
  IpAddress primary_address(InterfaceId id, Family family) const;

  /// What a daemon finds when it starts.
  vrrp::HostFacts facts() const;

  /// Brings an interface (with carrier) up or down.
  void set_link(InterfaceId id, bool up);
  /// Nothing is left of it but what create_interface() needs.
  void delete_interface(InterfaceId id);
  /// The deleted interface of that name as it was at boot, up, at the same port. 0: none of that name was deleted.
  InterfaceId create_interface(std::string_view name);

  /// `lifetime` zero: for ever. An address that is there gets the new lifetime; without one: kAddressExists.
  int add_address(InterfaceId id, const IpPrefix& prefix, const std::string& label, Duration lifetime,
                  const MacAddress& virtual_mac);
  /// Its preferred lifetime is over.
  void deprecate(InterfaceId id, const IpAddress& address);
  int remove_address(InterfaceId id, const IpAddress& address);
  /// A rule of the firewall: what is sent to `address` is dropped, but ARP and neighbour discovery go on. It does not
  /// depend on the address being there and outlives the daemon.
  void refuse_packets_to(const IpAddress& address);
  void accept_packets_to(const IpAddress& address);

  /// Routes and rules of the policy database, known by their text. They steer nothing here.
  void add_route(std::string route) { routes_.insert(std::move(route)); }
  void remove_route(const std::string& route) { routes_.erase(route); }
  const std::set<std::string>& routes() const { return routes_; }

  // ---- sending

  void join(InterfaceId id, const IpAddress& group);
  /// The daemon's sockets are closed.
  void leave_all();

  /// One datagram of protocol 112. `source_mac` zero: the interface's own.
  int send_vrrp(InterfaceId id, const IpAddress& source, const IpAddress& destination, std::uint8_t ttl,
                std::uint16_t identification, std::span<const std::uint8_t> message, const MacAddress& source_mac);
  /// One gratuitous ARP request or unsolicited NA. `mac` zero: the interface's own.
  int announce(InterfaceId id, const IpAddress& address, const MacAddress& mac);

  /// The neighbour entry of `address`, for send_resolved().
  NeighbourCache::Slot neighbour(InterfaceId id, const IpAddress& address) {
    return at(id).neighbours.slot_of(address);
  }
  const NeighbourCache& neighbours(InterfaceId id) const { return at(id).neighbours; }
  /// Sends `frame`, built with a zero destination MAC, to the neighbour, now or when it is found. `source_ip` is what
  /// a question for the neighbour is asked in the name of.
  void send_resolved(InterfaceId id, NeighbourCache::Slot slot, Frame frame, const IpAddress& source_ip);
  void confirm(InterfaceId id, NeighbourCache::Slot slot) { at(id).neighbours.confirm(slot, now()); }
  void flush_neighbours();

  FramePool& frames() { return world_.frames; }

  // ---- routes

  void set_gateway(const IpAddress& gateway) {
    gateway_ = gateway;
    ways_.forget();
  }
  /// nullopt: no interface that is up and has the family.
  std::optional<Route> route_to(const IpAddress& destination) const { return way_to(destination).route; }
  /// The address that a program gets that does not choose one.
  IpAddress source_for(const Route& route, const IpAddress& destination) const;
  /// Sends `frame`, built with a zero destination MAC, to the route's next hop; what goes to the machine itself arrives
  /// a little later.
  void send_routed(const Route& route, Frame frame, const IpAddress& source_ip);

  // ---- real servers and directors

  /// `address` on lo.
  void add_loopback_address(const IpAddress& address) {
    loopback_.push_back(address);
    ways_.forget();
  }
  void set_arp_behaviour(int ignore, int announce) {
    arp_ignore_ = ignore;
    arp_announce_ = announce;
  }
  /// Takes packets out of tunnels that end here.
  void set_tunnel_end() { tunnel_end_ = true; }
  struct MarkRule {
    scenarios::FirewallMark mark;
    std::vector<MacAddress> not_from;  ///< the interfaces of FirewallMark::not_from
  };
  void set_fwmarks(std::vector<MarkRule> rules) { fwmarks_ = std::move(rules); }
  void set_transport(KernelTransport* transport) { transport_ = transport; }

  /// The kernel has IPVS from now on.
  void enable_ipvs(IpvsScheduler::Draw draw) { ipvs_ = std::make_unique<VirtualIpvs>(std::move(draw)); }
  /// The roles of the IPVS sync daemon (ipvsadm(8), --start-daemon); a kernel may have both.
  struct IpvsSync {
    bool master = false;  ///< tells others of connections
    bool backup = false;  ///< learns connections from others
    InterfaceId interface = {};
    std::uint8_t id = 0;
  };
  void set_ipvs_sync(const IpvsSync& sync) { ipvs_sync_ = sync; }
  /// null: none.
  VirtualIpvs* ipvs() { return ipvs_.get(); }
  const VirtualIpvs* ipvs() const { return ipvs_.get(); }
  /// Changes the table and notes the change; kDone, or the errno of a refusal.
  int edit_ipvs(const ipvs::Edit& edit);
  void clear_ipvs();

  // ---- the rest of the machine

  /// nullptr: no such file.
  const std::string* file(const std::string& path) const;
  void write_file(const std::string& path, std::string contents) { files_[path] = std::move(contents); }
  bool remove_file(const std::string& path) { return files_.erase(path) != 0; }

  int running(const std::string& process) const;
  void start_process(const std::string& process) { ++processes_[process]; }
  /// All of that name.
  void stop_process(const std::string& process) { processes_.erase(process); }
  /// Processes that run again after every boot.
  void set_boot_processes(std::vector<std::string> processes);

  bool powered() const { return powered_; }
  bool frozen() const { return frozen_; }
  bool runs() const { return powered_ && !frozen_; }
  void power_off();
  void power_on();
  void freeze() { frozen_ = true; }
  /// The user gets the chance to handle what is overdue afterwards.
  void thaw();

  // ---- called by the testbed

  void frame_arrived(PortId port, const Frame& frame) override;
  /// NodeEvent::kernel_timer.
  void on_timer();
  /// NodeEvent::kernel_loopback.
  void on_loopback(std::uint64_t frame);

 private:
  struct Waiting {
    NeighbourCache::Slot slot = 0;
    IpAddress source_ip;
    Frame frame;
  };
  /// What every advertisement of one instance has in common; made anew when another one is sent.
  struct VrrpHeaders {
    IpAddress source;
    IpAddress destination;
    MacAddress from;
    std::uint8_t ttl = 0;
    std::size_t length = 0;
    bool to_group = false;
    IpFrameTemplate frame;
  };
  struct Interface {
    InterfaceId id;
    std::string name;
    PortId port;
    MacAddress mac;
    bool present = true;  ///< false: deleted
    bool up = true;
    std::vector<Address> addresses;
    std::vector<IpPrefix> boot_addresses;
    std::vector<IpAddress> groups;
    std::vector<MacAddress> group_macs;
    NeighbourCache neighbours;
    std::vector<Waiting> waiting;  ///< frames for neighbours not yet known
    std::optional<VrrpHeaders> vrrp_headers;
    VrrpFlows vrrp_flows;
  };

  TimePoint now() const { return TimePoint{world_.queue.now()}; }
  Interface& at(InterfaceId id) { return interfaces_[id.value - 1]; }
  const Interface& at(InterfaceId id) const { return interfaces_[id.value - 1]; }
  bool known(InterfaceId id) const { return id.value >= 1 && id.value <= interfaces_.size() && at(id).present; }
  static vrrp::InterfaceFacts facts_of(const Interface& interface);
  const Address* find_address(const IpAddress& address) const;
  bool refuses(const IpAddress& address) const;

  const VrrpHeaders& vrrp_headers(Interface& interface, const MacAddress& from, const IpAddress& source,
                                  const IpAddress& destination, std::uint8_t ttl, std::size_t length);
  bool takes(const Interface& interface, const MacAddress& destination) const;
  void receive_arp(Interface& interface, const EthernetView& frame);
  void receive_ip(Interface& interface, const EthernetView& frame, const Frame& whole);
  void remember_flow(Interface& interface, const IpView& packet, const Frame& whole);
  void receive_neighbour(Interface& interface, const EthernetView& frame, const IpView& packet,
                         const NeighbourMessage& message);
  void receive_icmp(Interface& interface, const EthernetView& frame, const IpView& packet);
  void receive_tcp(Interface& interface, const EthernetView& frame, const IpView& packet);
  void receive_udp(const EthernetView& frame, const IpView& packet);
  void receive_tunnelled(Interface& interface, const EthernetView& frame, const IpView& packet);
  bool on_loopback_device(const IpAddress& address) const;
  bool is_local(const IpAddress& address) const;
  Way& way_to(const IpAddress& address) const {
    return ways_.find(address, [this](Way& way) { work_out(way); });
  }
  void work_out(Way& way) const;
  std::optional<Route> find_route(const Way& way) const;
  IpAddress find_source(const Route& route, const IpAddress& destination) const;
  NeighbourCache::Slot slot_towards(const Route& route);
  std::uint32_t mark_of(const MacAddress& from, ipvs::Transport transport, const IpAddress& address,
                        std::uint16_t port) const;
  bool balance(const EthernetView& frame, const IpView& packet, IpvsPacket asked);
  void forward(const EthernetView& frame, const IpView& packet, const IpvsVerdict& to);
  void forward_direct(const EthernetView& frame, const IpView& packet, const Route& route);
  void forward_translated(const IpView& packet, const Route& route, const ipvs::ServerKey& server);
  bool translate_answer(const IpView& packet);
  void tell_backups();
  void learn_connections(const UdpDatagram& datagram);
  void send_translated(const Route& route, IpHeader header, const IpView& packet, std::uint16_t source_port,
                       std::uint16_t destination_port);
  bool takes_ip(const Interface& interface, const IpHeader& header) const;
  void answer_probe(Interface& interface, const IpView& packet, Frame answer);

  void learn(Interface& interface, const IpAddress& address, const MacAddress& mac, Evidence evidence);
  void solicit(Interface& interface);
  IpAddress asking_address(const Interface& interface, const IpAddress& neighbour) const;
  void settle_waiting(Interface& interface);
  void transmit(Interface& interface, Frame&& frame);
  const MacAddress& answering_mac(const Interface& interface, const IpAddress& address) const;

  void boot_addresses(Interface& interface);
  void drop_address(Interface& interface, std::size_t position);
  void forget_address(Interface& interface, std::size_t position);
  /// What was worked out of addresses, groups and interfaces has to be worked out anew.
  void forget_flows();
  void expire_addresses(Interface& interface);
  void arm_timer(SimTime at);

  KernelWorld world_;
  std::uint32_t index_;
  std::string name_;
  VirtualClock clock_;
  KernelUser* user_ = nullptr;
  std::vector<Interface> interfaces_;
  std::map<std::string, std::string> files_;
  std::map<std::string, int> processes_;
  std::vector<std::string> boot_processes_;
  std::vector<Solicitation> solicitations_;
  std::vector<IpAddress> refused_;  ///< refuse_packets_to()
  std::set<std::string> routes_;    ///< and rules
  std::optional<IpAddress> gateway_;
  std::vector<IpAddress> loopback_;
  mutable WayTable ways_;  ///< follows from interfaces, loopback and gateway
  std::vector<MarkRule> fwmarks_;
  KernelTransport* transport_ = nullptr;
  std::unique_ptr<VirtualIpvs> ipvs_;
  IpvsSync ipvs_sync_;
  int arp_ignore_ = 0;
  int arp_announce_ = 0;
  bool tunnel_end_ = false;
  bool powered_ = true;
  bool frozen_ = false;
  EventId timer_;
  SimTime timer_at_ = kNoEvent;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_VIRTUAL_KERNEL_H_
