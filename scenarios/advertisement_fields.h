// What an advertisement on the wire says, field by field: for expectations about its form.
#ifndef VIPDRIFT_SCENARIOS_ADVERTISEMENT_FIELDS_H_
#define VIPDRIFT_SCENARIOS_ADVERTISEMENT_FIELDS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"

namespace vipdrift::scenarios {

/// Which sum the checksum is right for. RFC 3768: the message alone; RFC 5798 and IPv6: with the pseudo-header.
enum class ChecksumForm : std::uint8_t { bad, message_only, with_pseudo_header };
/// "bad", "message_only", "with_pseudo_header".
std::string_view to_string(ChecksumForm form);

/// Read from the bytes without the rules of a receiver, so that wrong advertisements can be looked at too. Fields that
/// lie behind the end of the message are 0 or missing.
struct AdvertisementFields {
  std::uint8_t version = 0;
  std::uint8_t type = 0;
  std::uint8_t ttl = 0;
  std::uint8_t auth_type = 0;  ///< v2; 0 for other versions
  Duration interval{0};        ///< from the wire unit: seconds for v2, else centiseconds
  ChecksumForm checksum = ChecksumForm::bad;
  std::vector<IpAddress> addresses;  ///< in the order of the message
  MacAddress source_mac;
};

/// How the message of protocol 112 lay in its packet and frame.
struct AdvertisementEnvelope {
  IpAddress source;
  IpAddress destination;
  std::uint8_t ttl = 0;
  MacAddress source_mac;
};

AdvertisementFields read_fields(std::span<const std::uint8_t> message, const AdvertisementEnvelope& envelope);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_ADVERTISEMENT_FIELDS_H_
