// What a virtual director does with the actions of its protocol stack, one kind of action after the other.
#include <memory>
#include <utility>

#include "sim/director_node.h"
#include "sim/node_events.h"

namespace vipdrift::sim {
namespace {

/// SIGTERM as wait(2) reports the death it caused.
constexpr int kKilledByTerm = 15;

}  // namespace

void DirectorNode::failed(vrrp::ActionFailed::What what, std::optional<InstanceId> instance, const IpAddress& address,
                          int error) {
  if (error != kDone) take(vrrp::ActionFailed{what, instance, address, error, {}});
}

// An instance that a reload has deleted is known by its former id.
const std::string& DirectorNode::instance_name(InstanceId id, std::uint8_t vrid) const {
  for (const config::Configuration* from :
       {configuration_.get(), static_cast<const config::Configuration*>(former_.get())}) {
    if (from == nullptr || id.value >= from->instances.size()) continue;
    const config::VrrpInstance& instance = from->instances[id.value];
    if (instance.virtual_router_id == vrid) return instance.name;
  }
  return kernel_.name();
}

void DirectorNode::carry_out(const vrrp::SendAdvertisement& action) {
  const std::span<const std::uint8_t> message = actions_.bytes(action);
  const std::uint8_t vrid = message.size() > 1 ? message[1] : std::uint8_t{0};
  std::uint16_t identification = 0;
  if (action.instance.value < identification_.size()) identification = ++identification_[action.instance.value];
  const MacAddress& from = action.virtual_mac;
  const int error =
      kernel_.send_vrrp(action.interface, action.source, action.destination, action.ttl, identification, message, from);
  if (error != kDone) {
    failed(vrrp::ActionFailed::What::send_advertisement, action.instance, {}, error);
  } else if (world_.recorder.wants().advertisements) {
    scenarios::AdvertisementSent sent{instance_name(action.instance, vrid), vrid, action.priority, action.source,
                                      action.destination};
    if (world_.recorder.wants().advertisement_fields) {
      const MacAddress& mac = from.is_zero() ? kernel_.mac(action.interface) : from;
      sent.fields = std::make_shared<const scenarios::AdvertisementFields>(
          scenarios::read_fields(message, {action.source, action.destination, action.ttl, mac}));
    }
    world_.recorder.note(kernel_.name(), std::move(sent));
  }
}

void DirectorNode::carry_out(const vrrp::AddAddress& action) {
  if (action.refuse_packets) kernel_.refuse_packets_to(action.address);
  const int error = kernel_.add_address(action.interface, {action.address, action.prefix_length}, action.details->label,
                                        action.lifetime, action.virtual_mac);
  if (action.details->preferred_lifetime == Duration{0}) kernel_.deprecate(action.interface, action.address);
  // keepalived takes an address that is there already as added.
  if (error != kAddressExists) failed(vrrp::ActionFailed::What::add_address, action.instance, action.address, error);
}

void DirectorNode::carry_out(const vrrp::RemoveAddress& action) {
  kernel_.accept_packets_to(action.address);
  const int error = kernel_.remove_address(action.interface, action.address);
  if (error == kAddressNotAvailable) return;  // gone already
  failed(vrrp::ActionFailed::What::remove_address, action.instance, action.address, error);
}

// Bursts are noted once an address, with the number of frames that the batch has for it.
void DirectorNode::carry_out(const vrrp::AnnounceAddress& action) {
  const int error = kernel_.announce(action.interface, action.address, action.virtual_mac);
  if (error != kDone) return failed(vrrp::ActionFailed::What::announce, action.instance, action.address, error);
  int count = 0;
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    const auto* other = std::get_if<vrrp::AnnounceAddress>(&actions_[i]);
    if (other == nullptr || other->address != action.address) continue;
    if (i < next_action_) return;
    count += other->repeats;
  }
  if (announced_ > 0) return;
  const MacAddress& mac = action.virtual_mac.is_zero() ? kernel_.mac(action.interface) : action.virtual_mac;
  world_.recorder.note(kernel_.name(), scenarios::AnnouncementSent{action.address, mac, count});
}

