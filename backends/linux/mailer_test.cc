#include "backends/linux/mailer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;
using Tcp = boost::asio::ip::tcp;

/// An SMTP server of a few lines: answers each line but those of a message with the next of its answers.
class Server {
 public:
  explicit Server(boost::asio::io_context& context)
      : acceptor_(context, {boost::asio::ip::address_v4::loopback(), 0}), socket_(context) {}

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  const std::vector<std::string>& heard() const { return heard_; }
  int connections() const { return connections_; }

  /// For one connection; the first answer is the greeting.
  void serve(std::deque<std::string> answers) {
    answers_ = std::move(answers);
    boost::system::error_code ignored;
    socket_.close(ignored);  // of the connection before
    input_.consume(input_.size());
    acceptor_.async_accept(socket_, [this](const boost::system::error_code& error) {
      if (error) return;
      ++connections_;
      answer();
    });
  }

 private:
  void answer() {
    if (answers_.empty()) {
      socket_.close();
      return;
    }
    output_ = answers_.front() + "\r\n";
    answers_.pop_front();
    in_message_ = output_.starts_with("354");
    boost::asio::async_write(socket_, boost::asio::buffer(output_),
                             [this](const boost::system::error_code& error, std::size_t) {
                               if (!error) listen();
                             });
  }

  void listen() {
    boost::asio::async_read_until(socket_, input_, "\r\n", [this](const boost::system::error_code& error, std::size_t) {
      if (error) return;
      std::istream stream(&input_);
      std::string line;
      std::getline(stream, line);
      line.pop_back();
      heard_.push_back(line);
      if (in_message_ && line != ".") return listen();
      answer();
    });
  }

  Tcp::acceptor acceptor_;
  Tcp::socket socket_;
  boost::asio::streambuf input_;
  std::string output_;
  std::deque<std::string> answers_;
  std::vector<std::string> heard_;
  bool in_message_ = false;
  int connections_ = 0;
};

class MailerTest : public testing::Test {
 protected:
  MailerTest() : server_(context_) {}

  Mailer& make(std::chrono::milliseconds timeout = 10s) {
    MailerOptions options;
    options.server = "127.0.0.1";
    options.port = server_.port();
    options.timeout = timeout;
    options.helo_name = "lb1.example.com";
    options.from = "vrrp@example.com";
    options.to = {"one@example.com", "two@example.com"};
    options.retry_after = 5ms;
    options.most_tries = 3;
    options.most_waiting = 3;
    options.log = [this](const std::string& line) { log_.push_back(line); };
    return mailer_.emplace(context_, options);
  }

  void run_until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < end) context_.run_one_for(100ms);
    ASSERT_TRUE(condition());
  }

  boost::asio::io_context context_;
  Server server_;
  std::optional<Mailer> mailer_;
  std::vector<std::string> log_;
};

const std::deque<std::string> kGood = {"220 hello", "250 helo", "250 from", "250 to", "250 to", "354 go", "250 ok",
                                       "221 bye"};

TEST_F(MailerTest, SpeaksSmtpAndWordsMailAsKeepalivedDoes) {
  server_.serve(kGood);
  Mailer& mailer = make();
  mailer.send("[lb1] VRRP Instance V - Entering MASTER state", "=> VRRP Instance is now owning VRRP VIPs <=");
  run_until([&] { return mailer.waiting() == 0; });
  EXPECT_THAT(server_.heard(),
              testing::ElementsAre("HELO lb1.example.com", "MAIL FROM:<vrrp@example.com>", "RCPT TO:<one@example.com>",
                                   "RCPT TO:<two@example.com>", "DATA", testing::StartsWith("Date: "),
                                   "From: vrrp@example.com", "Subject: [lb1] VRRP Instance V - Entering MASTER state",
                                   "X-Mailer: VIPdrift", "To: one@example.com, two@example.com", "",
                                   "=> VRRP Instance is now owning VRRP VIPs <=", "", ".", "QUIT"));
  EXPECT_THAT(log_, testing::ElementsAre("SMTP alert successfully sent."));
}

