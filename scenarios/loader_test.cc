#include "scenarios/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/loader_test_support.h"

namespace vipdrift::scenarios {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

std::string said(const std::string& text, const Files& files = sample_files()) {
  return messages(load_from(files, text));
}

/// The same for a cluster file in place of the sample's.
std::string said_of_cluster(const std::string& cluster) {
  Files files = sample_files();
  files["dir/cluster.yaml"] = cluster;
  return said(with_steps("  - {at: 0s, start: lvs1}\n"), files);
}

// ------------------------------------------------------------------ a whole file

TEST(Loader, ReadsAScenario) {
  const LoadResult result = load_from(sample_files(),
                                      "name: crash\n"
                                      "description: why\n"
                                      "tags: [article, ka#166]\n"
                                      "profile: vipdrift\n"
                                      "seed: 7\n"
                                      "cluster: cluster.yaml\n"
                                      "directors: {lvs2: {config: other.conf, profile: keepalived}}\n"
                                      "steps:\n"
                                      "  - at: 0s\n"
                                      "    start: [lvs1, lvs2]\n"
                                      "  - at: 20s\n"
                                      "    crash: lvs1\n"
                                      "    expect: {vip: 10.1.10.7, on: lvs2, within: 3.7s}\n"
                                      "always:\n"
                                      "  - one_master: {except_for: 100ms}\n"
                                      "until: 1m\n");
  ASSERT_TRUE(result.ok()) << messages(result);
  EXPECT_EQ(messages(result), "");
  const Scenario& scenario = *result.scenario;
  EXPECT_EQ(scenario.name, "crash");
  EXPECT_THAT(scenario.tags, ElementsAre("article", "ka#166"));
  EXPECT_EQ(scenario.profile, "vipdrift");
  EXPECT_EQ(scenario.seed, 7U);
  EXPECT_EQ(scenario.end, seconds{60});
  EXPECT_EQ(scenario.cluster.file, "dir/cluster.yaml");
  ASSERT_EQ(scenario.cluster.directors.size(), 2U);
  EXPECT_EQ(scenario.cluster.directors[1].config_file, "dir/other.conf");
  EXPECT_EQ(scenario.cluster.directors[1].profile, "keepalived");
  ASSERT_NE(scenario.config_of("lvs2", "dir/other.conf"), nullptr);
  EXPECT_EQ(scenario.config_of("lvs2", "dir/other.conf")->configuration->instances[0].priority, 90);
  EXPECT_EQ(scenario.config_of("lvs2", "dir/lvs2.conf"), nullptr);
  ASSERT_EQ(scenario.steps.size(), 2U);
  EXPECT_EQ(scenario.steps[1].at, seconds{20});
  EXPECT_EQ(scenario.steps[1].text, "crash lvs1");
  EXPECT_EQ(scenario.steps[1].place.line, 12);
  ASSERT_EQ(scenario.expectations.size(), 1U);
  EXPECT_EQ(scenario.expectations[0].deadline, milliseconds{23'700});
  EXPECT_EQ(scenario.expectations[0].text, "10.1.10.7 on lvs2, within 3.7s");
  ASSERT_EQ(scenario.always.size(), 1U);
  EXPECT_EQ(scenario.always[0].place.line, 15);
}

TEST(Loader, EndsOneSecondAfterTheLastBound) {
  const auto end_of = [](const std::string& expect) {
    const LoadResult result = load_from(
        sample_files(), with_steps("  - {at: 20s, crash: lvs1, expect: {vip: 10.1.10.7, on: lvs2, " + expect + "}}\n"));
    return result.ok() ? result.scenario->end : Duration{0};
  };
  EXPECT_EQ(end_of("within: 4s"), seconds{25});
  EXPECT_EQ(end_of("by: 40s"), seconds{41});
  EXPECT_EQ(end_of("within: 4s, for: 10s"), seconds{35});
  EXPECT_EQ(end_of("for: 10s"), seconds{31});
  EXPECT_EQ(end_of("never: 30s"), seconds{51});
}

TEST(Loader, ReadsInterfacesThatVanishAndComeBack) {
  const LoadResult result = load_from(sample_files(), with_steps("  - {at: 1s, delete_interface: lvs1}\n"
                                                                 "  - {at: 2s, create_interface: lvs1 eno1}\n"));
  ASSERT_TRUE(result.ok()) << messages(result);
  const auto* gone = std::get_if<DeleteInterface>(&result.scenario->steps.at(0).action);
  ASSERT_NE(gone, nullptr);
  EXPECT_EQ(gone->node + "/" + gone->interface, "lvs1/eno1");
  const auto* back = std::get_if<CreateInterface>(&result.scenario->steps.at(1).action);
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(back->node + "/" + back->interface, "lvs1/eno1");
  EXPECT_EQ(result.scenario->steps[0].text, "delete interface lvs1 eno1");
  EXPECT_EQ(result.scenario->steps[1].text, "create interface lvs1 eno1");
}

TEST(LoaderErrors, OfInterfacesThatVanish) {
  EXPECT_EQ(said(with_steps("  - {at: 0s, delete_interface: client}\n")),
            "dir/test.yaml:4:32: error: delete_interface: client is not a director; expected an interface of a "
            "director\n");
  EXPECT_EQ(said(with_steps("  - {at: 0s, create_interface: lvs1 eno2}\n")),
            "dir/test.yaml:4:37: error: create_interface: no interface of lvs1 'eno2'; expected eno1; "
            "did you mean 'eno1'?\n");
}

TEST(Loader, TakesAClusterInThePlaceOfItsFile) {
  std::string text = "name: inline\ncluster:\n";
  std::string cluster = sample_cluster();
  for (std::size_t at = 0; at < cluster.size(); at = cluster.find('\n', at) + 1) cluster.insert(at, "  ");
  text += cluster.substr(0, cluster.rfind('\n') + 1) + "steps: [{at: 0s, start: lvs1}]\n";
  const LoadResult result = load_from(sample_files(), text);
  ASSERT_TRUE(result.ok()) << messages(result);
  EXPECT_EQ(result.scenario->cluster.file, "dir/test.yaml");
}

TEST(Loader, ReadsTheWholeCluster) {
  Files files = sample_files();
  files["dir/cluster.yaml"] =
      "segments: {lan: {latency: 100us}, back: }\n"
      "directors:\n"
      "  lvs1:\n"
      "    config: lvs1.conf\n"
      "    interfaces:\n"
      "      eno1: {segment: lan, addresses: [10.1.10.1/24, fe80::1/64], mac: 52:54:00:00:00:01}\n"
      "      eno2: {segment: back, address: 10.2.0.1/24}\n"
      "    profile: vipdrift\n"
      "    processes: [httpd]\n"
      "    files: {/etc/empty: , /etc/motd: hello}\n"
      "    scripts: {chk_down: {always: fails, takes: 5ms, exit_status: 3}}\n"
      "    clock_offset: -3s\n"
      "    clock_drift_ppm: -50\n"
      "    detailed_log: true\n"
      "clients: {client: {address: 10.1.10.200/24, segment: lan}}\n"
      "scripts:\n"
      "  chk_down: {fails_during: [[10s, 20s], [1m, 2m]]}\n"
      "  a: {fails_while: {file_missing: /x}}\n"
      "  b: {fails_while: {process_not_running: httpd}}\n"
      "  c: always_fails\n"
      "  d: always_succeeds\n"
      "  e: {fails_while: {file_exists: /x}}\n";
  const LoadResult result = load_from(files, with_steps("  - {at: 0s, start: lvs1}\n"));
  ASSERT_TRUE(result.ok()) << messages(result);
  const Cluster& cluster = result.scenario->cluster;
  EXPECT_EQ(cluster.segments[0].latency, microseconds{100});
  EXPECT_EQ(cluster.segments[1].name, "back");
  EXPECT_EQ(cluster.segments[1].latency, microseconds{50});
  const DirectorSpec& director = cluster.directors[0];
  EXPECT_EQ(director.interfaces[0].addresses[1].to_string(), "fe80::1/64");
  EXPECT_EQ(director.interfaces[0].mac->to_string(), "52:54:00:00:00:01");
  EXPECT_EQ(director.interfaces[1].segment, "back");
  EXPECT_EQ(director.profile, "vipdrift");
  EXPECT_THAT(director.processes, ElementsAre("httpd"));
  EXPECT_EQ(director.files.at("/etc/motd"), "hello");
  EXPECT_EQ(director.files.at("/etc/empty"), "");
  EXPECT_EQ(director.clock_offset, seconds{-3});
  EXPECT_EQ(director.clock_drift_ppm, -50);
  EXPECT_TRUE(director.detailed_log);
  EXPECT_EQ(cluster.clients[0].interfaces[0].name, "eth0");
  ASSERT_EQ(director.scripts.size(), 7U);  // its own comes first
  EXPECT_TRUE(std::holds_alternative<ScriptModel::AlwaysFails>(director.scripts[0].rule));
  EXPECT_EQ(director.scripts[0].takes, milliseconds{5});
  EXPECT_EQ(director.scripts[0].exit_status, 3);
  EXPECT_EQ(std::get<ScriptModel::FailsDuring>(director.scripts[1].rule).spans[1].second, seconds{120});
  EXPECT_EQ(std::get<ScriptModel::FailsWhileFileMissing>(director.scripts[2].rule).path, "/x");
  EXPECT_EQ(std::get<ScriptModel::FailsWhileProcessMissing>(director.scripts[3].rule).process, "httpd");
  EXPECT_TRUE(std::holds_alternative<ScriptModel::AlwaysFails>(director.scripts[4].rule));
  EXPECT_TRUE(std::holds_alternative<ScriptModel::AlwaysSucceeds>(director.scripts[5].rule));
  EXPECT_EQ(std::get<ScriptModel::FailsWhileFileExists>(director.scripts[6].rule).path, "/x");
}

TEST(Loader, IncludesFilesThatConfigurationsName) {
  Files files = sample_files();
  files["dir/lvs1.conf"] = "include parts.conf\n";
  files["dir/parts.conf"] = sample_config("120");
  const LoadResult result = load_from(files, with_steps("  - {at: 0s, start: lvs1}\n"));
  ASSERT_TRUE(result.ok()) << messages(result);
  EXPECT_EQ(result.scenario->config_of("lvs1", "dir/lvs1.conf")->configuration->instances[0].priority, 120);
}

TEST(Loader, GivesEachDirectorItsOwnConfigId) {
  Files files = sample_files();
  files["dir/cluster.yaml"] =
      "directors:\n  lvs1: {config: both.conf, interfaces: {eno1: {address: 10.1.10.1/24}}}\n"
      "  lvs2: {config: both.conf, interfaces: {eno1: {address: 10.1.10.2/24}}}\n";
  files["dir/both.conf"] =
      "vrrp_instance VI_1 {\n  interface eno1\n  virtual_router_id 151\n@lvs1  priority 100\n@lvs2  priority 98\n"
      "  virtual_ipaddress {\n    10.1.10.7\n  }\n}\n";
  const LoadResult result = load_from(files, with_steps("  - {at: 0s, start: lvs1}\n"));
  ASSERT_TRUE(result.ok()) << messages(result);
  EXPECT_EQ(result.scenario->config_of("lvs1", "dir/both.conf")->configuration->instances[0].priority, 100);
  EXPECT_EQ(result.scenario->config_of("lvs2", "dir/both.conf")->configuration->instances[0].priority, 98);
}

TEST(Loader, ReadsFromDisk) {
  const LoadResult missing = load_file("/nonexistent/x.yaml");
  EXPECT_EQ(messages(missing), "/nonexistent/x.yaml: error: cannot read this file; expected a scenario in YAML\n");
  const LoadResult article = load_file(VIPDRIFT_SOURCE_DIR "/scenarios/article/03-master-crash.yaml");
  EXPECT_TRUE(article.ok()) << messages(article);
}

// ------------------------------------------------------------------ what is wrong with the scenario

TEST(LoaderErrors, OfTheWholeFile) {
  EXPECT_EQ(said(""),
            "dir/test.yaml:1:1: error: nothing; expected a map with name, description, tags, cluster, "
            "directors, profile, seed, steps, always or until\n");
  EXPECT_EQ(said("name: x\ncluster: cluster.yaml\nsteps: []\n"), "dir/test.yaml:3:8: error: steps: none\n");
  EXPECT_EQ(said("name: x\nclutser: cluster.yaml\nsteps: [{start: lvs1}]\n"),
            "dir/test.yaml:2:1: error: unknown key 'clutser'; did you mean 'cluster'?\n"
            "dir/test.yaml:1:1: error: 'cluster' is missing\n");
  EXPECT_EQ(said("name: x\nname: y\ncluster: cluster.yaml\nsteps: [{start: lvs1}]\n"),
            "dir/test.yaml:2:1: error: the key 'name' is there already, in line 1\n");
  EXPECT_EQ(said("name: x\ncluster: clutser.yaml\nsteps: [{start: lvs1}]\n"),
            "dir/test.yaml:2:10: error: cluster: cannot read 'dir/clutser.yaml'; expected the name of a cluster file, "
            "or the cluster itself\n");
  EXPECT_EQ(said("name: x\nprofile: keepalive\ncluster: cluster.yaml\nsteps: [{start: lvs1}]\n"),
            "dir/test.yaml:2:10: error: profile: no profile 'keepalive'; expected keepalived or vipdrift; did you mean "
            "'keepalived'?\n");
  EXPECT_EQ(said("name: x\nseed: -1\ncluster: cluster.yaml\nsteps: [{start: lvs1}]\n"),
            "dir/test.yaml:2:7: error: seed: '-1'; expected a whole number from 0 to 9223372036854775807\n");
  EXPECT_EQ(said("name: x\ncluster: cluster.yaml\nuntil: 19s\nsteps: [{at: 20s, start: lvs1}]\n"),
            "dir/test.yaml:3:8: error: until: the run would end before 20s, which a step speaks of\n");
  EXPECT_EQ(said("name: x\ncluster: cluster.yaml\nuntil: 20s\nsteps: [{at: 20s, start: lvs1}]\n"), "");
}

TEST(LoaderErrors, OfOverrides) {
  EXPECT_EQ(said("name: x\ncluster: cluster.yaml\ndirectors:\n  lvs3: {config: other.conf}\nsteps: [{start: lvs1}]\n"),
            "dir/test.yaml:4:3: error: directors: no director 'lvs3'; expected lvs1 or lvs2; did you mean 'lvs1'?\n");
  EXPECT_EQ(said("name: x\ncluster: cluster.yaml\ndirectors:\n  lvs2: {config: none.conf}\nsteps: [{start: lvs1}]\n"),
            "dir/test.yaml:4:18: error: cannot read 'dir/none.conf'; expected a keepalived.conf\n");
}

TEST(LoaderErrors, OfConfigurationsComeWithTheirPlaces) {
  Files files = sample_files();
  files["dir/lvs1.conf"] = "vrrp_instance VI_1 {\n  interfce eno1\n}\n";
  EXPECT_THAT(said(with_steps("  - start: lvs1\n"), files), HasSubstr("dir/lvs1.conf:2:3: error: "));
  EXPECT_THAT(said(with_steps("  - start: lvs1\n"), files), HasSubstr("did you mean 'interface'?"));
}

TEST(LoaderErrors, OfASharedConfigurationAreSaidOnce) {
  Files files = sample_files();
  files["dir/cluster.yaml"] =
      "directors:\n  lvs1: {config: both.conf, address: 10.1.10.1/24}\n  lvs2: {config: both.conf, address: "
      "10.1.10.2/24}\n";
  files["dir/both.conf"] = "nonsense\n";
  const LoadResult result = load_from(files, with_steps("  - start: lvs1\n"));
  EXPECT_EQ(result.diagnostics.size(), 1U) << messages(result);
}

TEST(LoaderWarnings, OfScriptsWithoutModelAndModelsWithoutScript) {
  Files files = sample_files();
  std::string cluster = sample_cluster();
  cluster.replace(cluster.find("chk_down"), 8, "chk_dwon");
  files["dir/cluster.yaml"] = cluster;
  const LoadResult result = load_from(files, with_steps("  - start: lvs1\n"));
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(messages(result),
            "dir/cluster.yaml:2:3: warning: script 'chk_down' has no model: the simulator lets it succeed always; "
            "expected scripts: {chk_down: {fails_while: ...}} in the cluster\n"
            "dir/cluster.yaml:9:3: warning: no configuration has a vrrp_script 'chk_dwon'; did you mean 'chk_down'?\n");
}

TEST(LoaderWarnings, OfInterfacesThatADirectorLacks) {
  Files files = sample_files();
  std::string cluster = sample_cluster();
  cluster.replace(cluster.find("eno1"), 4, "eno2");
  files["dir/cluster.yaml"] = cluster;
  const LoadResult result = load_from(files, with_steps("  - start: lvs1\n"));
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(messages(result),
            "dir/lvs1.conf:6:1: warning: VI_1: lvs1 has no interface 'eno1' in the cluster; did you mean 'eno2'?\n");
}

// ------------------------------------------------------------------ what is wrong with the cluster

TEST(LoaderErrors, OfTheClustersOutline) {
  EXPECT_EQ(said_of_cluster("clients: {}\n"), "dir/cluster.yaml:1:1: error: 'directors' is missing\n");
  EXPECT_EQ(said_of_cluster("directors: {}\n"), "dir/cluster.yaml:1:12: error: directors: the cluster has none\n");
  EXPECT_EQ(said_of_cluster("directors: [lvs1]\n"),
            "dir/cluster.yaml:1:12: error: directors: a list; expected a map of names\n");
  EXPECT_EQ(
      said_of_cluster("segments: {}\ndirectors: {lvs1: {config: lvs1.conf, address: 10.1.10.1/24, segment: a}}\n"),
      "dir/cluster.yaml:1:11: error: segments: the cluster has none; expected at least one, such as lan: {}\n"
      "dir/cluster.yaml:2:71: error: segment: no segment 'a'; expected none: the cluster has no segment\n");
  EXPECT_THAT(
      said_of_cluster(
          "segments: {lan: {latency: 50}}\ndirectors: {lvs1: {config: lvs1.conf, address: 10.1.10.1/24}}\n"),
      HasSubstr("dir/cluster.yaml:1:27: error: latency: '50' has no unit; expected a duration such as 5s, 3.7s, "
                "100ms or 1h30m; did you mean '50s'?\n"));
}

TEST(LoaderErrors, OfNames) {
  EXPECT_EQ(said_of_cluster("directors: {lvs1: {config: lvs1.conf, address: 10.1.10.1/24}}\n"
                            "clients: {lvs1: {address: 10.1.10.3/24}}\n"),
            "dir/cluster.yaml:2:11: error: the name 'lvs1' is taken, see line 1\n");
  EXPECT_EQ(said_of_cluster("directors: {lvs1: {config: lvs1.conf, address: 10.1.10.1/24}}\n"
                            "clients: {nobody: {address: 10.1.10.3/24}, 'a b': {}}\n"),
            "dir/cluster.yaml:2:11: error: 'nobody' cannot be a name: expectations use the word\n"
            "dir/cluster.yaml:2:44: error: 'a b' cannot be a name; expected a word without blanks\n");
}

TEST(LoaderErrors, OfInterfaces) {
  const auto director = [](const std::string& rest) {
    return said_of_cluster("segments: {lan: , back: }\ndirectors:\n  lvs1: {config: lvs1.conf, " + rest + "}\n");
  };
  EXPECT_EQ(director("interfaces: {e0: {segment: lan}}"),
            "dir/cluster.yaml:3:46: error: lvs1 e0: 'address' is missing; expected address: 10.1.10.1/24, or "
            "addresses: [...]\n");
  EXPECT_EQ(director("interfaces: {e0: {address: 10.1.10.1/24}}"),
            "dir/cluster.yaml:3:46: error: 'segment' is missing: the cluster has more than one\n");
  EXPECT_EQ(director("interfaces: {e0: {segment: lann, address: 10.1.10.1/24}}"),
            "dir/cluster.yaml:3:56: error: segment: no segment 'lann'; expected lan or back; did you mean 'lan'?\n");
  EXPECT_EQ(director("interfaces: {e0: {segment: lan, address: 10.1.10.1}}"),
            "dir/cluster.yaml:3:70: error: address: '10.1.10.1' has no prefix length; expected an address with its "
            "prefix length, such as 10.1.10.1/24\n");
  EXPECT_EQ(director("interfaces: {sixteen_letters_: {segment: lan, address: 10.1.10.1/24}}"),
            "dir/cluster.yaml:3:60: error: 'sixteen_letters_' cannot be the name of an interface; expected 1 to 15 "
            "characters without blanks\n");
  EXPECT_EQ(director("interfaces: {e0: {segment: lan, address: 10.1.10.1/24}}, address: 10.1.10.3/24"),
            "dir/cluster.yaml:3:95: error: 'address' beside 'interfaces'; expected it inside of an interface\n");
  EXPECT_EQ(director("segment: lan, addresses: [10.1.10.1/24, 10.1.10.1/24]"),
            "dir/cluster.yaml:3:69: error: 10.1.10.1 belongs to lvs1 already\n");
}

TEST(LoaderErrors, OfScriptModels) {
  const auto script = [](const std::string& model) {
    return said_of_cluster(
        "directors: {lvs1: {config: lvs1.conf, address: 10.1.10.1/24}}\nscripts:\n  chk_down: " + model + "\n");
  };
  EXPECT_EQ(script("always_fail"),
            "dir/cluster.yaml:3:13: error: chk_down: no script model 'always_fail'; expected always_succeeds or "
            "always_fails; did you mean 'always_fails'?\n");
  EXPECT_EQ(script("{takes: 5ms}"),
            "dir/cluster.yaml:3:13: error: chk_down: 0 rules; expected one of fails_while, fails_during and always\n");
  EXPECT_EQ(script("{fails_while: {file_exists: /a, file_missing: /b}}"),
            "dir/cluster.yaml:3:27: error: fails_while: 2 conditions; expected one of file_exists, file_missing and "
            "process_not_running\n");
  EXPECT_EQ(script("{fails_during: [[20s, 10s]]}"),
            "dir/cluster.yaml:3:29: error: fails_during: the span ends before it begins\n");
  EXPECT_EQ(script("{fails_during: [10s, 20s]}"),
            "dir/cluster.yaml:3:29: error: fails_during: not a span of time; expected a list of spans such as "
            "[[10s, 20s], [1m, 2m]]\n"
            "dir/cluster.yaml:3:34: error: fails_during: not a span of time; expected a list of spans such as "
            "[[10s, 20s], [1m, 2m]]\n");
}

TEST(LoadClusterFile, GivesTheMachinesAndNothingToDo) {
  const LoadResult loaded = load_cluster_file(VIPDRIFT_SOURCE_DIR "/scenarios/article/cluster.yaml");
  ASSERT_TRUE(loaded.scenario.has_value());
  EXPECT_EQ(loaded.scenario->cluster.directors.size(), 2U);
  EXPECT_EQ(loaded.scenario->configs.size(), 2U);
  EXPECT_TRUE(loaded.scenario->expectations.empty());
  EXPECT_FALSE(load_cluster_file("/nonexistent/it's.yaml").scenario.has_value());
}

}  // namespace
}  // namespace vipdrift::scenarios
