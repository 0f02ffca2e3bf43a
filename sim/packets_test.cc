#include "sim/packets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "protocol/net/internet_checksum.h"

namespace vipdrift::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

constexpr MacAddress kMac{{0x02, 0, 0, 0, 0, 0x01}};
constexpr MacAddress kOtherMac{{0x02, 0, 0, 0, 0, 0x02}};
constexpr IpAddress kHost = IpAddress::v4(10, 1, 10, 1);
constexpr IpAddress kOther = IpAddress::v4(10, 1, 10, 2);
constexpr IpAddress kVip = IpAddress::v4(10, 1, 10, 7);
const IpAddress kHost6 = *IpAddress::parse("fe80::1");
const IpAddress kOther6 = *IpAddress::parse("2001:db8::12:3456");

std::vector<std::uint8_t> bytes_of(const Frame& frame) { return {frame.bytes().begin(), frame.bytes().end()}; }

IpView ip_of(const Frame& frame) { return *parse_ip(*parse_ethernet(frame.bytes())); }

TEST(Frame, IsSharedNotCopied) {
  FramePool pool;
  Frame frame = pool.copy(std::array<std::uint8_t, 3>{1, 2, 3});
  const Frame other = frame;
  EXPECT_EQ(frame.bytes().data(), other.bytes().data());
  EXPECT_EQ(pool.in_use(), 1U);
  frame = Frame{};
  EXPECT_EQ(pool.in_use(), 1U);
  EXPECT_THAT(other.bytes(), ElementsAre(1, 2, 3));
}

TEST(Frame, TravelsAsANumber) {
  FramePool pool;
  const std::uint32_t number = pool.detach(pool.copy(std::array<std::uint8_t, 1>{9}));
  EXPECT_EQ(pool.in_use(), 1U);
  { EXPECT_THAT(pool.attach(number).bytes(), ElementsAre(9)); }
  EXPECT_EQ(pool.in_use(), 0U);
}

TEST(Frame, SharedBytesAreNotWritable) {
  FramePool pool;
  Frame frame = pool.make(4);
  frame.writable()[0] = 1;
  const Frame other = frame;
  EXPECT_DEATH(frame.writable(), "a shared frame is written to");
}

TEST(Frame, LargeFramesFitToo) {
  FramePool pool;
  for (const std::size_t size : {0U, 128U, 129U, 4096U, 60U}) {
    Frame frame = pool.make(size);
    EXPECT_EQ(frame.writable().size(), size);
    for (std::uint8_t& byte : frame.writable()) byte = 0xab;
  }
  EXPECT_EQ(pool.in_use(), 0U);
}

TEST(Packets, ATemplateMakesWhatTheBuilderMakes) {
  FramePool pool;
  const std::array<std::uint8_t, 4> message{0x21, 0x33, 0x64, 0x01};
  const IpAddress host6 = link_local_address(kMac);
  for (std::uint32_t identification = 0; identification <= 0xffff; identification += 257) {
    const auto number = static_cast<std::uint16_t>(identification);
    const IpHeader header4 = vrrp_header(kHost, kVrrpGroupIpv4, 255, number);
    const IpHeader header6 = vrrp_header(host6, kVrrpGroupIpv6, 255, number);
    for (const IpHeader& header : {header4, header6}) {
      const MacAddress group = *group_destination(header.destination);
      const IpFrameTemplate headers(kMac, group, header, message.size());
      EXPECT_EQ(bytes_of(headers.make(pool, number, message)),
                bytes_of(make_ip_frame(pool, kMac, group, header, message)));
    }
  }
}

TEST(Packets, AdvertisementHeaderByteForByte) {
  FramePool pool;
  const std::array<std::uint8_t, 4> message{0x21, 0x33, 0x64, 0x01};
  const Frame frame = make_ip_frame(pool, kMac, *group_destination(kVrrpGroupIpv4),
                                    vrrp_header(kHost, kVrrpGroupIpv4, 255, 1), message);
  EXPECT_THAT(
      bytes_of(frame),
      ElementsAreArray({0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08,  // Ethernet
                        0x00,                                                                          //
                        0x45, 0xc0, 0x00, 0x18, 0x00, 0x01, 0x00, 0x00, 0xff, 0x70, 0xc6, 0xa0,        // IPv4
                        0x0a, 0x01, 0x0a, 0x01, 0xe0, 0x00, 0x00, 0x12,                                //
                        0x21, 0x33, 0x64, 0x01}));
}

