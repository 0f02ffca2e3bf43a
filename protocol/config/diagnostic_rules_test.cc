#include "protocol/config/diagnostic_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <vector>

#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using testing::instance;

struct Example {
  RuleId rule;
  std::string text;
};

std::string server(std::string_view body) {
  return "virtual_server 10.0.0.1 80 {\n lb_algo rr\n lb_kind DR\n protocol TCP\n" + std::string{body} + "\n}\n";
}

/// One configuration a rule that breaks it, and perhaps others with it.
std::vector<Example> examples() {
  const std::string real = "real_server 10.0.0.2 80 {\n weight 1\n}\n";
  return {
      {RuleId::unknown_keyword, instance("prioritty 100")},
      {RuleId::misplaced_keyword, "priority 100\n"},
      {RuleId::newer_keyword, instance("no_virtual_ipaddress")},
      {RuleId::missing_keyword, "vrrp_instance VI_1 {\n interface eth0\n}\n"},
      {RuleId::missing_value, instance("priority")},
      {RuleId::bad_value, instance("priority high")},
      {RuleId::out_of_range, instance("priority 256")},
      {RuleId::unknown_option, instance("virtual_ipaddress {\n 10.0.0.2 labell eth0:1\n}")},
      {RuleId::unexpected_word, instance("priority 100 200")},
      {RuleId::not_implemented, instance("authentication {\n auth_type AH\n auth_pass x\n}")},
      {RuleId::repeated, instance("priority 100\npriority 101")},
      {RuleId::old_name, server("real_server 10.0.0.2 80 {\n HTTP_GET {\n url {\n path /\n status_code 200\n }\n"
                                " nb_get_retry 3\n }\n}")},
      {RuleId::unbalanced_quotes, "vrrp_script s {\n script \"/bin/true\n}\n"},
      {RuleId::unbalanced_braces, "vrrp_instance VI_1 {\n"},
      {RuleId::misplaced_block, instance("priority 100 {\n}")},
      {RuleId::line_too_long, "# " + std::string(1100, 'x') + "\n"},
      {RuleId::comment_sign, instance("priority 100 \\# a comment")},
      {RuleId::undefined_parameter, instance("priority ${PRIORITY}")},
      {RuleId::bad_definition, "~SEQ(x, 1, 0, 5) priority $x\n"},
      {RuleId::bad_condition, "@ priority 1\n"},
      {RuleId::include_not_found, "include nowhere.conf\n"},
      {RuleId::bad_include, "include k.conf\n"},
      {RuleId::unknown_name, instance("track_script {\n chk_httpd\n}")},
      {RuleId::duplicate_name, instance("") + instance("", "VI_1", 52)},
      {RuleId::listed_twice, "vrrp_script s {\n script /bin/true\n}\n" + instance("track_script {\n s\n s\n}")},
      {RuleId::vrid_used_twice, instance("") + instance("", "VI_2", 51, "10.0.0.2")},
      {RuleId::password_cut, instance("authentication {\n auth_type PASS\n auth_pass 123456789\n}")},
      {RuleId::authentication_incomplete, instance("authentication {\n auth_type PASS\n}")},
      {RuleId::authentication_ignored, instance("version 3\nauthentication {\n auth_type PASS\n auth_pass x\n}")},
      {RuleId::script_needs_shell, "vrrp_script s {\n script \"[[ -f /etc/down ]] && exit 1\"\n}\n"},
      {RuleId::command_cut, "vrrp_script s {\n script /bin/test -f x\n}\n"},
      {RuleId::label_too_long, instance("virtual_ipaddress {\n 10.0.0.2 label averylongname:vip1\n}")},
      {RuleId::family_mismatch, instance("virtual_ipaddress {\n fe80::1\n}")},
      {RuleId::link_local_first, instance("", "VI_1", 51, "2001:db8::1")},
      {RuleId::no_addresses, "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n}\n"},
      {RuleId::master_without_priority, instance("state MASTER")},
      {RuleId::nopreempt_cleared, instance("state MASTER\npriority 100\nnopreempt")},
      {RuleId::setting_ignored, instance("timer_expired_backup")},
      {RuleId::strict_resets, instance("strict_mode\nhigher_prio_send_advert")},
      {RuleId::value_changed, instance("advert_int 1.5")},
      {RuleId::unicast_without_peers, instance("check_unicast_src")},
      {RuleId::small_sync_group, instance("") + "vrrp_sync_group G {\n group {\n VI_1\n }\n}\n"},
      {RuleId::group_weight_ignored, "vrrp_script s {\n script /bin/true\n weight 5\n}\n" +
                                         instance("track_script {\n s\n}") + instance("", "VI_2", 52, "10.0.0.2") +
                                         "vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n}\n"},
      {RuleId::rule_without_priority, instance("virtual_rules {\n from 10.0.0.0/8 table 5\n}")},
      {RuleId::default_taken, "virtual_server 10.0.0.1 80 {\n" + real + "}\n"},
      {RuleId::unreachable_quorum, server("quorum 5\n" + real)},
      {RuleId::no_real_servers, server("")},
  };
}

std::vector<Diagnostic> said_of(const std::string& text) {
  ParseOptions options = testing::plain_options();
  options.warns_of_newer_keywords = true;
  options.include = [&](std::string_view pattern, std::string_view) {
    std::vector<SourceFile> files;
    if (pattern == "k.conf") files.push_back({"k.conf", text});
    return files;
  };
  return parse(text, options).diagnostics;
}

TEST(DiagnosticRules, EachHasAnExampleThatBreaksIt) {
  std::set<RuleId> seen;
  for (const Example& example : examples()) {
    seen.insert(example.rule);
    bool found = false;
    std::string all;
    for (const Diagnostic& diagnostic : said_of(example.text)) {
      ASSERT_TRUE(diagnostic.rule) << diagnostic.to_string();
      found = found || diagnostic.rule == example.rule;
      all += diagnostic.to_string() + " [" + std::string{rule_of(*diagnostic.rule).name} + "]\n";
      EXPECT_GE(diagnostic.severity, rule_of(*diagnostic.rule).least) << all;
      EXPECT_LE(diagnostic.severity, rule_of(*diagnostic.rule).most) << all;
    }
    EXPECT_TRUE(found) << rule_of(example.rule).name << " is not among\n" << all << example.text;
  }
  EXPECT_EQ(seen.size(), diagnostic_rules().size());
}

TEST(DiagnosticRules, HaveNamesAndTexts) {
  std::set<std::string_view> names;
  for (const DiagnosticRule& rule : diagnostic_rules()) {
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_TRUE(std::all_of(rule.name.begin(), rule.name.end(), [](char c) { return std::islower(c) || c == '-'; }))
        << rule.name;
    for (const std::string_view text : {rule.meaning, rule.why, rule.mend}) {
      EXPECT_TRUE(text.ends_with('.')) << rule.name << ": " << text;
    }
  }
}

TEST(DiagnosticRules, AreNoPartOfTheLine) {
  EXPECT_EQ(testing::messages("priority 100\n").find("misplaced-keyword"), std::string::npos);
}

}  // namespace
}  // namespace vipdrift::config
