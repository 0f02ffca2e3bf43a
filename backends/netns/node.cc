#include "backends/netns/node.h"

#include <net/if.h>

#include <algorithm>
#include <utility>

#include "backends/netns/link_local.h"

namespace vipdrift::netns {
namespace {

/// A locally administered address that tells node and interface; the simulator makes the same.
MacAddress made_mac(std::uint32_t node, std::size_t interface) {
  const std::uint32_t number = node + 1;
  return {{0x02, 0x76, 0x64, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number),
           static_cast<std::uint8_t>(interface)}};
}

bool is_link_local_v6(const IpPrefix& prefix) {
  return prefix.address.family() == Family::ipv6 && prefix.address.is_link_local();
}

}  // namespace

std::unique_ptr<Node> Node::make(const std::string& name, std::uint32_t number,
                                 const std::vector<scenarios::InterfaceSpec>& interfaces, Error& error) {
  std::string why;
  std::optional<NetworkNamespace> place = NetworkNamespace::create(why);
  if (!place) {
    error = why;
    return nullptr;
  }
  std::unique_ptr<Node> node(new Node(name, std::move(*place)));
  if (!node->links_.good()) {
    error = "rtnetlink cannot be used";
    return nullptr;
  }
  for (const scenarios::InterfaceSpec& spec : interfaces) {
    NodeInterface interface{spec.name, spec.segment, spec.mac.value_or(made_mac(number, node->interfaces_.size())),
                            spec.addresses, 0};
    if (std::none_of(spec.addresses.begin(), spec.addresses.end(), is_link_local_v6)) {
      interface.addresses.push_back({link_local_of(interface.mac), 64});
    }
    for (const IpPrefix& address : interface.addresses) node->silent_.insert(address.address);
    node->interfaces_.push_back(std::move(interface));
  }
  return node;
}

const NodeInterface* Node::interface(const std::string& name) const {
  const auto found = std::find_if(interfaces_.begin(), interfaces_.end(),
                                  [&](const NodeInterface& interface) { return interface.name == name; });
  return found == interfaces_.end() ? nullptr : &*found;
}

const NodeInterface* Node::interface_with(const IpAddress& address) const {
  for (const NodeInterface& interface : interfaces_) {
    for (const IpPrefix& held : interface.addresses) {
      if (held.address == address) return &interface;
    }
  }
  return nullptr;
}

Node::Error Node::boot_network() {
  if (auto error = links_.set_link("lo", true)) return error;
  for (NodeInterface& interface : interfaces_) {
    if (auto error = links_.set_link(interface.name, true)) return error;
    if (auto error = add_addresses(interface)) return error;
    interface.index = if_nametoindex(interface.name.c_str());
  }
  return std::nullopt;
}

Node::Error Node::add_addresses(const NodeInterface& interface) {
  for (const IpPrefix& address : interface.addresses) {
    if (!silent_.contains(address.address)) continue;  // an administrator took it away
    if (auto error = links_.add_address(interface.name, address)) return error;
  }
  return std::nullopt;
}

Node::Error Node::boot_init(const std::string& program, const std::vector<std::string>& directories) {
  std::string why;
  init_ = NodeInit::start(why);
  if (!init_) return why;
  return init_->set_up(name_, program, directories);
}

Node::Error Node::start_processes() {
  for (const std::string& process : processes) {
    if (auto error = init_->order({"process", process})) return error;
  }
  return std::nullopt;
}

Node::Error Node::set_link(const std::string& interface_name, bool up) {
  const NodeInterface* known = interface(interface_name);
  if (known == nullptr || !known->present) return "there is no interface '" + name_ + "/" + interface_name + "'";
  if (auto error = links_.set_link(interface_name, up)) return error;
  // The kernel forgets link-local addresses when an interface goes down.
  return up ? add_addresses(*known) : std::nullopt;
}

NodeInterface* Node::find(const std::string& interface_name) {
  return const_cast<NodeInterface*>(std::as_const(*this).interface(interface_name));
}

Node::Error Node::delete_interface(const std::string& interface_name) {
  NodeInterface* known = find(interface_name);
  if (known == nullptr || !known->present) return "there is no interface '" + name_ + "/" + interface_name + "'";
  if (auto error = links_.remove_link(interface_name)) return error;
  known->present = false;
  return std::nullopt;
}

Node::Error Node::boot_interface(const std::string& interface_name) {
  NodeInterface* known = find(interface_name);
  if (known == nullptr) return "there is no interface '" + name_ + "/" + interface_name + "'";
  known->present = true;
  for (const IpPrefix& address : known->addresses) silent_.insert(address.address);
  if (auto error = set_link(interface_name, true)) return error;
  if (!place_.enter()) return "its network namespace cannot be entered";
  known->index = if_nametoindex(interface_name.c_str());
  return std::nullopt;
}

Node::Error Node::lose_power() {
  monitor->receive();
  for (const auto& [address, place] : monitor->addresses()) {
    if (!silent_.contains(address)) links_.remove_address(place.first, place.second);
  }
  for (const NodeInterface& interface : interfaces_) {
    if (!interface.present) continue;
    if (auto error = links_.set_link(interface.name, false)) return error;
  }
  return links_.flush_neighbours();
}

Node::Error Node::regain_power() {
  for (const NodeInterface& interface : interfaces_) {
    if (auto error = boot_interface(interface.name)) return error;
  }
  return start_processes();
}

bool Node::reports(const std::string& interface_name, const IpAddress& address) const {
  return interface(interface_name) != nullptr && !silent_.contains(address);
}

}  // namespace vipdrift::netns
