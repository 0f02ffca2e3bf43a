// One machine of a world: its network namespace, its init, its interfaces.
#ifndef VIPDRIFT_BACKENDS_NETNS_NODE_H_
#define VIPDRIFT_BACKENDS_NETNS_NODE_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backends/netns/daemon.h"
#include "backends/netns/ipvs_watch.h"
#include "backends/netns/kernel_monitor.h"
#include "backends/netns/links.h"
#include "backends/netns/network_namespace.h"
#include "backends/netns/node_init.h"
#include "backends/netns/prober.h"
#include "backends/netns/requests.h"
#include "backends/netns/services.h"
#include "scenarios/scenario.h"

namespace vipdrift::netns {

struct NodeInterface {
  std::string name;
  std::string segment;
  MacAddress mac;
  std::vector<IpPrefix> addresses;  ///< since boot, link-local ones included
  unsigned index = 0;
  bool present = true;  ///< false: deleted
};

class Node {
 public:
  using Error = std::optional<std::string>;

  /// Makes the namespace of the node number `number` and brings this thread there.
  static std::unique_ptr<Node> make(const std::string& name, std::uint32_t number,
                                    const std::vector<scenarios::InterfaceSpec>& interfaces, Error& error);

  const std::string& name() const { return name_; }
  const NetworkNamespace& place() const { return place_; }
  const std::vector<NodeInterface>& interfaces() const { return interfaces_; }
  const NodeInterface* interface(const std::string& name) const;
  /// The holder of an address since boot; nullptr.
  const NodeInterface* interface_with(const IpAddress& address) const;

  /// After its interfaces are plugged in: brings them up, with their addresses. The thread is in the namespace.
  Error boot_network();
  /// Starts the node's init; `program` and `directories` as in NodeInit::set_up(). The thread is in the namespace.
  Error boot_init(const std::string& program, const std::vector<std::string>& directories);
  Error start_processes();

  Error set_link(const std::string& interface, bool up);
  Error delete_interface(const std::string& interface);
  /// After its cable is plugged in again: as since boot, and up.
  Error boot_interface(const std::string& interface);
  /// Everything of before the boot is forgotten, interfaces are down.
  Error lose_power();
  Error regain_power();

  /// Whether an observer would report this address: not one of those since boot.
  bool reports(const std::string& interface, const IpAddress& address) const;
  /// From now on this address is reported even though it is there since boot.
  void report(const IpAddress& address) { silent_.erase(address); }

  NodeInit& init() { return *init_; }
  const NodeInit* init_if_there() const { return init_.get(); }
  Links& links() { return links_; }

  bool powered = true;
  bool frozen = false;
  std::vector<std::string> processes;         ///< since boot
  std::map<std::string, std::string> files;   ///< since boot
  std::unique_ptr<KernelMonitor> monitor;
  std::unique_ptr<Daemon> daemon;  ///< of a director
  std::unique_ptr<Prober> prober;  ///< of a client
  std::unique_ptr<Requests> requests;  ///< of a client that uses services
  std::unique_ptr<Services> services;  ///< of a machine that serves
  std::unique_ptr<IpvsWatch> ipvs;     ///< of a director, when the kernel has IPVS

 private:
  Node(std::string name, NetworkNamespace place) : name_(std::move(name)), place_(std::move(place)) {}

  NodeInterface* find(const std::string& interface);
  Error add_addresses(const NodeInterface& interface);

  std::string name_;
  NetworkNamespace place_;
  Links links_;  ///< made when the thread is in place_
  std::vector<NodeInterface> interfaces_;
  std::set<IpAddress> silent_;
  std::unique_ptr<NodeInit> init_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_NODE_H_
