// For tests: a network namespace of this process's own, without root.
#ifndef VIPDRIFT_BACKENDS_LINUX_OWN_NAMESPACE_H_
#define VIPDRIFT_BACKENDS_LINUX_OWN_NAMESPACE_H_

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>

namespace vipdrift::linux_backend {

/// Each test starts in a new, empty network namespace, as root of a user namespace; nothing outside is touched, and
/// nothing is left of it. On a machine that allows no such namespaces the program says so and ends with status 77.
class OwnNamespace : public testing::Test {
 protected:
  void SetUp() override {
    static const int refused = become_root();
    if (refused != 0) {
      std::cout << "SKIPPED: this machine allows no namespaces: " << std::strerror(refused) << std::endl;
      std::exit(kCannotRunHere);
    }
    ASSERT_EQ(unshare(CLONE_NEWNET), 0) << std::strerror(errno);
  }

  /// `ip COMMAND`, which must succeed.
  static void ip(const std::string& command) {
    ASSERT_EQ(std::system(("PATH=$PATH:/usr/sbin:/sbin ip " + command).c_str()), 0) << "ip " << command;
  }
  /// Whether `ip COMMAND` prints `text`.
  static bool ip_prints(const std::string& command, const std::string& text) {
    const std::string words = "PATH=$PATH:/usr/sbin:/sbin ip " + command + " | grep -qF -- '" + text + "'";
    return std::system(words.c_str()) == 0;
  }

 private:
  static constexpr int kCannotRunHere = 77;

  static int become_root() {
    const uid_t user = getuid();
    const gid_t group = getgid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return errno;
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
    std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
    return 0;
  }
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_OWN_NAMESPACE_H_
