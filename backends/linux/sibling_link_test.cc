#include "backends/linux/sibling_link.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace vipdrift::linux_backend {
namespace {

using Lines = std::vector<std::string>;

/// Two processes that may come and go, on one loop.
class SiblingLinkTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(sockets_.has_value()); }

  std::unique_ptr<SiblingLink> link(const FileDescriptor& socket, Lines& heard) {
    return std::make_unique<SiblingLink>(context_, socket, [&heard](const std::string& key, const std::string& value) {
      heard.push_back(key + "=" + value);
    });
  }
  std::unique_ptr<SiblingLink> vrrp() { return link(sockets_->vrrp, heard_by_vrrp_); }
  std::unique_ptr<SiblingLink> check() { return link(sockets_->check, heard_by_check_); }
  void settle() {
    context_.restart();
    while (context_.poll() > 0) {
    }
  }
  Lines take(Lines& heard) { return std::exchange(heard, {}); }

  std::optional<SiblingSockets> sockets_ = make_sibling_sockets();
  boost::asio::io_context context_;
  Lines heard_by_vrrp_;
  Lines heard_by_check_;
};

TEST_F(SiblingLinkTest, BothHearEachOther) {
  const auto a = vrrp();
  const auto b = check();
  settle();
  b->tell("quorum a", "up");
  a->tell("state VI_1", "MASTER");
  settle();
  EXPECT_EQ(take(heard_by_vrrp_), Lines{"quorum a=up"});
  EXPECT_EQ(take(heard_by_check_), Lines{"state VI_1=MASTER"});
}

TEST_F(SiblingLinkTest, WhoeverComesLaterHearsWhatHolds) {
  const auto b = check();
  b->tell("a", "up");
  b->tell("a", "down");
  b->tell("b", "up");
  b->forget("b");
  settle();
  const auto a = vrrp();
  settle();
  ASSERT_FALSE(heard_by_vrrp_.empty());
  EXPECT_EQ(heard_by_vrrp_.back(), "a=down");
}

TEST_F(SiblingLinkTest, AReplacementHearsEverythingAgain) {
  auto a = vrrp();
  const auto b = check();
  b->tell("a", "down");
  settle();
  a.reset();
  take(heard_by_vrrp_);
  a = vrrp();
  settle();
  EXPECT_EQ(take(heard_by_vrrp_), Lines{"a=down"});
}

TEST_F(SiblingLinkTest, ALineThatIsFullNeverBlocksAndTheNewestValueArrives) {
  const auto b = check();
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 20'000; ++i) b->tell("key " + std::to_string(i % 2'000), std::to_string(i));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{5});
  const auto a = vrrp();
  settle();
  std::map<std::string, std::string> last;
  for (const std::string& line : heard_by_vrrp_) last[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);
  ASSERT_EQ(last.size(), 2'000U);
  for (int i = 0; i < 2'000; ++i) EXPECT_EQ(last["key " + std::to_string(i)], std::to_string(18'000 + i));
}

}  // namespace
}  // namespace vipdrift::linux_backend
