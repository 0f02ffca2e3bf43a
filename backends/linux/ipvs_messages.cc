#include "backends/linux/ipvs_messages.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <utility>
#include <variant>

namespace vipdrift::linux_backend {
namespace {

/// An address of either family has this many bytes in IPVS's attributes.
constexpr std::size_t kAddressRoom = 16;
constexpr std::uint32_t kAllFlags = 0xffffffff;
constexpr std::uint8_t kIpv4Bits = 32;
constexpr std::uint8_t kIpv6Bits = 128;

constexpr std::array<std::pair<ipvs::Transport, std::uint16_t>, 3> kTransports{
    {{ipvs::Transport::tcp, IPPROTO_TCP}, {ipvs::Transport::udp, IPPROTO_UDP}, {ipvs::Transport::sctp, IPPROTO_SCTP}}};

std::uint16_t number_of(Family family) { return family == Family::ipv4 ? AF_INET : AF_INET6; }
std::uint16_t number_of(ipvs::Transport transport) {
  return std::find_if(kTransports.begin(), kTransports.end(), [transport](const auto& row) {
           return row.first == transport;
         })->second;
}

// ---------------------------------------------------------------- towards the kernel

void put_address(nlmsghdr* message, std::uint16_t type, const IpAddress& address) {
  std::array<std::uint8_t, kAddressRoom> room{};
  std::copy(address.bytes().begin(), address.bytes().end(), room.begin());
  mnl_attr_put(message, type, room.size(), room.data());
}

void put_key(nlmsghdr* message, const ipvs::ServiceKey& key) {
  mnl_attr_put_u16(message, IPVS_SVC_ATTR_AF, number_of(key.family));
  if (key.fwmark != 0) {
    mnl_attr_put_u32(message, IPVS_SVC_ATTR_FWMARK, key.fwmark);
    return;
  }
  mnl_attr_put_u16(message, IPVS_SVC_ATTR_PROTOCOL, number_of(key.transport));
  put_address(message, IPVS_SVC_ATTR_ADDR, key.address);
  mnl_attr_put_u16(message, IPVS_SVC_ATTR_PORT, htons(key.port));
}

/// The kernel wants a mask in network order for IPv4 and a length for IPv6.
std::uint32_t netmask_of(Family family, std::uint8_t prefix) {
  if (family == Family::ipv6) return prefix == 0 ? kIpv6Bits : prefix;
  if (prefix == 0 || prefix >= kIpv4Bits) return 0xffffffff;
  return htonl(~(0xffffffffU >> prefix));
}

void put_settings(nlmsghdr* message, Family family, const ipvs::ServiceSettings& settings) {
  const std::string scheduler(to_string(settings.scheduler));
  mnl_attr_put_strz(message, IPVS_SVC_ATTR_SCHED_NAME, scheduler.c_str());
  ip_vs_flags flags{0, kAllFlags};
  if (settings.persistence.count() > 0) flags.flags |= IP_VS_SVC_F_PERSISTENT;
  if (settings.one_packet) flags.flags |= IP_VS_SVC_F_ONEPACKET;
  if (settings.flags.flag_1) flags.flags |= IP_VS_SVC_F_SCHED1;
  if (settings.flags.flag_2) flags.flags |= IP_VS_SVC_F_SCHED2;
  if (settings.flags.flag_3) flags.flags |= IP_VS_SVC_F_SCHED3;
  mnl_attr_put(message, IPVS_SVC_ATTR_FLAGS, sizeof flags, &flags);
  mnl_attr_put_u32(message, IPVS_SVC_ATTR_TIMEOUT, static_cast<std::uint32_t>(settings.persistence.count()));
  mnl_attr_put_u32(message, IPVS_SVC_ATTR_NETMASK, netmask_of(family, settings.persistence_prefix));
  if (!settings.persistence_engine.empty()) {
    mnl_attr_put_strz(message, IPVS_SVC_ATTR_PE_NAME, settings.persistence_engine.c_str());
  }
}

void put_server_key(nlmsghdr* message, const ipvs::ServerKey& key, Family service) {
  put_address(message, IPVS_DEST_ATTR_ADDR, key.address);
  mnl_attr_put_u16(message, IPVS_DEST_ATTR_PORT, htons(key.port));
  // A server of the other family needs a tunnel and a kernel of 3.18 or later.
  if (key.address.family() != service) {
    mnl_attr_put_u16(message, IPVS_DEST_ATTR_ADDR_FAMILY, number_of(key.address.family()));
  }
}

void put_tunnel(nlmsghdr* message, const ipvs::Tunnel& tunnel) {
  if (tunnel == ipvs::Tunnel{}) return;
  mnl_attr_put_u8(message, IPVS_DEST_ATTR_TUN_TYPE, static_cast<std::uint8_t>(tunnel.type));
  mnl_attr_put_u16(message, IPVS_DEST_ATTR_TUN_PORT, htons(tunnel.port));
  std::uint16_t flags = IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM;
  if (tunnel.checksum == ipvs::Tunnel::Checksum::full) flags = IP_VS_TUNNEL_ENCAP_FLAG_CSUM;
  if (tunnel.checksum == ipvs::Tunnel::Checksum::remote) flags = IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM;
  mnl_attr_put_u16(message, IPVS_DEST_ATTR_TUN_FLAGS, flags);
}

std::uint32_t number_of(ipvs::Method method) {
  if (method == ipvs::Method::masquerade) return IP_VS_CONN_F_MASQ;
  return method == ipvs::Method::tunnel ? IP_VS_CONN_F_TUNNEL : IP_VS_CONN_F_DROUTE;
}

void put_server(nlmsghdr* message, const ipvs::Server& server, Family service) {
  put_server_key(message, server.key, service);
  const ipvs::ServerSettings& settings = server.settings;
  mnl_attr_put_u32(message, IPVS_DEST_ATTR_FWD_METHOD, number_of(settings.forwarding.method));
  mnl_attr_put_u32(message, IPVS_DEST_ATTR_WEIGHT, static_cast<std::uint32_t>(settings.weight));
  mnl_attr_put_u32(message, IPVS_DEST_ATTR_U_THRESH, settings.upper_threshold);
  mnl_attr_put_u32(message, IPVS_DEST_ATTR_L_THRESH, settings.lower_threshold);
  if (settings.forwarding.method == ipvs::Method::tunnel) put_tunnel(message, settings.forwarding.tunnel);
}

nlmsghdr* begin(NetlinkSocket& requests, std::uint16_t family, std::uint8_t command, std::uint16_t flags) {
  return requests.begin(family, flags, genlmsghdr{command, IPVS_GENL_VERSION, 0});
}

template <class Fill>
void nest(nlmsghdr* message, std::uint16_t type, Fill fill) {
  nlattr* const start = mnl_attr_nest_start(message, type);
  fill();
  mnl_attr_nest_end(message, start);
}

class EditWriter {
 public:
  EditWriter(NetlinkSocket& requests, std::uint16_t family) : requests_(requests), family_(family) {}

