// A machine whose kernel is a shell script that does what a test wants from it.
#include "backends/uml/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>

namespace vipdrift::uml {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr auto kPatience = seconds{20};

/// A directory like /usr with a kernel of its own; everything temporary goes below it as well.
class MachineTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string made = (fs::temp_directory_path() / "uml-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(made.data()), nullptr);
    root_ = made;
    fs::create_directories(root_ / "bin");
    fs::create_directories(root_ / "lib/uml/modules");
    fs::create_directories(root_ / "tmp");
    setenv("TMPDIR", (root_ / "tmp").c_str(), 1);
    shared_before_ = shared_memory();
  }
  void TearDown() override {
    unsetenv("TMPDIR");
    EXPECT_TRUE(nothing_is_left());
    fs::remove_all(root_);
  }

  static std::set<std::string> shared_memory() {
    std::set<std::string> names;
    std::error_code code;
    for (fs::directory_iterator entry("/dev/shm", code), end; !code && entry != end; entry.increment(code)) {
      if (entry->path().filename().string().starts_with("vipdrift-uml")) names.insert(entry->path());
    }
    return names;
  }
  /// In shared memory there may be others' machines; those that were there before are not ours.
  bool nothing_is_left() const {
    const auto latest = std::chrono::steady_clock::now() + kPatience;
    const auto gone = [&] {
      for (const std::string& name : shared_memory()) {
        if (!shared_before_.contains(name) && name == memory_) return false;
      }
      return fs::is_empty(root_ / "tmp");
    };
    while (!gone() && std::chrono::steady_clock::now() < latest) std::this_thread::sleep_for(milliseconds{10});
    return gone();
  }

  /// A file of its own for each: the shell of another one may not have read its own yet.
  std::string write_kernel(const std::string& script) {
    const fs::path kernel = root_ / "bin" / ("linux.uml." + std::to_string(++kernels_));
    std::ofstream(kernel) << "#!/bin/sh\n" << script;
    fs::permissions(kernel, fs::perms::owner_all);
    return kernel.string();
  }
  std::unique_ptr<Machine> start(const std::string& script, Duration boot_takes = kPatience,
                                 Duration silence = kPatience) {
    std::string error;
    const std::optional<Installation> found = find_installation(write_kernel(script), error);
    EXPECT_TRUE(found) << error;
    std::unique_ptr<Machine> machine = Machine::start({*found, "/proc/self/exe", boot_takes, silence}, error);
    EXPECT_NE(machine, nullptr) << error;
    return machine;
  }

  fs::path root_;
  std::set<std::string> shared_before_;
  std::string memory_;
  int kernels_ = 0;
};

TEST_F(MachineTest, HostAndGuestTalk) {
  const auto machine = start("echo ready >&3; while read -r x <&3; do echo alive >&3; echo got $x >&3; done");
  ASSERT_EQ(machine->wait_until_ready(), std::nullopt);
  EXPECT_TRUE(machine->tell("run 1"));
  EXPECT_EQ(machine->hear(), "got run 1");
  EXPECT_TRUE(machine->tell("run 2"));
  EXPECT_EQ(machine->hear(), "got run 2");
}

TEST_F(MachineTest, TheKernelIsToldWhatItNeeds) {
  const auto machine = start("echo ready >&3; echo \"$*\" >&3; echo \"$TMPDIR\" >&3; read -r x <&3");
  ASSERT_EQ(machine->wait_until_ready(), std::nullopt);
  const std::string words = machine->hear().value_or("");
  EXPECT_THAT(words, HasSubstr("rootfstype=hostfs rootflags=/ ro "));
  EXPECT_THAT(words, HasSubstr("init=" + machine->place() + "/init "));
  memory_ = machine->hear().value_or("");
  EXPECT_THAT(words, HasSubstr("uml_dir=" + memory_));
  EXPECT_TRUE(fs::is_directory(memory_));
  EXPECT_EQ(fs::read_symlink(machine->place() + "/modules"), root_ / "lib/uml/modules");
  EXPECT_EQ(fs::read_symlink(machine->place() + "/directory"), fs::current_path());
}

TEST_F(MachineTest, AKernelThatEndsAtOnceIsNamedWithItsLastWords) {
  const auto machine = start("echo 'no memory for you' >&2; exit 3");
  EXPECT_THAT(machine->wait_until_ready().value_or(""),
              testing::AllOf(HasSubstr("did not boot: it ended: exit status 3"), HasSubstr("no memory for you")));
}

TEST_F(MachineTest, AKernelThatNeverBootsIsGivenUp) {
  const auto machine = start("exec sleep 1000", milliseconds{300});
  EXPECT_THAT(machine->wait_until_ready().value_or(""), HasSubstr("it was not ready after 300 ms"));
}

TEST_F(MachineTest, AGuestThatSpeaksButIsNeverReadyIsGivenUpToo) {
  const auto machine = start("while sleep 0.05; do echo alive >&3; done", milliseconds{400});
  EXPECT_THAT(machine->wait_until_ready().value_or(""), HasSubstr("it was not ready after 400 ms"));
}

