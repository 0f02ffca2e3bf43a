#include "backends/linux/advertisement_frame.h"

#include "protocol/net/internet_checksum.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::linux_backend {
namespace {

constexpr std::uint8_t kInternetworkControl = 0xc0;
constexpr std::size_t kEthernetHeader = 14;
constexpr std::size_t kIpv4Header = 20;

/// Appends one field after the other.
class Writer {
 public:
  explicit Writer(std::vector<std::uint8_t>& out) : out_(out) {}

  Writer& bytes(std::span<const std::uint8_t> field) {
    out_.insert(out_.end(), field.begin(), field.end());
    return *this;
  }
  Writer& byte(std::uint8_t field) {
    out_.push_back(field);
    return *this;
  }
  Writer& word(std::size_t field) {
    return byte(static_cast<std::uint8_t>(field >> 8U)).byte(static_cast<std::uint8_t>(field));
  }

 private:
  std::vector<std::uint8_t>& out_;
};

}  // namespace

void write_frame(const AdvertisementFrame& frame, std::span<const std::uint8_t> message,
                 std::vector<std::uint8_t>& out) {
  out.clear();
  Writer writer(out);
  writer.bytes(multicast_mac(frame.group).bytes).bytes(frame.mac.bytes);
  if (frame.source.family() == Family::ipv4) {
    writer.word(0x0800).byte(0x45).byte(kInternetworkControl).word(kIpv4Header + message.size());
    writer.word(frame.identification).word(0).byte(frame.ttl).byte(vrrp::kVrrpProtocol).word(0);
    writer.bytes(frame.source.bytes()).bytes(frame.group.bytes());
    const std::uint16_t checksum = finish_checksum(internet_sum(std::span{out}.subspan(kEthernetHeader, kIpv4Header)));
    out[kEthernetHeader + 10] = static_cast<std::uint8_t>(checksum >> 8U);
    out[kEthernetHeader + 11] = static_cast<std::uint8_t>(checksum);
  } else {
    writer.word(0x86dd).word(0x6000U | std::size_t{kInternetworkControl} << 4U).word(0).word(message.size());
    writer.byte(vrrp::kVrrpProtocol).byte(frame.ttl);
    writer.bytes(frame.source.bytes()).bytes(frame.group.bytes());
  }
  writer.bytes(message);
}

}  // namespace vipdrift::linux_backend
