// What a reload would do is what the core does.
#include "analysis/reload_preview.h"

#include <gtest/gtest.h>

#include <string>

#include "protocol/config/parser.h"

namespace vipdrift::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using vrrp::State;

std::string instance(const std::string& name, int vrid, const std::string& body, const std::string& addresses) {
  return "vrrp_instance " + name + " {\n interface eth0\n virtual_router_id " + std::to_string(vrid) + "\n" + body +
         "\n virtual_ipaddress {\n" + addresses + "\n }\n}\n";
}

std::string server(const std::string& body, const std::string& reals) {
  return "virtual_server 10.0.0.9 80 {\n lb_algo rr\n lb_kind DR\n protocol TCP\n" + body + "\n" + reals + "}\n";
}

std::string real(int last, const std::string& body = "TCP_CHECK {\n }") {
  return " real_server 10.0.1." + std::to_string(last) + " 80 {\n " + body + "\n }\n";
}

struct Read {
  std::shared_ptr<const config::Configuration> configuration;
  config::WrittenConfiguration written;
};

Read read(const std::string& text, const std::string& file) {
  config::ParseOptions options;
  options.file_name = file;
  config::ParseResult parsed = config::parse(text, options);
  EXPECT_TRUE(parsed.ok()) << text << (parsed.diagnostics.empty() ? "" : parsed.diagnostics.front().to_string());
  return {std::make_shared<const config::Configuration>(parsed.configuration.value_or(config::Configuration{})),
          config::read_written(text, options)};
}

ReloadPreview preview(const std::string& before, const std::string& after,
                      const vrrp::Profile& profile = vrrp::keepalived_profile()) {
  const Read old_one = read(before, "a.conf");
  const Read new_one = read(after, "b.conf");
  return preview_reload({old_one.configuration, &old_one.written}, {new_one.configuration, &new_one.written}, profile);
}

TEST(ReloadPreview, TheSameFileChangesNothing) {
  const std::string text = "vrrp_script s {\n script /bin/true\n}\n" +
                           instance("V", 1, " track_script {\n s\n }", "10.0.0.1") + server("alpha", real(1));
  const ReloadPreview told = preview(text, "# another comment\n" + text);
  EXPECT_FALSE(told.changes());
  ASSERT_EQ(told.instances.size(), 1U);
  EXPECT_EQ(told.instances[0].fate, Fate::untouched);
  EXPECT_EQ(told.instances[0].before, State::master);
  EXPECT_EQ(told.instances[0].after, State::master);
  EXPECT_EQ(told.services.at(0).fate, Fate::untouched);
  EXPECT_EQ(told.scripts, std::vector<std::string>{"s"});
}

TEST(ReloadPreview, AMasterGoesOnWithOtherAddressesAndSettings) {
  const ReloadPreview told = preview(instance("V", 1, " priority 100", "10.0.0.1\n10.0.0.2"),
                                     instance("V", 1, " priority 90\n nopreempt", "10.0.0.1\n10.0.0.3 dev eth1"));
  const InstancePreview& v = told.instances.at(0);
  EXPECT_TRUE(told.changes());
  EXPECT_EQ(v.fate, Fate::changed);
  EXPECT_EQ(v.after, State::master);
  EXPECT_EQ(v.removed, std::vector<std::string>{"10.0.0.2/32 of eth0"});
  EXPECT_EQ(v.added, std::vector<std::string>{"10.0.0.3/32 of eth1"});
  const std::vector<SettingChange> expected{
      {"priority", "100", "90", {"b.conf", 4, 2}},
      {"preempt", "on", "off", {"b.conf", 5, 2}},
      {"virtual_ipaddress", "10.0.0.2/32", {}, {"a.conf", 7, 1}},
      {"virtual_ipaddress", {}, "10.0.0.3/32 dev eth1", {"b.conf", 8, 1}},
  };
  EXPECT_EQ(v.settings, expected);
}

TEST(ReloadPreview, AnotherVridBeginsAnew) {
  const ReloadPreview told =
      preview(instance("V", 1, "notify_fault /bin/f", "10.0.0.1"), instance("V", 2, "notify_fault /bin/f", "10.0.0.1"));
  ASSERT_EQ(told.instances.size(), 1U);
  const InstancePreview& v = told.instances[0];
  EXPECT_EQ(v.fate, Fate::flaps);
  EXPECT_TRUE(v.begins_anew);
  EXPECT_EQ(v.before, State::master);
  EXPECT_EQ(v.after, State::backup);
  // Three intervals and the skew time of priority 100.
  ASSERT_TRUE(v.until_master);
  EXPECT_GT(*v.until_master, seconds{3} + milliseconds{600});
  EXPECT_LT(*v.until_master, seconds{3} + milliseconds{620});
  EXPECT_EQ(v.removed, std::vector<std::string>{"10.0.0.1/32 of eth0"});
  EXPECT_TRUE(v.added.empty());
  EXPECT_EQ(told.notifications.at(0), "INSTANCE V FAULT: /bin/f");
}

