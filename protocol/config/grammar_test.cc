// The tables as a whole, and laws that hold for every keyword of a large file.
#include "protocol/config/grammar.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdint>

#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using testing::messages;

/// The cluster of a well-known how-to, the first director: two crossed instances behind one LVS-DR service.
constexpr std::string_view kArticle = R"(! Configuration File for keepalived

global_defs {
   notification_email {
     root@localhost
   }
   notification_email_from kaadmin@chen.com
   smtp_server 127.0.0.1
   smtp_connect_timeout 30
   router_id centos7s
   vrrp_mcast_group4 224.0.4.18
}

vrrp_script chk_down {
    script "[[ -f /etc/keepalived/down ]] && exit 1 || exit 0"
    interval 2
    weight -5
}

vrrp_script chk_httpd {
    script "killall -0 httpd"
    interval 2
    weight -5
}

vrrp_instance VI_1 {
    state MASTER
    interface eno16777736
    virtual_router_id 151
    priority 100
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass frSAmesXYSSFmw
    }
    virtual_ipaddress {
        10.1.10.7 dev eno16777736 label eno16777736:0
    }
    track_script {
        chk_down
        chk_httpd
    }
    notify_master "/etc/keepalived/notify.sh master"
    notify_backup "/etc/keepalived/notify.sh backup"
    notify_fault "/etc/keepalived/notify.sh fault"
}

vrrp_instance VI_2 {
    state BACKUP
    interface eno16777736
    virtual_router_id 152
    priority 98
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass frSAmesXYSSymw
    }
    virtual_ipaddress {
        10.1.10.77 dev eno16777736 label eno16777736:1
    }
    track_script {
        chk_down
        chk_httpd
    }
    notify_master "/etc/keepalived/notify.sh master"
    notify_backup "/etc/keepalived/notify.sh backup"
    notify_fault "/etc/keepalived/notify.sh fault"
}

virtual_server 10.1.10.7 80 {
    delay_loop 3
    lb_algo rr
    lb_kind DR
    protocol TCP
    sorry_server 127.0.0.1 80
    real_server 10.1.10.11 80 {
        weight 1
        HTTP_GET {
            url {
                path /
                status_code 200
            }
            connect_timeout 3
            retry 3
            delay_before_retry 3
        }
    }
}
)";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out{text};
  for (std::size_t at = out.find(from); at != std::string::npos; at = out.find(from, at + to.size())) {
    out.replace(at, from.size(), to);
  }
  return out;
}

TEST(Article, FirstDirectorIsRead) {
  const Configuration read = testing::accepted(kArticle);
  EXPECT_EQ(read.global.vrrp_mcast_group4, IpAddress::v4(224, 0, 4, 18));
  ASSERT_EQ(read.instances.size(), 2U);
  EXPECT_EQ(read.instances[0].virtual_router_id, 151);
  EXPECT_EQ(read.instances[0].priority, 100);
  EXPECT_EQ(read.instances[0].state, WantedState::master);
  EXPECT_EQ(read.instances[0].auth_pass, "frSAmesX");
  EXPECT_EQ(read.instances[0].virtual_addresses.at(0).label, "eno16777736:0");
  EXPECT_EQ(read.instances[1].priority, 98);
  EXPECT_EQ(read.instances[1].auth_pass, read.instances[0].auth_pass);
  EXPECT_TRUE(read.scripts.at(0).disabled);
  EXPECT_EQ(read.scripts.at(1).command.argv, (std::vector<std::string>{"killall", "-0", "httpd"}));
  EXPECT_EQ(read.virtual_servers.at(0).sorry_server->address, IpAddress::v4(127, 0, 0, 1));
  EXPECT_EQ(messages(kArticle),
            "k.conf:15:5: warning: Cannot find script [[ in path - disabling\n"
            "k.conf:34:19: warning: the password is cut to 8 characters: 'frSAmesX'\n"
            "k.conf:56:19: warning: the password is cut to 8 characters: 'frSAmesX'\n");
}

TEST(Article, SecondDirectorIsRead) {
  std::string text = replaced(kArticle, "state MASTER", "state ?");
  text = replaced(replaced(text, "state BACKUP", "state MASTER"), "state ?", "state BACKUP");
  text = replaced(replaced(replaced(text, "priority 100", "priority ?"), "priority 98", "priority 100"), "priority ?",
                  "priority 98");
  const Configuration read = testing::accepted(text);
  EXPECT_EQ(read.instances.at(0).state, WantedState::backup);
  EXPECT_EQ(read.instances.at(0).priority, 98);
  EXPECT_EQ(read.instances.at(1).state, WantedState::master);
  EXPECT_EQ(read.instances.at(1).priority, 100);
}

