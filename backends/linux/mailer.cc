#include "backends/linux/mailer.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <ctime>
#include <istream>
#include <memory>
#include <thread>
#include <utility>

#include "backends/linux/file_descriptor.h"

namespace vipdrift::linux_backend {
namespace {

using Error = boost::system::error_code;

/// RFC 5322, 3.3.
std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S %z", &local)};
}

/// No header must end early, whatever a configuration says.
std::string on_one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return text;
}

/// Asks the name service, which nobody can interrupt, and writes the address as text to `answer`; nothing: none found.
void resolve(const std::string& host, const FileDescriptor& answer) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return;
  std::array<char, NI_MAXHOST> text{};
  if (getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0) {
    ::send(answer.get(), text.data(), std::char_traits<char>::length(text.data()), MSG_NOSIGNAL);
  }
  freeaddrinfo(found);
}

}  // namespace

Mailer::Mailer(boost::asio::io_context& context, MailerOptions options)
    : context_(context),
      options_(std::move(options)),
      socket_(context),
      looked_up_(context),
      limit_(context),
      retry_(context) {}

void Mailer::send(const std::string& subject, const std::string& body) {
  if (waiting_.size() >= options_.most_waiting) {
    options_.log("SMTP server [" + options_.server + "] does not keep up - dropping a mail");
    // The first is under way, and would be half said.
    waiting_.erase(waiting_.begin() + (busy_ && waiting_.size() > 1 ? 1 : 0));
  }
  waiting_.push_back(message(subject, body));
  if (!busy_) start();
}

std::string Mailer::message(const std::string& subject, const std::string& body) const {
  std::string recipients;
  for (const std::string& one : options_.to) recipients += (recipients.empty() ? "" : ", ") + one;
  return "Date: " + date_now() + "\r\nFrom: " + options_.from + "\r\nSubject: " + on_one_line(subject) +
         "\r\nX-Mailer: VIPdrift\r\nTo: " + recipients + "\r\n\r\n" + body + "\r\n\r\n.\r\n";
}

// ---------------------------------------------------------------- one attempt

void Mailer::start() {
  busy_ = true;
  input_.consume(input_.size());
  dialogue_ = {{"HELO " + options_.helo_name + "\r\n"}, {"MAIL FROM:<" + options_.from + ">\r\n"}};
  for (const std::string& one : options_.to) dialogue_.push_back({"RCPT TO:<" + one + ">\r\n"});
  dialogue_.push_back({"DATA\r\n", '3'});
  dialogue_.push_back({waiting_.front()});
  dialogue_.push_back({"QUIT\r\n"});
  good_answer_ = '2';
  Error error;
  const auto address = boost::asio::ip::make_address(options_.server, error);
  if (error) {
    look_up();
  } else {
    connect(address);
  }
}

void Mailer::look_up() {
  boost::asio::local::stream_protocol::socket far_end(context_);
  Error error;
  looked_up_ = boost::asio::local::stream_protocol::socket(context_);
  boost::asio::local::connect_pair(looked_up_, far_end, error);
  if (error) return fail(error.message());
  limit_time("the name service");
  auto descriptor = std::make_shared<FileDescriptor>(far_end.release());
  std::thread([host = options_.server, descriptor] { resolve(host, *descriptor); }).detach();
  address_.clear();
  boost::asio::async_read(looked_up_, boost::asio::dynamic_buffer(address_), [this](const Error& failure, std::size_t) {
    if (failure == boost::asio::error::operation_aborted) return;
    Error no_address;
    const auto address = boost::asio::ip::make_address(address_, no_address);
    if (no_address) return fail("there is no such host");
    connect(address);
  });
}

void Mailer::connect(const boost::asio::ip::address& address) {
  limit_time("the connection");
  socket_.async_connect({address, options_.port}, [this](const Error& error) {
    if (error == boost::asio::error::operation_aborted) return;
    if (error) return fail(error.message());
    expect_answer();
  });
}

void Mailer::expect_answer() {
  limit_time("an answer");
  boost::asio::async_read_until(socket_, input_, "\r\n", [this](const Error& error, std::size_t) {
    if (error == boost::asio::error::operation_aborted) return;
    if (error) return fail(error.message());
    std::istream stream(&input_);
    std::string answer;
    std::getline(stream, answer);
    if (!answer.empty() && answer.back() == '\r') answer.pop_back();
    const bool more_follows = answer.size() > 3 && answer[3] == '-';  // RFC 5321, 4.2.1
    if (more_follows) return expect_answer();
    on_answer(answer);
  });
}

void Mailer::on_answer(const std::string& answer) {
  const bool delivered = dialogue_.empty() || dialogue_.size() == 1;  // QUIT is all that is left to say
  if (answer.empty() || answer[0] != good_answer_) {
    if (dialogue_.empty()) return next();
    // 5xx will be the same tomorrow (RFC 5321, 4.2.1).
    return !answer.empty() && answer[0] == '5' ? give_up(answer) : fail(answer);
  }
  if (dialogue_.empty()) return next();
  if (delivered) options_.log("SMTP alert successfully sent.");
  say_next();
}

void Mailer::say_next() {
  output_ = std::move(dialogue_.front().text);
  good_answer_ = dialogue_.front().good_answer;
  dialogue_.pop_front();
  limit_time("the server to read");
  boost::asio::async_write(socket_, boost::asio::buffer(output_), [this](const Error& error, std::size_t) {
    if (error == boost::asio::error::operation_aborted) return;
    if (error) return dialogue_.empty() ? next() : fail(error.message());
    expect_answer();
  });
}

void Mailer::limit_time(const char* what) {
  limit_.expires_after(options_.timeout);
  limit_.async_wait([this, what](const Error& error) {
    if (error) return;
    if (dialogue_.empty()) return next();  // delivered; only the farewell is missing
    fail("waited too long for " + std::string(what));
  });
}

// ---------------------------------------------------------------- ends

void Mailer::fail(const std::string& why) {
  if (++tries_ >= options_.most_tries) return give_up(why);
  limit_.cancel();
  Error ignored;
  socket_.close(ignored);
  looked_up_.close(ignored);
  const auto pause = options_.retry_after * (1 << std::min(tries_ - 1, 10));
  options_.log("SMTP server [" + options_.server + "]:" + std::to_string(options_.port) + ": " + why +
               " - trying again in " + std::to_string(pause / std::chrono::milliseconds{1}) + " ms");
  retry_.expires_after(pause);
  retry_.async_wait([this](const Error& error) {
    if (!error) start();
  });
}

void Mailer::give_up(const std::string& why) {
  options_.log("SMTP server [" + options_.server + "]:" + std::to_string(options_.port) + ": " + why +
               " - giving up on a mail");
  next();
}

void Mailer::next() {
  limit_.cancel();
  Error ignored;
  socket_.close(ignored);
  waiting_.pop_front();
  tries_ = 0;
  busy_ = false;
  if (!waiting_.empty()) start();
}

}  // namespace vipdrift::linux_backend
