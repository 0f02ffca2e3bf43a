#include "tools/vipdrift/lab/node_processes.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

namespace vipdrift::tools {
namespace {

namespace fs = std::filesystem;

std::optional<ino_t> network_of(const std::string& pid) {
  struct stat about{};
  if (stat(("/proc/" + pid + "/ns/net").c_str(), &about) != 0) return std::nullopt;
  return about.st_ino;
}

/// The arguments with blanks between; nothing for a process that has ended.
std::string command_of(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/cmdline", std::ios::binary);
  std::string command{std::istreambuf_iterator<char>{in}, {}};
  while (!command.empty() && command.back() == '\0') command.pop_back();
  std::replace(command.begin(), command.end(), '\0', ' ');
  return command;
}

/// The innermost of the numbers that a process has: proc(5), NSpid.
int number_inside(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/status");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("NSpid:")) continue;
    std::istringstream numbers(line.substr(6));
    int last = 0;
    for (int number = 0; numbers >> number;) last = number;
    return last;
  }
  return 0;
}

bool is_number(const std::string& text) {
  int number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size();
}

}  // namespace

std::vector<NodeProcess> processes_beside(pid_t init) {
  std::vector<NodeProcess> processes;
  const std::string self = std::to_string(init);
  const std::optional<ino_t> network = network_of(self);
  if (!network) return processes;
  std::error_code error;
  for (fs::directory_iterator it("/proc", error); !error && it != fs::directory_iterator(); it.increment(error)) {
    const std::string pid = it->path().filename().string();
    if (!is_number(pid) || pid == self || network_of(pid) != network) continue;
    const std::string command = command_of(pid);
    if (!command.empty()) processes.push_back({number_inside(pid), command});
  }
  std::sort(processes.begin(), processes.end(),
            [](const NodeProcess& a, const NodeProcess& b) { return a.pid < b.pid; });
  return processes;
}

}  // namespace vipdrift::tools
