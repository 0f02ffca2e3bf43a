#include "bench/bare_cluster.h"

#include <string>

namespace vipdrift::bench {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr InterfaceId kInterface{2};

IpAddress director_address(int director) { return IpAddress::v4(10, 1, 10, static_cast<std::uint8_t>(1 + director)); }

vrrp::HostFacts host_of(int director) {
  vrrp::HostFacts host;
  host.interfaces.push_back({kInterface, "eth0", {}, true, {director_address(director)}});
  return host;
}

vrrp::Datagram datagram_of(const vrrp::SendAdvertisement& send, std::span<const std::uint8_t> message) {
  vrrp::Datagram datagram;
  datagram.interface = send.interface;
  datagram.source = send.source;
  datagram.destination = send.destination;
  datagram.ttl = send.ttl;
  datagram.ip_payload_length = static_cast<std::uint16_t>(message.size());
  datagram.payload = message;
  return datagram;
}

}  // namespace

config::Configuration configuration_of(const ClusterSize& size, int director) {
  config::Configuration configuration;
  for (int router = 0; router < size.routers; ++router) {
    config::VrrpInstance instance;
    instance.name = "VI_" + std::to_string(router + 1);
    instance.interface = "eth0";
    instance.virtual_router_id = static_cast<std::uint8_t>(router + 1);
    instance.priority =
        static_cast<std::uint8_t>(200 - (director - router % size.directors + size.directors) % size.directors);
    instance.auth_type = vrrp::AuthType::pass;
    instance.auth_pass = "frSAmesX";
    config::VirtualAddress address;
    address.address = IpAddress::v4(10, 1, 20, static_cast<std::uint8_t>(router + 1));
    instance.virtual_addresses.push_back(address);
    configuration.instances.push_back(std::move(instance));
  }
  return configuration;
}

BareCluster::BareCluster(const ClusterSize& size) : size_(size), deadlines_(static_cast<std::size_t>(size.directors)) {
  for (int director = 0; director < size.directors; ++director) {
    stacks_.emplace_back(std::make_shared<const config::Configuration>(configuration_of(size, director)),
                         host_of(director), vrrp::keepalived_profile());
    stacks_.back().step(TimePoint{}, vrrp::Started{}, actions_);
  }
  for (std::size_t i = 0; i < stacks_.size(); ++i) deadlines_.set(i, stacks_[i].next_deadline(), TimePoint{});
}

std::uint64_t BareCluster::run_until(Duration end) {
  std::uint64_t sent = 0;
  for (deadlines_.settle(); deadlines_.earliest() <= TimePoint{end}; deadlines_.settle()) {
    const TimePoint now = deadlines_.earliest();
    const std::size_t sender = deadlines_.earliest_item();
    actions_.clear();
    stacks_[sender].step(now, vrrp::DeadlineReached{}, actions_);
    for (const vrrp::Action& action : actions_) {
      const auto* send = std::get_if<vrrp::SendAdvertisement>(&action);
      if (send == nullptr) continue;
      ++sent;
      const vrrp::Datagram datagram = datagram_of(*send, actions_.bytes(*send));
      for (std::size_t receiver = 0; receiver < stacks_.size(); ++receiver) {
        if (receiver == sender) continue;
        replies_.clear();  // a settled cluster has no answers; settled() is asked before anything is measured
        stacks_[receiver].step(now, datagram, replies_);
        deadlines_.set(receiver, stacks_[receiver].next_deadline(), now);
      }
    }
    deadlines_.set(sender, stacks_[sender].next_deadline(), now);
  }
  return sent;
}

bool BareCluster::settled() const {
  for (int director = 0; director < size_.directors; ++director) {
    for (int router = 0; router < size_.routers; ++router) {
      const vrrp::State state =
          stacks_[static_cast<std::size_t>(director)].routers()[static_cast<std::size_t>(router)].state();
      const bool at_home = router % size_.directors == director;
      if (state != (at_home ? vrrp::State::master : vrrp::State::backup)) return false;
    }
  }
  return true;
}

FloorCluster::FloorCluster(const ClusterSize& size)
    : size_(size), deadlines_(static_cast<std::size_t>(size.directors * size.routers)) {
  for (int router = 0; router < size.routers; ++router) {
    const IpAddress address = IpAddress::v4(10, 1, 20, static_cast<std::uint8_t>(router + 1));
    vrrp::AdvertisementContent content;
    content.vrid = static_cast<std::uint8_t>(router + 1);
    content.priority = 200;
    content.interval = std::chrono::seconds{1};
    content.auth_type = vrrp::AuthType::pass;
    content.password = vrrp::make_password("frSAmesX");
    content.addresses = {&address, 1};
    std::vector<std::uint8_t> message(vrrp::encoded_size(content));
    vrrp::encode(content, message);
    messages_.push_back(std::move(message));
    queue_.push({kSecond, router});
  }
}

std::uint64_t FloorCluster::run_until(Duration end) {
  std::uint64_t sent = 0;
  while (queue_.top().first <= end.count()) {
    const auto [now, router] = queue_.top();
    queue_.pop();
    ++sent;
    const int sender = router % size_.directors;
    for (int receiver = 0; receiver < size_.directors; ++receiver) {
      if (receiver == sender || !accept(messages_[static_cast<std::size_t>(router)])) continue;
      deadlines_[static_cast<std::size_t>(receiver * size_.routers + router)] = now + 3 * kSecond + 609'375'000;
    }
    queue_.push({now + kSecond, router});
  }
  return sent;
}

bool FloorCluster::accept(const std::vector<std::uint8_t>& message) const {
  if (message.size() != 20 || message[0] != 0x21 || message[4] != 1 || message[5] != 1) return false;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < message.size(); i += 2) {
    sum += static_cast<std::uint32_t>(message[i] << 8 | message[i + 1]);
  }
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff || sum == 0;
}

}  // namespace vipdrift::bench
