// What the stack wants of the kernel and the wire: advertisements, addresses, announcements.
#include <cerrno>

#include "backends/linux/vrrp_director.h"

namespace vipdrift::linux_backend {

void VrrpDirector::carry_out(const vrrp::SendAdvertisement& action) {
  Listener* const through = listener(action.interface, action.source.family());
  const int error = through == nullptr
                        ? ENODEV
                        : through->socket->send(action.source, action.destination, action.ttl, actions_.bytes(action));
  failed(vrrp::ActionFailed::What::send_advertisement, action.instance, {}, error);
}

// An address that is there already is as good as added.
void VrrpDirector::carry_out(const vrrp::AddAddress& action) {
  const int error =
      netlink_.add_address(action.interface, {{action.address, action.prefix_length}, action.label, action.lifetime});
  if (error != EEXIST) failed(vrrp::ActionFailed::What::add_address, action.instance, action.address, error);
}

// An address that is gone already is as good as removed.
void VrrpDirector::carry_out(const vrrp::RemoveAddress& action) {
  const int error = netlink_.remove_address(action.interface, {action.address, action.prefix_length});
  if (error == EADDRNOTAVAIL) return;
  failed(vrrp::ActionFailed::What::remove_address, action.instance, action.address, error);
}

void VrrpDirector::carry_out(const vrrp::AnnounceAddress& action) {
  const auto found = netlink_.interfaces().find(action.interface.value);
  if (found == netlink_.interfaces().end()) return;
  for (int i = 0; i < action.repeats; ++i) {
    const int error = announcements_.announce(action.interface, found->second.mac, action.address);
    failed(vrrp::ActionFailed::What::announce, action.instance, action.address, error);
  }
}

void VrrpDirector::carry_out(const vrrp::AddVirtualMac& action) {
  step(vrrp::ActionFailed{vrrp::ActionFailed::What::add_virtual_mac, action.instance, {}, EOPNOTSUPP, action.name});
}

void VrrpDirector::carry_out(const vrrp::AddRoute& action) {
  step(vrrp::ActionFailed{
      vrrp::ActionFailed::What::add_route, action.instance, {}, EOPNOTSUPP, config::to_string(action.route)});
}

void VrrpDirector::carry_out(const vrrp::AddRule& action) {
  step(vrrp::ActionFailed{
      vrrp::ActionFailed::What::add_rule, action.instance, {}, EOPNOTSUPP, config::to_string(action.rule)});
}

}  // namespace vipdrift::linux_backend
