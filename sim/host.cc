#include "sim/host.h"

#include <algorithm>
#include <utility>

#include "sim/node_events.h"
#include "sim/packets.h"

namespace vipdrift::sim {
namespace {

/// Source ports of TCP probes: the dynamic range of Linux, each used once in a round.
constexpr std::uint32_t kFirstPort = 32768;
constexpr std::uint32_t kPorts = 28232;

/// 00:00:5e:00:01:xx and 00:00:5e:00:02:xx are used by whoever is master.
bool is_virtual(const MacAddress& mac) {
  return mac.bytes[0] == 0 && mac.bytes[1] == 0 && mac.bytes[2] == 0x5e && mac.bytes[3] == 0;
}

}  // namespace

Host::Host(const KernelWorld& world, VirtualKernel& kernel, const MacDirectory& directory)
    : world_(world), kernel_(kernel), directory_(directory) {
  kernel_.set_user(this);
}

void Host::start_probe(const scenarios::StartProbe& probe) {
  for (const Target& known : targets_) {
    if (known.address == probe.target && known.port == probe.port) return;
  }
  Target target;
  target.address = probe.target;
  target.port = probe.port;
  target.every = std::max(probe.every, Duration{1});
  target.timeout = std::max(probe.timeout, Duration{1});
  target.interface = kernel_.interface_towards(probe.target);
  target.slot = kernel_.neighbour(target.interface, probe.target);
  target.source = kernel_.primary_address(target.interface, probe.target.family());
  target.identifier = static_cast<std::uint16_t>(targets_.size() + 1);
  target.open.resize(static_cast<std::size_t>(target.timeout / target.every) + 2);
  targets_.push_back(std::move(target));
  on_probe(targets_.size() - 1);
}

void Host::on_probe(std::size_t position) {
  Target& target = targets_[position];
  world_.queue.schedule(now() + target.every,
                        {kind_of(NodeEvent::host_probe), static_cast<std::uint16_t>(position), kernel_.index(), 0});
  settle(target);
  if (kernel_.runs()) send(target);
}

void Host::send(Target& target) {
  const std::uint32_t number = target.sent_total++;
  const auto sequence = static_cast<std::uint16_t>(target.port == 0 ? number : kFirstPort + number % kPorts);
  Sent& probe = target.open[(target.first + target.count) % target.open.size()];
  probe = {now(), sequence, false, {}};
  ++target.count;
  kernel_.send_resolved(target.interface, target.slot, make_probe(target, sequence), target.source);
}

Frame Host::make_probe(const Target& target, std::uint16_t sequence) {
  IpHeader header;
  header.source = target.source;
  header.destination = target.address;
  header.dont_fragment = true;
  const MacAddress& mac = kernel_.mac(target.interface);
  if (target.port == 0) {
    EchoMessage echo;
    echo.identifier = target.identifier;
    echo.sequence = sequence;
    return make_echo(kernel_.frames(), mac, {}, header, echo);
  }
  TcpSegment segment;
  segment.source_port = sequence;
  segment.destination_port = target.port;
  segment.sequence = 1;
  segment.flags = kTcpSyn;
  return make_tcp(kernel_.frames(), mac, {}, header, segment);
}

void Host::on_answer(const IpAddress& from, std::uint16_t port, std::uint16_t sequence, const MacAddress& mac) {
  for (Target& target : targets_) {
    if (target.port != port || target.address != from) continue;
    for (std::size_t i = 0; i < target.count; ++i) {
      Sent& probe = target.open[(target.first + i) % target.open.size()];
      if (probe.sequence != sequence || probe.answered || now() >= probe.at + target.timeout) continue;
      probe.answered = true;
      probe.mac = mac;
      kernel_.confirm(target.interface, target.slot);
      if (i == 0) settle(target);
      return;
    }
  }
}

void Host::settle() {
  for (Target& target : targets_) settle(target);
}

void Host::settle(Target& target) {
  while (target.count > 0) {
    const Sent& oldest = target.open[target.first];
    if (!oldest.answered && now() < oldest.at + target.timeout) return;
    settle_one(target, oldest);
    target.first = (target.first + 1) % target.open.size();
    --target.count;
  }
}

void Host::settle_one(Target& target, const Sent& probe) {
  const bool same_mac = target.run_begun && probe.mac == target.run_mac;
  if (same_mac && !is_virtual(probe.mac)) return;
  const std::string& node = directory_.owner_of(probe.mac, kernel_.port(target.interface));
  if (same_mac && node == target.run_node) return;
  target.run_begun = true;
  target.run_mac = probe.mac;
  target.run_node = node;
  world_.recorder.note_at(probe.at, kernel_.name(),
                          scenarios::ProbeAnswers{target.address, target.port, node, probe.mac});
}

void Host::on_neighbour(InterfaceId interface, const IpAddress& address, const MacAddress& mac) {
  const std::string& node = directory_.owner_of(mac, kernel_.port(interface));
  world_.recorder.note(kernel_.name(), scenarios::NeighbourLearned{address, mac, node});
}

}  // namespace vipdrift::sim
