// Sends mail about state changes through an SMTP server (RFC 5321), without ever making anybody wait.
#ifndef VIPDRIFT_BACKENDS_LINUX_MAILER_H_
#define VIPDRIFT_BACKENDS_LINUX_MAILER_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace vipdrift::linux_backend {

struct MailerOptions {
  std::string server;  ///< address or name
  std::uint16_t port = 25;
  /// For the connection, and for each answer.
  std::chrono::milliseconds timeout{30'000};
  std::string helo_name;
  std::string from;
  std::vector<std::string> to;
  /// A mail that could not be delivered for now is tried again after this, then after twice as long, ...
  std::chrono::milliseconds retry_after{5'000};
  int most_tries = 5;
  std::size_t most_waiting = 100;  ///< beyond that the oldest is dropped
  std::function<void(const std::string& line)> log;
};

/// One mail at a time, in order. It must outlive the run of its context.
class Mailer {
 public:
  Mailer(boost::asio::io_context& context, MailerOptions options);
  Mailer(const Mailer&) = delete;
  Mailer& operator=(const Mailer&) = delete;

  /// From now on; what waits already goes there too, worded for where it was to go before.
  void configure(MailerOptions options) { options_ = std::move(options); }
  void send(const std::string& subject, const std::string& body);
  std::size_t waiting() const { return waiting_.size(); }

 private:
  using Tcp = boost::asio::ip::tcp;
  /// What to say, and the first digit of the answer that lets the dialogue go on.
  struct Line {
    std::string text;
    char good_answer = '2';
  };

  void start();
  void look_up();
  void connect(const boost::asio::ip::address& address);
  void expect_answer();
  void on_answer(const std::string& answer);
  void say_next();
  void limit_time(const char* what);
  void fail(const std::string& why);
  void give_up(const std::string& why);
  void next();
  std::string message(const std::string& subject, const std::string& body) const;

  boost::asio::io_context& context_;
  MailerOptions options_;
  std::deque<std::string> waiting_;  ///< complete messages; the first is under way
  bool busy_ = false;
  int tries_ = 0;
  Tcp::socket socket_;
  boost::asio::local::stream_protocol::socket looked_up_;  ///< where a thread that asks the name service answers
  boost::asio::steady_timer limit_;
  boost::asio::steady_timer retry_;
  boost::asio::streambuf input_;
  std::string address_;  ///< as the name service told it
  std::string output_;
  std::deque<Line> dialogue_;
  char good_answer_ = '2';
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_MAILER_H_
