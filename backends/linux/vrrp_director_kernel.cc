// What the stack wants of the wire, and what it hears from the kernel.
#include <cerrno>
#include <variant>

#include "backends/linux/advertisement_frame.h"
#include "backends/linux/vrrp_director.h"

namespace vipdrift::linux_backend {
namespace {

/// Advertisements that leave with one system call. More would save little, and have to be kept somewhere.
constexpr std::size_t kMostTogether = 64;

}  // namespace

// Those of one step that share a socket leave together. A unicast peer is reached through the neighbour
// table, which only knows the interface's own MAC address.
void VrrpDirector::send_advertisements() {
  bool any = false;
  for (const vrrp::Action& action : actions_) {
    const auto* one = std::get_if<vrrp::SendAdvertisement>(&action);
    if (one == nullptr) continue;
    if (!one->virtual_mac.is_zero() && one->destination.is_multicast()) {
      failed(vrrp::ActionFailed::What::send_advertisement, one->instance, one->destination,
             send_from_virtual_mac(*one));
    } else if (Listener* const through = listener(one->interface, one->source.family()); through != nullptr) {
      any = true;
      through->senders.push_back(one->instance);
      through->socket->queue(one->source, one->destination, one->ttl, actions_.bytes(*one));
      if (through->socket->queued() >= kMostTogether) flush(*through);
    } else {
      failed(vrrp::ActionFailed::What::send_advertisement, one->instance, one->destination, ENODEV);
    }
  }
  if (!any) return;
  for (const auto& one : listeners_) {
    if (!one->senders.empty()) flush(*one);
  }
}

void VrrpDirector::flush(Listener& listener) {
  listener.socket->flush([&](std::size_t position, const IpAddress& destination, int error) {
    failed(vrrp::ActionFailed::What::send_advertisement, listener.senders[position], destination, error);
  });
  listener.senders.clear();
}

int VrrpDirector::send_from_virtual_mac(const vrrp::SendAdvertisement& action) {
  write_frame({action.virtual_mac, action.source, action.destination, action.ttl, next_identification_++},
              actions_.bytes(action), frame_);
  return announcements_.send(action.interface, frame_);
}

// An address that is to stay behind must not run out: it is added once more, for ever.
void VrrpDirector::carry_out(const vrrp::RemoveAddress& action) {
  if (at_stop_ == AtStop::remove_addresses) {
    kernel_.carry_out(action);
    return;
  }
  vrrp::AddAddress kept;
  kept.instance = action.instance;
  kept.interface = action.interface;
  kept.address = action.address;
  kept.prefix_length = action.prefix_length;
  kept.virtual_mac = action.virtual_mac;
  kernel_.carry_out(kept);
}

void VrrpDirector::carry_out(const vrrp::AnnounceAddress& action) {
  const auto found = netlink_.interfaces().find(action.interface.value);
  if (found == netlink_.interfaces().end()) return;
  const MacAddress& mac = action.virtual_mac.is_zero() ? found->second.mac : action.virtual_mac;
  announcements_.queue(action.instance, action.interface, mac, action.address, action.repeats);
}

// Requests to the kernel wait for one another, but nobody is told of an address before it is there.
void VrrpDirector::catch_up() {
  kernel_.flush();
  if (announcements_.empty()) return;
  announcements_.flush([this](InstanceId instance, const IpAddress& address, int error) {
    failed(vrrp::ActionFailed::What::announce, instance, address, error);
  });
}

// Sockets are bound to an interface's number: a new one needs its own, and that of a vanished one hears nothing more.
void VrrpDirector::react(const vrrp::Event& change) {
  const bool moves_listeners = std::holds_alternative<vrrp::InterfaceAppeared>(change) ||
                               std::holds_alternative<vrrp::InterfaceVanished>(change);
  if (moves_listeners) {
    end_rhythm();
    open_listeners();
  }
  step(change);
}

}  // namespace vipdrift::linux_backend
