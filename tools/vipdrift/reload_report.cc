#include "tools/vipdrift/reload_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/config/text.h"
#include "scenarios/text_columns.h"

namespace vipdrift::tools {
namespace {

using analysis::Fate;
using scenarios::paint;
using scenarios::printable;
using Json = nlohmann::ordered_json;

constexpr std::size_t kPlaceColumn = 72;

std::string place_text(const config::Place& place) {
  return place.line == 0 ? std::string{} : fmt::format("{}:{}", place.file, place.line);
}

/// Lines with a sign before them and a place behind.
class Paragraphs {
 public:
  explicit Paragraphs(const scenarios::TextStyle& style) : style_{style} {}

  void heading(std::string_view name, std::string_view what, std::string_view colour, const config::Place& place) {
    if (!text_.empty()) text_ += '\n';
    std::string line =
        paint(printable(std::string{name}), scenarios::kBold, style_) + ": " + paint(std::string{what}, colour, style_);
    add(std::move(line), name.size() + what.size() + 2, place);
  }
  void line(char sign, std::string_view what, std::size_t indentation = 2, const config::Place& place = {}) {
    const std::string_view colour = sign == '+'   ? scenarios::kGreen
                                    : sign == '-' ? scenarios::kRed
                                    : sign == '~' ? scenarios::kYellow
                                                  : std::string_view{};
    std::string text(indentation, ' ');
    text += fmt::format("{} {}", sign, printable(std::string{what}));
    const std::size_t width = text.size();
    add(paint(text, colour, style_), width, place);
  }
  void settings(const std::vector<analysis::SettingChange>& changes, std::size_t indentation = 2) {
    for (const analysis::SettingChange& change : changes) {
      const char* remark = change.no_effect ? " (no effect)" : "";
      if (change.before.empty() != change.after.empty()) {
        const bool added = change.before.empty();
        line(added ? '+' : '-', fmt::format("{} {}{}", change.setting, added ? change.after : change.before, remark),
             indentation, change.place);
      } else {
        line('~', fmt::format("{} {} -> {}{}", change.setting, change.before, change.after, remark), indentation,
             change.place);
      }
    }
  }
  void plain(std::string_view text) { text_ += std::string{text} + "\n"; }
  void gap() {
    if (!text_.empty()) text_ += '\n';
  }
  std::string take() { return std::move(text_); }

 private:
  void add(std::string line, std::size_t width, const config::Place& place) {
    text_ += line;
    if (place.line != 0) {
      text_.append(width + 2 < kPlaceColumn ? kPlaceColumn - width : 2, ' ');
      text_ += paint(place_text(place), scenarios::kDim, style_);
    }
    text_ += '\n';
  }

  scenarios::TextStyle style_;
  std::string text_;
};

std::string until_text(const std::optional<Duration>& time) {
  if (!time) return "does not become MASTER";
  return fmt::format("MASTER after {} s unless another takes over", config::seconds_text(*time));
}

std::string outcome_of(const analysis::InstancePreview& instance) {
  const std::string after{to_string(instance.after)};
  switch (instance.fate) {
    case Fate::untouched:
      return "untouched";
    case Fate::changed:
      return "goes on as " + after;
    case Fate::flaps:
      return std::string{instance.begins_anew ? "FLAPS: begins anew as another virtual router, is "
                                              : "FLAPS: leaves MASTER, is "} +
             after + ", " + until_text(instance.until_master);
    case Fate::appears:
      return "appears as " + after + ", " + until_text(instance.until_master);
    case Fate::leaves:
      return "leaves" + std::string{instance.before == vrrp::State::master ? ": gives up MASTER" : ""};
  }
  return {};
}

std::string_view colour_of(Fate fate) {
  switch (fate) {
    case Fate::flaps:
    case Fate::leaves:
      return scenarios::kRed;
    case Fate::appears:
      return scenarios::kGreen;
    case Fate::changed:
      return scenarios::kYellow;
    case Fate::untouched:
      break;
  }
  return {};
}

void render_instance(const analysis::InstancePreview& instance, Paragraphs& text) {
  const std::string former = instance.former_name.empty() ? "" : " (was " + instance.former_name + ")";
  text.heading("vrrp_instance " + instance.name + former, outcome_of(instance), colour_of(instance.fate),
               instance.place);
  text.settings(instance.settings);
  for (const std::string& address : instance.removed) text.line('-', "address " + address);
  for (const std::string& address : instance.added) text.line('+', "address " + address + ", at once");
}

void render_service(const analysis::ServicePreview& service, Paragraphs& text) {
  text.heading("virtual_server " + service.name, to_string(service.fate), colour_of(service.fate), service.place);
  if (!service.remark.empty()) text.line('!', service.remark);
  text.settings(service.settings);
  for (const analysis::ServerPreview& server : service.servers) {
    if (server.fate == Fate::untouched && server.settings.empty()) continue;
    const char sign = server.fate == Fate::appears ? '+' : server.fate == Fate::leaves ? '-' : '~';
    text.line(sign, "real_server " + server.name, 2, server.place);
    text.settings(server.settings, 6);
    for (const std::string& check : server.checks) text.line('~', check, 6);
  }
  for (const std::string& edit : service.edits) {
    const char sign = edit.starts_with("add") ? '+' : edit.starts_with("remove") ? '-' : '~';
    text.line(sign, "kernel: " + edit);
  }
}

/// Settings without effect are told of what is untouched, too.
bool tells_settings(const analysis::ServicePreview& service) {
  return !service.settings.empty() ||
         std::any_of(service.servers.begin(), service.servers.end(),
                     [](const analysis::ServerPreview& server) { return !server.settings.empty(); });
}

template <class Each>
std::size_t untouched(const std::vector<Each>& all) {
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const Each& each) { return each.fate == Fate::untouched; }));
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + printable(name);
  return text;
}

