// TCP and HTTP probes do not allocate, from their start to their result: every allocation of their thread is counted.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>

#include "backends/linux/probe_test_support.h"
#include "protocol/base/allocation_count.h"

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;

class ProbeAllocation : public OwnNamespace {
 protected:
  static constexpr std::uint32_t kCheckers = 8;
  static constexpr std::uint64_t kWarmUp = 200;
  static constexpr std::uint64_t kCounted = 2000;

  void SetUp() override {
    OwnNamespace::SetUp();
    ip("link set lo up");
    server_.emplace(servers_, ScriptedServer::Script{"\r\n\r\n", {"HTTP/1.0 200 OK\r\n\r\nRS1"}, 0ms, true});
    thread_ = std::thread([this] { servers_.run(); });
  }
  void TearDown() override {
    servers_.stop();
    thread_.join();
  }

  /// Allocations of kCounted probes, the one that follows begun when another ends.
  std::uint64_t allocations_of(const check::Probe& probe) {
    boost::asio::io_context context;
    ScriptRunner runner;
    Identities identities;
    std::uint64_t ended = 0;
    std::uint64_t before = 0;
    std::uint64_t counted = 0;
    ProbeSet* running = nullptr;
    ProbeSet set(context, runner, identities, [&](CheckerId checker, std::uint32_t, check::ProbeResult& result) {
      EXPECT_EQ(result.outcome, check::Outcome::answered) << result.detail;
      if (++ended == kWarmUp) before = vipdrift::testing::allocations();
      if (ended == kWarmUp + kCounted) {
        counted = vipdrift::testing::allocations() - before;
        context.stop();
      }
      running->start(checker, 0, probe);
    });
    running = &set;
    for (std::uint32_t checker = 0; checker < kCheckers; ++checker) set.start(CheckerId{checker}, 0, probe);
    context.run_for(20s);
    EXPECT_GE(ended, kWarmUp + kCounted);  // a batch is finished though the loop is to stop
    set.abandon_all();
    return counted;
  }
  check::Connection to_server() const {
    check::Connection connection;
    connection.address = IpAddress::v4(127, 0, 0, 1);
    connection.port = server_->port();
    return connection;
  }

 private:
  boost::asio::io_context servers_;
  std::optional<ScriptedServer> server_;
  std::thread thread_;
};

TEST_F(ProbeAllocation, ATcpProbeCostsNone) { EXPECT_EQ(allocations_of(check::TcpProbe{to_server()}), 0U); }

TEST_F(ProbeAllocation, APlainHttpProbeCostsNone) {
  check::HttpProbe probe;
  probe.connection = to_server();
  probe.path = "/";
  EXPECT_EQ(allocations_of(probe), 0U);
}

TEST_F(ProbeAllocation, ADigestIsCounted) {
  check::HttpProbe probe;
  probe.connection = to_server();
  probe.path = "/";
  probe.wants_digest = true;
  EXPECT_GE(allocations_of(probe), kCounted) << "nothing is counted";
}

}  // namespace
}  // namespace vipdrift::linux_backend