TEST(Article, ItsTypoIsFound) {
  const std::string text = replaced(kArticle, "label eno16777736:0", "labeleno16777736:0");
  const ParseResult result = parse(text, testing::plain_options());
  EXPECT_FALSE(result.ok());
  ASSERT_EQ(result.diagnostics.size(), 4U);
  const Diagnostic& error = result.diagnostics[2];
  EXPECT_EQ(error.severity, Severity::error);
  EXPECT_EQ(error.place, (Place{"k.conf", 37, 35}));
  EXPECT_EQ(error.nearest, "label eno16777736:0");
}

TEST(Tables, RowsAreSortedAndDistinct) {
  for (std::size_t i = 0; i < kBlocks; ++i) {
    const auto block = static_cast<Block>(i);
    const BlockRules& rules = rules_of(block);
    EXPECT_FALSE(rules.name.empty()) << i;
    EXPECT_NE(rules.keywords.empty(), rules.line == nullptr) << rules.name;
    for (const Keyword& row : rules.keywords) EXPECT_EQ(find_keyword(block, row.word), &row) << row.word;
    for (std::size_t r = 1; r < rules.keywords.size(); ++r) {
      EXPECT_LT(rules.keywords[r - 1].word, rules.keywords[r].word);
    }
  }
  EXPECT_EQ(find_keyword(Block::global_defs, "priority"), nullptr);
  EXPECT_EQ(blocks_with("track_script"), "vrrp_instance or vrrp_sync_group");
}

/// The keywords that a survey of some 900 public files met most often.
TEST(Tables, HaveTheMostUsedKeywords) {
  for (const char* word : {"global_defs",
                           "vrrp_instance",
                           "virtual_router_id",
                           "interface",
                           "virtual_ipaddress",
                           "priority",
                           "state",
                           "net_namespace",
                           "advert_int",
                           "weight",
                           "virtual_server",
                           "real_server",
                           "protocol",
                           "delay_loop",
                           "use_vmac",
                           "router_id",
                           "vrrp_version",
                           "version",
                           "vrrp_garp_master_delay",
                           "lb_algo",
                           "lb_kind",
                           "vrrp_script",
                           "script",
                           "vrrp_garp_master_repeat",
                           "interval",
                           "connect_timeout",
                           "vrrp_netlink_monitor_rcv_bufs",
                           "vrrp_netlink_cmd_rcv_bufs",
                           "vrrp_netlink_cmd_rcv_bufs_force",
                           "track_script",
                           "enable_script_security",
                           "script_user",
                           "authentication",
                           "auth_type",
                           "auth_pass",
                           "enable_dbus",
                           "lvs_sched",
                           "lvs_method",
                           "dbus_service_name",
                           "instance",
                           "timeout",
                           "connect_port",
                           "track_interface",
                           "unicast_src_ip",
                           "TCP_CHECK",
                           "unicast_peer",
                           "quorum",
                           "sorry_server",
                           "vrrp_sync_group",
                           "group",
                           "nopreempt",
                           "notification_email_from",
                           "smtp_server",
                           "notification_email",
                           "inhibit_on_failure",
                           "vrrp_garp_master_refresh",
                           "persistence_timeout",
                           "retry",
                           "track_file",
                           "delay_before_retry",
                           "alpha",
                           "file",
                           "fall",
                           "vrrp_iptables",
                           "smtp_alert",
                           "smtp_connect_timeout",
                           "MISC_CHECK",
                           "misc_path",
                           "rise",
                           "notify",
                           "notify_master",
                           "preempt_delay",
                           "virtual_routes",
                           "url",
                           "path",
                           "vrrp_strict",
                           "notify_backup",
                           "dynamic_interfaces",
                           "notify_fault",
                           "virtual_ipaddress_excluded",
                           "vrrp_mcast_group4",
                           "status_code",
                           "virtualhost"}) {
    EXPECT_NE(blocks_with(word), "") << word;
  }
}

/// Every line of the article's file that begins with a keyword.
struct KeywordLine {
  std::size_t offset = 0;
  int line = 0;
  std::string word;
};

std::vector<KeywordLine> keyword_lines() {
  std::vector<KeywordLine> found;
  int line = 1;
  for (std::size_t at = 0; at < kArticle.size(); ++line) {
    const std::size_t end = kArticle.find('\n', at);
    std::size_t begin = at;
    while (begin < end && kArticle[begin] == ' ') ++begin;
    std::size_t stop = begin;
    while (stop < end && (std::isalnum(static_cast<unsigned char>(kArticle[stop])) != 0 || kArticle[stop] == '_'))
      ++stop;
    const std::string word{kArticle.substr(begin, stop - begin)};
    if (!blocks_with(word).empty()) found.push_back({begin, line, word});
    at = end + 1;
  }
  return found;
}