void DirectorNode::carry_out(const vrrp::RunScript& action) {
  const ScriptPlayer::Outcome outcome = scripts_.play(action.script, now());
  Run& run = runs_[action.script.value];
  world_.queue.cancel(run.event);
  run.number = ++last_run_;
  run.exit_status = outcome.exit_status;
  run.event = world_.queue.schedule(now() + outcome.takes,
                                    {kind_of(NodeEvent::director_script), 0, kernel_.index(), run.number});
}

void DirectorNode::carry_out(const vrrp::KillScript& action) {
  Run& run = runs_[action.script.value];
  if (run.number == 0) return;
  world_.queue.cancel(run.event);
  run.number = 0;
  if (world_.recorder.wants().script_results) {
    const std::string& name = configuration_->scripts[action.script.value].name;
    world_.recorder.note(kernel_.name(), scenarios::ScriptResult{name, kKilledByTerm, true});
  }
  take(vrrp::ScriptFinished{action.script, kKilledByTerm, true});
}

void DirectorNode::carry_out(const vrrp::NotifyScript& action) {
  world_.recorder.note(kernel_.name(), scenarios::NotificationRun{action.group, action.name, action.state,
                                                                  action.priority, action.command->argv});
}

void DirectorNode::carry_out(const vrrp::NotifyFifo& action) {
  world_.recorder.note(kernel_.name(), scenarios::FifoLine{action.line});
}

void DirectorNode::carry_out(const vrrp::NotifyMail& action) {
  if (mail_ != nullptr) mail_->send(configuration_->global, action.subject);
}

void DirectorNode::carry_out(const vrrp::StateNote& action) {
  const bool deleted = former_ != nullptr && action.to == vrrp::State::initialize;
  const config::Configuration& from = deleted ? *former_ : *configuration_;
  const config::VrrpInstance& instance = from.instances[action.instance.value];
  world_.recorder.note(kernel_.name(),
                       scenarios::InstanceChanged{instance.name, instance.virtual_router_id, action.from, action.to});
  tell_sync_daemon(instance.name, action.to);
}

void DirectorNode::carry_out(const vrrp::PriorityNote& action) {
  const std::string& name = configuration_->instances[action.instance.value].name;
  world_.recorder.note(kernel_.name(), scenarios::PriorityChanged{name, action.from, action.to});
}

void DirectorNode::carry_out(const vrrp::DiscardNote& action) {
  if (!world_.recorder.wants().discards) return;
  const std::string name = action.instance ? instance_name(*action.instance, action.vrid) : std::string{};
  world_.recorder.note(kernel_.name(),
                       scenarios::AdvertisementDiscarded{name, action.vrid, action.reason, action.source});
}

void DirectorNode::carry_out(const vrrp::LogLine& action) {
  if (!world_.recorder.wants().logs || (action.detail && !detailed_log_)) return;
  world_.recorder.note(kernel_.name(), scenarios::LogWritten{action.text});
}

void DirectorNode::carry_out(const vrrp::Stopped&) { stopped_ = true; }

// A macvlan is no more than the MAC address that its addresses answer from.
void DirectorNode::carry_out(const vrrp::AddVirtualMac&) {}
void DirectorNode::carry_out(const vrrp::RemoveVirtualMac&) {}

void DirectorNode::carry_out(const vrrp::AddRoute& action) { kernel_.add_route(config::to_string(action.route)); }
void DirectorNode::carry_out(const vrrp::RemoveRoute& action) { kernel_.remove_route(config::to_string(action.route)); }
void DirectorNode::carry_out(const vrrp::AddRule& action) { kernel_.add_route(config::to_string(action.rule)); }
void DirectorNode::carry_out(const vrrp::RemoveRule& action) { kernel_.remove_route(config::to_string(action.rule)); }

}  // namespace vipdrift::sim