  void operator()(const ipvs::AddService& edit) { service(IPVS_CMD_NEW_SERVICE, edit.service, &edit.settings); }
  void operator()(const ipvs::SetService& edit) { service(IPVS_CMD_SET_SERVICE, edit.service, &edit.settings); }
  void operator()(const ipvs::RemoveService& edit) { service(IPVS_CMD_DEL_SERVICE, edit.service, nullptr); }
  void operator()(const ipvs::AddServer& edit) { server(IPVS_CMD_NEW_DEST, edit.service, edit.server); }
  void operator()(const ipvs::SetServer& edit) { server(IPVS_CMD_SET_DEST, edit.service, edit.server); }
  void operator()(const ipvs::RemoveServer& edit) {
    nlmsghdr* const message = begin(requests_, family_, IPVS_CMD_DEL_DEST, 0);
    nest(message, IPVS_CMD_ATTR_SERVICE, [&] { put_key(message, edit.service); });
    nest(message, IPVS_CMD_ATTR_DEST, [&] { put_server_key(message, edit.server, edit.service.family); });
  }

 private:
  void service(std::uint8_t command, const ipvs::ServiceKey& key, const ipvs::ServiceSettings* settings) {
    nlmsghdr* const message = begin(requests_, family_, command, 0);
    nest(message, IPVS_CMD_ATTR_SERVICE, [&] {
      put_key(message, key);
      if (settings != nullptr) put_settings(message, key.family, *settings);
    });
  }
  void server(std::uint8_t command, const ipvs::ServiceKey& key, const ipvs::Server& server) {
    nlmsghdr* const message = begin(requests_, family_, command, 0);
    nest(message, IPVS_CMD_ATTR_SERVICE, [&] { put_key(message, key); });
    nest(message, IPVS_CMD_ATTR_DEST, [&] { put_server(message, server, key.family); });
  }

