// Keywords about the daemon as a program.
#include <gtest/gtest.h>

#include <string>

#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using testing::accepted;
using testing::messages;

ProcessSettings settings(const std::string& globals, const std::string& root = {}) {
  return accepted(root + "global_defs {\n" + globals + "\n}\n").global.processes;
}

std::string complaints(const std::string& line) { return messages("global_defs {\n" + line + "\n}\n"); }

TEST(ProcessKeywords, AreThePropertiesOfEachProcess) {
  const ProcessSettings read = settings(
      "vrrp_priority -5\nvrrp_rt_priority 20\nvrrp_no_swap\nvrrp_cpu_affinity 3 0 3\nvrrp_process_name one\n"
      "checker_priority 10\nchecker_rt_priority 1\nlvs_process_name two\nprocess_name three\nprocess_names");
  EXPECT_EQ(read.vrrp.nice, -5);
  EXPECT_EQ(read.vrrp.real_time_priority, 20);
  EXPECT_TRUE(read.vrrp.no_swap);
  EXPECT_EQ(read.vrrp.processors, (std::vector<std::uint16_t>{0, 3}));
  EXPECT_EQ(read.vrrp.name, "one");
  EXPECT_EQ(read.checker.nice, 10);
  EXPECT_EQ(read.checker.real_time_priority, 1);
  EXPECT_FALSE(read.checker.no_swap);
  EXPECT_EQ(read.checker.name, "two");
  EXPECT_EQ(read.name, "three");
  EXPECT_TRUE(read.names);
}

TEST(ProcessKeywords, SayWhereTheDaemonLives) {
  const ProcessSettings read = settings("", "net_namespace blue\ninstance second\nuse_pid_dir\nchild_wait_time 7\n");
  EXPECT_EQ(read.name_space, "blue");
  EXPECT_EQ(read.instance, "second");
  EXPECT_TRUE(read.use_pid_dir);
  EXPECT_EQ(read.child_wait_time, std::chrono::seconds{7});
}

TEST(ProcessKeywords, NameCommandsOfStartAndEnd) {
  const ProcessSettings read =
      settings("startup_script \"/bin/one a\" root wheel\nstartup_script_timeout 3\nshutdown_script /bin/two");
  EXPECT_EQ(read.startup.command.argv, (std::vector<std::string>{"/bin/one", "a"}));
  EXPECT_EQ(read.startup.command.group, "wheel");
  EXPECT_EQ(read.startup.timeout, std::chrono::seconds{3});
  EXPECT_EQ(read.shutdown.command.argv, std::vector<std::string>{"/bin/two"});
  EXPECT_EQ(read.shutdown.timeout, std::chrono::seconds{10});
}

TEST(ProcessKeywords, ReadAUmaskInEveryForm) {
  for (const auto& [text, mask] : std::vector<std::pair<std::string, int>>{{"022", 022},
                                                                           {"18", 18},
                                                                           {"0x12", 0x12},
                                                                           {"0", 0},
                                                                           {"0777", 0777},
                                                                           {"IWGRP", 020},
                                                                           {"IWGRP | IWOTH", 022},
                                                                           {"IWGRP|IWOTH", 022},
                                                                           {"IWGRP |IXUSR| IROTH", 0124}}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(settings("umask " + text).umask, mask);
  }
  for (const char* text : {"01000", "512", "777", "-1", "foo", "iwgrp", "IWGRP|", "IWGRP IWOTH", "02 | 020", "0x",
                           "IRWXU", "08", "|", "IWGRP||IWOTH"}) {
    SCOPED_TRACE(text);
    const std::string told = complaints(std::string{"umask "} + text);
    EXPECT_NE(told.find("is not valid for 'umask'; expected a number up to 0777, or bits of IRUSR"), std::string::npos)
        << told;
  }
}

TEST(ProcessKeywords, RefuseWhatIsNoProcessor) {
  EXPECT_EQ(complaints("vrrp_cpu_affinity 0 -1"),
            "k.conf:2:21: error: '-1' is not the number of a processor; expected numbers of processors, from 0 to "
            "1023\n");
  EXPECT_NE(complaints("checker_cpu_affinity 1024").find("'1024' is not the number"), std::string::npos);
  EXPECT_NE(complaints("checker_cpu_affinity x").find("'x' is not the number"), std::string::npos);
}

TEST(ProcessKeywords, CutNamesAsTheKernelDoes) {
  EXPECT_EQ(complaints("process_name a_name_of_16_chars"),
            "k.conf:2:14: warning: the kernel knows names of at most 15 characters: the name is cut to "
            "'a_name_of_16_ch'\n");
  EXPECT_EQ(settings("vrrp_process_name a_name_of_16_chars").vrrp.name.size(), 15U);
}

}  // namespace
}  // namespace vipdrift::config