Json json_of(const config::Place& place) {
  if (place.line == 0) return nullptr;
  return {{"file", place.file}, {"line", place.line}};
}

Json json_of(const std::vector<analysis::SettingChange>& changes) {
  Json all = Json::array();
  for (const analysis::SettingChange& change : changes) {
    all.push_back({{"setting", change.setting},
                   {"before", change.before},
                   {"after", change.after},
                   {"place", json_of(change.place)}});
    if (change.no_effect) all.back()["no_effect"] = true;
  }
  return all;
}

Json json_of(const analysis::InstancePreview& instance) {
  Json json{{"name", instance.name},
            {"fate", to_string(instance.fate)},
            {"place", json_of(instance.place)},
            {"before", to_string(instance.before)},
            {"after", to_string(instance.after)}};
  if (instance.begins_anew) json["begins_anew"] = true;
  if (!instance.former_name.empty()) json["former_name"] = instance.former_name;
  if (instance.until_master) json["seconds_until_master"] = config::seconds_text(*instance.until_master);
  json["removed"] = instance.removed;
  json["added"] = instance.added;
  json["settings"] = json_of(instance.settings);
  return json;
}

Json json_of(const analysis::ServicePreview& service) {
  Json json{{"name", service.name}, {"fate", to_string(service.fate)}, {"place", json_of(service.place)}};
  json["settings"] = json_of(service.settings);
  json["servers"] = Json::array();
  for (const analysis::ServerPreview& server : service.servers) {
    json["servers"].push_back({{"name", server.name},
                               {"fate", to_string(server.fate)},
                               {"place", json_of(server.place)},
                               {"settings", json_of(server.settings)},
                               {"checks", server.checks}});
  }
  json["edits"] = service.edits;
  if (!service.remark.empty()) json["remark"] = service.remark;
  return json;
}

}  // namespace

std::string render_reload(const analysis::ReloadPreview& preview, const scenarios::TextStyle& style) {
  Paragraphs text{style};
  for (const analysis::BlockPreview& block : preview.blocks) {
    const std::string fate = std::string{to_string(block.fate)} + (block.no_effect ? ", no effect" : "");
    text.heading(block.name, fate, colour_of(block.no_effect ? Fate::untouched : block.fate), block.place);
    text.settings(block.settings);
    for (const std::string& consequence : block.consequences) text.line('!', consequence);
  }
  for (const analysis::InstancePreview& instance : preview.instances) {
    if (instance.fate != Fate::untouched || !instance.settings.empty()) render_instance(instance, text);
  }
  for (const analysis::ServicePreview& service : preview.services) {
    if (service.fate != Fate::untouched || tells_settings(service)) render_service(service, text);
  }
  text.gap();
  if (!preview.notifications.empty()) text.plain("notified at once:");
  for (const std::string& each : preview.notifications) text.line('!', each);
  if (!preview.scripts.empty()) text.plain("run again at once, as at any reload: " + list_of(preview.scripts));
  text.plain(fmt::format("{} of {} instances and {} of {} virtual servers untouched", untouched(preview.instances),
                         preview.instances.size(), untouched(preview.services), preview.services.size()));
  text.plain("assumed: this director is MASTER of all it can be, and every server, script and link is up");
  return text.take();
}

std::string reload_json(const analysis::ReloadPreview& preview) {
  Json document{{"changes", preview.changes()}};
  for (const char* list : {"instances", "virtual_servers", "blocks"}) document[list] = Json::array();
  for (const analysis::InstancePreview& instance : preview.instances) {
    document["instances"].push_back(json_of(instance));
  }
  for (const analysis::ServicePreview& service : preview.services) {
    document["virtual_servers"].push_back(json_of(service));
  }
  for (const analysis::BlockPreview& block : preview.blocks) {
    document["blocks"].push_back({{"name", block.name},
                                  {"fate", to_string(block.fate)},
                                  {"place", json_of(block.place)},
                                  {"settings", json_of(block.settings)},
                                  {"consequences", block.consequences}});
    if (block.no_effect) document["blocks"].back()["no_effect"] = true;
  }
  document["scripts"] = preview.scripts;
  document["notifications"] = preview.notifications;
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vipdrift::tools
