// What the IPVS sync daemon of a master tells those of backups: version 1 of its messages, as the kernel sends them.
#ifndef VIPDRIFT_SIM_IPVS_SYNC_H_
#define VIPDRIFT_SIM_IPVS_SYNC_H_

#include <cstdint>
#include <span>
#include <vector>

#include "protocol/net/ip_address.h"
#include "sim/virtual_ipvs.h"

namespace vipdrift::sim {

/// Where the messages go: 224.0.0.81, UDP port 8848 (ipvsadm(8), --start-daemon).
inline constexpr IpAddress kIpvsSyncGroup = IpAddress::v4(224, 0, 0, 81);
inline constexpr std::uint16_t kIpvsSyncPort = 8848;

/// One message; no more than 255 connections, all established.
std::vector<std::uint8_t> encode_sync(std::span<const IpvsConnection> connections, std::uint8_t sync_id);

/// Empty: another sync id, another version, or cut short.
std::vector<IpvsConnection> decode_sync(std::span<const std::uint8_t> message, std::uint8_t sync_id);

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_IPVS_SYNC_H_