TEST_F(MachineTest, AGuestThatIsUnableSaysWhy) {
  const auto machine = start("echo 'unable: cannot mount /proc' >&3; read -r x <&3");
  EXPECT_EQ(machine->wait_until_ready(), "User-Mode Linux: cannot mount /proc");
}

TEST_F(MachineTest, AGuestThatFallsSilentIsEnded) {
  const auto machine = start("echo ready >&3; echo hello >&3; exec sleep 1000", kPatience, milliseconds{300});
  ASSERT_EQ(machine->wait_until_ready(), std::nullopt);
  EXPECT_EQ(machine->hear(), "hello");
  EXPECT_EQ(machine->hear(), std::nullopt);
  EXPECT_THAT(machine->last_words(), HasSubstr("no sign of life for 300 ms"));
}

TEST_F(MachineTest, AKernelThatIsKilledIsMissed) {
  const auto machine = start("echo booting; echo ready >&3; read -r x <&3; echo 'Kernel panic' >&2; kill -9 $$");
  ASSERT_EQ(machine->wait_until_ready(), std::nullopt);
  machine->tell("die");
  EXPECT_EQ(machine->hear(), std::nullopt);
  const std::string words = machine->last_words();
  EXPECT_THAT(words, HasSubstr("killed by signal 9; its last words:\nKernel panic"));
  EXPECT_THAT(words, Not(HasSubstr("booting")));
}

TEST_F(MachineTest, WhatTheKernelStartedEndsWithIt) {
  const auto machine = start("sleep 1000 & echo ready >&3; echo $! >&3; read -r x <&3");
  ASSERT_EQ(machine->wait_until_ready(), std::nullopt);
  const pid_t started = std::stoi(machine->hear().value_or("0"));
  ASSERT_GT(started, 0);
  EXPECT_EQ(kill(started, 0), 0);
  machine->end();
  EXPECT_EQ(machine->hear(), std::nullopt);
  machine->last_words();
  EXPECT_NE(kill(started, 0), 0);
}

TEST_F(MachineTest, SeveralMachinesEndOnTheirOwn) {
  const auto first = start("echo ready >&3; read -r x <&3");
  const auto second = start("echo ready >&3; read -r x <&3; echo still here >&3; read -r x <&3");
  ASSERT_EQ(first->wait_until_ready(), std::nullopt);
  ASSERT_EQ(second->wait_until_ready(), std::nullopt);
  first->end();
  EXPECT_EQ(first->hear(), std::nullopt);
  EXPECT_THAT(first->last_words(), HasSubstr("it ended"));
  second->tell("go on");
  EXPECT_EQ(second->hear(), "still here");
}

/// The client is killed while it has two machines.
TEST_F(MachineTest, NothingOutlivesItsClient) {
  const std::string kernel = write_kernel("echo ready >&3; exec sleep 1000");
  std::array<int, 2> told{};
  ASSERT_EQ(pipe(told.data()), 0);
  const pid_t client = fork();
  if (client == 0) {
    std::string error;
    const auto found = find_installation(kernel, error);
    std::array<std::unique_ptr<Machine>, 2> machines;
    std::array<pid_t, 2> kernels{};
    for (std::size_t i = 0; i < 2; ++i) {
      machines[i] = Machine::start({*found, "/proc/self/exe"}, error);
      if (!machines[i] || machines[i]->wait_until_ready()) _exit(1);
      kernels[i] = machines[i]->kernel();
    }
    if (write(told[1], kernels.data(), sizeof kernels) < 0) _exit(1);
    for (;;) pause();
  }
  close(told[1]);
  std::array<pid_t, 2> kernels{};
  ASSERT_EQ(read(told[0], kernels.data(), sizeof kernels), static_cast<ssize_t>(sizeof kernels));
  close(told[0]);
  kill(client, SIGKILL);
  waitpid(client, nullptr, 0);
  const auto latest = std::chrono::steady_clock::now() + kPatience;
  // Once its keeper has ended, nobody but the init of this machine knows the kernel.
  const auto runs = [](pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    std::getline(status, text);
    return !text.empty() && text.find(") Z") == std::string::npos;
  };
  while ((runs(kernels[0]) || runs(kernels[1])) && std::chrono::steady_clock::now() < latest) {
    std::this_thread::sleep_for(milliseconds{10});
  }
  EXPECT_FALSE(runs(kernels[0]));
  EXPECT_FALSE(runs(kernels[1]));
}

TEST_F(MachineTest, WhatIsNotInstalledIsNamed) {
  std::string error;
  EXPECT_EQ(find_installation("no-such-kernel", error), std::nullopt);
  EXPECT_THAT(error, HasSubstr("apt-get install user-mode-linux"));
  EXPECT_EQ(find_installation("/nowhere/linux.uml", error), std::nullopt);
  EXPECT_EQ(error, "there is no program /nowhere/linux.uml");
  const std::string kernel = write_kernel("");
  fs::remove_all(root_ / "lib");
  EXPECT_EQ(find_installation(kernel, error), std::nullopt);
  EXPECT_THAT(error, HasSubstr("there are no modules for"));
}

}  // namespace
}  // namespace vipdrift::uml
