#include "scenarios/condition.h"

#include <algorithm>
#include <type_traits>

#include "scenarios/durations.h"
#include "scenarios/target.h"

namespace vipdrift::scenarios {
namespace {

std::string text(std::string_view view) { return std::string{view}; }

bool runs(const WorldState& world, const std::string& director) {
  return world.director(director).life == Life::running;
}

/// What is not asked for is always right.
template <class T>
bool agrees(const std::optional<T>& asked, const T& seen) {
  return !asked || *asked == seen;
}

bool agree(const AdvertisementSeen& asked, const AdvertisementFields& seen) {
  return agrees(asked.version, seen.version) && agrees(asked.type, seen.type) && agrees(asked.ttl, seen.ttl) &&
         agrees(asked.auth_type, seen.auth_type) && agrees(asked.interval, seen.interval) &&
         agrees(asked.checksum, seen.checksum) && agrees(asked.addresses, seen.addresses) &&
         agrees(asked.source_mac, seen.source_mac);
}

struct Truth {
  const WorldState& world;

  bool operator()(const VipOn& it) const {
    for (const auto& [name, view] : world.directors()) {
      if (name != it.director && view.life == Life::running && world.holds(name, it.vip)) return false;
    }
    if (it.director.empty()) return true;
    return world.director(it.director).life != Life::dead && world.holds(it.director, it.vip);
  }
  bool operator()(const VipHolders& it) const {
    return std::all_of(world.directors().begin(), world.directors().end(), [&](const auto& entry) {
      const bool wanted = std::find(it.directors.begin(), it.directors.end(), entry.first) != it.directors.end();
      return world.holds(entry.first, it.vip) == wanted;
    });
  }
  bool operator()(const InstanceState& it) const { return world.state(it.director, it.instance) == it.state; }
  bool operator()(const EffectivePriority& it) const { return world.priority(it.director, it.instance) == it.priority; }
  bool operator()(const AnsweredBy& it) const {
    const Answer* answer = world.answer(it.client, it.target, it.port);
    return answer != nullptr && answer->node == it.node;
  }
  bool operator()(const NotAnswered& it) const {
    const Answer* answer = world.answer(it.client, it.target, it.port);
    return answer != nullptr && answer->node.empty();
  }
  bool operator()(const ClientBelieves& it) const {
    const Belief* belief = world.belief(it.client, it.vip);
    return belief != nullptr && belief->node == it.node && agrees(it.mac, belief->mac);
  }
  bool operator()(const PoolIs& it) const {
    const Pool* pool = world.pool(it.director, it.service);
    if (pool == nullptr) return false;
    std::size_t counted = 0;
    for (const auto& [server, weight] : *pool) {
      if (!it.weighted && weight <= 0) continue;
      const auto member = std::find_if(it.members.begin(), it.members.end(),
                                       [&key = server](const PoolMember& each) { return each.key == key; });
      if (member == it.members.end() || !agrees(member->weight, weight)) return false;
      ++counted;
    }
    return counted == it.members.size();
  }
  bool operator()(const QuorumIs& it) const { return world.quorum(it.director, it.service) == it.up; }
  bool operator()(const ConnectionIs& it) const {
    const ConnectionView* connection = world.connection(it.client, it.target, it.port);
    return connection != nullptr && connection->state == it.state && agrees(it.node, connection->node);
  }
  template <class Event>
  bool operator()(const Event&) const {
    return false;
  }
};

struct Counter {
  const Observation& seen;