TEST(Packets, PaddingIsNotPartOfTheMessage) {
  FramePool pool;
  const std::array<std::uint8_t, 4> message{1, 2, 3, 4};
  const Frame frame =
      make_ip_frame(pool, kMac, kOtherMac, vrrp_header(kHost, kOther, 255, 1), message, Padding::to_minimum);
  EXPECT_EQ(frame.size(), 60U);
  const IpView packet = ip_of(frame);
  EXPECT_EQ(packet.payload_length, 4U);
  EXPECT_EQ(packet.payload.size(), 26U);
  EXPECT_THAT(packet.message(), ElementsAre(1, 2, 3, 4));
}

TEST(Packets, Ipv4HeaderComesBack) {
  FramePool pool;
  IpHeader header = vrrp_header(kHost, kOther, 254, 0xabcd);
  header.dont_fragment = true;
  const IpView packet = ip_of(make_ip_frame(pool, kMac, kOtherMac, header, {}));
  EXPECT_EQ(packet.header.source, kHost);
  EXPECT_EQ(packet.header.destination, kOther);
  EXPECT_EQ(packet.header.protocol, IpProtocol::vrrp);
  EXPECT_EQ(packet.header.ttl, 254);
  EXPECT_EQ(packet.header.traffic_class, 0xc0);
  EXPECT_EQ(packet.header.identification, 0xabcd);
  EXPECT_TRUE(packet.header.dont_fragment);
  EXPECT_TRUE(packet.header_checksum_ok);
}

TEST(Packets, Ipv6HeaderComesBack) {
  FramePool pool;
  const std::array<std::uint8_t, 2> message{7, 8};
  const IpView packet =
      ip_of(make_ip_frame(pool, kMac, kOtherMac, vrrp_header(kHost6, kVrrpGroupIpv6, 255, 0), message));
  EXPECT_EQ(packet.header.source, kHost6);
  EXPECT_EQ(packet.header.destination, kVrrpGroupIpv6);
  EXPECT_EQ(packet.header.ttl, 255);
  EXPECT_EQ(packet.header.traffic_class, 0xc0);
  EXPECT_THAT(packet.message(), ElementsAre(7, 8));
}

TEST(Packets, AnyFlippedBitOfAnIpv4HeaderIsNoticed) {
  FramePool pool;
  const Frame frame = make_ip_frame(pool, kMac, kOtherMac, vrrp_header(kHost, kOther, 255, 77), {});
  for (std::size_t bit = 14 * 8; bit < 34 * 8; ++bit) {
    std::vector<std::uint8_t> bytes = bytes_of(frame);
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const auto packet = parse_ip(*parse_ethernet(bytes));
    EXPECT_TRUE(!packet || !packet->header_checksum_ok) << bit;
  }
}

TEST(Packets, ShortAndStrangeFramesAreNoPackets) {
  FramePool pool;
  const std::vector<std::uint8_t> whole =
      bytes_of(make_ip_frame(pool, kMac, kOtherMac, vrrp_header(kHost, kOther, 255, 1), {}));
  for (std::size_t size = 0; size < 14; ++size) EXPECT_FALSE(parse_ethernet(std::span{whole}.first(size)));
  for (std::size_t size = 14; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_ip(*parse_ethernet(std::span{whole}.first(size)))) << size;
  }
  std::vector<std::uint8_t> other_type = whole;
  other_type[12] = 0x88;
  EXPECT_FALSE(parse_ip(*parse_ethernet(other_type)));
  std::vector<std::uint8_t> other_version = whole;
  other_version[14] = 0x55;
  EXPECT_FALSE(parse_ip(*parse_ethernet(other_version)));
}