  NetlinkSocket& requests_;
  std::uint16_t family_;
};

// ---------------------------------------------------------------- from the kernel

std::uint16_t u16(const nlattr* attribute) { return attribute == nullptr ? 0 : mnl_attr_get_u16(attribute); }
std::uint32_t u32(const nlattr* attribute) { return attribute == nullptr ? 0 : mnl_attr_get_u32(attribute); }

std::optional<Family> family_numbered(std::uint16_t number) {
  if (number == AF_INET) return Family::ipv4;
  if (number == AF_INET6) return Family::ipv6;
  return std::nullopt;
}

IpAddress address_in(const nlattr* attribute, Family family) {
  if (attribute == nullptr || mnl_attr_get_payload_len(attribute) < address_size(family)) return {};
  return IpAddress::from_bytes(
      family, {static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute)), address_size(family)});
}

/// Zero for a whole address.
std::uint8_t prefix_in(const nlattr* attribute, Family family) {
  const std::uint32_t mask = u32(attribute);
  if (family == Family::ipv6) return mask >= kIpv6Bits ? std::uint8_t{0} : static_cast<std::uint8_t>(mask);
  const auto length = static_cast<std::uint8_t>(std::popcount(mask));
  return length == kIpv4Bits ? std::uint8_t{0} : length;
}

IpvsTraffic traffic_in(const nlattr* wide, const nlattr* narrow) {
  IpvsTraffic traffic;
  if (wide == nullptr && narrow == nullptr) return traffic;
  const NetlinkAttributes numbers(wide != nullptr ? *wide : *narrow);
  // The 64-bit attributes came with Linux 4.1; before, connections and packets had 32 bits and bytes 64.
  const auto number = [&numbers](std::uint16_t type) -> std::uint64_t {
    const nlattr* const attribute = numbers[type];
    if (attribute == nullptr) return 0;
    return mnl_attr_get_payload_len(attribute) == sizeof(std::uint64_t) ? mnl_attr_get_u64(attribute)
                                                                        : mnl_attr_get_u32(attribute);
  };
  traffic.connections = number(IPVS_STATS_ATTR_CONNS);
  traffic.packets_in = number(IPVS_STATS_ATTR_INPKTS);
  traffic.packets_out = number(IPVS_STATS_ATTR_OUTPKTS);
  traffic.bytes_in = number(IPVS_STATS_ATTR_INBYTES);
  traffic.bytes_out = number(IPVS_STATS_ATTR_OUTBYTES);
  return traffic;
}

