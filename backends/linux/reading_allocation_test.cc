// A director that hears advertisements does not allocate, from the socket to the core and back to sleep: every
// allocation of its thread is counted.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "backends/linux/advertisement_frame.h"
#include "backends/linux/announcement_socket.h"
#include "backends/linux/own_namespace.h"
#include "backends/linux/vrrp_director.h"
#include "protocol/base/allocation_count.h"

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kVrid = 51;
const IpAddress kVirtual = IpAddress::v4(10, 9, 0, 100);
const IpAddress kPeer = IpAddress::v4(10, 9, 0, 2);
const IpAddress kGroup = IpAddress::v4(224, 0, 0, 18);

std::shared_ptr<const config::Configuration> one_backup() {
  config::Configuration configuration;
  config::VrrpInstance& instance = configuration.instances.emplace_back();
  instance.name = "V";
  instance.interface = "eth0";
  instance.virtual_router_id = kVrid;
  instance.version = vrrp::Version::v3;
  instance.virtual_addresses.emplace_back().address = kVirtual;
  return std::make_shared<const config::Configuration>(std::move(configuration));
}

std::vector<std::uint8_t> advertisement() {
  vrrp::AdvertisementContent content;
  content.version = vrrp::Version::v3;
  content.vrid = kVrid;
  content.priority = 200;
  content.interval = 1s;
  content.source = kPeer;
  content.destination = kGroup;
  content.addresses = {&kVirtual, 1};
  std::vector<std::uint8_t> message(encoded_size(content));
  encode(content, message);
  std::vector<std::uint8_t> frame;
  write_frame({MacAddress{{2, 0, 0, 0, 0, 2}}, kPeer, kGroup, vrrp::kVrrpTtl, 1}, message, frame);
  return frame;
}

class ReadingAllocation : public OwnNamespace {
 protected:
  void SetUp() override {
    OwnNamespace::SetUp();
    ip("link set lo up");
    ip("link add eth0 type veth peer name eth1");
    ip("link set eth0 addrgenmode none");  // no address that comes later
    ip("link set eth1 addrgenmode none");
    ip("link set eth1 up");
    ip("link set eth0 up");
    ip("address add 10.9.0.1/24 dev eth0");
    director_.emplace(context_, one_backup(), vrrp::Profile{}, false, DirectorSinks{});
    ASSERT_EQ(director_->start(), std::nullopt);
  }

  struct Mark {
    std::uint64_t allocations = 0;
    std::uint64_t received = 0;
  };
  Mark mark() const {
    return {vipdrift::testing::allocations(), director_->stack()->routers()[0].statistics().received};
  }

  /// `count` advertisements, `pause` apart.
  static void send(AnnouncementSocket& through, InterfaceId interface, int count, std::chrono::microseconds pause) {
    const std::vector<std::uint8_t> frame = advertisement();
    auto due = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i, due += pause) {
      std::this_thread::sleep_until(due);
      ASSERT_EQ(through.send(interface, frame), 0);
    }
  }

  boost::asio::io_context context_;
  std::optional<VrrpDirector> director_;
};

// Slowly enough to wake up for each, then fast enough to read in a rhythm. A busy machine may change from one to the
// other at any time, which costs two allocations; one for each advertisement would be ten times what is allowed.
TEST_F(ReadingAllocation, AnAdvertisementCostsNone) {
  const InterfaceId far_end = vrrp::find_interface(director_->host(), "eth1");
  ASSERT_NE(far_end.value, 0U);
  std::vector<Mark> marks;
  std::thread peer([&] {
    AnnouncementSocket through;
    const auto set_mark = [&] { boost::asio::post(context_, [&] { marks.push_back(mark()); }); };
    send(through, far_end, 20, 5ms);
    set_mark();
    send(through, far_end, 100, 5ms);
    set_mark();
    send(through, far_end, 100, 500us);
    set_mark();
    send(through, far_end, 1000, 500us);
    set_mark();
    boost::asio::post(context_, [this] { context_.stop(); });
  });
  context_.run();
  peer.join();
  ASSERT_EQ(marks.size(), 4U);
  EXPECT_GT(marks[0].allocations, 0U) << "nothing is counted";
  for (const std::size_t at : {0U, 2U}) {
    const std::uint64_t received = marks[at + 1].received - marks[at].received;
    EXPECT_GT(received, at == 0 ? 50U : 500U);
    EXPECT_LT((marks[at + 1].allocations - marks[at].allocations) * 10, received) << at;
  }
}

}  // namespace
}  // namespace vipdrift::linux_backend