TEST(Packets, GratuitousArpByteForByte) {
  FramePool pool;
  EXPECT_THAT(bytes_of(make_gratuitous_arp(pool, kMac, kVip)),
              ElementsAreArray({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x00, 0x00, 0x00, 0x00,
                                0x01, 0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01,  // a request
                                0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x0a, 0x01, 0x0a, 0x07,        // sender
                                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0a, 0x01, 0x0a, 0x07}));
  const ArpMessage question{ArpOperation::request, kMac, kHost, {}, kVip};
  EXPECT_EQ(make_arp(pool, kMac, kBroadcastMac, question, Padding::to_minimum).size(), 60U);
}

TEST(Packets, ArpComesBack) {
  FramePool pool;
  const ArpMessage reply{ArpOperation::reply, kMac, kHost, kOtherMac, kOther};
  const Frame frame = make_arp(pool, kMac, kOtherMac, reply);
  const auto parsed = parse_arp(*parse_ethernet(frame.bytes()));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->operation, ArpOperation::reply);
  EXPECT_EQ(parsed->sender_mac, kMac);
  EXPECT_EQ(parsed->sender_ip, kHost);
  EXPECT_EQ(parsed->target_mac, kOtherMac);
  EXPECT_EQ(parsed->target_ip, kOther);
  EXPECT_FALSE(parsed->gratuitous());
  const Frame announcement = make_gratuitous_arp(pool, kMac, kVip);
  EXPECT_TRUE(parse_arp(*parse_ethernet(announcement.bytes()))->gratuitous());
  EXPECT_FALSE(parse_arp(*parse_ethernet(frame.bytes().first(41))));
}

TEST(Packets, UnsolicitedAdvertisement) {
  FramePool pool;
  const Frame frame = make_unsolicited_advertisement(pool, kMac, kHost6);
  EXPECT_EQ(parse_ethernet(frame.bytes())->header.destination, (MacAddress{{0x33, 0x33, 0, 0, 0, 1}}));
  const IpView packet = ip_of(frame);
  EXPECT_EQ(packet.header.source, kHost6);
  EXPECT_EQ(packet.header.destination.to_string(), "ff02::1");
  EXPECT_EQ(packet.header.ttl, 255);
  const auto message = parse_neighbour(packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->kind, NeighbourMessage::Kind::advertisement);
  EXPECT_EQ(message->target, kHost6);
  EXPECT_EQ(message->flags, 0x20);
  EXPECT_EQ(message->link_layer, kMac);
}

TEST(Packets, NeighbourMessagesAreChecked) {
  FramePool pool;
  const Frame frame =
      make_neighbour(pool, kMac, multicast_mac(solicited_node_group(kOther6)), kHost6, solicited_node_group(kOther6),
                     {NeighbourMessage::Kind::solicitation, kOther6, 0, kMac});
  IpView packet = ip_of(frame);
  EXPECT_EQ(parse_neighbour(packet)->link_layer, kMac);
  packet.header.ttl = 254;
  EXPECT_FALSE(parse_neighbour(packet));
  for (std::size_t bit = 54 * 8; bit < frame.size() * 8; ++bit) {
    std::vector<std::uint8_t> bytes = bytes_of(frame);
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(parse_neighbour(*parse_ip(*parse_ethernet(bytes)))) << bit;
  }
}

TEST(Packets, AddressesMadeFromAddresses) {
  EXPECT_EQ(solicited_node_group(kOther6).to_string(), "ff02::1:ff12:3456");
  EXPECT_EQ(link_local_address(kMac).to_string(), "fe80::ff:fe00:1");
  EXPECT_EQ(group_destination(IpAddress::v4(255, 255, 255, 255)), kBroadcastMac);
  EXPECT_EQ(group_destination(kHost), std::nullopt);
}

