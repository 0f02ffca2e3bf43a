// A configuration that is told back means the same: the library's, keepalived's samples, and random ones.
#include "protocol/config/printer.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "protocol/config/random_configuration_test_support.h"
#include "protocol/config/round_trip_test_support.h"
#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using testing::accepted;
using testing::corpus;
using testing::first_difference;
using testing::messages;
using testing::options_for;
using testing::RandomConfiguration;
using testing::text_of_file;
using testing::without_places;

/// What is printed with and without knowledge of the text means the same as the text.
void expect_round_trip(const std::string& text, const Configuration& configuration, const ParseOptions& options) {
  const WrittenConfiguration written = read_written(text, options);
  EffectiveOptions knowing;
  knowing.written = &written;
  for (const EffectiveOptions& how : {EffectiveOptions{}, knowing}) {
    const std::string printed = print(configuration, how);
    const ParseResult again = parse(printed, testing::plain_options());
    ASSERT_TRUE(again.ok()) << messages(printed) << "\n--- from ---\n" << text << "\n--- to ---\n" << printed;
    ASSERT_TRUE(without_places(*again.configuration) == without_places(configuration))
        << first_difference(printed, print(*again.configuration, {})) << "\n--- from ---\n"
        << text << "\n--- to ---\n"
        << printed;
  }
}

int round_trips(const std::filesystem::path& folder) {
  int accepted = 0;
  for (const std::filesystem::path& file : corpus(folder)) {
    for (const char* id : {"", "lvs1", "lvs2"}) {
      const ParseOptions options = options_for(file, id);
      const std::string text = text_of_file(file);
      const ParseResult result = parse(text, options);
      if (!result.ok()) continue;
      SCOPED_TRACE(file.string());
      expect_round_trip(text, *result.configuration, options);
      ++accepted;
    }
  }
  return accepted;
}

TEST(Printer, TellsEveryConfigurationOfTheScenarioLibrary) {
  EXPECT_GT(round_trips(std::filesystem::path(VIPDRIFT_SOURCE_DIR) / "scenarios"), 300);
}

TEST(Printer, TellsTheSamplesOfKeepalived) {
  if (!std::filesystem::is_directory(testing::kSamples)) std::exit(77);  // not on this machine
  EXPECT_GT(round_trips(testing::kSamples), 40);
}

TEST(Printer, TellsRandomConfigurations) {
  int accepted = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    const std::string text = RandomConfiguration{seed}.text();
    const ParseOptions options = testing::plain_options();
    const ParseResult result = parse(text, options);
    if (!result.ok()) continue;
    SCOPED_TRACE(seed);
    expect_round_trip(text, *result.configuration, options);
    if (HasFatalFailure()) return;
    ++accepted;
  }
  EXPECT_GT(accepted, 500);
}

TEST(Printer, ACommentThatFitsNotBesideALongLineStandsAboveIt) {
  const std::string text = "vrrp_script s {\n interval 1\n script \"/bin/" + std::string(985, 'x') + "\"\n}\n" +
                           testing::instance("$LONG=" + std::string(985, 'y') + "\nnotify $LONG\n");
  const ParseOptions options = testing::plain_options();
  const Configuration configuration = accepted(text);
  expect_round_trip(text, configuration, options);
  EffectiveStatement statement{
      .keyword = "notify", .value = std::string(1000, 'x'), .note = "a long story, told above"};
  std::string printed;
  print(statement, 1, printed);
  EXPECT_EQ(printed, "    # a long story, told above\n    notify " + std::string(1000, 'x') + "\n");
}

std::string told_with_sources(const std::string& text) {
  const ParseOptions options = testing::plain_options();
  const WrittenConfiguration written = read_written(text, options);
  EffectiveOptions knowing;
  knowing.written = &written;
  const std::string printed = print(accepted(text), knowing);
  std::string lines;  // each with single blanks
  std::istringstream in{printed};
  for (std::string line; std::getline(in, line);) {
    std::istringstream words{line};
    for (std::string word; words >> word;) lines += (lines.empty() || lines.back() == '\n' ? "" : " ") + word;
    lines += '\n';
  }
  return lines;
}

bool has_line(const std::string& lines, const std::string& line) {
  return ('\n' + lines).find('\n' + line + '\n') != std::string::npos;
}

