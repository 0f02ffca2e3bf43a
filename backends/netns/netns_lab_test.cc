// What remains when a run of namespaces is killed in the middle: nothing.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>

#include "backends/netns/lab.h"
#include "backends/netns/netns_testbed.h"
#include "scenarios/loader.h"

namespace vipdrift::netns {
namespace {

namespace fs = std::filesystem;

constexpr auto kPatience = std::chrono::seconds{30};
constexpr const char* kMarker = "VIPDRIFT_LAB_TEST";

constexpr const char* kConfig =
    "vrrp_instance V {\n interface eth0\n virtual_router_id 51\n version 3\n advert_int 0.1\n"
    " virtual_ipaddress {\n 10.9.0.100/24\n }\n}\n";
constexpr const char* kScenario =
    "name: test\ncluster:\n  directors:\n    a: {config: a.conf, interfaces: {eth0: {address: 10.9.0.1/24}},"
    " processes: [web]}\nsteps:\n  - at: 0s\n    start: a\n  - at: 600s\n    note: the end\n";

/// Processes whose environment holds this test's marker.
std::set<int> marked(const std::string& value) {
  std::set<int> found;
  std::error_code code;
  for (fs::directory_iterator entry("/proc", code), end; !code && entry != end; entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream in(entry->path() / "environ", std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    if (text.find(std::string(kMarker) + "=" + value) != std::string::npos) found.insert(std::stoi(name));
  }
  return found;
}

std::set<std::string> names_in(const char* directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.insert(entry.path().filename().string());
  return names;
}

std::string namespace_mounts() {
  std::ifstream in("/proc/self/mountinfo");
  std::string found;
  for (std::string line; std::getline(in, line);) {
    if (line.find(" nsfs ") != std::string::npos || line.find("vipdrift") != std::string::npos) found += line + "\n";
  }
  return found;
}

/// In the lab, until it is killed: says a word when the daemon holds its address.
[[noreturn]] void live(int told) {
  if (const auto why = enter_lab()) {
    std::fprintf(stderr, "%s\n", why->c_str());
    _exit(1);
  }
  const auto read = [](const std::string&) { return std::optional<std::string>{kConfig}; };
  const scenarios::LoadResult loaded = scenarios::load_text(kScenario, "./test.yaml", read);
  const char* vipdriftd = std::getenv("VIPDRIFTD");
  NetnsTestbed world(
      {.subjects = {*subject_named("vipdriftd", vipdriftd == nullptr ? "vipdriftd" : vipdriftd)},
       .facilities = probe_facilities(), .pcap_file = {}});
  scenarios::Timeline timeline;
  if (const auto error = world.build(*loaded.scenario, {}, timeline)) {
    std::fprintf(stderr, "%s\n", error->message.c_str());
    _exit(1);
  }
  world.apply(loaded.scenario->steps.front());
  for (Duration at = std::chrono::milliseconds{100};; at += std::chrono::milliseconds{100}) {
    world.run_until(at);
    for (const scenarios::Observation& seen : timeline.observations()) {
      if (!std::holds_alternative<scenarios::AddressAdded>(seen.what)) continue;
      if (write(told, "x", 1) != 1) _exit(1);
    }
  }
}

TEST(Lab, LeavesNothingWhenItIsKilled) {
  const std::string marker = std::to_string(getpid());
  const auto files_before = names_in("/run");
  const std::string mounts_before = namespace_mounts();
  std::array<int, 2> told{};
  ASSERT_EQ(pipe(told.data()), 0);
  const pid_t runner = fork();
  ASSERT_GE(runner, 0);
  if (runner == 0) {
    // The environment that /proc shows is that of the last exec.
    setenv(kMarker, marker.c_str(), 1);
    const std::string end = std::to_string(told[1]);
    execl("/proc/self/exe", "netns_lab_test", "--live", end.c_str(), nullptr);
    _exit(127);
  }
  close(told[1]);
  char word = 0;
  ASSERT_EQ(read(told[0], &word, 1), 1) << "the daemon in the lab never held its address";
  close(told[0]);
  // The three processes of the lab, the node's init, its process, and the daemon's two.
  EXPECT_GE(marked(marker).size(), 7U);

  kill(runner, SIGKILL);
  waitpid(runner, nullptr, 0);
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (!marked(marker).empty() && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  EXPECT_TRUE(marked(marker).empty()) << "processes remain";
  EXPECT_EQ(namespace_mounts(), mounts_before);
  for (const std::string& name : names_in("/run")) {
    EXPECT_TRUE(files_before.contains(name) || name.find("vipdrift") == std::string::npos) << "/run/" << name;
  }
}

}  // namespace
}  // namespace vipdrift::netns

int main(int argc, char** argv) {
  vipdrift::netns::run_agent_if_asked(argc, argv);
  if (argc == 3 && std::string(argv[1]) == "--live") vipdrift::netns::live(std::atoi(argv[2]));
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
