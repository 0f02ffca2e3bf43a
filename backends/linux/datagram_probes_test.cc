#include "backends/linux/datagram_probes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "backends/linux/probe_test_support.h"

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;
using check::Outcome;
using check::ProbeResult;
using Bytes = std::vector<std::uint8_t>;

/// Answers each datagram with what `answer` makes of it.
class UdpServer {
 public:
  using Udp = boost::asio::ip::udp;
  UdpServer(boost::asio::io_context& context, std::function<std::vector<Bytes>(const Bytes&)> answer)
      : answer_(std::move(answer)), socket_(context, {boost::asio::ip::address_v4::loopback(), 0}) {
    receive();
  }
  std::uint16_t port() const { return socket_.local_endpoint().port(); }
  const std::vector<Bytes>& heard() const { return heard_; }

 private:
  void receive() {
    socket_.async_receive_from(boost::asio::buffer(room_), from_,
                               [this](const boost::system::error_code& error, std::size_t size) {
                                 if (error == boost::asio::error::operation_aborted) return;
                                 if (!error) {
                                   heard_.emplace_back(room_.begin(), room_.begin() + static_cast<long>(size));
                                   for (const Bytes& one : answer_(heard_.back())) {
                                     socket_.send_to(boost::asio::buffer(one), from_);
                                   }
                                 }
                                 receive();
                               });
  }

  std::function<std::vector<Bytes>(const Bytes&)> answer_;
  Udp::socket socket_;
  Udp::endpoint from_;
  std::array<std::uint8_t, 2048> room_{};
  std::vector<Bytes> heard_;
};

class DatagramProbesTest : public ProbeTest {
 protected:
  static check::UdpProbe udp(std::uint16_t port, std::chrono::milliseconds timeout = 10s) {
    check::UdpProbe probe;
    probe.connection = to(port, timeout);
    return probe;
  }
  check::PingProbe ping(const char* address, std::chrono::milliseconds timeout = 10s) {
    check::PingProbe probe{to(0, timeout)};
    probe.connection.address = *IpAddress::parse(address);
    return probe;
  }
};

// ---------------------------------------------------------------- UDP

TEST_F(DatagramProbesTest, AClosedUdpPortIsRefused) {
  EXPECT_EQ(probed(udp(9)).outcome, Outcome::refused);
  EXPECT_LT(took_[0], 5s);
}

TEST_F(DatagramProbesTest, AnUnreachableHostIsTold) {
  ip("route add unreachable 10.9.0.0/24");
  check::UdpProbe probe = udp(9);
  probe.connection.address = IpAddress::v4(10, 9, 0, 1);
  EXPECT_EQ(probed(probe).outcome, Outcome::unreachable);
}

TEST_F(DatagramProbesTest, SilenceIsGoodUnlessAReplyIsWanted) {
  UdpServer server(context_, [](const Bytes&) { return std::vector<Bytes>{}; });
  EXPECT_EQ(probed(udp(server.port(), 100ms)).outcome, Outcome::answered);
  expect_took(0, 100ms);
  check::UdpProbe probe = udp(server.port(), 100ms);
  probe.wants_reply = true;
  EXPECT_EQ(probed(probe).outcome, Outcome::timed_out);
  expect_took(0, 100ms);
  ASSERT_EQ(server.heard().size(), 2U);
  EXPECT_FALSE(server.heard()[0].empty());
}

TEST_F(DatagramProbesTest, AReplyIsComparedDigitByDigit) {
  UdpServer server(context_, [](const Bytes& heard) { return std::vector<Bytes>{heard}; });
  check::UdpProbe probe = udp(server.port());
  probe.payload = {0xab, 0x12, 0x0f};
  probe.wants_reply = true;
  EXPECT_EQ(probed(probe).outcome, Outcome::answered);
  EXPECT_EQ(server.heard().back(), probe.payload);
  const auto x = std::optional<std::uint8_t>{};
  probe.reply = {0xa, 0xb, x, 0x2};  // shorter than the reply
  EXPECT_EQ(probed(probe).outcome, Outcome::answered);
  probe.reply = {0xa, 0xb, x, 0x3};
  EXPECT_EQ(probed(probe).outcome, Outcome::broken);
  EXPECT_EQ(results_[0].detail, "the reply differs in byte 1");
  probe.reply = {0xa, 0xb, x, 0x2, 0x0, 0xf, 0x7, 0x7};  // longer
  EXPECT_EQ(probed(probe).outcome, Outcome::answered);
  probe.min_reply = 4;
  EXPECT_EQ(probed(probe).detail, "a reply of 3 bytes, not 4 to 255");
  probe.min_reply = 0;
  probe.max_reply = 2;
  EXPECT_EQ(probed(probe).outcome, Outcome::broken);
}