TEST(Printer, NoDelayOfATrackedProcessIsAComment) {
  const std::string told = told_with_sources("vrrp_track_process p {\n process x\n fork_delay 2\n}\n");
  EXPECT_TRUE(has_line(told, "fork_delay 2")) << told;
  EXPECT_TRUE(has_line(told, "# terminate_delay 0 (default)")) << told;
}

TEST(Printer, KeepsTheParametersOfATrackedProcessApart) {
  const auto block = [](const std::string& words) { return "vrrp_track_process p {\n process " + words + "\n}\n"; };
  const std::string quoted = block("a 'b c' \"d  e\" f");
  EXPECT_TRUE(has_line(told_with_sources(quoted), "process a 'b c' \"d e\" f"));
  expect_round_trip(quoted, accepted(quoted), testing::plain_options());
  EXPECT_NE(accepted(block("a \"d e\" f")).track_processes.at(0).process,
            accepted(block("a d e f")).track_processes.at(0).process);
}

TEST(Printer, SaysWhatStrictModeSets) {
  const std::string owner = told_with_sources("global_defs {\n vrrp_strict\n vrrp_garp_lower_prio_repeat 7\n}\n" +
                                              testing::instance("priority 255\nlower_prio_no_advert on\n"));
  EXPECT_TRUE(has_line(owner, "# accept on (set by strict mode)")) << owner;
  EXPECT_TRUE(has_line(owner, "lower_prio_no_advert on")) << owner;
  EXPECT_TRUE(has_line(owner, "higher_prio_send_advert off # set by strict mode")) << owner;
  EXPECT_TRUE(has_line(owner, "garp_lower_prio_delay 0 # set by strict mode")) << owner;
  EXPECT_TRUE(has_line(owner, "garp_lower_prio_repeat 0 # set by strict mode")) << owner;
  const std::string other = told_with_sources(testing::instance("strict_mode on\ngarp_lower_prio_repeat 3\n"));
  EXPECT_TRUE(has_line(other, "# accept off (set by strict mode)")) << other;
  EXPECT_TRUE(has_line(other, "lower_prio_no_advert on # set by strict mode")) << other;
  EXPECT_TRUE(has_line(other, "garp_lower_prio_repeat 0 # written: '3'; set by strict mode")) << other;
}

TEST(Printer, NamesTheBlockThatASettingComesFrom) {
  const std::string told = told_with_sources(
      "global_defs {\n smtp_alert_checker off\n}\nvirtual_server 10.0.0.1 80 {\n inhibit_on_failure\n"
      " real_server 10.0.0.2 80 {\n }\n}\n");
  EXPECT_TRUE(has_line(told, "inhibit_on_failure on # inhibit_on_failure of virtual_server")) << told;
  const std::string real = told.substr(told.find("real_server 10.0.0.2"));
  EXPECT_TRUE(has_line(real, "smtp_alert off # smtp_alert_checker of global_defs")) << real;
}

TEST(Printer, AQuoteInACommandIsWrittenWithoutOne) {
  const std::string text = "vrrp_script s {\n script \"/bin/sh -c 'echo \\\"a b\\\"'\"\n}\n";
  const Configuration configuration = accepted(text);
  ASSERT_EQ(configuration.scripts.at(0).command.argv.back(), "echo \"a b\"");
  expect_round_trip(text, configuration, testing::plain_options());
  EXPECT_NE(print(configuration, {}).find(R"("/bin/sh -c 'echo \\042a b\\042'")"), std::string::npos)
      << print(configuration, {});
}

/// Whether a line of `printed` begins with `keyword`, as a statement or as a comment about one.
bool tells(const std::string& printed, std::string_view keyword) {
  std::istringstream lines{printed};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string word;
    words >> word;
    if (word == "#") words >> word;
    if (word == keyword) return true;
  }
  return false;
}

/// The keywords of a block that are accepted between `before` and `after` and then not told back.
std::vector<std::string> lost(Block block, const std::string& before, const std::string& after) {
  constexpr int kTries = 30;
  std::vector<std::string> lost;
  RandomConfiguration random{1};
  for (const Keyword& keyword : rules_of(block).keywords) {
    for (int i = 0; i < kTries; ++i) {
      const std::string text = before + random.statement(keyword) + after;
      const ParseResult result = parse(text, testing::plain_options());
      if (!result.ok()) continue;
      const WrittenConfiguration written = read_written(text, testing::plain_options());
      EffectiveOptions options;
      options.written = &written;
      if (!tells(print(*result.configuration, options), keyword.word)) lost.emplace_back(keyword.word);
      break;
    }
  }
  return lost;
}

