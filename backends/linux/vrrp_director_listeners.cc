// Sockets of VRRP: one an interface and family, with the filter and the groups its instances need.
#include <cstring>
#include <map>
#include <utility>

#include "backends/linux/vrrp_director.h"

namespace vipdrift::linux_backend {

// A socket stays open while it is wanted with the same groups: what waits in it is not lost.
void VrrpDirector::open_listeners() {
  struct Wanted {
    std::vector<std::uint8_t> vrids;
    std::set<IpAddress> groups;
  };
  std::map<std::pair<std::uint32_t, Family>, Wanted> wanted;
  const config::GlobalDefs& global = configuration_->global;
  for (const config::VrrpInstance& instance : configuration_->instances) {
    const InterfaceId interface = interface_named(instance.interface);
    if (interface.value == 0) continue;
    Wanted& one = wanted[{interface.value, instance.family}];
    one.vrids.push_back(instance.virtual_router_id);
    const IpAddress& group = instance.family == Family::ipv4 ? global.vrrp_mcast_group4 : global.vrrp_mcast_group6;
    if (instance.unicast_peers.empty()) one.groups.insert(instance.multicast_group.value_or(group));
  }
  std::erase_if(listeners_, [&](const std::shared_ptr<Listener>& one) {
    const auto found = wanted.find({one->socket->interface().value, one->socket->family()});
    const bool keeps = found != wanted.end() && one->joined_all && found->second.groups == one->groups &&
                       one->socket->listen_for(found->second.vrids) == 0;
    if (keeps) wanted.erase(found);
    if (!keeps) close_listener(*one);
    return !keeps;
  });
  for (const auto& [place, one] : wanted) {
    const auto& [index, family] = place;
    const std::string& name = netlink_.interfaces().at(index).name;
    auto socket = std::make_unique<VrrpSocket>(InterfaceId{index}, name, family, one.vrids);
    if (socket->error() != 0) {
      log("cannot open a VRRP socket on " + name + ": " + std::strerror(socket->error()));
      continue;
    }
    bool joined_all = true;
    for (const IpAddress& group : one.groups) {
      const int error = socket->join(group);
      if (error != 0) log("cannot join " + group.to_string() + " on " + name + ": " + std::strerror(error));
      joined_all = joined_all && error == 0;
    }
    Descriptor readable(context_, socket->descriptor());
    listeners_.push_back(
        std::make_shared<Listener>(Listener{std::move(socket), std::move(readable), one.groups, joined_all, {}}));
    wait_for_datagrams(listeners_.back());
  }
}

// Asio must not close what the socket owns.
void VrrpDirector::close_listener(Listener& listener) {
  if (listener.readable.is_open()) listener.readable.release();
}

VrrpDirector::Listener* VrrpDirector::listener(InterfaceId interface, Family family) {
  for (const auto& one : listeners_) {
    if (one->socket->interface() == interface && one->socket->family() == family) return one.get();
  }
  return nullptr;
}

InterfaceId VrrpDirector::interface_named(const std::string& name) const {
  return InterfaceId{netlink_.index_of(name)};
}

}  // namespace vipdrift::linux_backend
