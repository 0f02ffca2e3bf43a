// Interfaces and addresses of a simulated machine.
#include <algorithm>
#include <utility>

#include "sim/packets.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::sim {
namespace {

SimTime rounded_up_to_seconds(Duration lifetime) { return std::chrono::ceil<std::chrono::seconds>(lifetime); }

}  // namespace

InterfaceId VirtualKernel::add_interface(std::string name, const MacAddress& mac, std::vector<IpPrefix> addresses,
                                         NeighbourTiming timing) {
  const auto is_v6 = [](const IpPrefix& prefix) { return prefix.address.family() == Family::ipv6; };
  const auto is_link_local = [&](const IpPrefix& prefix) { return is_v6(prefix) && prefix.address.is_link_local(); };
  if (std::any_of(addresses.begin(), addresses.end(), is_v6) &&
      std::none_of(addresses.begin(), addresses.end(), is_link_local)) {
    addresses.push_back({link_local_address(mac), 64});
  }
  Interface interface;
  interface.id = InterfaceId{static_cast<std::uint32_t>(interfaces_.size() + 1)};
  interface.name = std::move(name);
  interface.mac = mac;
  interface.boot_addresses = std::move(addresses);
  interface.neighbours = NeighbourCache{timing};
  boot_addresses(interface);
  interfaces_.push_back(std::move(interface));
  forget_flows();
  return interfaces_.back().id;
}

void VirtualKernel::boot_addresses(Interface& interface) {
  interface.addresses.clear();
  forget_flows();
  for (const IpPrefix& prefix : interface.boot_addresses) {
    Address address;
    address.prefix = prefix;
    address.configured = true;
    interface.addresses.push_back(address);
  }
}

// ---------------------------------------------------------------- looking them up

InterfaceId VirtualKernel::interface_named(std::string_view name) const {
  for (const Interface& interface : interfaces_) {
    if (interface.present && interface.name == name) return interface.id;
  }
  return {};
}

const VirtualKernel::Address* VirtualKernel::find_address(const IpAddress& address) const {
  for (const Interface& interface : interfaces_) {
    for (const Address& held : interface.addresses) {
      if (held.prefix.address == address) return &held;
    }
  }
  return nullptr;
}

InterfaceId VirtualKernel::interface_of(const IpAddress& address) const {
  for (const Interface& interface : interfaces_) {
    for (const Address& held : interface.addresses) {
      if (held.prefix.address == address) return interface.id;
    }
  }
  return {};
}

InterfaceId VirtualKernel::interface_towards(const IpAddress& target) const {
  InterfaceId same_family;
  for (const Interface& interface : interfaces_) {
    for (const Address& held : interface.addresses) {
      if (held.prefix.contains(target)) return interface.id;
      if (same_family.value == 0 && held.prefix.address.family() == target.family()) same_family = interface.id;
    }
  }
  return same_family;
}

IpAddress VirtualKernel::primary_address(InterfaceId id, Family family) const {
  for (const Address& held : at(id).addresses) {
    if (held.prefix.address.family() == family) return held.prefix.address;
  }
  return {};
}

vrrp::HostFacts VirtualKernel::facts() const {
  vrrp::HostFacts facts;
  for (const Interface& interface : interfaces_) {
    if (interface.present) facts.interfaces.push_back(facts_of(interface));
  }
  return facts;
}

vrrp::InterfaceFacts VirtualKernel::facts_of(const Interface& interface) {
  vrrp::InterfaceFacts facts{interface.id, interface.name, interface.mac, interface.up, {}, {}};
  for (const Address& held : interface.addresses) {
    facts.addresses.push_back(held.prefix.address);
    if (held.expires != kNoEvent) facts.leased.push_back(held.prefix.address);
  }
  return facts;
}

// ---------------------------------------------------------------- interfaces that come and go

void VirtualKernel::set_link(InterfaceId id, bool up) {
  Interface& interface = at(id);
  if (interface.up == up) return;
  interface.up = up;
  ways_.forget();
  world_.network.set_link(interface.port, up && powered_);
  if (!up) {
    interface.neighbours.flush();
    interface.waiting.clear();
  }
  world_.recorder.note(name_, scenarios::LinkState{interface.name, up});
  if (user_ != nullptr) user_->on_link(id, up);
}

