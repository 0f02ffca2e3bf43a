#include "backends/linux/iproute2_names.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace vipdrift::linux_backend {
namespace {

namespace fs = std::filesystem;

std::optional<std::uint32_t> as_number(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Lines are a number and a name; '#' begins a comment.
std::optional<std::uint32_t> number_in(const fs::path& file, std::string_view name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string number;
    std::string called;
    if (words >> number >> called && called == name) return as_number(number);
  }
  return std::nullopt;
}

}  // namespace

Iproute2Names::Iproute2Names(std::vector<std::string> directories) : directories_(std::move(directories)) {}

std::optional<std::uint32_t> Iproute2Names::number(const std::string& file, std::string_view text) const {
  if (const auto value = as_number(text)) return value;
  for (const std::string& directory : directories_) {
    const fs::path main = fs::path(directory) / file;
    if (const auto value = number_in(main, text)) return value;
    std::error_code no_such_directory;
    for (const auto& entry : fs::directory_iterator(main.string() + ".d", no_such_directory)) {
      if (entry.path().extension() != ".conf") continue;
      if (const auto value = number_in(entry.path(), text)) return value;
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Iproute2Names::realms(std::string_view text) const {
  const std::size_t slash = text.find('/');
  const auto to = number("rt_realms", slash == std::string_view::npos ? text : text.substr(slash + 1));
  const auto from = slash == std::string_view::npos ? std::uint32_t{0} : number("rt_realms", text.substr(0, slash));
  if (!from || !to || *from > 0xffff || *to > 0xffff) return std::nullopt;
  return *from << 16U | *to;
}

}  // namespace vipdrift::linux_backend
