// Sockets of VRRP: one an interface and family, with the filter and the groups its instances need.
#include <cstring>
#include <map>
#include <utility>

#include "backends/linux/vrrp_director.h"

namespace vipdrift::linux_backend {

// Sockets stay open across a reload; the filter of an interface that gets new VRIDs is made with its new socket.
void VrrpDirector::open_listeners() {
  std::map<std::pair<std::uint32_t, Family>, std::vector<std::uint8_t>> wanted;
  for (const config::VrrpInstance& instance : configuration_->instances) {
    const InterfaceId interface = interface_named(instance.interface);
    if (interface.value != 0) {
      wanted[{interface.value, instance.family}].push_back(instance.virtual_router_id);
    }
  }
  for (const auto& one : listeners_) one->readable.release();
  listeners_.clear();
  for (const auto& [place, vrids] : wanted) {
    const auto& [index, family] = place;
    const std::string& name = netlink_.interfaces().at(index).name;
    auto socket = std::make_unique<VrrpSocket>(InterfaceId{index}, name, family, vrids);
    if (socket->error() != 0) {
      log("cannot open a VRRP socket on " + name + ": " + std::strerror(socket->error()));
      continue;
    }
    Descriptor readable(context_, socket->descriptor());
    listeners_.push_back(std::make_unique<Listener>(Listener{std::move(socket), std::move(readable), {}}));
    wait_for_datagrams(*listeners_.back());
  }
  for (const config::VrrpInstance& instance : configuration_->instances) {
    if (!instance.unicast_peers.empty()) continue;
    Listener* const found = listener(interface_named(instance.interface), instance.family);
    if (found == nullptr) continue;
    const config::GlobalDefs& global = configuration_->global;
    const IpAddress& group = instance.family == Family::ipv4 ? global.vrrp_mcast_group4 : global.vrrp_mcast_group6;
    if (!found->groups.insert(instance.multicast_group.value_or(group)).second) continue;
    if (const int error = found->socket->join(instance.multicast_group.value_or(group)); error != 0) {
      log("cannot join " + group.to_string() + " on " + instance.interface + ": " + std::strerror(error));
    }
  }
}

VrrpDirector::Listener* VrrpDirector::listener(InterfaceId interface, Family family) {
  for (const auto& one : listeners_) {
    if (one->socket->interface() == interface && one->socket->family() == family) return one.get();
  }
  return nullptr;
}

InterfaceId VrrpDirector::interface_named(const std::string& name) const {
  for (const auto& [index, interface] : netlink_.interfaces()) {
    if (interface.name == name) return interface.id;
  }
  return {};
}

}  // namespace vipdrift::linux_backend
