#include "tools/vipdrift/check_scenarios.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <system_error>
#include <utility>

#include "analysis/rehearsal.h"

namespace vipdrift::tools {
namespace {

using analysis::Demonstration;
using analysis::Fault;

/// How each scenario begins that is written here.
constexpr std::string_view kHeading = "# Written by vipdrift check for ";

/// A string of YAML: one of JSON is one.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Letters, digits and '-' alone.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool good = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (good || (!out.empty() && out.back() != '-')) out += good ? c : '-';
  }
  while (out.ends_with('-')) out.pop_back();
  return out.empty() ? "x" : out;
}

/// What a script of that name looks for.
std::string file_of_script(const std::string& script) { return "/vipdrift/failing/" + script; }

/// Interfaces and wires as the exhaustion supposes them.
class Wiring {
 public:
  Wiring(std::span<const analysis::Director> directors, std::span<const analysis::WireEnd> one_wire) {
    const std::vector<analysis::VirtualRouterSeats> routers = analysis::virtual_routers(directors);
    for (std::size_t i = 0; i < directors.size(); ++i) {
      for (const vrrp::InterfaceFacts& facts : analysis::supposed_interfaces(directors, routers, i)) {
        number_[{i, facts.name}] = wire_.size();
        wire_.push_back(wire_.size());
        ends_.push_back({i, facts.name, facts.addresses});
      }
    }
    for (const analysis::VirtualRouterSeats& router : routers) {
      for (const auto& seat : router.seats) join(end_of(directors, router.seats.front()), end_of(directors, seat));
    }
    for (const analysis::WireEnd& end : one_wire) join(end_of(directors, one_wire.front()), end_of(directors, end));
    number_wires();
  }

  /// "eth0: {segment: wire1, addresses: [...]}", one a line.
  std::string interfaces_of(std::size_t director, const std::string& indent) const {
    std::string text;
    for (std::size_t end = 0; end < ends_.size(); ++end) {
      if (ends_[end].director != director) continue;
      std::string addresses;
      for (const IpAddress& address : ends_[end].addresses) {
        addresses += fmt::format("{}\"{}/{}\"", addresses.empty() ? "" : ", ", address.to_string(),
                                 prefix_length(address, wire_[end]));
      }
      text += fmt::format("{}{}: {{segment: wire{}, addresses: [{}]}}\n", indent, quoted(ends_[end].interface),
                          wire_[end] + 1, addresses);
    }
    return text;
  }

  std::size_t wires() const { return wires_; }

 private:
  struct End {
    std::size_t director = 0;
    std::string interface;
    std::vector<IpAddress> addresses;
  };

  std::size_t end_of(std::span<const analysis::Director> directors, const analysis::VirtualRouterSeats::Seat& seat) {
    return number_.at({seat.director, analysis::instance_of(directors, seat).interface});
  }

  std::size_t end_of(std::span<const analysis::Director> directors, const analysis::WireEnd& end) {
    std::size_t director = 0;
    while (directors[director].name != end.director) ++director;
    return number_.at({director, end.interface});
  }

  void join(std::size_t a, std::size_t b) {
    const std::size_t from = wire_[a], to = wire_[b];
    std::replace(wire_.begin(), wire_.end(), from, to);
  }

  void number_wires() {
    std::map<std::size_t, std::size_t> numbers;
    for (std::size_t end = 0; end < ends_.size(); ++end) {
      wire_[end] = numbers.emplace(wire_[end], numbers.size()).first->second;
      for (IpAddress& address : ends_[end].addresses) {
        if (address.family() == Family::ipv4 && wire_[end] > 0) move_off_first_wire(address, wire_[end]);
      }
      if (ends_[end].addresses.empty()) {
        ends_[end].addresses.push_back(IpAddress::v4(198, 51, static_cast<std::uint8_t>(100 + wire_[end]),
                                                     static_cast<std::uint8_t>(ends_[end].director + 1)));
      }
    }
    wires_ = numbers.size();
  }

  /// The addresses that the exhaustion makes up are the same on each wire.
  static void move_off_first_wire(IpAddress& address, std::size_t wire) {
    const auto bytes = address.bytes();
    if (bytes[0] != 192 || bytes[1] != 0 || bytes[2] != 2) return;
    address = IpAddress::v4(198, 18, static_cast<std::uint8_t>(wire), bytes[3]);
  }