/// Only what is told under its other name, and blocks and settings that concern nothing in the text.
TEST(Printer, LosesNoKeyword) {
  using Words = std::vector<std::string>;
  const std::string instance = "vrrp_instance V {\n interface eth0\n virtual_router_id 1\n";
  const std::string addresses = "virtual_ipaddress {\n 10.0.0.1\n}\n";
  const Words empty_blocks{"track_file", "track_process", "track_script"};  // the text has nothing to track
  EXPECT_EQ(lost(Block::global_defs, "global_defs {\n", "}\n" + instance + addresses + "}\n"),
            (Words{"lvs_flush_onstop", "lvs_process_name"}));
  EXPECT_EQ(
      lost(Block::vrrp_instance, instance + "track_script {\n}\nunicast_peer {\n 10.0.0.7\n}\n", addresses + "}\n"),
      (Words{"mcast_src_ip", "thread_timer_expired", "track_file", "track_process", "track_script"}));
  EXPECT_EQ(lost(Block::vrrp_script, "vrrp_script s {\n script /bin/true\n", "}\n"), (Words{}));
  EXPECT_EQ(lost(Block::track_file, "track_file s {\n file /f\n", "}\n"), (Words{}));
  EXPECT_EQ(lost(Block::vrrp_track_process, "vrrp_track_process s {\n process a\n", "}\n"), (Words{"delay"}));
  EXPECT_EQ(lost(Block::vrrp_sync_group, instance + addresses + "}\nvrrp_sync_group G {\n group {\n V\n }\n", "}\n"),
            empty_blocks);
  const std::string server = "virtual_server 10.0.0.1 80 {\n sorry_server 10.0.0.9 80\n";
  const std::string page = "HTTP_GET {\n url {\n path /\n }\n";
  EXPECT_EQ(lost(Block::virtual_server, server, "real_server 10.0.0.2 80 {\n" + page + "}\n}\n}\n"),
            (Words{"lvs_sched", "mh-fallback", "mh-port", "sh-fallback", "sh-port"}));
  const std::string real = server + "real_server 10.0.0.2 80 {\n";
  EXPECT_EQ(lost(Block::real_server, real + page + "}\n", "}\n}\n"), (Words{}));
  EXPECT_EQ(lost(Block::tcp_check, real + "TCP_CHECK {\n", "}\n}\n}\n"), (Words{}));
  EXPECT_EQ(lost(Block::http_get, real + page, "}\n}\n}\n"),
            (Words{"enable_sni", "nb_get_retry"}));  // off, as it is anyhow
  EXPECT_EQ(lost(Block::misc_check, real + "MISC_CHECK {\n misc_path /bin/true\n", "}\n}\n}\n"), (Words{}));
  EXPECT_EQ(lost(Block::root, instance + addresses + "}\n", ""), (Words{"vrrp_track_file"}));
}

/// Which interfaces share a pause is said by the group, and by no instance.
TEST(Printer, TellsGroupsOfPausesAsTheyAreWritten) {
  const std::string text =
      "global_defs {\n vrrp_garp_interval 0.5\n}\ngarp_group {\n garp_interval 0.25\n interfaces {\n  eth0 eth1\n  "
      "eth2\n"
      " }\n}\ngarp_group {\n gna_interval 2\n interface eth3\n}\n"
      "vrrp_instance V {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n 10.0.0.1\n}\n}\n";
  const ParseOptions options;
  const WrittenConfiguration written = read_written(text, options);
  EffectiveOptions effective;
  effective.written = &written;
  const ParseResult first = parse(text, options);
  ASSERT_TRUE(first.ok());
  const std::string told = print(*first.configuration, effective);
  EXPECT_NE(told.find("    garp_interval 0.25\n    interfaces {\n        eth0 eth1\n        eth2\n    }\n"),
            std::string::npos)
      << told;
  EXPECT_NE(told.find("    gna_interval 2\n    interface    eth3\n"), std::string::npos) << told;
  const ParseResult again = parse(told, options);
  ASSERT_TRUE(again.ok()) << told;
  EXPECT_EQ(again.configuration->instances[0].garp_interval, std::chrono::milliseconds{250});
  EXPECT_EQ(read_written(told, options).statements.size(), written.statements.size());
}

}  // namespace
}  // namespace vipdrift::config