ipvs::Tunnel tunnel_in(const NetlinkAttributes& said) {
  ipvs::Tunnel tunnel;
  if (const nlattr* type = said[IPVS_DEST_ATTR_TUN_TYPE]; type != nullptr) {
    tunnel.type = static_cast<ipvs::Tunnel::Type>(mnl_attr_get_u8(type));
  }
  tunnel.port = ntohs(u16(said[IPVS_DEST_ATTR_TUN_PORT]));
  const std::uint16_t flags = u16(said[IPVS_DEST_ATTR_TUN_FLAGS]);
  if ((flags & IP_VS_TUNNEL_ENCAP_FLAG_CSUM) != 0) tunnel.checksum = ipvs::Tunnel::Checksum::full;
  if ((flags & IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM) != 0) tunnel.checksum = ipvs::Tunnel::Checksum::remote;
  return tunnel;
}

ipvs::Forwarding forwarding_in(const NetlinkAttributes& said) {
  switch (u32(said[IPVS_DEST_ATTR_FWD_METHOD]) & IP_VS_CONN_F_FWD_MASK) {
    case IP_VS_CONN_F_MASQ:
      return {ipvs::Method::masquerade, {}};
    case IP_VS_CONN_F_TUNNEL:
      return {ipvs::Method::tunnel, tunnel_in(said)};
    default:  // local servers are told as such by kernels before 2.6.37
      return {ipvs::Method::direct_route, {}};
  }
}

std::optional<ipvs::ServiceKey> key_in(const NetlinkAttributes& said) {
  ipvs::ServiceKey key;
  const std::optional<Family> family = family_numbered(u16(said[IPVS_SVC_ATTR_AF]));
  if (!family) return std::nullopt;
  key.family = *family;
  key.fwmark = u32(said[IPVS_SVC_ATTR_FWMARK]);
  if (key.fwmark != 0) return key;
  const std::uint16_t number = u16(said[IPVS_SVC_ATTR_PROTOCOL]);
  const auto transport =
      std::find_if(kTransports.begin(), kTransports.end(), [number](const auto& row) { return row.second == number; });
  if (transport == kTransports.end()) return std::nullopt;
  key.transport = transport->first;
  key.address = address_in(said[IPVS_SVC_ATTR_ADDR], *family);
  key.port = ntohs(u16(said[IPVS_SVC_ATTR_PORT]));
  return key;
}

}  // namespace

void append_edit(NetlinkSocket& requests, std::uint16_t family, const ipvs::Edit& edit) {
  std::visit(EditWriter(requests, family), edit);
}

void append_command(NetlinkSocket& requests, std::uint16_t family, std::uint8_t command, std::uint16_t flags) {
  begin(requests, family, command, flags);
}

void append_server_dump(NetlinkSocket& requests, std::uint16_t family, const ipvs::ServiceKey& service) {
  nlmsghdr* const message = begin(requests, family, IPVS_CMD_GET_DEST, NLM_F_DUMP);
  nest(message, IPVS_CMD_ATTR_SERVICE, [&] { put_key(message, service); });
}

void append_start_of(NetlinkSocket& requests, std::uint16_t family, const IpvsSyncDaemon& daemon) {
  nlmsghdr* const message = begin(requests, family, IPVS_CMD_NEW_DAEMON, 0);
  nest(message, IPVS_CMD_ATTR_DAEMON, [&] {
    const bool master = daemon.role == IpvsSyncDaemon::Role::master;
    mnl_attr_put_u32(message, IPVS_DAEMON_ATTR_STATE, master ? IP_VS_STATE_MASTER : IP_VS_STATE_BACKUP);
    mnl_attr_put_strz(message, IPVS_DAEMON_ATTR_MCAST_IFN, daemon.interface.c_str());
    mnl_attr_put_u32(message, IPVS_DAEMON_ATTR_SYNC_ID, daemon.sync_id);
    if (daemon.max_length != 0) mnl_attr_put_u16(message, IPVS_DAEMON_ATTR_SYNC_MAXLEN, daemon.max_length);
    if (!daemon.group.is_unspecified()) {
      const bool ipv4 = daemon.group.family() == Family::ipv4;
      mnl_attr_put(message, ipv4 ? IPVS_DAEMON_ATTR_MCAST_GROUP : IPVS_DAEMON_ATTR_MCAST_GROUP6,
                   daemon.group.bytes().size(), daemon.group.bytes().data());
    }
    if (daemon.port != 0) mnl_attr_put_u16(message, IPVS_DAEMON_ATTR_MCAST_PORT, daemon.port);
    if (daemon.ttl != 0) mnl_attr_put_u8(message, IPVS_DAEMON_ATTR_MCAST_TTL, daemon.ttl);
  });
}

