#include "scenarios/advertisement_fields.h"

#include "protocol/net/internet_checksum.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::scenarios {
namespace {

constexpr std::uint8_t kVersion2 = 2;

std::uint8_t byte_at(std::span<const std::uint8_t> message, std::size_t offset) {
  return offset < message.size() ? message[offset] : std::uint8_t{0};
}

Duration interval_of(std::span<const std::uint8_t> message, std::uint8_t version) {
  if (version == kVersion2) return std::chrono::seconds{byte_at(message, 5)};
  const int centiseconds = ((byte_at(message, 4) & 0x0f) << 8) | byte_at(message, 5);
  return std::chrono::milliseconds{10} * centiseconds;
}

ChecksumForm checksum_of(std::span<const std::uint8_t> message, const AdvertisementEnvelope& envelope) {
  if (message.size() < vrrp::kHeaderSize) return ChecksumForm::bad;
  const std::uint64_t sum = internet_sum(message);
  const std::uint64_t pseudo =
      pseudo_header_sum(envelope.source, envelope.destination, vrrp::kVrrpProtocol, message.size());
  if (finish_checksum(sum + pseudo) == 0) return ChecksumForm::with_pseudo_header;
  return finish_checksum(sum) == 0 ? ChecksumForm::message_only : ChecksumForm::bad;
}

std::vector<IpAddress> addresses_of(std::span<const std::uint8_t> message, Family family) {
  const std::size_t size = family == Family::ipv4 ? 4 : 16;
  std::vector<IpAddress> addresses;
  for (std::size_t i = 0; i < byte_at(message, 3); ++i) {
    const std::size_t offset = vrrp::kHeaderSize + i * size;
    if (offset + size > message.size()) break;
    addresses.push_back(IpAddress::from_bytes(family, message.subspan(offset, size)));
  }
  return addresses;
}

}  // namespace

std::string_view to_string(ChecksumForm form) {
  switch (form) {
    case ChecksumForm::bad:
      return "bad";
    case ChecksumForm::message_only:
      return "message_only";
    case ChecksumForm::with_pseudo_header:
      return "with_pseudo_header";
  }
  return "?";
}

AdvertisementFields read_fields(std::span<const std::uint8_t> message, const AdvertisementEnvelope& envelope) {
  AdvertisementFields fields;
  fields.version = static_cast<std::uint8_t>(byte_at(message, 0) >> 4);
  fields.type = static_cast<std::uint8_t>(byte_at(message, 0) & 0x0f);
  fields.ttl = envelope.ttl;
  fields.auth_type = fields.version == kVersion2 ? byte_at(message, 4) : std::uint8_t{0};
  fields.interval = interval_of(message, fields.version);
  fields.checksum = checksum_of(message, envelope);
  fields.addresses = addresses_of(message, envelope.source.family());
  fields.source_mac = envelope.source_mac;
  return fields;
}

}  // namespace vipdrift::scenarios
