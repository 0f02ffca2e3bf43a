// Ethernet frames as a world reads them from its segments, and those that strangers put there.
#ifndef VIPDRIFT_BACKENDS_NETNS_FRAMES_H_
#define VIPDRIFT_BACKENDS_NETNS_FRAMES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"
#include "scenarios/advertisement_fields.h"

namespace vipdrift::netns {

using Bytes = std::span<const std::uint8_t>;

/// The sender's address; zero for what is no frame.
MacAddress source_mac(Bytes frame);

/// A packet of protocol 112, right or wrong.
struct VrrpFrame {
  scenarios::AdvertisementEnvelope envelope;
  Bytes message;  ///< into the frame
};
std::optional<VrrpFrame> vrrp_in(Bytes frame);

/// Somebody says unasked that it has an address: gratuitous ARP, or an unsolicited neighbour advertisement to all.
struct AnnouncementFrame {
  IpAddress address;
  MacAddress mac;
};
std::optional<AnnouncementFrame> announcement_in(Bytes frame);

/// The answer to a probe: an echo reply, or the answer to an attempt to connect (accepted or refused).
struct AnswerFrame {
  IpAddress from;
  std::uint16_t port = 0;      ///< 0: echo
  std::uint16_t number = 0;    ///< echo: sequence number; else our own port
  std::uint16_t identifier = 0;  ///< echo
  MacAddress mac;
};
std::optional<AnswerFrame> answer_in(Bytes frame);

/// Where frames to a group go; nothing for other addresses. RFC 1112, 6.4; RFC 2464, 7.
std::optional<MacAddress> group_mac(const IpAddress& address);

/// A packet of protocol 112 in a frame, with the header that keepalived writes (no options, class CS6).
std::vector<std::uint8_t> make_vrrp_frame(const scenarios::AdvertisementEnvelope& envelope, const MacAddress& to,
                                          Bytes message);

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_FRAMES_H_
