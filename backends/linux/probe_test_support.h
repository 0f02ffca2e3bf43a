// For tests of probes: a network namespace, servers of a few lines, and the results as they come.
#ifndef VIPDRIFT_BACKENDS_LINUX_PROBE_TEST_SUPPORT_H_
#define VIPDRIFT_BACKENDS_LINUX_PROBE_TEST_SUPPORT_H_

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/linux/own_namespace.h"
#include "backends/linux/probe_set.h"

namespace vipdrift::linux_backend {

/// Takes connections; hears until `heard_end` of each, and then says its pieces, `pause` apart.
class ScriptedServer {
 public:
  using Tcp = boost::asio::ip::tcp;
  struct Script {
    std::string heard_end;  ///< empty: speaks first
    std::vector<std::string> pieces;
    std::chrono::milliseconds pause{0};
    bool closes = true;
    std::string each_heard_end{};  ///< heard after each piece but the last
  };

  ScriptedServer(boost::asio::io_context& context, Script script, const char* address = "127.0.0.1")
      : script_(std::move(script)), acceptor_(context, {boost::asio::ip::make_address(address), 0}) {
    accept();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  /// Of all connections.
  const std::vector<std::string>& heard() const { return heard_; }
  const std::vector<Tcp::endpoint>& peers() const { return peers_; }
  /// Connections that the other side has ended.
  int left() const { return left_; }

 private:
  struct Talk : std::enable_shared_from_this<Talk> {
    explicit Talk(Tcp::socket taken) : socket(std::move(taken)), timer(socket.get_executor()) {}
    Tcp::socket socket;
    boost::asio::steady_timer timer;
    boost::asio::streambuf input;
    std::size_t next = 0;
    char farewell = 0;
  };

  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, Tcp::socket socket) {
      if (error) return;
      boost::system::error_code gone;
      peers_.push_back(socket.remote_endpoint(gone));
      const auto talk = std::make_shared<Talk>(std::move(socket));
      script_.heard_end.empty() ? say(talk) : hear(talk);
      accept();
    });
  }
  void hear(const std::shared_ptr<Talk>& talk) {
    const std::string& end = talk->next == 0 ? script_.heard_end : script_.each_heard_end;
    boost::asio::async_read_until(talk->socket, talk->input, end,
                                  [this, talk](const boost::system::error_code& error, std::size_t) {
                                    if (error) {
                                      ++left_;
                                      return;
                                    }
                                    const auto data = talk->input.data();
                                    heard_.emplace_back(boost::asio::buffers_begin(data),
                                                        boost::asio::buffers_end(data));
                                    talk->input.consume(talk->input.size());
                                    say(talk);
                                  });
  }
  void say(const std::shared_ptr<Talk>& talk) {
    if (talk->next == script_.pieces.size()) return finish(talk);
    boost::asio::async_write(talk->socket, boost::asio::buffer(script_.pieces[talk->next++]),
                             [this, talk](const boost::system::error_code& error, std::size_t) {
                               if (error) {
                                 ++left_;
                                 return;
                               }
                               const bool last = talk->next == script_.pieces.size();
                               if (!last && !script_.each_heard_end.empty()) return hear(talk);
                               talk->timer.expires_after(script_.pause);
                               talk->timer.async_wait([this, talk](const boost::system::error_code&) { say(talk); });
                             });
  }
  void finish(const std::shared_ptr<Talk>& talk) {
    if (script_.closes) return;
    talk->socket.async_read_some(boost::asio::buffer(&talk->farewell, 1),
                                 [this, talk](const boost::system::error_code& error, std::size_t) {
                                   if (error) ++left_;
                                 });
  }

  Script script_;
  Tcp::acceptor acceptor_;
  std::vector<std::string> heard_;
  std::vector<Tcp::endpoint> peers_;
  int left_ = 0;
};

/// Each test has the loopback of a namespace of its own.
class ProbeTest : public OwnNamespace {
 protected:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kPatience{20};

  void SetUp() override {
    OwnNamespace::SetUp();
    ip("link set lo up");
    probes_.emplace(context_, runner_, identities_, [this](CheckerId checker, std::uint32_t, check::ProbeResult& one) {
      results_[checker.value] = one;
      took_[checker.value] = Clock::now() - started_[checker.value];
    });
    ASSERT_EQ(probes_->error(), 0);
    wait_for_children();
  }

  void start(std::uint32_t checker, check::Probe probe) {
    kept_.push_back(std::move(probe));
    started_[checker] = Clock::now();
    probes_->start(CheckerId{checker}, 0, kept_.back());
  }
  /// The result of one probe.
  check::ProbeResult probed(check::Probe probe) {
    results_.erase(0);
    start(0, std::move(probe));
    run_until([this] { return results_.contains(0); });
    return results_[0];
  }
  void run_until(const std::function<bool()>& condition) {
    const auto end = Clock::now() + kPatience;
    while (!condition() && Clock::now() < end) context_.run_one_for(std::chrono::milliseconds(50));
    ASSERT_TRUE(condition());
  }
  void run_for(std::chrono::milliseconds time) { context_.run_for(time); }

  static check::Connection to(std::uint16_t port, std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
    check::Connection connection;
    connection.address = IpAddress::v4(127, 0, 0, 1);
    connection.port = port;
    connection.timeout = timeout;
    return connection;
  }
  static check::HttpProbe get(std::uint16_t port, std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
    check::HttpProbe probe;
    probe.connection = to(port, timeout);
    probe.path = "/";
    return probe;
  }
  /// A busy machine may be late, never early.
  void expect_took(std::uint32_t checker, std::chrono::milliseconds timeout) {
    EXPECT_GE(took_[checker], timeout);
    EXPECT_LT(took_[checker], timeout + std::chrono::milliseconds(400));
  }

  boost::asio::io_context context_;
  ScriptRunner runner_;
  Identities identities_;
  std::deque<check::Probe> kept_;
  std::optional<ProbeSet> probes_;
  std::map<std::uint32_t, check::ProbeResult> results_;
  std::map<std::uint32_t, Clock::time_point> started_;
  std::map<std::uint32_t, Clock::duration> took_;

 private:
  void wait_for_children() {
    children_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      runner_.collect([](ScriptId, int, bool) {});
      wait_for_children();
    });
  }

  boost::asio::signal_set children_{context_, SIGCHLD};
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_PROBE_TEST_SUPPORT_H_
