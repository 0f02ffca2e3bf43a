#include "sim/ipvs_sync.h"

#include <algorithm>

#include "sim/byte_order.h"

namespace vipdrift::sim {
namespace {

constexpr std::size_t kHeader = 8;
constexpr std::size_t kFixed = 24;  ///< of a connection, before its addresses
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kTypeIpv6 = 1;
constexpr std::uint16_t kEstablished = 1;
constexpr std::uint32_t kTimeoutSeconds = 900;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;

/// IP_VS_CONN_F_MASQ, TUNNEL, DROUTE.
std::uint32_t flags_of(ipvs::Method method) {
  return method == ipvs::Method::direct_route ? 3 : method == ipvs::Method::tunnel ? 2 : 0;
}
ipvs::Method method_of(std::uint32_t flags) {
  const std::uint32_t method = flags & 7U;
  return method == 3 ? ipvs::Method::direct_route : method == 2 ? ipvs::Method::tunnel : ipvs::Method::masquerade;
}

}  // namespace

std::vector<std::uint8_t> encode_sync(std::span<const IpvsConnection> connections, std::uint8_t sync_id) {
  std::vector<std::uint8_t> message(kHeader);
  for (const IpvsConnection& each : connections) {
    const std::size_t at = message.size();
    const std::size_t address = address_size(each.flow.client.family());
    message.resize(at + kFixed + 3 * address);
    const std::span<std::uint8_t> out = std::span{message}.subspan(at);
    out[0] = each.flow.client.family() == Family::ipv6 ? kTypeIpv6 : 0;
    out[1] = each.flow.transport == ipvs::Transport::udp ? kUdp : kTcp;
    put16(out, 2, static_cast<std::uint16_t>(out.size()));
    put32(out, 4, flags_of(each.forwarding.method));
    put16(out, 8, kEstablished);
    put16(out, 10, each.flow.client_port);
    put16(out, 12, each.flow.destination_port);
    put16(out, 14, each.server.port);
    put32(out, 16, each.service.fwmark);
    put32(out, 20, kTimeoutSeconds);
    std::size_t place = kFixed;
    for (const IpAddress& one : {each.flow.client, each.flow.destination, each.server.address}) {
      std::copy(one.bytes().begin(), one.bytes().end(), out.begin() + static_cast<std::ptrdiff_t>(place));
      place += address;
    }
  }
  message[1] = sync_id;
  put16(message, 2, static_cast<std::uint16_t>(message.size()));
  message[4] = static_cast<std::uint8_t>(connections.size());
  message[5] = kVersion;
  return message;
}

std::vector<IpvsConnection> decode_sync(std::span<const std::uint8_t> message, std::uint8_t sync_id) {
  std::vector<IpvsConnection> connections;
  if (message.size() < kHeader || message[1] != sync_id || message[5] != kVersion) return connections;
  std::span<const std::uint8_t> left = message.subspan(kHeader);
  for (int i = 0; i < message[4] && left.size() >= kFixed; ++i) {
    const Family family = left[0] == kTypeIpv6 ? Family::ipv6 : Family::ipv4;
    const std::size_t size = get16(left, 2) & 0x0fffU;
    const std::size_t address = address_size(family);
    if (size < kFixed + 3 * address || size > left.size()) break;
    IpvsConnection each;
    each.flow.transport = left[1] == kUdp ? ipvs::Transport::udp : ipvs::Transport::tcp;
    each.flow.client = IpAddress::from_bytes(family, left.subspan(kFixed, address));
    each.flow.client_port = get16(left, 10);
    each.flow.destination = IpAddress::from_bytes(family, left.subspan(kFixed + address, address));
    each.flow.destination_port = get16(left, 12);
    each.server = {IpAddress::from_bytes(family, left.subspan(kFixed + 2 * address, address)), get16(left, 14)};
    each.forwarding.method = method_of(get32(left, 4));
    each.service.family = family;
    each.service.fwmark = get32(left, 16);
    if (each.service.fwmark == 0) {
      each.service.transport = each.flow.transport;
      each.service.address = each.flow.destination;
      each.service.port = each.flow.destination_port;
    }
    connections.push_back(each);
    left = left.subspan(size);
  }
  return connections;
}

}  // namespace vipdrift::sim