TEST(Laws, ATypoInAnyKeywordIsAnErrorOnItsLineAndOnNoOther) {
  const std::vector<KeywordLine> lines = keyword_lines();
  ASSERT_GT(lines.size(), 50U);
  for (const KeywordLine& keyword : lines) {
    std::string text{kArticle};
    text.insert(keyword.offset + keyword.word.size() / 2, "Q");
    const ParseResult result = parse(text, testing::plain_options());
    EXPECT_FALSE(result.ok()) << keyword.word;
    std::vector<int> error_lines;
    for (const Diagnostic& diagnostic : result.diagnostics) {
      if (diagnostic.severity != Severity::error) continue;
      error_lines.push_back(diagnostic.place.line);
      if (keyword.word.size() > 4) {
        EXPECT_EQ(diagnostic.nearest, keyword.word);
      }
    }
    EXPECT_EQ(error_lines, std::vector<int>{keyword.line}) << keyword.word;
  }
}

TEST(Laws, AMissingBraceIsAnError) {
  for (std::size_t at = kArticle.find_first_of("{}"); at != std::string_view::npos;
       at = kArticle.find_first_of("{}", at + 1)) {
    std::string text{kArticle};
    text.erase(at, 1);
    EXPECT_FALSE(parse(text, testing::plain_options()).ok()) << at;
  }
}

/// What a file says, without where it says it.
Configuration meaning(std::string_view text) {
  Configuration read = testing::accepted(text);
  for (VrrpScript& script : read.scripts) script.place = {};
  for (VrrpInstance& instance : read.instances) instance.place = {};
  for (VirtualServer& server : read.virtual_servers) {
    server.place = {};
    for (RealServer& real : server.real_servers) {
      real.place = {};
      for (Checker& checker : real.checkers) checker.place = {};
    }
  }
  return read;
}

TEST(Laws, BlanksCommentsAndBraceStyleDoNotMatter) {
  const Configuration expected = meaning(kArticle);
  EXPECT_TRUE(meaning(replaced(kArticle, "\n", "\r\n")) == expected);
  EXPECT_TRUE(meaning(replaced(kArticle, "\n", " # note\n\n")) == expected);
  EXPECT_TRUE(meaning(replaced(kArticle, " {\n", "\n\n{\n")) == expected);
  EXPECT_TRUE(meaning(replaced(kArticle, "    ", "\t")) == expected);
}

/// A fixed sequence of numbers (Knuth's linear congruence), the same everywhere.
class Numbers {
 public:
  std::size_t below(std::size_t limit) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state_ >> 33U) % limit;
  }

 private:
  std::uint64_t state_ = 20240229;
};

TEST(Laws, TokenSoupNeitherCrashesNorDiffers) {
  std::vector<std::string_view> words = all_words();
  for (const char* word :
       {"{",  "}",    "{\n", "}\n",    "\n",        "\"",          "'",      "#",        "!",
        "$A", "${A}", "$A=", "@node1", "~SEQ(a,3)", "~LST(b,1,2)", "\\",     "10.0.0.1", "fe80::1/64",
        "0",  "-1",   "1.5", "eth0",   "MASTER",    "include x",   "${_PWD}"}) {
    words.insert(words.end(), 20, word);
  }
  ParseOptions options = testing::plain_options();
  options.max_expanded_lines = 100;
  Numbers numbers;
  for (int run = 0; run < 3000; ++run) {
    std::string text;
    const std::size_t length = 1 + numbers.below(60);
    for (std::size_t i = 0; i < length; ++i) {
      text += words[numbers.below(words.size())];
      text += numbers.below(3) == 0 ? '\n' : ' ';
    }
    const ParseResult once = parse(text, options);
    const ParseResult twice = parse(text, options);
    ASSERT_EQ(once.diagnostics, twice.diagnostics) << text;
    ASSERT_EQ(once.configuration, twice.configuration) << text;
    bool failed = false;
    for (const Diagnostic& diagnostic : once.diagnostics) failed |= diagnostic.severity == Severity::error;
    ASSERT_EQ(once.ok(), !failed) << text;
  }
}

/// Quadratic work would show as minutes here, not as a flaky limit.
TEST(Laws, ManyInstancesAreNoBurden) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    text += testing::instance("", "VI_" + std::to_string(i), i % 255 + 1) + "\n";
    text.replace(text.rfind("eth0"), 4, "eth" + std::to_string(i / 255));
  }
  EXPECT_EQ(testing::accepted(text).instances.size(), 20'000U);
}

TEST(Sequences, MakeInstances) {
  const Configuration read = testing::accepted_silently(R"($VI= \
vrrp_instance VI_${N} { \
  interface eth0 \
  virtual_router_id ${N} \
  @node1 priority 150 \
  @node2 priority 50 \
  virtual_ipaddress { \
    10.0.${N}.1/24 \
  } \
}
~SEQ(N, 1, 254) $VI
)");
  ASSERT_EQ(read.instances.size(), 254U);
  EXPECT_EQ(read.instances[253].name, "VI_254");
  EXPECT_EQ(read.instances[253].priority, 150);
  EXPECT_EQ(read.instances[253].virtual_addresses[0].address, IpAddress::v4(10, 0, 254, 1));
}

}  // namespace
}  // namespace vipdrift::config