  int operator()(const Notified& it) const {
    const auto* run = std::get_if<NotificationRun>(&seen.what);
    if (run == nullptr || seen.node != it.director || run->name != it.name || run->state != it.state) return 0;
    return !it.priority || *it.priority == run->priority ? 1 : 0;
  }
  int operator()(const ServerNotified& it) const {
    const auto* run = std::get_if<ServerNotification>(&seen.what);
    return run != nullptr && seen.node == it.director && run->service == it.service && run->server == it.server &&
                   run->up == it.up
               ? 1
               : 0;
  }
  int operator()(const Mailed& it) const {
    const auto* mail = std::get_if<MailTaken>(&seen.what);
    if (mail == nullptr || seen.node != it.director) return 0;
    return mail->subject.find(it.containing) != std::string::npos ? 1 : 0;
  }
  int operator()(const AdvertisementSeen& it) const {
    const auto* sent = std::get_if<AdvertisementSent>(&seen.what);
    if (sent == nullptr || !agrees(it.from, seen.node)) return 0;
    const bool same = agrees(it.vrid, sent->vrid) && agrees(it.priority, sent->priority) &&
                      agrees(it.source, sent->source) && agrees(it.destination, sent->destination);
    if (!same) return 0;
    return !it.asks_for_fields() || (sent->fields != nullptr && agree(it, *sent->fields)) ? 1 : 0;
  }
  int operator()(const AnnouncementSeen& it) const {
    const auto* sent = std::get_if<AnnouncementSent>(&seen.what);
    if (sent == nullptr || !agrees(it.from, seen.node) || sent->address != it.vip) return 0;
    if (!agrees(it.mac, sent->mac)) return 0;
    return sent->count;
  }
  int operator()(const DiscardedFor& it) const {
    const auto* discarded = std::get_if<AdvertisementDiscarded>(&seen.what);
    if (discarded == nullptr || seen.node != it.director || discarded->reason != it.reason) return 0;
    return !it.vrid || *it.vrid == discarded->vrid ? 1 : 0;
  }
  int operator()(const Logged& it) const {
    const auto* log = std::get_if<LogWritten>(&seen.what);
    if (log == nullptr || (it.director && *it.director != seen.node)) return 0;
    return log->text.find(it.containing) != std::string::npos ? 1 : 0;
  }
  template <class State>
  int operator()(const State&) const {
    return 0;
  }
};

std::string at_mac(const std::optional<MacAddress>& mac) { return mac ? " at " + mac->to_string() : ""; }

std::string fields_text(const AdvertisementSeen& it) {
  std::string line;
  const auto add = [&line](const char* name, bool asked, const std::string& value) {
    if (asked) line += std::string{", "} + name + " " + value;
  };
  const auto number = [](const std::optional<std::uint8_t>& value) { return std::to_string(value.value_or(0)); };
  add("source", it.source.has_value(), it.source.value_or(IpAddress{}).to_string());
  add("destination", it.destination.has_value(), it.destination.value_or(IpAddress{}).to_string());
  add("version", it.version.has_value(), number(it.version));
  add("type", it.type.has_value(), number(it.type));
  add("TTL", it.ttl.has_value(), number(it.ttl));
  add("auth type", it.auth_type.has_value(), number(it.auth_type));
  add("interval", it.interval.has_value(), to_text(it.interval.value_or(Duration{0})));
  add("checksum", it.checksum.has_value(), text(to_string(it.checksum.value_or(ChecksumForm::bad))));
  if (it.addresses) line += ", addresses";
  for (const IpAddress& address : it.addresses.value_or(std::vector<IpAddress>{})) line += " " + address.to_string();
  return line + at_mac(it.source_mac);
}

std::string weight_text(const std::optional<int>& weight) {
  return weight ? " (weight " + std::to_string(*weight) + ")" : "";
}

struct Asked {
  std::string operator()(const VipOn& it) const {
    return it.vip.to_string() + " on " + (it.director.empty() ? "nobody" : it.director);
  }
  std::string operator()(const VipHolders& it) const {
    if (it.directors.empty()) return it.vip.to_string() + " held by nobody";
    std::string line = it.vip.to_string() + " held by ";
    for (std::size_t i = 0; i < it.directors.size(); ++i) line += (i == 0 ? "" : ", ") + it.directors[i];
    return line;
  }
  std::string operator()(const InstanceState& it) const {
    return it.instance + " on " + it.director + " " + text(to_string(it.state));
  }
  std::string operator()(const Notified& it) const {
    return "notification of " + it.name + " on " + it.director + " " + text(to_string(it.state)) +
           (it.priority ? " with priority " + std::to_string(*it.priority) : "");
  }
  std::string operator()(const ServerNotified& it) const {
    return std::string{it.server.empty() ? "quorum_" : "notify_"} + (it.up ? "up" : "down") + " of " +
           (it.server.empty() ? it.service : it.server + " behind " + it.service) + " on " + it.director;
  }
  std::string operator()(const Mailed& it) const {
    return "mail of " + it.director + " with \"" + it.containing + "\"";
  }
  std::string operator()(const EffectivePriority& it) const {
    return "priority " + std::to_string(it.priority) + " of " + it.instance + " on " + it.director;
  }
  std::string operator()(const AnsweredBy& it) const {
    return target_text(it.target, it.port) + " answers " + it.client + " from " + it.node;
  }
  std::string operator()(const NotAnswered& it) const {
    return target_text(it.target, it.port) + " does not answer " + it.client;
  }
  std::string operator()(const ClientBelieves& it) const {
    return it.client + " believes " + it.vip.to_string() + " on " + it.node + at_mac(it.mac);
  }
  std::string operator()(const AdvertisementSeen& it) const {
    return std::string{"advertisement"} + (it.from ? " from " + *it.from : "") +
           (it.vrid ? " of vrid " + std::to_string(*it.vrid) : "") +
           (it.priority ? " with priority " + std::to_string(*it.priority) : "") + fields_text(it);
  }
  std::string operator()(const AnnouncementSeen& it) const {
    return "announcement of " + it.vip.to_string() + (it.from ? " from " + *it.from : "") + at_mac(it.mac);
  }
  std::string operator()(const DiscardedFor& it) const {
    return it.director + " discards for " + text(to_string(it.reason)) +
           (it.vrid ? " on vrid " + std::to_string(*it.vrid) : "");
  }
  std::string operator()(const Logged& it) const {
    return "log with \"" + it.containing + "\"" + (it.director ? " on " + *it.director : "");
  }
  std::string operator()(const PoolIs& it) const {
    std::string line = "pool of " + service_text(it.service) + " on " + it.director + " is ";
    if (it.members.empty()) line += "empty";
    for (std::size_t i = 0; i < it.members.size(); ++i) {
      line += (i == 0 ? "" : ", ") + it.members[i].name + weight_text(it.members[i].weight);
    }
    return line;
  }
  std::string operator()(const QuorumIs& it) const {
    return "quorum of " + service_text(it.service) + " on " + it.director + (it.up ? " UP" : " DOWN");
  }
  std::string operator()(const AnswersFrom& it) const {
    std::string line = to_string(it.url) + " answers " + it.client + " from ";
    for (std::size_t i = 0; i < it.nodes.size(); ++i) line += (i == 0 ? "" : ", ") + it.nodes[i];
    return line + (it.in_turn ? " in turn" : "") + (it.status ? " with status " + std::to_string(*it.status) : "");
  }
  std::string operator()(const SharesAre& it) const {
    std::string line = to_string(it.url) + " answers " + it.client;
    for (std::size_t i = 0; i < it.shares.size(); ++i) {
      const SharesAre::Share& share = it.shares[i];
      line += (i == 0 ? " from " : ", ") + share.node + " " + to_text(PartsPerMillion{share.least_ppm}) + " to " +
              to_text(PartsPerMillion{share.most_ppm});
    }
    return line;
  }
  std::string operator()(const NotServed& it) const {
    if (it.how) return to_string(it.url) + " is " + text(to_string(*it.how)) + " for " + it.client;
    return to_string(it.url) + " does not answer " + it.client;
  }
  std::string operator()(const ConnectionIs& it) const {
    return "connection of " + it.client + " to " + target_text(it.target, it.port) + " " + text(to_string(it.state)) +
           (it.node ? " with " + *it.node : "");
  }
};

/// Where an address is, with the reason when it does not count as held there.
std::string holders_text(const IpAddress& vip, const WorldState& world) {
  std::string line;
  for (const auto& [name, view] : world.directors()) {
    if (!world.holds(name, vip)) continue;
    line += (line.empty() ? "" : ", ") + name;
    if (view.life == Life::dead) line += " (daemon dead)";
    if (view.life == Life::paused) line += " (daemon paused)";
  }
  return vip.to_string() + " is on " + (line.empty() ? "nobody" : line);
}

std::string answer_text(const WorldState& world, const std::string& client, const IpAddress& target,
                        std::uint16_t port) {
  const Answer* answer = world.answer(client, target, port);
  const std::string name = target_text(target, port);
  if (answer == nullptr) return name + " was not asked yet by " + client;
  return name + " is answered by " + (answer->node.empty() ? "nobody" : answer->node);
}

struct Actual {
  const WorldState& world;

