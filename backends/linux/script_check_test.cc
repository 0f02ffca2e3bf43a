#include "backends/linux/script_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace vipdrift::linux_backend {
namespace {

constexpr const char* kPath = "/usr/bin:/bin";

/// A directory of its own, gone at the end.
class ScriptCheck : public testing::Test {
 protected:
  ScriptCheck() {
    std::string pattern = testing::TempDir() + "/vipdrift-scripts-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~ScriptCheck() override { std::filesystem::remove_all(folder_); }

  std::string script(const std::string& name, mode_t mode = 0755) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << "#!/bin/sh\n";
    chmod(path.c_str(), mode);
    return path;
  }

  static config::Configuration tracking(const std::string& program) {
    config::Configuration configuration;
    config::VrrpScript tracked;
    tracked.name = "s";
    tracked.command.argv = {program, "word"};
    configuration.scripts.push_back(tracked);
    return configuration;
  }

  static ScriptFindings findings(config::Configuration& configuration) {
    Identities identities(configuration.global.script_user, configuration.global.script_group);
    return check_scripts(configuration, identities, kPath);
  }

  std::string folder_;
};

// The owner of these files is whoever runs the test, so the insecure ones are looked at as root's only by root.
const Identity kRoot{0, 0, {0}};

TEST_F(ScriptCheck, TellsWhatIsMissingOrCannotBeRun) {
  EXPECT_EQ(find_script_fault(folder_ + "/none", own_identity()), ScriptFault::not_found);
  EXPECT_EQ(find_script_fault(script("data", 0644), own_identity()), ScriptFault::not_executable);
  EXPECT_EQ(find_script_fault(folder_, own_identity()), ScriptFault::not_executable);
}

TEST_F(ScriptCheck, ForAnotherUserTheBitsOfOthersCount) {
  const Identity other{own_identity().user + 1, own_identity().group + 1, {}};
  EXPECT_EQ(find_script_fault(script("mine", 0700), other), ScriptFault::not_executable);
  EXPECT_EQ(find_script_fault(script("ours", 0755), other), std::nullopt);
}

TEST_F(ScriptCheck, WhatOthersMayWriteIsInsecureForRoot) {
  EXPECT_EQ(find_script_fault(script("open", 0757), kRoot), ScriptFault::insecure);
  chmod(folder_.c_str(), 0777);
  EXPECT_EQ(find_script_fault(script("closed"), kRoot), ScriptFault::insecure) << "the directory lets it be replaced";
}

TEST_F(ScriptCheck, AStickyDirectoryProtectsWhatIsRoots) {
  if (own_identity().user != 0) {
    EXPECT_EQ(find_script_fault(script("mine"), kRoot), ScriptFault::insecure) << "its owner is not root";
    return;
  }
  chmod(folder_.c_str(), 01777);
  EXPECT_EQ(find_script_fault(script("closed"), kRoot), std::nullopt);
}

TEST_F(ScriptCheck, ALinkIsAsSecureAsWhatItPointsTo) {
  const std::string link = folder_ + "/link";
  ASSERT_EQ(symlink(script("open", 0757).c_str(), link.c_str()), 0);
  EXPECT_EQ(find_script_fault(link, kRoot), ScriptFault::insecure);
}

TEST_F(ScriptCheck, ProgramsAreLookedForInThePath) {
  EXPECT_THAT(find_program("true", kPath), testing::Optional(testing::EndsWith("/bin/true")));
  EXPECT_EQ(find_program("no-such-program", kPath), std::nullopt);
  EXPECT_EQ(find_program("./there", kPath), "./there");
  script("data", 0644);
  EXPECT_EQ(find_program("data", folder_), std::nullopt);
}

TEST_F(ScriptCheck, AMissingTrackScriptIsDisabledInKeepalivedsWords) {
  config::Configuration configuration = tracking("/nonexistent/script");
  const ScriptFindings found = findings(configuration);
  EXPECT_TRUE(found.something_disabled);
  EXPECT_TRUE(configuration.scripts[0].disabled);
  EXPECT_THAT(found.lines, testing::Contains("Disabling track script s since not found/accessible"));
}

TEST_F(ScriptCheck, AFoundTrackScriptGetsItsPath) {
  config::Configuration configuration = tracking("true");
  EXPECT_FALSE(findings(configuration).something_disabled);
  EXPECT_THAT(configuration.scripts[0].command.argv, testing::ElementsAre(testing::EndsWith("/bin/true"), "word"));
}

TEST_F(ScriptCheck, ANotifyScriptThatCannotRunIsEmptied) {
  config::Configuration configuration;
  configuration.instances.emplace_back().notifies.edit().master.argv = {script("data", 0644)};
  const ScriptFindings found = findings(configuration);
  EXPECT_FALSE(found.something_disabled) << "keepalived -t passes it";
  EXPECT_TRUE(configuration.instances[0].notifies->master.empty());
  EXPECT_THAT(found.lines, testing::Contains(testing::HasSubstr("is not executable for uid:gid")));
}

TEST_F(ScriptCheck, AnUnknownUserDisablesTheScript) {
  config::Configuration configuration = tracking("true");
  configuration.scripts[0].command.user = "no-such-user";
  EXPECT_TRUE(findings(configuration).something_disabled);
  EXPECT_TRUE(configuration.scripts[0].disabled);
}

TEST_F(ScriptCheck, SecurityDecidesWhetherAnInsecureScriptRuns) {
  if (own_identity().user != 0) return;  // nobody else's scripts are root's
  for (const bool secure : {true, false}) {
    config::Configuration configuration = tracking(script("open", 0757));
    configuration.global.script_user = "root";
    configuration.global.enable_script_security = secure;
    const ScriptFindings found = findings(configuration);
    EXPECT_EQ(configuration.scripts[0].disabled, secure);
    EXPECT_EQ(found.violation, !secure);
    EXPECT_THAT(found.lines, testing::Contains(testing::StartsWith("Unsafe permissions found for script '")));
  }
}

config::Configuration checking(const std::string& program) {
  config::Configuration configuration;
  config::RealServer server;
  server.checkers.push_back({.kind = "MISC_CHECK", .place = {}, .settings = {{"misc_path", {program}}}});
  configuration.virtual_servers.emplace_back().real_servers.push_back(std::move(server));
  configuration.global.script_user = "root";
  return configuration;
}

TEST_F(ScriptCheck, ACheckThatOthersCanChangeRunsOnlyWithoutSecurity) {
  if (own_identity().user != 0) return;  // nobody else's scripts are root's
  for (const bool secure : {true, false}) {
    config::Configuration configuration = checking(script("open", 0757));
    configuration.global.enable_script_security = secure;
    const ScriptFindings found = findings(configuration);
    EXPECT_EQ(configuration.virtual_servers[0].real_servers[0].checkers.empty(), secure);
    EXPECT_EQ(found.violation, !secure);
    EXPECT_EQ(
        testing::Matches(testing::Contains(testing::StartsWith("SECURITY VIOLATION - check scripts")))(found.lines),
        !secure);
  }
}

TEST_F(ScriptCheck, ACheckThatCannotBeFoundStaysAndFails) {
  config::Configuration configuration = checking("/nonexistent/check");
  const ScriptFindings found = findings(configuration);
  EXPECT_EQ(configuration.virtual_servers[0].real_servers[0].checkers.size(), 1U);
  EXPECT_FALSE(found.something_disabled);
  EXPECT_FALSE(found.violation);
}

}  // namespace
}  // namespace vipdrift::linux_backend
