#include "scenarios/injection.h"

#include <algorithm>

#include "protocol/net/internet_checksum.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::scenarios {
namespace {

constexpr std::size_t kChecksumOffset = 6;

void put16(std::vector<std::uint8_t>& message, std::size_t offset, std::uint16_t value) {
  message[offset] = static_cast<std::uint8_t>(value >> 8);
  message[offset + 1] = static_cast<std::uint8_t>(value);
}

void write_raw_fields(const InjectAdvertisement& step, std::vector<std::uint8_t>& message) {
  if (step.raw_version) message[0] = static_cast<std::uint8_t>((*step.raw_version << 4) | (message[0] & 0x0f));
  if (step.raw_type) message[0] = static_cast<std::uint8_t>((message[0] & 0xf0) | (*step.raw_type & 0x0f));
  if (step.raw_count) message[3] = *step.raw_count;
  if (step.raw_auth_type) message[4] = *step.raw_auth_type;
  if (!step.raw_interval) return;
  if (step.version == vrrp::Version::v2) {
    message[5] = static_cast<std::uint8_t>(*step.raw_interval);
  } else {
    put16(message, 4, *step.raw_interval);
  }
}

void write_checksum(const InjectAdvertisement& step, std::vector<std::uint8_t>& message) {
  if (message.size() < kChecksumOffset + 2) return;
  put16(message, kChecksumOffset, 0);
  std::uint64_t sum = 0;
  if (step.version == vrrp::Version::v3 && !step.checksum_of_message_only) {
    sum = pseudo_header_sum(step.source, destination_of(step), vrrp::kVrrpProtocol, message.size());
  }
  std::uint16_t checksum = finish_checksum(internet_sum(message, sum));
  if (step.bad_checksum) checksum ^= 0x5555;
  put16(message, kChecksumOffset, checksum);
}

}  // namespace

IpAddress destination_of(const InjectAdvertisement& step) {
  return step.destination.value_or(step.family == Family::ipv4 ? kVrrpGroupIpv4 : kVrrpGroupIpv6);
}

std::vector<std::uint8_t> message_of(const InjectAdvertisement& step) {
  vrrp::AdvertisementContent content;
  content.version = step.version;
  content.family = step.family;
  content.vrid = step.vrid;
  content.priority = step.priority;
  content.interval = step.interval;
  if (step.auth_pass) {
    content.auth_type = vrrp::AuthType::pass;
    content.password = vrrp::make_password(*step.auth_pass);
  }
  content.source = step.source;
  content.destination = destination_of(step);
  content.addresses = step.addresses;
  std::vector<std::uint8_t> message(vrrp::encoded_size(content));
  vrrp::encode(content, message);
  write_raw_fields(step, message);
  if (step.truncate_to) message.resize(std::min(message.size(), *step.truncate_to));
  write_checksum(step, message);
  return message;
}

}  // namespace vipdrift::scenarios