void VirtualKernel::delete_interface(InterfaceId id) {
  set_link(id, false);
  Interface& interface = at(id);
  for (std::size_t i = interface.addresses.size(); i-- > 0;) {
    // Those since boot come and go with their interface: they are no news.
    interface.addresses[i].configured ? forget_address(interface, i) : drop_address(interface, i);
  }
  interface.present = false;
  ways_.forget();
  interface.groups.clear();
  interface.group_macs.clear();
  interface.vrrp_headers.reset();
  if (user_ != nullptr) user_->on_interface_gone(id);
}

InterfaceId VirtualKernel::create_interface(std::string_view name) {
  const auto last = std::find_if(interfaces_.rbegin(), interfaces_.rend(),
                                 [&](const Interface& interface) { return interface.name == name; });
  if (last == interfaces_.rend() || last->present) return {};
  Interface interface;
  interface.id = InterfaceId{static_cast<std::uint32_t>(interfaces_.size() + 1)};
  interface.name = last->name;
  interface.mac = last->mac;
  interface.port = last->port;
  interface.boot_addresses = last->boot_addresses;
  interface.neighbours = std::move(last->neighbours);  // flushed; it knows its timing
  boot_addresses(interface);
  interfaces_.push_back(std::move(interface));
  forget_flows();
  const Interface& made = interfaces_.back();
  world_.network.set_link(made.port, powered_);
  world_.recorder.note(name_, scenarios::LinkState{made.name, true});
  if (user_ != nullptr && powered_) user_->on_interface_there(facts_of(made));
  return made.id;
}

// ---------------------------------------------------------------- addresses

int VirtualKernel::add_address(InterfaceId id, const IpPrefix& prefix, const std::string& label, Duration lifetime,
                               const MacAddress& virtual_mac) {
  if (!known(id)) return kNoDevice;
  Interface& interface = at(id);
  const SimTime expires =
      lifetime == Duration::zero() ? kNoEvent : world_.queue.now() + rounded_up_to_seconds(lifetime);
  for (Address& held : interface.addresses) {
    if (held.prefix.address != prefix.address) continue;
    if (lifetime == Duration::zero()) return kAddressExists;
    held.expires = expires;
    arm_timer(expires);
    return kDone;
  }
  Address address;
  address.prefix = prefix;
  address.label = label;
  address.expires = expires;
  address.virtual_mac = virtual_mac;
  interface.addresses.push_back(std::move(address));
  forget_flows();
  if (expires != kNoEvent) arm_timer(expires);
  world_.recorder.note(name_, scenarios::AddressAdded{interface.name, prefix.address});
  if (user_ != nullptr) user_->on_address(id, prefix.address, true);
  return kDone;
}

void VirtualKernel::deprecate(InterfaceId id, const IpAddress& address) {
  for (Address& held : at(id).addresses) {
    if (held.prefix.address == address) held.deprecated = true;
  }
  ways_.forget();
}

int VirtualKernel::remove_address(InterfaceId id, const IpAddress& address) {
  if (!known(id)) return kNoDevice;
  Interface& interface = at(id);
  for (std::size_t i = 0; i < interface.addresses.size(); ++i) {
    if (interface.addresses[i].prefix.address != address) continue;
    drop_address(interface, i);
    return kDone;
  }
  return kAddressNotAvailable;
}

void VirtualKernel::drop_address(Interface& interface, std::size_t position) {
  world_.recorder.note(name_, scenarios::AddressRemoved{interface.name, interface.addresses[position].prefix.address});
  forget_address(interface, position);
}

void VirtualKernel::forget_address(Interface& interface, std::size_t position) {
  const IpAddress address = interface.addresses[position].prefix.address;
  interface.addresses.erase(interface.addresses.begin() + static_cast<std::ptrdiff_t>(position));
  forget_flows();
  if (user_ != nullptr && powered_) user_->on_address(interface.id, address, false);
}

// What an interface takes depends on the addresses of all.
void VirtualKernel::forget_flows() {
  for (Interface& interface : interfaces_) interface.vrrp_flows.forget();
  ways_.forget();
}

void VirtualKernel::refuse_packets_to(const IpAddress& address) {
  if (!refuses(address)) refused_.push_back(address);
}

void VirtualKernel::accept_packets_to(const IpAddress& address) {
  refused_.erase(std::remove(refused_.begin(), refused_.end(), address), refused_.end());
}

bool VirtualKernel::refuses(const IpAddress& address) const {
  return std::find(refused_.begin(), refused_.end(), address) != refused_.end();
}

void VirtualKernel::expire_addresses(Interface& interface) {
  for (std::size_t i = interface.addresses.size(); i-- > 0;) {
    if (interface.addresses[i].expires <= world_.queue.now()) drop_address(interface, i);
  }
}

}  // namespace vipdrift::sim
