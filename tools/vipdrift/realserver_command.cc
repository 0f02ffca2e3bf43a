#include "tools/vipdrift/realserver_command.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "backends/linux/real_server_setup.h"

namespace vipdrift::tools {
namespace {

using linux_backend::HostRoute;
using linux_backend::KernelSetting;
using linux_backend::LoopbackAddress;
using linux_backend::LoopbackUp;
using linux_backend::RealServerChange;
using Changes = std::vector<RealServerChange>;

/// What was changed, a line each. It belongs to one network namespace until that ends, as a file below /run does.
class Record {
 public:
  explicit Record(const std::string& directory) {
    struct stat own {};
    if (stat("/proc/self/ns/net", &own) != 0) own = {};
    file_ = std::filesystem::path(directory) / fmt::format("realserver-{}", own.st_ino);
  }

  Changes read() const {
    Changes changes;
    std::ifstream file(file_);
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string kind;
      words >> kind;
      if (kind == "setting") {
        KernelSetting one;
        if (words >> one.name >> one.before >> one.wanted) changes.emplace_back(one);
      } else if (kind == "lo") {
        changes.emplace_back(LoopbackUp{});
      } else {
        std::string text;
        words >> text;
        const auto address = IpAddress::parse(text);
        if (address && kind == "address") changes.emplace_back(LoopbackAddress{*address});
        if (address && kind == "route") changes.emplace_back(HostRoute{*address});
      }
    }
    return changes;
  }

  /// An error in words.
  std::optional<std::string> write(const Changes& changes) const {
    std::error_code error;
    if (changes.empty()) {
      std::filesystem::remove(file_, error);
      return std::nullopt;
    }
    std::filesystem::create_directories(file_.parent_path(), error);
    const std::string fresh = file_.string() + ".new";
    std::ofstream file(fresh);
    for (const RealServerChange& change : changes) file << line(change) << "\n";
    file.close();
    if (file.good()) std::filesystem::rename(fresh, file_, error);
    if (file.good() && !error) return std::nullopt;
    return fmt::format("cannot write {}: {}", file_.string(), error ? error.message() : std::strerror(errno));
  }

 private:
  static std::string line(const RealServerChange& change) {
    struct Words {
      std::string operator()(const KernelSetting& one) const {
        return fmt::format("setting {} {} {}", one.name, one.before, one.wanted);
      }
      std::string operator()(const LoopbackUp&) const { return "lo"; }
      std::string operator()(const LoopbackAddress& one) const { return "address " + one.address.to_string(); }
      std::string operator()(const HostRoute& one) const { return "route " + one.address.to_string(); }
    };
    return std::visit(Words{}, change);
  }

  std::filesystem::path file_;
};

ExitStatus complain(const std::string& words, ExitStatus status) {
  fmt::print(stderr, "vipdrift: {}\n", words);
  return status;
}

ExitStatus check(const std::vector<IpAddress>& addresses) {
  const std::vector<std::string> faults = linux_backend::real_server_faults(addresses);
  for (const std::string& fault : faults) fmt::print("{}\n", fault);
  if (!faults.empty()) return ExitStatus::failed;
  fmt::print("ready as a real server\n");
  return ExitStatus::held;
}

// Noted before anything is touched, and corrected afterwards: an interruption leaves no change without a note.
ExitStatus prepare(const std::vector<IpAddress>& addresses, const Record& record) {
  const Changes before = record.read();
  const Changes plan = linux_backend::plan_real_server(addresses);
  if (plan.empty()) {
    fmt::print("ready as a real server: nothing to change\n");
    return ExitStatus::held;
  }
  const auto noted = [&](const Changes& more) {
    Changes all = before;
    all.insert(all.end(), more.begin(), more.end());
    return record.write(all);
  };
  if (const auto error = noted(plan)) return complain(*error, ExitStatus::no_world);
  Changes made;
  const auto refused = linux_backend::make_real_server(plan, made);
  if (const auto error = noted(made)) return complain(*error, ExitStatus::no_world);
  if (refused) return complain(*refused + " (nothing was changed)", ExitStatus::no_world);
  for (const RealServerChange& change : made) fmt::print("{}\n", to_string(change));
  return ExitStatus::held;
}

bool concerns(const RealServerChange& change, const std::vector<IpAddress>& addresses) {
  const auto has = [&](const IpAddress& one) {
    return std::find(addresses.begin(), addresses.end(), one) != addresses.end();
  };
  if (const auto* address = std::get_if<LoopbackAddress>(&change)) return has(address->address);
  if (const auto* route = std::get_if<HostRoute>(&change)) return has(route->address);
  return false;
}

bool is_of_an_address(const RealServerChange& change) {
  return std::holds_alternative<LoopbackAddress>(change) || std::holds_alternative<HostRoute>(change);
}

/// The settings go with the last address. Without `addresses` everything goes.
ExitStatus undo(const std::vector<IpAddress>& addresses, const Record& record) {
  Changes going = record.read();
  Changes staying;
  if (going.empty()) return complain("nothing was prepared here by vipdrift realserver", ExitStatus::failed);
  if (!addresses.empty()) {
    const Changes all = std::exchange(going, {});
    const bool last = std::none_of(all.begin(), all.end(), [&](const RealServerChange& change) {
      return is_of_an_address(change) && !concerns(change, addresses);
    });
    for (const RealServerChange& change : all) {
      (concerns(change, addresses) || (last && !is_of_an_address(change)) ? going : staying).push_back(change);
    }
  }
  const std::vector<std::string> remarks = linux_backend::take_back(going);
  for (const std::string& remark : remarks) fmt::print("{}\n", remark);
  if (const auto error = record.write(staying)) return complain(*error, ExitStatus::no_world);
  return remarks.empty() ? ExitStatus::held : ExitStatus::failed;
}

}  // namespace

ExitStatus realserver_command(const RealServerArguments& arguments) {
  std::vector<IpAddress> addresses;
  for (const std::string& text : arguments.addresses) {
    const auto address = IpAddress::parse(text);
    if (!address || address->is_unspecified() || address->is_multicast()) {
      return complain(fmt::format("'{}' is no virtual address; expected one such as 10.1.10.7 or 2001:db8::7", text),
                      ExitStatus::wrong_input);
    }
    if (std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) addresses.push_back(*address);
  }
  if (arguments.check && arguments.undo) {
    return complain("--check and --undo exclude each other", ExitStatus::wrong_input);
  }
  if (addresses.empty() && !arguments.undo) return complain("VIP is required", ExitStatus::wrong_input);
  if (arguments.check) return check(addresses);
  const Record record(arguments.state_directory);
  return arguments.undo ? undo(addresses, record) : prepare(addresses, record);
}

}  // namespace vipdrift::tools