void append_stop_of(NetlinkSocket& requests, std::uint16_t family, IpvsSyncDaemon::Role role) {
  nlmsghdr* const message = begin(requests, family, IPVS_CMD_DEL_DAEMON, 0);
  nest(message, IPVS_CMD_ATTR_DAEMON, [&] {
    mnl_attr_put_u32(message, IPVS_DAEMON_ATTR_STATE,
                     role == IpvsSyncDaemon::Role::master ? IP_VS_STATE_MASTER : IP_VS_STATE_BACKUP);
  });
}

void append_timeouts(NetlinkSocket& requests, std::uint16_t family, const IpvsTimeouts& timeouts) {
  nlmsghdr* const message = begin(requests, family, IPVS_CMD_SET_CONFIG, 0);
  const auto put = [message](std::uint16_t type, std::chrono::seconds value) {
    if (value.count() > 0) mnl_attr_put_u32(message, type, static_cast<std::uint32_t>(value.count()));
  };
  put(IPVS_CMD_ATTR_TIMEOUT_TCP, timeouts.tcp);
  put(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, timeouts.tcp_fin);
  put(IPVS_CMD_ATTR_TIMEOUT_UDP, timeouts.udp);
}

std::optional<IpvsService> service_in(const nlmsghdr& message) {
  const NetlinkAttributes parts(message, sizeof(genlmsghdr));
  const nlattr* const service = parts[IPVS_CMD_ATTR_SERVICE];
  if (service == nullptr) return std::nullopt;
  const NetlinkAttributes said(*service);
  const std::optional<ipvs::ServiceKey> key = key_in(said);
  if (!key) return std::nullopt;
  IpvsService found{*key, {}, {}, {}};
  ip_vs_flags flags{};
  if (const nlattr* told = said[IPVS_SVC_ATTR_FLAGS];
      told != nullptr && mnl_attr_get_payload_len(told) >= sizeof flags) {
    std::memcpy(&flags, mnl_attr_get_payload(told), sizeof flags);
  }
  ipvs::ServiceSettings& settings = found.settings;
  settings.one_packet = (flags.flags & IP_VS_SVC_F_ONEPACKET) != 0;
  settings.flags.flag_1 = (flags.flags & IP_VS_SVC_F_SCHED1) != 0;
  settings.flags.flag_2 = (flags.flags & IP_VS_SVC_F_SCHED2) != 0;
  settings.flags.flag_3 = (flags.flags & IP_VS_SVC_F_SCHED3) != 0;
  if ((flags.flags & IP_VS_SVC_F_PERSISTENT) != 0) {
    settings.persistence = std::chrono::seconds(u32(said[IPVS_SVC_ATTR_TIMEOUT]));
    settings.persistence_prefix = prefix_in(said[IPVS_SVC_ATTR_NETMASK], key->family);
  }
  if (const nlattr* engine = said[IPVS_SVC_ATTR_PE_NAME]; engine != nullptr) {
    settings.persistence_engine = mnl_attr_get_str(engine);
  }
  const nlattr* const scheduler = said[IPVS_SVC_ATTR_SCHED_NAME];
  const std::string name = scheduler == nullptr ? "none" : mnl_attr_get_str(scheduler);
  if (const auto known = ipvs::scheduler_of(name)) {
    settings.scheduler = *known;
  } else {
    found.unknown_scheduler = name;
  }
  found.traffic = traffic_in(said[IPVS_SVC_ATTR_STATS64], said[IPVS_SVC_ATTR_STATS]);
  return found;
}

