#include "backends/netns/prober.h"

#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "backends/netns/endpoint.h"
#include "protocol/net/internet_checksum.h"

namespace vipdrift::netns {
namespace {

/// Source ports of attempts to connect, each used once in a round: below the range that the kernel gives away.
constexpr std::uint32_t kFirstPort = 10000;
constexpr std::uint32_t kPorts = 20000;
/// How long after its time-out a probe may still be found answered: the stamp of the answer decides, not its reading.
constexpr Duration kReadingTakes = std::chrono::milliseconds{30};

/// Sends only: the answers are read from the wire.
Descriptor echo_socket(const IpAddress& target) {
  const bool v4 = target.family() == Family::ipv4;
  Descriptor made(socket(domain(target), SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6));
  if (!made) return made;
  if (v4) {
    icmp_filter nothing{~0U};
    setsockopt(made.get(), SOL_RAW, ICMP_FILTER, &nothing, sizeof nothing);
  } else {
    icmp6_filter nothing;
    ICMP6_FILTER_SETBLOCKALL(&nothing);
    setsockopt(made.get(), IPPROTO_ICMPV6, ICMP6_FILTER, &nothing, sizeof nothing);
  }
  return made;
}

/// 00:00:5e:00:01:xx and 00:00:5e:00:02:xx are used by whoever is master.
bool is_virtual(const MacAddress& mac) {
  return mac.bytes[0] == 0 && mac.bytes[1] == 0 && mac.bytes[2] == 0x5e && mac.bytes[3] == 0;
}

}  // namespace

std::optional<std::string> Prober::start(const scenarios::StartProbe& probe, unsigned interface) {
  for (const Target& known : targets_) {
    if (known.probe.target == probe.target && known.probe.port == probe.port) return std::nullopt;
  }
  Target target;
  target.probe = probe;
  target.interface = interface;
  target.identifier = static_cast<std::uint16_t>(targets_.size() + 1);
  if (probe.port == 0) {
    if (!place_.enter()) return "cannot enter the client's namespace";
    target.socket = echo_socket(probe.target);
    if (!target.socket) return std::string("no socket for echo requests: ") + std::strerror(errno);
  }
  targets_.push_back(std::move(target));
  tick(targets_.back(), recorder_.clock.now());
  return std::nullopt;
}

void Prober::tick(Target& target, Duration due) {
  if (powered_) send(target);
  const Duration every = std::max(target.probe.every, Duration{1});
  // After a hiccup of the machine the rhythm goes on; what was missed is not made up for.
  const Duration next = std::max(due + every, recorder_.clock.now());
  loop_.at(recorder_.clock.moment(next), [this, &target, next] { tick(target, next); });
}

void Prober::send(Target& target) {
  const std::uint32_t count = target.sent_total++;
  Sent probe;
  probe.number = static_cast<std::uint16_t>(target.probe.port == 0 ? count : kFirstPort + count % kPorts);
  probe.at = recorder_.clock.now();
  if (target.probe.port == 0) {
    send_echo(target, probe.number);
  } else {
    probe.connection = connect(target, probe.number);
  }
  target.open.push_back(std::move(probe));
}

void Prober::send_echo(Target& target, std::uint16_t number) const {
  const bool v4 = target.probe.target.family() == Family::ipv4;
  std::array<std::uint8_t, 8> message{};
  message[0] = v4 ? std::uint8_t{ICMP_ECHO} : std::uint8_t{ICMP6_ECHO_REQUEST};
  const auto put = [&](std::size_t at, std::uint16_t value) {
    message[at] = static_cast<std::uint8_t>(value >> 8);
    message[at + 1] = static_cast<std::uint8_t>(value);
  };
  put(4, target.identifier);
  put(6, number);
  if (v4) put(2, finish_checksum(internet_sum(message)));  // for IPv6 the kernel does it
  const Endpoint to = endpoint(target.probe.target, 0, target.interface);
  // A refusal (no route, no neighbour) is a probe that nobody answers.
  // As ping(8): an answer tells the kernel that its neighbour is still there.
  const int flags = std::exchange(target.confirmed, false) ? MSG_CONFIRM : 0;
  sendto(target.socket.get(), message.data(), message.size(), flags, to.get(), to.size);
}

Descriptor Prober::connect(const Target& target, std::uint16_t port) const {
  if (!place_.enter()) return {};
  Descriptor made(socket(domain(target.probe.target), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made) return made;
  const bool v4 = target.probe.target.family() == Family::ipv4;
  const Endpoint from = endpoint(v4 ? IpAddress::v4(0, 0, 0, 0) : IpAddress::v6({}), port, 0);
  bind(made.get(), from.get(), from.size);
  const linger at_once{1, 0};
  setsockopt(made.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  const Endpoint to = endpoint(target.probe.target, target.probe.port, target.interface);
  ::connect(made.get(), to.get(), to.size);
  return made;
}

void Prober::on_answer(Duration at, const AnswerFrame& answer) {
  for (Target& target : targets_) {
    if (target.probe.port != answer.port || target.probe.target != answer.from) continue;
    if (answer.port == 0 && answer.identifier != target.identifier) continue;
    for (Sent& probe : target.open) {
      if (probe.number != answer.number || probe.answered || at >= probe.at + target.probe.timeout) continue;
      probe.answered = true;
      probe.mac = answer.mac;
      target.confirmed = true;
      break;
    }
  }
}

void Prober::settle() {
  for (Target& target : targets_) settle(target);
}

void Prober::settle(Target& target) {
  const Duration now = recorder_.clock.now();
  while (!target.open.empty()) {
    const Sent& oldest = target.open.front();
    if (!oldest.answered && now < oldest.at + target.probe.timeout + kReadingTakes) return;
    settle_one(target, oldest);
    target.open.pop_front();
  }
}

void Prober::settle_one(Target& target, const Sent& probe) {
  const bool same_mac = target.run_begun && probe.mac == target.run_mac;
  if (same_mac && !is_virtual(probe.mac)) return;
  const std::string node = probe.mac.is_zero() ? std::string{} : owner_of_(probe.mac);
  if (same_mac && node == target.run_node) return;
  target.run_begun = true;
  target.run_mac = probe.mac;
  target.run_node = node;
  recorder_.note_at(probe.at, client_,
                    scenarios::ProbeAnswers{target.probe.target, target.probe.port, node, probe.mac});
}

}  // namespace vipdrift::netns