TEST(Packets, EchoesComeBackInBothFamilies) {
  FramePool pool;
  const std::array<std::uint8_t, 5> data{1, 2, 3, 4, 5};
  for (const auto& [source, destination] : {std::pair{kHost, kVip}, std::pair{kHost6, kOther6}}) {
    for (const bool reply : {false, true}) {
      const Frame frame = make_echo(pool, kMac, kOtherMac, {.source = source, .destination = destination},
                                    {.reply = reply, .identifier = 0x1234, .sequence = 7, .data = data});
      const auto echo = parse_echo(ip_of(frame));
      ASSERT_TRUE(echo);
      EXPECT_EQ(echo->reply, reply);
      EXPECT_EQ(echo->identifier, 0x1234);
      EXPECT_EQ(echo->sequence, 7);
      EXPECT_THAT(echo->data, ElementsAre(1, 2, 3, 4, 5));
      EXPECT_FALSE(parse_tcp(ip_of(frame)));
      EXPECT_FALSE(parse_neighbour(ip_of(frame)));
    }
  }
}

TEST(Packets, TcpProbesAndTheirAnswers) {
  FramePool pool;
  const TcpSegment syn{.source_port = 40'000, .destination_port = 80, .sequence = 0xfffffffe, .flags = kTcpSyn};
  for (const auto& [source, destination] : {std::pair{kHost, kVip}, std::pair{kHost6, kOther6}}) {
    const Frame frame = make_tcp(pool, kMac, kOtherMac, {.source = source, .destination = destination}, syn);
    const auto parsed = parse_tcp(ip_of(frame));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->source_port, 40'000);
    EXPECT_EQ(parsed->destination_port, 80);
    EXPECT_EQ(parsed->sequence, 0xfffffffeU);
    EXPECT_EQ(parsed->flags, kTcpSyn);
    EXPECT_EQ(parsed->window, 64240);
  }
  const TcpSegment accepted = tcp_answer(syn, true, 1000);
  EXPECT_EQ(accepted.flags, kTcpSyn | kTcpAck);
  EXPECT_EQ(accepted.acknowledgement, 0xffffffffU);
  EXPECT_EQ(accepted.sequence, 1000U);
  EXPECT_EQ(accepted.destination_port, 40'000);
  const TcpSegment refused = tcp_answer(syn, false, 1000);
  EXPECT_EQ(refused.flags, kTcpReset | kTcpAck);
  EXPECT_EQ(refused.sequence, 0U);
}

TEST(Packets, OnlyWhatNobodyHasTouchedIsSound) {
  FramePool pool;
  Frame frame = make_tcp(pool, kMac, {}, {.source = kHost, .destination = kVip}, {.flags = kTcpSyn});
  EXPECT_TRUE(frame.sound());
  frame.set_destination(kOtherMac.bytes);
  EXPECT_TRUE(frame.sound());
  EXPECT_EQ(parse_ethernet(frame.bytes())->header.destination, kOtherMac);
  const auto packet = parse_ip(*parse_ethernet(frame.bytes()));
  ASSERT_TRUE(packet);
  EXPECT_FALSE(packet->sound);
  EXPECT_TRUE(packet->header_checksum_ok && parse_tcp(*packet)) << "a sound frame that is not";
  EXPECT_FALSE(pool.copy(frame.bytes()).sound());
  frame.writable()[50] ^= 1U;
  EXPECT_FALSE(frame.sound());
  EXPECT_FALSE(pool.make(64).sound());
}

TEST(Packets, DamagedProbesAreDropped) {
  FramePool pool;
  const Frame tcp = make_tcp(pool, kMac, kOtherMac, {.source = kHost, .destination = kVip}, {.flags = kTcpSyn});
  const Frame echo = make_echo(pool, kMac, kOtherMac, {.source = kHost, .destination = kVip}, {});
  for (const Frame& frame : {tcp, echo}) {
    for (std::size_t bit = 34 * 8; bit < frame.size() * 8; ++bit) {
      std::vector<std::uint8_t> bytes = bytes_of(frame);
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      const IpView packet = *parse_ip(*parse_ethernet(bytes));
      EXPECT_FALSE(parse_tcp(packet) || parse_echo(packet)) << bit;
    }
  }
}

}  // namespace
}  // namespace vipdrift::sim
