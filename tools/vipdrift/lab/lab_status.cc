#include "tools/vipdrift/lab/lab_status.h"

#include <fmt/color.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "scenarios/virtual_addresses.h"

namespace vipdrift::tools {
namespace {

using Json = nlohmann::ordered_json;
using scenarios::Life;
using scenarios::TextStyle;
using scenarios::WorldState;

// ------------------------------------------------------------------ the document

const char* life_word(Life life) {
  switch (life) {
    case Life::running:
      return "running";
    case Life::paused:
      return "paused";
    case Life::dead:
      break;
  }
  return "dead";
}

Json processes_json(const LabView& view, const std::string& node) {
  Json out = Json::array();
  const auto found = view.processes.find(node);
  if (found == view.processes.end()) return out;
  for (const NodeProcess& process : found->second) out.push_back({{"pid", process.pid}, {"command", process.command}});
  return out;
}

Json director_json(const LabView& view, const scenarios::Scenario& scenario, std::size_t index,
                   const WorldState& world) {
  const std::string& name = scenario.cluster.directors[index].name;
  const scenarios::NodeView& seen = world.director(name);
  Json out{{"name", name},
           {"kind", "director"},
           {"subject", index < view.subjects.size() ? view.subjects[index] : ""},
           {"daemon", life_word(seen.life)},
           {"instances", Json::array()},
           {"holds", Json::array()},
           {"processes", processes_json(view, name)}};
  for (const auto& [instance, state] : seen.instances) {
    out["instances"].push_back({{"name", instance}, {"state", std::string(to_string(state.state))}});
  }
  for (const IpAddress& vip : virtual_addresses(scenario)) {
    if (world.holds(name, vip)) out["holds"].push_back(vip.to_string());
  }
  return out;
}

void add_hosts(const LabView& view, const std::vector<scenarios::HostSpec>& hosts, const char* kind, Json& nodes) {
  for (const scenarios::HostSpec& host : hosts) {
    nodes.push_back({{"name", host.name}, {"kind", kind}, {"processes", processes_json(view, host.name)}});
  }
}

// ------------------------------------------------------------------ for people

std::string paint(std::string text, fmt::terminal_color colour, const TextStyle& style) {
  return style.colour == scenarios::Colour::always ? fmt::format(fmt::fg(colour), "{}", text) : text;
}

std::string uptime_text(std::int64_t nanoseconds) {
  const std::int64_t seconds = nanoseconds / 1'000'000'000;
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
}

std::string joined(const Json& words, const char* nothing) {
  std::string text;
  for (const Json& word : words) text += (text.empty() ? "" : ", ") + word.get<std::string>();
  return text.empty() ? nothing : text;
}

std::size_t widest(const Json& list, const char* key) {
  std::size_t width = 0;
  for (const Json& entry : list) width = std::max(width, entry.at(key).get<std::string>().size());
  return width;
}

std::string node_lines(const Json& node, std::size_t width, const TextStyle& style) {
  std::string text = fmt::format("{:<{}}  ", node.at("name").get<std::string>(), width);
  if (node.at("kind") == "director") {
    const std::string daemon = node.at("daemon");
    const bool runs = daemon == "running";
    text += fmt::format("{:<10}  ", node.at("subject").get<std::string>()) +
            paint(daemon, runs ? fmt::terminal_color::green : fmt::terminal_color::red, style);
    for (const Json& instance : node.at("instances")) {
      const std::string state = instance.at("state");
      const std::string word = instance.at("name").get<std::string>() + " " + state;
      text += "  " + (state == "MASTER" ? paint(word, fmt::terminal_color::green, style) : word);
    }
  } else {
    text += node.at("kind").get<std::string>();
  }
  text += "\n";
  for (const Json& process : node.at("processes")) {
    text += fmt::format("{:<{}}  {:>5}  {}\n", "", width, process.at("pid").get<int>(),
                        process.at("command").get<std::string>());
  }
  return text;
}

}  // namespace

std::string lab_status_json(const LabView& view, const scenarios::Scenario& scenario, const WorldState& world) {
  Json out{{"vipdrift", 1},          {"lab", view.name},
           {"cluster", view.cluster}, {"process", view.process},
           {"uptime_ns", view.uptime.count()}, {"addresses", Json::array()},
           {"nodes", Json::array()}, {"recent", Json::array()}};
  for (const IpAddress& vip : virtual_addresses(scenario)) {
    Json holders = Json::array();
    for (const scenarios::DirectorSpec& director : scenario.cluster.directors) {
      if (world.holds(director.name, vip)) holders.push_back(director.name);
    }
    out["addresses"].push_back({{"address", vip.to_string()}, {"holders", holders}});
  }
  for (std::size_t i = 0; i < scenario.cluster.directors.size(); ++i) {
    out["nodes"].push_back(director_json(view, scenario, i, world));
  }
  add_hosts(view, scenario.cluster.clients, "client", out["nodes"]);
  add_hosts(view, scenario.cluster.real_servers, "real server", out["nodes"]);
  for (const scenarios::Observation& seen : view.recent) {
    out["recent"].push_back(
        {{"at_ns", seen.at.count()}, {"node", seen.node}, {"event", scenarios::describe(seen.what)}});
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string render_lab_status(const std::string& json, const TextStyle& style) {
  const Json status = Json::parse(json);
  std::string text = fmt::format("lab {}: {}, up for {}, process {}\n\n", status.at("lab").get<std::string>(),
                                 status.at("cluster").get<std::string>(),
                                 uptime_text(status.at("uptime_ns").get<std::int64_t>()),
                                 status.at("process").get<int>());
  const Json& addresses = status.at("addresses");
  for (const Json& it : addresses) {
    const auto colour = it.at("holders").size() == 1 ? fmt::terminal_color::green : fmt::terminal_color::red;
    text += fmt::format("{:<{}}  ", it.at("address").get<std::string>(), widest(addresses, "address")) +
            paint(joined(it.at("holders"), "nobody"), colour, style) + "\n";
  }
  text += "\n";
  const Json& nodes = status.at("nodes");
  for (const Json& node : nodes) text += node_lines(node, widest(nodes, "name"), style);
  const Json& recent = status.at("recent");
  if (!recent.empty()) text += "\n";
  for (const Json& it : recent) {
    const std::int64_t milliseconds = it.at("at_ns").get<std::int64_t>() / 1'000'000;
    text += fmt::format("{:>8}.{:03} s  {:<{}}  {}\n", milliseconds / 1000, milliseconds % 1000,
                        it.at("node").get<std::string>(), widest(nodes, "name"), it.at("event").get<std::string>());
  }
  return text;
}

}  // namespace vipdrift::tools