  /// So short that all of one wire reach each other.
  int prefix_length(const IpAddress& address, std::size_t wire) const {
    int length = address.family() == Family::ipv4 ? 24 : 64;
    for (std::size_t end = 0; end < ends_.size(); ++end) {
      if (wire_[end] != wire) continue;
      for (const IpAddress& other : ends_[end].addresses) {
        if (other.family() == address.family()) length = std::min(length, common_bits(address, other));
      }
    }
    return std::max(length, 1);
  }

  static int common_bits(const IpAddress& a, const IpAddress& b) {
    int bits = 0;
    const auto left = a.bytes(), right = b.bytes();
    for (std::size_t i = 0; i < left.size(); ++i) {
      const auto differ = static_cast<std::uint8_t>(left[i] ^ right[i]);
      bits += std::countl_zero(differ);
      if (differ != 0) break;
    }
    return bits;
  }

  std::map<std::pair<std::size_t, std::string>, std::size_t> number_;
  std::vector<std::size_t> wire_;  ///< by end
  std::vector<End> ends_;
  std::size_t wires_ = 0;
};

class ScenarioWriter {
 public:
  ScenarioWriter(const PlayedCluster& cluster, std::filesystem::path folder)
      : cluster_(cluster), folder_(std::move(folder)) {
    std::set<std::string> taken;
    for (const analysis::Director& director : cluster.directors) {
      std::string node = plain(director.name);
      while (!taken.insert(node).second) node += "x";
      nodes_[director.name] = node;
    }
  }

  std::string text(const analysis::Finding& finding) const {
    const Demonstration& shown = *finding.demonstration;
    std::string text = fmt::format(
        "{}{} at {}:{}. It fails as long as that is so, and passes once it is mended.\n"
        "# Own addresses of directors that no file tells are made up: 192.0.2.0/24, 198.18.0.0/15, fe80::. Write the "
        "right ones.\n{}"
        "name: {}\ndescription: {}\ntags: [check, {}]\n",
        kHeading, finding.its_rule().name, finding.place.file, finding.place.line,
        shown.returns.empty() ? std::string{}
                              : fmt::format("# What is meant when directors are equal only you know: this expects {}, "
                                            "which has the address when all is well.\n",
                                            shown.holder),
        quoted(fmt::format("{}: {}", finding.its_rule().name, shown.address.to_string())), quoted(finding.message),
        finding.its_rule().name);
    if (cluster_.profile != "keepalived") text += fmt::format("profile: {}\n", quoted(cluster_.profile));
    return text + cluster_text(shown) + steps_text(shown);
  }

 private:
  const std::string& node(const std::string& director) const { return nodes_.at(director); }

  std::string cluster_text(const Demonstration& shown) const {
    const Wiring wiring(cluster_.directors, shown.one_wire);
    std::string text = "cluster:\n  segments:\n";
    for (std::size_t wire = 1; wire <= wiring.wires(); ++wire) {
      text += fmt::format("    wire{}: {{latency: 50us}}\n", wire);
    }
    text += "  directors:\n";
    for (std::size_t i = 0; i < cluster_.directors.size(); ++i) {
      const analysis::Director& director = cluster_.directors[i];
      const config::Configuration& configuration = *director.configuration;
      text += fmt::format("    {}:\n      config: {}\n      interfaces:\n", node(director.name),
                          quoted(path_from_here(cluster_.files[i])));
      text += wiring.interfaces_of(i, "        ");
      std::string scripts, processes;
      for (const config::VrrpScript& script : configuration.scripts) {
        scripts += fmt::format("        {}: {{fails_while: {{file_exists: {}}}}}\n", quoted(script.name),
                               quoted(file_of_script(script.name)));
      }
      if (!scripts.empty()) text += "      scripts:\n" + scripts;
      for (const config::TrackProcess& process : configuration.track_processes) {
        processes += (processes.empty() ? "" : ", ") + quoted(process.process);
      }
      if (!processes.empty()) text += fmt::format("      processes: [{}]\n", processes);
    }
    return text;
  }

  std::string path_from_here(const std::string& file) const {
    std::error_code unknown;
    const std::filesystem::path relative = std::filesystem::relative(file, folder_, unknown);
    return unknown || relative.empty() ? std::filesystem::absolute(file).string() : relative.string();
  }