std::optional<IpvsServer> server_in(const nlmsghdr& message, Family family) {
  const NetlinkAttributes parts(message, sizeof(genlmsghdr));
  const nlattr* const server = parts[IPVS_CMD_ATTR_DEST];
  if (server == nullptr) return std::nullopt;
  const NetlinkAttributes said(*server);
  if (const auto own = family_numbered(u16(said[IPVS_DEST_ATTR_ADDR_FAMILY]))) family = *own;
  IpvsServer found;
  found.server.key = {address_in(said[IPVS_DEST_ATTR_ADDR], family), ntohs(u16(said[IPVS_DEST_ATTR_PORT]))};
  ipvs::ServerSettings& settings = found.server.settings;
  settings.forwarding = forwarding_in(said);
  settings.weight = static_cast<int>(u32(said[IPVS_DEST_ATTR_WEIGHT]));
  settings.upper_threshold = u32(said[IPVS_DEST_ATTR_U_THRESH]);
  settings.lower_threshold = u32(said[IPVS_DEST_ATTR_L_THRESH]);
  found.connections = {u32(said[IPVS_DEST_ATTR_ACTIVE_CONNS]), u32(said[IPVS_DEST_ATTR_INACT_CONNS]),
                       u32(said[IPVS_DEST_ATTR_PERSIST_CONNS])};
  found.traffic = traffic_in(said[IPVS_DEST_ATTR_STATS64], said[IPVS_DEST_ATTR_STATS]);
  return found;
}

std::optional<IpvsSyncDaemon> sync_daemon_in(const nlmsghdr& message) {
  const NetlinkAttributes parts(message, sizeof(genlmsghdr));
  const nlattr* const daemon = parts[IPVS_CMD_ATTR_DAEMON];
  if (daemon == nullptr) return std::nullopt;
  const NetlinkAttributes said(*daemon);
  IpvsSyncDaemon found;
  found.role = u32(said[IPVS_DAEMON_ATTR_STATE]) == IP_VS_STATE_MASTER ? IpvsSyncDaemon::Role::master
                                                                       : IpvsSyncDaemon::Role::backup;
  if (const nlattr* name = said[IPVS_DAEMON_ATTR_MCAST_IFN]; name != nullptr) found.interface = mnl_attr_get_str(name);
  found.sync_id = static_cast<std::uint8_t>(u32(said[IPVS_DAEMON_ATTR_SYNC_ID]));
  found.max_length = u16(said[IPVS_DAEMON_ATTR_SYNC_MAXLEN]);
  if (said[IPVS_DAEMON_ATTR_MCAST_GROUP] != nullptr) {
    found.group = address_in(said[IPVS_DAEMON_ATTR_MCAST_GROUP], Family::ipv4);
  } else if (said[IPVS_DAEMON_ATTR_MCAST_GROUP6] != nullptr) {
    found.group = address_in(said[IPVS_DAEMON_ATTR_MCAST_GROUP6], Family::ipv6);
  }
  found.port = u16(said[IPVS_DAEMON_ATTR_MCAST_PORT]);
  if (const nlattr* ttl = said[IPVS_DAEMON_ATTR_MCAST_TTL]; ttl != nullptr) found.ttl = mnl_attr_get_u8(ttl);
  return found;
}

IpvsTimeouts timeouts_in(const nlmsghdr& message) {
  const NetlinkAttributes said(message, sizeof(genlmsghdr));
  const auto seconds = [&said](std::size_t type) { return std::chrono::seconds(u32(said[type])); };
  return {seconds(IPVS_CMD_ATTR_TIMEOUT_TCP), seconds(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN),
          seconds(IPVS_CMD_ATTR_TIMEOUT_UDP)};
}

}  // namespace vipdrift::linux_backend