TEST(ReloadPreview, ANameIsNotWhatMakesAnInstance) {
  const ReloadPreview told = preview(instance("V", 1, "", "10.0.0.1"), instance("W", 1, "", "10.0.0.1"));
  ASSERT_EQ(told.instances.size(), 1U);
  EXPECT_EQ(told.instances[0].fate, Fate::changed);
  EXPECT_EQ(told.instances[0].former_name, "V");
  EXPECT_EQ(told.instances[0].after, State::master);
}

TEST(ReloadPreview, AnotherGroupOfTheWholeDaemonMovesEveryInstance) {
  const std::string both = instance("V", 1, "", "10.0.0.1") + instance("W", 2, " mcast_dst_ip 224.0.0.99", "10.0.0.2");
  const ReloadPreview told = preview(both, "global_defs {\n vrrp_mcast_group4 224.0.4.18\n}\n" + both);
  EXPECT_EQ(told.instances.at(0).fate, Fate::flaps);
  EXPECT_EQ(told.instances.at(1).fate, Fate::untouched);
}

TEST(ReloadPreview, InstancesComeAndGo) {
  const ReloadPreview told = preview(instance("V", 1, "", "10.0.0.1") + instance("W", 2, "", "10.0.0.2"),
                                     instance("V", 1, "", "10.0.0.1") + instance("X", 3, "", "10.0.0.3"));
  ASSERT_EQ(told.instances.size(), 3U);
  EXPECT_EQ(told.instances[0].fate, Fate::untouched);
  EXPECT_EQ(told.instances[1].fate, Fate::appears);
  EXPECT_EQ(told.instances[1].place, (config::Place{"b.conf", 9, 1}));
  EXPECT_EQ(told.instances[2].fate, Fate::leaves);
  EXPECT_EQ(told.instances[2].place, (config::Place{"a.conf", 9, 1}));
  EXPECT_EQ(told.instances[2].removed, std::vector<std::string>{"10.0.0.2/32 of eth0"});
}

TEST(ReloadPreview, ANewGroupWithANewMemberPullsItsMasterDown) {
  const std::string v = instance("V", 1, "", "10.0.0.1");
  const ReloadPreview told =
      preview(v, v + instance("W", 2, "", "10.0.0.2") + "vrrp_sync_group G {\n group {\n  V\n  W\n }\n}\n");
  EXPECT_EQ(told.instances.at(0).fate, Fate::flaps);
  EXPECT_FALSE(told.instances[0].begins_anew);
  EXPECT_EQ(told.instances[0].after, State::backup);
  EXPECT_TRUE(told.instances[0].until_master);
  EXPECT_EQ(told.blocks.at(0).name, "vrrp_sync_group G");
  EXPECT_EQ(told.blocks[0].fate, Fate::appears);
}

TEST(ReloadPreview, ScriptsKeepTheirResultWhileTheirCommandIsTheSame) {
  const auto script = [](const std::string& command, const std::string& rest) {
    return "vrrp_script s {\n script \"" + command + "\"\n" + rest + "}\n";
  };
  ReloadPreview told = preview(script("/bin/a", ""), script("/bin/b", ""));
  EXPECT_EQ(told.blocks.at(0).consequences, std::vector<std::string>{"counts as up until its first run ends"});
  told = preview(script("/bin/a", ""), script("/bin/a", "interval 5\n"));
  EXPECT_EQ(told.blocks.at(0).consequences, std::vector<std::string>{"keeps its result, and runs at once"});
  EXPECT_EQ(told.blocks[0].settings,
            (std::vector<SettingChange>{{"interval", "1", "5", {"b.conf", 3, 1}}, {"timeout", "1", "5", {}}}));
}

TEST(ReloadPreview, WhatCountsAtAStartOnlyIsSaid) {
  const ReloadPreview told = preview("", "global_defs {\n vrrp_startup_delay 5\n}\nnet_namespace blue\n");
  ASSERT_EQ(told.blocks.size(), 2U);
  EXPECT_EQ(told.blocks[0].consequences, std::vector<std::string>{"net_namespace needs a restart"});
  EXPECT_EQ(told.blocks[1].consequences, std::vector<std::string>{"vrrp_startup_delay counts at a start only"});
  const ReloadPreview tuned = preview("global_defs {\n}\n", "global_defs {\n vrrp_rt_priority 5\n}\n");
  EXPECT_EQ(tuned.blocks.at(0).consequences, std::vector<std::string>{"vrrp_rt_priority needs a restart"});
}

