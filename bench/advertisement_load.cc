#include "bench/advertisement_load.h"

#include <memory>
#include <string>

namespace vipdrift::bench {
namespace {

constexpr std::string_view kPassword = "frSAmesX";
constexpr IpAddress kPeer = IpAddress::v4(10, 1, 10, 1);
constexpr int kPerInterface = 255;

InterfaceId interface_of(int instance) { return {static_cast<std::uint32_t>(2 + instance / kPerInterface)}; }

IpAddress own_address(std::uint32_t interface) { return IpAddress::v4(10, 1, static_cast<std::uint8_t>(interface), 2); }

config::Configuration configuration_of(const AdvertisementCase& load) {
  config::Configuration configuration;
  for (int i = 0; i < load.instances; ++i) {
    config::VrrpInstance instance;
    instance.name = "VI_" + std::to_string(i);
    instance.interface = "eth" + std::to_string(interface_of(i).value);
    instance.virtual_router_id = static_cast<std::uint8_t>(1 + i % kPerInterface);
    instance.version = load.version;
    if (load.version == vrrp::Version::v2) {
      instance.auth_type = vrrp::AuthType::pass;
      instance.auth_pass = kPassword;
    }
    for (int a = 0; a < load.addresses; ++a) {
      config::VirtualAddress address;
      address.address = IpAddress::v4(172, static_cast<std::uint8_t>(16 + a), static_cast<std::uint8_t>(i / 250),
                                      static_cast<std::uint8_t>(1 + i % 250));
      instance.virtual_addresses.push_back(address);
    }
    configuration.instances.push_back(std::move(instance));
  }
  return configuration;
}

vrrp::HostFacts host_of(const AdvertisementCase& load) {
  vrrp::HostFacts host;
  for (std::uint32_t id = 2; id <= interface_of(load.instances - 1).value; ++id) {
    host.interfaces.push_back({{id}, "eth" + std::to_string(id), {}, true, {own_address(id)}});
  }
  return host;
}

vrrp::AdvertisementContent content_of(const config::VrrpInstance& instance, const std::vector<IpAddress>& addresses) {
  vrrp::AdvertisementContent content;
  content.version = instance.version;
  content.vrid = instance.virtual_router_id;
  content.priority = 100;
  content.interval = instance.advert_int;
  content.auth_type = instance.auth_type;
  content.password = vrrp::make_password(instance.auth_pass);
  content.source = kPeer;
  content.destination = kVrrpGroupIpv4;
  content.addresses = addresses;
  return content;
}

}  // namespace

AdvertisementLoad::AdvertisementLoad(const AdvertisementCase& load, vrrp::State state)
    : stack(std::make_shared<const config::Configuration>(configuration_of(load)), host_of(load),
            vrrp::keepalived_profile()) {
  for (int i = 0; i < load.instances; ++i) {
    const config::VrrpInstance& instance = stack.configuration().instances[static_cast<std::size_t>(i)];
    std::vector<IpAddress> addresses;
    for (const config::VirtualAddress& address : instance.virtual_addresses) addresses.push_back(address.address);
    const vrrp::AdvertisementContent content = content_of(instance, addresses);
    std::vector<std::uint8_t> message(vrrp::encoded_size(content));
    vrrp::encode(content, message);
    messages_.push_back(std::move(message));
    vrrp::Datagram datagram;
    datagram.interface = interface_of(i);
    datagram.source = kPeer;
    datagram.destination = kVrrpGroupIpv4;
    datagram.ip_payload_length = static_cast<std::uint16_t>(messages_.back().size());
    datagram.payload = messages_.back();  // stays where it is when messages_ grows
    datagrams_.push_back(datagram);
  }
  stack.step(now, vrrp::Started{}, actions);
  if (state == vrrp::State::master) {
    // Past the second block of announcements, so that only advertisements remain.
    while (stack.next_deadline() < TimePoint{std::chrono::seconds{20}}) {
      actions.clear();
      now = stack.next_deadline();
      stack.step(now, vrrp::DeadlineReached{}, actions);
    }
  }
  actions.clear();
}

const vrrp::Datagram& AdvertisementLoad::next() {
  const vrrp::Datagram& datagram = datagrams_[position_];
  position_ = position_ + 1 == datagrams_.size() ? 0 : position_ + 1;
  return datagram;
}

void AdvertisementLoad::receive() {
  now += std::chrono::microseconds{100};
  stack.step(now, next(), actions);
}

std::size_t AdvertisementLoad::advertise_all() {
  actions.clear();
  now += std::chrono::seconds{1};
  stack.step(now, vrrp::DeadlineReached{}, actions);
  return actions.size();
}

Floor::Floor(const AdvertisementCase& load)
    : version_(load.version),
      size_(vrrp::kHeaderSize + static_cast<std::size_t>(load.addresses) * 4 +
            (load.version == vrrp::Version::v2 ? vrrp::kAuthenticationSize : 0)),
      addresses_(static_cast<std::uint8_t>(load.addresses)),
      password_(vrrp::make_password(kPassword)),
      master_down_(std::chrono::nanoseconds{3'609'375'000}) {}

bool Floor::receive(TimePoint now, const vrrp::Datagram& datagram) {
  const std::uint8_t* bytes = datagram.payload.data();
  const bool v2 = version_ == vrrp::Version::v2;
  if (datagram.payload.size() != size_ || datagram.ip_payload_length != size_) return false;
  if (datagram.ttl != vrrp::kVrrpTtl) return false;
  if (bytes[0] != (v2 ? 0x21 : 0x31) || bytes[1] != vrid_ || bytes[3] != addresses_) return false;
  if (v2 && (bytes[4] != 1 || bytes[5] != 1)) return false;
  if (!v2 && bytes[4] * 256 + bytes[5] == 0) return false;
  std::uint32_t sum = 0;
  if (!v2) {
    const auto from = datagram.source.bytes();
    const auto to = datagram.destination.bytes();
    for (std::size_t i = 0; i < 4; i += 2) {
      sum +=
          static_cast<std::uint32_t>(from[i] << 8 | from[i + 1]) + static_cast<std::uint32_t>(to[i] << 8 | to[i + 1]);
    }
    sum += vrrp::kVrrpProtocol + static_cast<std::uint32_t>(size_);
  }
  for (std::size_t i = 0; i < size_; i += 2) sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  if (sum != 0xffff) return false;
  if (v2) {
    std::uint8_t difference = 0;
    for (std::size_t i = 0; i < password_.size(); ++i) {
      difference = static_cast<std::uint8_t>(difference | (password_[i] ^ bytes[size_ - password_.size() + i]));
    }
    if (difference != 0) return false;
  }
  if (bytes[2] >= priority_) deadline_ = now + master_down_;
  return true;
}

}  // namespace vipdrift::bench