TEST_F(MailerTest, AnswersOfSeveralLinesAreOneAnswer) {
  std::deque<std::string> answers = kGood;
  answers[1] = "250-first\r\n250-second\r\n250 last";
  server_.serve(answers);
  Mailer& mailer = make();
  mailer.send("subject", "body");
  run_until([&] { return mailer.waiting() == 0; });
  EXPECT_THAT(log_, testing::ElementsAre("SMTP alert successfully sent."));
}

TEST_F(MailerTest, TriesAgainWhenTheServerCannotForNow) {
  server_.serve({"421 busy"});
  Mailer& mailer = make();
  mailer.send("subject", "body");
  run_until([&] { return !log_.empty(); });
  EXPECT_THAT(log_.back(), testing::EndsWith("421 busy - trying again in 5 ms"));
  server_.serve(kGood);
  run_until([&] { return mailer.waiting() == 0; });
  EXPECT_EQ(log_.back(), "SMTP alert successfully sent.");
}

TEST_F(MailerTest, GivesUpAtOnceWhenTheServerWillNever) {
  server_.serve({"220 hello", "250 helo", "250 from", "550 no such mailbox"});
  Mailer& mailer = make();
  mailer.send("subject", "body");
  run_until([&] { return mailer.waiting() == 0; });
  EXPECT_THAT(log_, testing::ElementsAre(testing::EndsWith("550 no such mailbox - giving up on a mail")));
}

TEST_F(MailerTest, AServerThatNeverAnswersCostsOneMailItsTries) {
  server_.serve(kGood);  // only the first connection is taken; the others wait in the kernel for ever
  Mailer& mailer = make(20ms);
  mailer.send("first", "body");
  run_until([&] { return mailer.waiting() == 0; });
  log_.clear();
  mailer.send("second", "body");
  run_until([&] { return mailer.waiting() == 0; });
  ASSERT_EQ(log_.size(), 3U);
  EXPECT_THAT(log_[0], testing::EndsWith("waited too long for an answer - trying again in 5 ms"));
  EXPECT_THAT(log_[1], testing::EndsWith("trying again in 10 ms"));
  EXPECT_THAT(log_[2], testing::EndsWith("giving up on a mail"));
}

TEST_F(MailerTest, TheQueueIsBounded) {
  server_.serve({"220 hello"});
  Mailer& mailer = make();
  for (int i = 0; i < 5; ++i) mailer.send("subject", "body");
  EXPECT_EQ(mailer.waiting(), 3U);
  EXPECT_EQ(log_.size(), 2U);
  EXPECT_THAT(log_[0], testing::EndsWith("does not keep up - dropping a mail"));
}

TEST_F(MailerTest, AServerMayHaveAName) {
  server_.serve(kGood);
  Mailer& mailer = make();
  MailerOptions options;
  options.server = "localhost";
  options.port = server_.port();
  options.to = {"one@example.com", "two@example.com"};
  options.log = [this](const std::string& line) { log_.push_back(line); };
  mailer.configure(options);
  mailer.send("subject", "body");
  run_until([&] { return !log_.empty(); });
  // Without a name service, or where localhost is ::1 first, it is told and tried again.
  EXPECT_THAT(log_.front(), testing::AnyOf("SMTP alert successfully sent.", testing::HasSubstr("trying again in")));
}

TEST_F(MailerTest, NoHeaderEndsEarly) {
  server_.serve(kGood);
  Mailer& mailer = make();
  mailer.send("a\r\nBcc: x", "body");
  run_until([&] { return mailer.waiting() == 0; });
  EXPECT_THAT(server_.heard(), testing::Contains("Subject: a  Bcc: x"));
}

}  // namespace
}  // namespace vipdrift::linux_backend