// ---------------------------------------------------------------- DNS

TEST_F(DatagramProbesTest, AQueryIsThatOfRfc1035) {
  EXPECT_EQ(dns_query(0x1234, ".", 6),
            (Bytes{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1}));
  EXPECT_EQ(dns_query(1, "a.bc.", 28),
            (Bytes{0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 2, 'b', 'c', 0, 0, 28, 0, 1}));
  EXPECT_FALSE(dns_query(1, "a..b", 1));
  EXPECT_FALSE(dns_query(1, std::string(64, 'a'), 1));
  std::string longest;
  for (int i = 0; i < 130; ++i) longest += "a.";
  EXPECT_FALSE(dns_query(1, longest, 1));
}

TEST_F(DatagramProbesTest, AnAnswerIsKnownByTheQuerysId) {
  for (const std::uint8_t code : {std::uint8_t{0}, std::uint8_t{3}}) {
    UdpServer server(context_, [code](const Bytes& query) {
      Bytes answer = query;
      answer[2] |= 0x80;
      answer[3] = static_cast<std::uint8_t>(0x80 | code);
      Bytes foreign = answer;
      foreign[0] ^= 1;
      foreign[3] = 5;
      return std::vector<Bytes>{{1, 2}, query, foreign, answer};
    });
    const ProbeResult result = probed(check::DnsProbe{to(server.port()), 1, "www.example.com"});
    EXPECT_EQ(result.outcome, Outcome::answered) << result.detail;
    EXPECT_EQ(result.code, code);
    ASSERT_EQ(server.heard().size(), 1U);
    const Bytes& heard = server.heard()[0];
    EXPECT_EQ(heard, dns_query(static_cast<std::uint16_t>(heard[0] << 8U | heard[1]), "www.example.com", 1));
  }
}

TEST_F(DatagramProbesTest, ADnsServerMayBeSilentOrAbsentOrTheNameWrong) {
  UdpServer server(context_, [](const Bytes&) { return std::vector<Bytes>{}; });
  EXPECT_EQ(probed(check::DnsProbe{to(server.port(), 100ms)}).outcome, Outcome::timed_out);
  EXPECT_EQ(probed(check::DnsProbe{to(9)}).outcome, Outcome::refused);
  EXPECT_EQ(probed(check::DnsProbe{to(9), 1, "a..b"}).outcome, Outcome::failed);
}

// ---------------------------------------------------------------- ping

TEST_F(DatagramProbesTest, AnEchoIsHeardThroughEitherSocket) {
  for (const bool raw : {true, false}) {
    // In a new namespace nobody may have a socket for echo.
    if (!raw) {
      std::ofstream range("/proc/sys/net/ipv4/ping_group_range");
      range << "0 0" << std::flush;
      ASSERT_TRUE(range.good());
    }
    EXPECT_EQ(probed(ping("127.0.0.1")).outcome, Outcome::answered) << results_[0].detail;
    EXPECT_EQ(probed(ping("::1")).outcome, Outcome::answered) << results_[0].detail;
  }
}

TEST_F(DatagramProbesTest, OneEchoIsNotTakenForAnother) {
  ip("link add v0 type veth peer name v1");
  ip("address add 10.8.0.1/24 dev v0");
  ip("link set v0 up");
  ip("link set v1 up");
  start(1, ping("10.8.0.2", 200ms));
  for (std::uint32_t checker = 2; checker < 50; ++checker) start(checker, ping("127.0.0.1"));
  run_until([this] { return results_.size() == 49; });
  EXPECT_EQ(results_[1].outcome, Outcome::timed_out);
  for (std::uint32_t checker = 2; checker < 50; ++checker) EXPECT_EQ(results_[checker].outcome, Outcome::answered);
}

}  // namespace
}  // namespace vipdrift::linux_backend
