// Routes, rules and static addresses; the group that minds them; delays of links.
#include <algorithm>
#include <string>

#include "protocol/config/grammar.h"
#include "protocol/config/model.h"
#include "protocol/config/routing_line.h"
#include "protocol/config/text.h"
#include "protocol/config/virtual_address.h"

namespace vipdrift::config {
namespace {

constexpr Duration kLongestDelay = std::chrono::seconds{255};

/// `no_track` belongs to what moves with an instance, `track_group` to what does not.
template <class Entry>
bool tracked_as_it_should(Model& model, const Arguments& line, const Entry& entry, bool is_static) {
  if (is_static ? !entry.no_track : entry.track_group.empty()) return true;
  model.report.error(RuleId::misplaced_keyword, line.word_spot(),
                     is_static ? "'no_track' has no meaning in a static line"
                               : "'track_group' has no meaning in a line of an instance",
                     is_static ? "'track_group NAME'" : "'no_track'");
  return false;
}

void add_static_track(Model& model, const std::string& group, Spot spot) {
  model.static_tracks.emplace_back(group, Reference{spot, model.configuration.static_track_groups.size()});
}

template <class Entry, class Read>
void add_line(Model& model, const Arguments& line, std::vector<Entry>& list, bool is_static, Read read) {
  auto entry = read(line.words, model.report);
  if (!entry || !tracked_as_it_should(model, line, *entry, is_static)) return;
  if (!entry->track_group.empty()) add_static_track(model, entry->track_group, line.word_spot());
  list.push_back(std::move(*entry));
}

constexpr auto kStaticTrackGroup = sorted(std::array{
    Keyword{.word = "group", .meaning = "Its instances.", .opens = Block::static_track_members, .repeatable = true},
});

}  // namespace

std::span<const Keyword> static_track_group_keywords() { return kStaticTrackGroup; }

void read_virtual_route(Model& model, const Arguments& line) {
  add_line(model, line, model.instance().virtual_routes, false, read_route);
}

void read_virtual_rule(Model& model, const Arguments& line) {
  add_line(model, line, model.instance().virtual_rules, false, read_rule);
}

void read_static_address(Model& model, const Arguments& line) {
  const auto read = [](std::span<const Word> words, Report& report) { return read_virtual_address(words, report); };
  add_line(model, line, model.configuration.static_addresses, true, read);
}

void read_static_route(Model& model, const Arguments& line) {
  add_line(model, line, model.configuration.static_routes, true, read_route);
}

void read_static_rule(Model& model, const Arguments& line) {
  add_line(model, line, model.configuration.static_rules, true, read_rule);
}

void begin_static_track_group(Model& model, const Arguments& words) {
  StaticTrackGroup group;
  group.name = words.text();
  static_cast<Place&>(group.place) = model.report.place(words.spot);
  model.configuration.static_track_groups.push_back(std::move(group));
}

void read_static_track_member(Model& model, const Arguments& line) {
  for (const Word& word : line.words) {
    model.configuration.static_track_groups.back().members.emplace_back(word.text);
    model.static_track_members.emplace_back(std::string{word.text}, word.spot);
  }
}

/// "INTERFACE DOWN_DELAY [UP_DELAY]"; the second is as the first unless written.
void read_interface_delays(Model& model, const Arguments& line) {
  InterfaceDelays delays;
  delays.interface = line.text();
  if (!valid_interface_name(delays.interface) || line.words.size() < 2 || line.words.size() > 3) {
    model.report.error(RuleId::bad_value, line.word_spot(),
                       in_quotes(line.word()) + " is not valid in interface_up_down_delays",
                       "INTERFACE DOWN_DELAY [UP_DELAY]");
    return;
  }
  for (std::size_t i = 1; i < line.words.size(); ++i) {
    const auto time = parse_seconds(line.words[i].text);
    if (!time || *time > kLongestDelay) {
      model.report.error(RuleId::bad_value, line.words[i].spot, in_quotes(line.words[i].text) + " is not a delay",
                         "seconds from 0 to 255");
      return;
    }
    (i == 1 ? delays.down : delays.up) = *time;
  }
  if (line.words.size() == 2) delays.up = delays.down;
  model.configuration.interface_delays.push_back(std::move(delays));
}

}  // namespace vipdrift::config
