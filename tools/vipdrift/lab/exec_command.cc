#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "tools/vipdrift/lab/lab_commands.h"
#include "tools/vipdrift/lab/lab_request.h"
#include "tools/vipdrift/lab/node_processes.h"

namespace vipdrift::tools {
namespace {

// As shells say it.
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;
constexpr int kSignalled = 128;

/// Entering the user namespace that one is in already is refused by the kernel.
bool is_own(const char* name, const OpenFile& file) {
  struct stat here{};
  struct stat there{};
  const std::string own = std::string("/proc/self/ns/") + name;
  return stat(own.c_str(), &here) == 0 && fstat(file.number(), &there) == 0 && here.st_ino == there.st_ino &&
         here.st_dev == there.st_dev;
}

std::optional<std::string> enter(const std::vector<OpenFile>& namespaces) {
  if (namespaces.size() != std::size(kNamespaceNames)) return "the lab sent too few namespaces";
  std::array<bool, std::size(kNamespaceNames)> skip{};
  for (std::size_t i = 0; i < skip.size(); ++i) skip[i] = is_own(kNamespaceNames[i], namespaces[i]);
  for (std::size_t i = 0; i < skip.size(); ++i) {
    if (skip[i] || setns(namespaces[i].number(), 0) == 0) continue;
    return fmt::format("cannot enter the {} namespace: {}", kNamespaceNames[i], std::strerror(errno));
  }
  return std::nullopt;
}

[[noreturn]] void become(const std::vector<std::string>& command) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execvp(words[0], words.data());
  const int why = errno;
  fmt::print(stderr, "vipdrift: {}: {}\n", command.front(), std::strerror(why));
  _exit(why == ENOENT ? kNotFound : kNotExecutable);
}

/// The terminal's interrupts are for the command alone.
int wait_for(pid_t child) {
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return kSignalled;
  }
  return WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
}

std::vector<std::string> command_or_shell(const std::vector<std::string>& command) {
  if (!command.empty()) return command;
  const char* shell = std::getenv("SHELL");
  return {shell == nullptr || *shell == '\0' ? "/bin/sh" : shell};
}

}  // namespace

int exec_command(const LabArguments& arguments) {
  const LabAnswer answer = ask_lab(LabPlace(arguments.lab), "namespaces " + arguments.node);
  std::optional<std::string> error;
  if (!answer.error.empty()) error = answer.error;
  if (!error) error = enter(answer.files);
  if (error) {
    fmt::print(stderr, "vipdrift: {}\n", *error);
    return static_cast<int>(ExitStatus::no_world);
  }
  // A process namespace is that of children.
  const pid_t child = fork();
  if (child < 0) return kSignalled;
  if (child == 0) become(command_or_shell(arguments.command));
  return wait_for(child);
}

}  // namespace vipdrift::tools