TEST(ReloadPreview, RealServersComeGoAndChange) {
  const ReloadPreview told = preview(server("", real(1) + real(2) + real(3)),
                                     server("", real(1) + real(2, "weight 5\n TCP_CHECK {\n }") + real(4)));
  const ServicePreview& service = told.services.at(0);
  EXPECT_EQ(service.fate, Fate::changed);
  ASSERT_EQ(service.servers.size(), 4U);
  EXPECT_EQ(service.servers[0].fate, Fate::untouched);
  EXPECT_EQ(service.servers[1].fate, Fate::changed);
  EXPECT_TRUE(service.servers[1].checks.empty()) << "its check goes on";
  EXPECT_EQ(service.servers[2].fate, Fate::appears);
  EXPECT_EQ(service.servers[3].fate, Fate::leaves);
  const std::vector<std::string> edits{"add server 10.0.1.4:80 (DR, weight 1) to TCP 10.0.0.9:80",
                                       "set server 10.0.1.2:80 (DR, weight 5) of TCP 10.0.0.9:80",
                                       "remove server 10.0.1.3:80 from TCP 10.0.0.9:80"};
  std::vector<std::string> sorted = service.edits;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::string> expected = edits;
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(sorted, expected);
}

TEST(ReloadPreview, AChangedCheckBeginsAnew) {
  const std::string changed = real(1, "TCP_CHECK {\n connect_timeout 2\n }");
  const ReloadPreview told = preview(server("", real(1)), server("", changed));
  EXPECT_EQ(told.services.at(0).servers.at(0).checks,
            std::vector<std::string>{"TCP_CHECK begins anew; the server counts as up until it knows more"});
  // Alpha checks that are new count as down until they know.
  const ReloadPreview alpha = preview(server("", real(1)), server("alpha", real(1) + real(2)));
  EXPECT_EQ(alpha.services.at(0).servers.at(1).checks,
            std::vector<std::string>{"TCP_CHECK begins anew; the server counts as down until it knows more"});
}

TEST(ReloadPreview, OfAServerDefinedTwiceTheCoreTakesTheSecondForTheFirst) {
  const std::string twice = server("", real(1)) + server("delay_loop 7", real(1, "weight 9\n TCP_CHECK {\n }"));
  const ReloadPreview told = preview(twice, twice);
  ASSERT_EQ(told.services.size(), 2U);
  EXPECT_EQ(told.services[0].fate, Fate::untouched);
  EXPECT_TRUE(told.services[1].settings.empty());
  EXPECT_TRUE(told.services[1].servers.at(0).settings.empty());
  EXPECT_EQ(told.services[1].servers[0].checks.size(), 1U) << "its rhythm is not that of the first";
  EXPECT_EQ(told.services[0].remark, "");
  EXPECT_EQ(told.services[1].remark, "defined twice: goes on as the first, a.conf:1");
}

TEST(ReloadPreview, ASettingOfACheckThatIsTakenOutHasItsDefault) {
  const ReloadPreview told =
      preview(server("", real(1, "TCP_CHECK {\n connect_timeout 3\n }")), server("", real(1, "TCP_CHECK {\n }")));
  const std::vector<SettingChange> expected{{"TCP_CHECK connect_timeout", "3", "5", {"a.conf", 8, 2}}};
  EXPECT_EQ(told.services.at(0).servers.at(0).settings, expected);
}

TEST(ReloadPreview, WhatHasNoEffectIsToldAndIsNoChange) {
  const std::string text = "global_defs {\n reload_repeat\n}\n" + instance("V", 1, "", "10.0.0.1");
  const ReloadPreview told = preview(text, "global_defs {\n enable_snmp_vrrp\n}\n" + instance("V", 1, "", "10.0.0.1"));
  EXPECT_FALSE(told.changes());
  ASSERT_EQ(told.blocks.size(), 1U);
  EXPECT_TRUE(told.blocks[0].no_effect);
  ASSERT_EQ(told.blocks[0].settings.size(), 2U);
  EXPECT_TRUE(told.blocks[0].settings[0].no_effect);
  const ReloadPreview both = preview(text, "global_defs {\n vrrp_garp_master_repeat 2\n}\n" + text);
  EXPECT_TRUE(both.changes());
  EXPECT_FALSE(both.blocks.at(0).no_effect);
}

TEST(ReloadPreview, ServicesComeAndGo) {
  const ReloadPreview told = preview(server("", real(1)), "");
  EXPECT_EQ(told.services.at(0).fate, Fate::leaves);
  EXPECT_EQ(told.services[0].edits, std::vector<std::string>{"remove service TCP 10.0.0.9:80"});
  const ReloadPreview back = preview("", server("", real(1)));
  EXPECT_EQ(back.services.at(0).fate, Fate::appears);
  EXPECT_EQ(back.services[0].edits.size(), 2U);
}

}  // namespace
}  // namespace vipdrift::analysis