  std::string steps_text(const Demonstration& shown) const {
    const auto settled = std::chrono::ceil<std::chrono::seconds>(shown.settling).count() + 5;
    std::string text = fmt::format("steps:\n  - at: 0s\n    start: {}\n", node(shown.begins_first));
    std::string others;
    for (const analysis::Director& director : cluster_.directors) {
      if (director.name != shown.begins_first) others += (others.empty() ? "" : ", ") + node(director.name);
    }
    if (!others.empty()) text += fmt::format("  - at: {}s\n    start: [{}]\n", settled, others);
    for (const Fault& fault : shown.faults) text += fmt::format("  - at: {}s\n    {}\n", 2 * settled, step_of(fault));
    auto end = 3 * settled;
    if (!shown.returns.empty()) {
      text += fmt::format("  - at: {}s\n    power_off: {}\n", end, node(shown.returns));
      text += fmt::format("  - at: {}s\n    power_on: {}\n", end + settled, node(shown.returns));
      end += 2 * settled;
    }
    text += fmt::format("  - at: {}s\n    note: all is settled\n    expect: ", end);
    const std::string address = quoted(shown.address.to_string());
    if (shown.holder.empty()) return text + fmt::format("{{vip: {}, on: nobody, never: 30s}}\n", address);
    return text + (shown.alone ? fmt::format("{{vip: {}, holders: [{}], for: 30s}}\n", address, node(shown.holder))
                               : fmt::format("{{vip: {}, on: {}, for: 30s}}\n", address, node(shown.holder)));
  }

  std::string step_of(const Fault& fault) const {
    const std::string& on = node(fault.director);
    switch (fault.kind) {
      case Fault::Kind::down:
        return "power_off: " + on;
      case Fault::Kind::script:
        return fmt::format("touch: {{on: {}, file: {}}}", on, quoted(file_of_script(fault.name)));
      case Fault::Kind::interface:
        return "interface_down: " + quoted(on + " " + fault.name);
      case Fault::Kind::file:
        return fmt::format("touch: {{on: {}, file: {}, contents: \"{}\"}}", on, quoted(path_of(fault)), fault.value);
      case Fault::Kind::process:
        return fmt::format("stop_process: {{on: {}, process: {}}}", on, quoted(program_of(fault)));
      case Fault::Kind::quorum:
        break;  // no demonstration has it
    }
    return "note: a quorum is lost";
  }

  const config::Configuration& configuration_of(const Fault& fault) const {
    return *std::find_if(cluster_.directors.begin(), cluster_.directors.end(), [&](const analysis::Director& it) {
              return it.name == fault.director;
            })->configuration;
  }
  std::string path_of(const Fault& fault) const {
    const auto& files = configuration_of(fault).track_files;
    return std::find_if(files.begin(), files.end(), [&](const auto& it) { return it.name == fault.name; })->path;
  }
  std::string program_of(const Fault& fault) const {
    const auto& all = configuration_of(fault).track_processes;
    return std::find_if(all.begin(), all.end(), [&](const auto& it) { return it.name == fault.name; })->process;
  }

  const PlayedCluster& cluster_;
  std::filesystem::path folder_;
  std::map<std::string, std::string> nodes_;
};

/// Whether something is there that was not written here.
bool is_of_others(const std::string& path) {
  std::error_code unknown;
  const std::filesystem::file_status status = std::filesystem::status(path, unknown);
  if (!std::filesystem::exists(status)) return false;
  if (!std::filesystem::is_regular_file(status)) return true;
  std::string heading(kHeading.size(), '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(heading.data(), static_cast<std::streamsize>(heading.size()));
  return !in || heading != kHeading;
}

}  // namespace

std::optional<FileFailure> write_scenarios(ClusterReport& report, const PlayedCluster& cluster,
                                           const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return FileFailure{folder, "cannot be made: " + failed.message()};
  std::map<std::string, SaidFinding*> played;  // by path
  for (SaidFinding& said : report.findings) {
    if (said.it.demonstration == nullptr) continue;
    const std::string stem =
        fmt::format("{}-{}", said.it.its_rule().name, plain(said.it.demonstration->address.to_string()));
    const auto path_of = [&](const std::string& name) {
      return (std::filesystem::path(folder) / (name + ".yaml")).string();
    };
    std::string path = path_of(stem);
    for (int copy = 2; !played.emplace(path, &said).second; ++copy) path = path_of(fmt::format("{}-{}", stem, copy));
    if (is_of_others(path)) {
      return FileFailure{path,
                         "is there already, and vipdrift check did not write it; expected no file of "
                         "that name"};
    }
  }
  const ScenarioWriter writer(cluster, folder);
  for (const auto& [path, said] : played) {
    std::ofstream out(path);
    out << writer.text(said->it);
    out.close();
    if (!out) return FileFailure{path, "cannot be written"};
    said->scenario = path;
  }
  return std::nullopt;
}

}  // namespace vipdrift::tools
