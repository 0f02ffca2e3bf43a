#include "protocol/config/reference.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using testing::instance;
using testing::messages;

const ReferenceKeyword* find(const std::vector<ReferenceBlock>& blocks, std::string_view block, std::string_view word) {
  for (const ReferenceBlock& each : blocks) {
    if (each.name != block) continue;
    for (const ReferenceKeyword& keyword : each.keywords) {
      if (keyword.word == word) return &keyword;
    }
  }
  return nullptr;
}

TEST(Reference, SaysOfEachKeywordWhatItMeans) {
  std::size_t keywords = 0;
  for (const ReferenceBlock& block : language_reference()) {
    EXPECT_NE(block.keywords.empty(), block.line.empty()) << block.name;
    for (const ReferenceKeyword& keyword : block.keywords) {
      ++keywords;
      EXPECT_TRUE(keyword.meaning.ends_with('.')) << block.name << " " << keyword.word << ": " << keyword.meaning;
      EXPECT_FALSE(keyword.takes.empty()) << block.name << " " << keyword.word;
    }
  }
  EXPECT_GT(keywords, 400U);
}

TEST(Reference, EveryBlockStandsSomewhere) {
  for (const ReferenceBlock& block : language_reference()) {
    EXPECT_EQ(block.stands_in.empty(), block.name == "the configuration") << block.name;
  }
}

TEST(Reference, TellsWhatHasNoEffect) {
  const std::vector<ReferenceBlock> blocks = language_reference();
  ASSERT_NE(find(blocks, "vrrp_instance", "priority"), nullptr);
  EXPECT_TRUE(find(blocks, "vrrp_instance", "priority")->acted_upon);
  EXPECT_EQ(find(blocks, "vrrp_instance", "priority")->takes, "a number from 1 to 255");
  ASSERT_NE(find(blocks, "vrrp_instance", "auth_hmac"), nullptr);
  EXPECT_FALSE(find(blocks, "vrrp_instance", "auth_hmac")->acted_upon);
  EXPECT_EQ(find(blocks, "vrrp_instance", "auth_hmac")->since, "2.4");
  ASSERT_NE(find(blocks, "bfd_instance", "min_rx"), nullptr);
  EXPECT_FALSE(find(blocks, "bfd_instance", "min_rx")->acted_upon);
}

TEST(Interpreter, ReadsABlockWithoutEffectAndSaysSoOnce) {
  EXPECT_EQ(messages("bfd_instance peer {\n  neighbor_ip 10.0.0.2\n  min_rx 20.5\n  passive\n}\n" + instance("")),
            "k.conf:1:1: warning: 'bfd_instance' is known to keepalived, not modelled here: it has no effect\n");
}

TEST(Interpreter, ChecksWhatHasNoEffect) {
  EXPECT_EQ(messages("bfd_instance peer {\n  neigbor_ip 10.0.0.2\n  multiplier 0\n}\n" + instance("")),
            "k.conf:1:1: warning: 'bfd_instance' is known to keepalived, not modelled here: it has no effect\n"
            "k.conf:2:3: error: unknown keyword 'neigbor_ip' in bfd_instance; expected a keyword of bfd_instance; did "
            "you mean 'neighbor_ip'?\n"
            "k.conf:3:14: error: '0' is not valid for 'multiplier'; expected a number from 1 to 255\n");
  EXPECT_EQ(messages("global_defs {\n  vrrp_priority -30\n}\n" + instance("")),
            "k.conf:2:17: error: '-30' is not valid for 'vrrp_priority'; expected a number from -20 to 19\n");
}

TEST(Interpreter, TakesDefaultsOfNewerReleases) {
  const Configuration configuration =
      testing::accepted("global_defs {\n  v3_checksum_as_v2\n  vrrp_owner_ignore_adverts\n}\n" +
                        instance("  v3_checksum_as_v2 off\n") + instance("", "VI_2", 52, "10.0.0.2"));
  EXPECT_FALSE(configuration.instances.at(0).v3_checksum_as_v2);
  EXPECT_TRUE(configuration.instances.at(0).owner_ignore_adverts);
  EXPECT_TRUE(configuration.instances.at(1).v3_checksum_as_v2);
}

TEST(Interpreter, NoAddressOnPurposeIsNoMistake) {
  const std::string bare = "vrrp_instance VI_1 {\n  interface eth0\n  virtual_router_id 51\n";
  EXPECT_EQ(messages(bare + "  no_virtual_ipaddress\n}\n"), "");
  EXPECT_NE(messages(bare + "}\n"), "");
}

}  // namespace
}  // namespace vipdrift::config