  std::string operator()(const VipOn& it) const { return holders_text(it.vip, world); }
  std::string operator()(const VipHolders& it) const { return holders_text(it.vip, world); }
  std::string operator()(const InstanceState& it) const {
    return it.instance + " on " + it.director + " is " + text(to_string(world.state(it.director, it.instance))) +
           (runs(world, it.director) ? "" : " (daemon not running)");
  }
  std::string operator()(const EffectivePriority& it) const {
    const auto priority = world.priority(it.director, it.instance);
    return "priority of " + it.instance + " on " + it.director + " is " +
           (priority ? std::to_string(*priority) : "unknown (daemon dead)");
  }
  std::string operator()(const AnsweredBy& it) const { return answer_text(world, it.client, it.target, it.port); }
  std::string operator()(const NotAnswered& it) const { return answer_text(world, it.client, it.target, it.port); }
  std::string operator()(const ClientBelieves& it) const {
    const Belief* belief = world.belief(it.client, it.vip);
    return it.client + " believes " + it.vip.to_string() + " on " +
           (belief == nullptr ? "nobody" : belief->node + at_mac(belief->mac));
  }
  std::string operator()(const PoolIs& it) const {
    const Pool* pool = world.pool(it.director, it.service);
    const std::string subject = "pool of " + service_text(it.service) + " on " + it.director;
    if (pool == nullptr) return subject + " does not exist";
    std::string line;
    for (const auto& [server, weight] : *pool) {
      line += (line.empty() ? " is " : ", ") + to_string(server) + weight_text(weight);
    }
    return subject + (line.empty() ? " is empty" : line);
  }
  std::string operator()(const QuorumIs& it) const {
    const auto up = world.quorum(it.director, it.service);
    return "quorum of " + service_text(it.service) + " on " + it.director + " is " +
           (up ? (*up ? "UP" : "DOWN") : "unknown");
  }
  std::string operator()(const ConnectionIs& it) const {
    const ConnectionView* connection = world.connection(it.client, it.target, it.port);
    const std::string subject = "connection of " + it.client + " to " + target_text(it.target, it.port);
    if (connection == nullptr) return subject + " was not opened yet";
    return subject + " is " + text(to_string(connection->state)) +
           (connection->node.empty() ? "" : " with " + connection->node);
  }
  template <class Event>
  std::string operator()(const Event&) const {
    return "it";
  }
};

}  // namespace

bool is_event(const Condition& condition) {
  return std::holds_alternative<Notified>(condition) || std::holds_alternative<AdvertisementSeen>(condition) ||
         std::holds_alternative<AnnouncementSeen>(condition) || std::holds_alternative<DiscardedFor>(condition) ||
         std::holds_alternative<Logged>(condition) || std::holds_alternative<ServerNotified>(condition) ||
         std::holds_alternative<Mailed>(condition);
}

bool is_window(const Condition& condition) {
  return std::holds_alternative<AnswersFrom>(condition) || std::holds_alternative<SharesAre>(condition) ||
         std::holds_alternative<NotServed>(condition);
}

bool is_true(const Condition& condition, const WorldState& world) { return std::visit(Truth{world}, condition); }

int occurrences(const Condition& condition, const Observation& observation) {
  return std::visit(Counter{observation}, condition);
}

std::string describe(const Condition& condition) { return std::visit(Asked{}, condition); }

std::string describe_actual(const Condition& condition, const WorldState& world) {
  return std::visit(Actual{world}, condition);
}

}  // namespace vipdrift::scenarios
