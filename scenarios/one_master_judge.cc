#include "scenarios/one_master_judge.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "scenarios/durations.h"
#include "scenarios/world_state.h"

namespace vipdrift::scenarios {
namespace {

using Group = std::set<std::string>;

/// An instance of one director that takes part in a virtual router.
struct Member {
  std::string director;
  std::string instance;
  friend auto operator<=>(const Member&, const Member&) = default;
};

struct VirtualRouter {
  std::string segment;
  std::uint8_t vrid = 0;
  Family family{};
  std::set<Member> members;
  Duration advertisement_interval{0};
  Duration master_down_interval{0};
  bool had_master = false;

  std::string name() const { return "vrid " + std::to_string(vrid) + (segment.empty() ? "" : " on " + segment); }
};

std::vector<VirtualRouter> virtual_routers(const Scenario& scenario) {
  std::map<std::tuple<std::string, std::uint8_t, Family>, VirtualRouter> found;
  for (const DirectorConfig& config : scenario.configs) {
    if (!config.configuration) continue;
    for (const config::VrrpInstance& instance : config.configuration->instances) {
      const std::string segment = scenario.cluster.segment_of(config.director, instance.interface);
      VirtualRouter& router = found[{segment, instance.virtual_router_id, instance.family}];
      router.segment = segment;
      router.vrid = instance.virtual_router_id;
      router.family = instance.family;
      router.members.insert({config.director, instance.name});
      const Duration interval = instance.advert_int;
      const Duration whole_skew = instance.version == vrrp::Version::v2 ? Duration{std::chrono::seconds{1}} : interval;
      router.advertisement_interval = std::max(router.advertisement_interval, interval);
      router.master_down_interval =
          std::max(router.master_down_interval, instance.down_timer_adverts * interval + whole_skew);
    }
  }
  std::vector<VirtualRouter> result;
  for (auto& entry : found) result.push_back(std::move(entry.second));
  return result;
}

/// There and back on the slowest way that the scenario ever makes.
Duration round_trip(const Scenario& scenario) {
  Duration latency{0};
  for (const SegmentSpec& segment : scenario.cluster.segments) latency = std::max(latency, segment.latency);
  Duration faults{0};
  for (const Step& step : scenario.steps) {
    if (const auto* set = std::get_if<SetFaults>(&step.action)) {
      faults = std::max(faults, set->faults.delay + set->faults.jitter);
    }
  }
  return 2 * (latency + 2 * faults);
}

enum class Fault : std::uint8_t { gap, overlap };

/// One group of one virtual router under observation for one kind of fault.
struct Watch {
  std::string signature;  ///< of its members' daemons: a change is a disturbance
  Duration disturbed{0};
  std::optional<Duration> bad_since;
  std::string text;  ///< of the fault that is going on
};

struct Worst {
  Duration length{-1};
  Duration from{0};
  std::string text;
};

class Judge {
 public:
  Judge(const Scenario& scenario, const OneMaster& invariant)
      : scenario_{scenario}, invariant_{invariant}, world_{scenario}, routers_{virtual_routers(scenario)} {
    watches_.resize(routers_.size());
    round_trip_ = round_trip(scenario);
  }

  void walk(const Timeline& timeline) {
    const auto& all = timeline.observations();
    bool changed = true;
    for (std::size_t i = 0; i < all.size(); ++i) {
      world_.apply(all[i]);
      changed = changed || changes_state(all[i].what);
      const bool moment_over = i + 1 == all.size() || all[i + 1].at != all[i].at;
      if (!moment_over || !changed) continue;
      look(all[i].at);
      changed = false;
    }
    for (std::size_t r = 0; r < routers_.size(); ++r) {
      for (auto& [key, watch] : watches_[r]) close(routers_[r], key.first, watch, scenario_.end);
    }
  }

  const Worst& worst() const { return worst_; }

 private:
  using Key = std::pair<Fault, Group>;

  void look(Duration now) {
    for (std::size_t r = 0; r < routers_.size(); ++r) {
      VirtualRouter& router = routers_[r];
      router.had_master = router.had_master || !masters(router, everyone(router)).empty();
      std::map<Key, Watch> next;
      for (const Group& group : groups(router, Fault::gap)) visit(r, {Fault::gap, group}, now, next);
      for (const Group& group : groups(router, Fault::overlap)) visit(r, {Fault::overlap, group}, now, next);
      for (auto& [key, watch] : watches_[r]) {
        if (next.count(key) == 0) close(router, key.first, watch, now);
      }
      watches_[r] = std::move(next);
    }
  }

  /// Carries the watch of a group over to `next`, or begins one: a new group is a disturbed one.
  void visit(std::size_t r, const Key& key, Duration now, std::map<Key, Watch>& next) {
    const VirtualRouter& router = routers_[r];
    const auto found = watches_[r].find(key);
    Watch watch = found == watches_[r].end() ? Watch{} : found->second;
    const std::string signature = signature_of(router, key.second);
    if (found == watches_[r].end() || watch.signature != signature) {
      close(router, key.first, watch, now);
      watch.signature = signature;
      watch.disturbed = now;
    }
    const std::string text = fault_text(router, key);
    if (!text.empty() && !watch.bad_since) watch.bad_since = now;
    if (text.empty()) close(router, key.first, watch, now);
    watch.text = text;
    next.emplace(key, std::move(watch));
  }

  /// Ends a fault that is going on, if any, and keeps it when it is the longest so far.
  void close(const VirtualRouter& router, Fault fault, Watch& watch, Duration now) {
    if (!watch.bad_since) return;
    const Duration from = std::max(*watch.bad_since, watch.disturbed + settling(router, fault));
    watch.bad_since.reset();
    const Duration length = std::max(Duration{0}, now - from);
    if (length > worst_.length) worst_ = {length, from, watch.text};
  }

  Duration settling(const VirtualRouter& router, Fault fault) const {
    if (invariant_.settling) return *invariant_.settling;
    const Duration heard = router.advertisement_interval + round_trip_;
    return fault == Fault::overlap ? heard : heard + router.master_down_interval;
  }

  static Group everyone(const VirtualRouter& router) {
    Group all;
    for (const Member& member : router.members) all.insert(member.director);
    return all;
  }

  /// The router's directors by connectivity; one that no group names is alone.
  std::vector<Group> groups(const VirtualRouter& router, Fault fault) const {
    Group rest = everyone(router);
    const ConnectivityChanged* said = world_.connectivity(router.segment);
    if (said == nullptr) return {rest};
    const bool weak = fault == Fault::gap && !said->audible.empty();
    std::vector<Group> result;
    for (const auto& names : weak ? said->audible : said->groups) {
      Group group;
      for (const std::string& name : names) {
        if (rest.erase(name) > 0) group.insert(name);
      }
      if (!group.empty()) result.push_back(std::move(group));
    }
    for (const std::string& name : rest) result.push_back({name});
    return result;
  }

  bool takes_part(const VirtualRouter& router, const Member& member, const Group& group) const {
    if (group.count(member.director) == 0) return false;
    const NodeView& director = world_.director(member.director);
    if (director.life != Life::running) return false;
    const auto found = director.instances.find(member.instance);
    return found != director.instances.end() && found->second.vrid == router.vrid;
  }

  std::vector<std::string> masters(const VirtualRouter& router, const Group& group) const {
    return directors_in(router, group, {vrrp::State::master});
  }

  std::vector<std::string> directors_in(const VirtualRouter& router, const Group& group,
                                        const std::set<vrrp::State>& states) const {
    std::vector<std::string> result;
    for (const Member& member : router.members) {
      if (!takes_part(router, member, group)) continue;
      if (states.count(world_.state(member.director, member.instance)) > 0) result.push_back(member.director);
    }
    return result;
  }

  /// Empty when all is well.
  std::string fault_text(const VirtualRouter& router, const Key& key) const {
    const std::vector<std::string> rulers = masters(router, key.second);
    if (key.first == Fault::overlap) {
      return rulers.size() < 2 ? "" : router.name() + ": " + joined(rulers) + " were all master";
    }
    if (!rulers.empty() || !router.had_master) return "";
    const auto candidates = directors_in(router, key.second, {vrrp::State::backup});
    return candidates.empty() ? "" : router.name() + ": no master among " + joined(candidates);
  }

  static std::string joined(const std::vector<std::string>& names) {
    std::string line;
    for (const std::string& name : names) line += (line.empty() ? "" : ", ") + name;
    return line;
  }

  std::string signature_of(const VirtualRouter& router, const Group& group) const {
    std::string signature;
    for (const Member& member : router.members) {
      if (group.count(member.director) == 0) continue;
      const NodeView& director = world_.director(member.director);
      const vrrp::State state = world_.state(member.director, member.instance);
      const bool able = state == vrrp::State::backup || state == vrrp::State::master;
      signature += std::to_string(static_cast<int>(director.life)) + "/" + std::to_string(director.reloads) +
                   (able ? "/able " : "/out ");
    }
    return signature;
  }

  const Scenario& scenario_;
  const OneMaster& invariant_;
  WorldState world_;
  std::vector<VirtualRouter> routers_;
  std::vector<std::map<Key, Watch>> watches_;
  Duration round_trip_{0};
  Worst worst_;
};

}  // namespace

Judgement judge_one_master(const Scenario& scenario, const Timeline& timeline, const OneMaster& invariant) {
  Judge judge{scenario, invariant};
  judge.walk(timeline);
  const Worst& worst = judge.worst();
  Judgement result;
  result.kind = Judgement::Kind::invariant;
  const Duration length = std::max(worst.length, Duration{0});
  result.margin = invariant.except_for - length;
  result.held = length <= invariant.except_for;
  if (length == Duration{0}) {
    result.seen = "always one";
    return result;
  }
  result.at = worst.from;
  result.seen = worst.text + " for " + to_text(length) + " from " + to_text(worst.from);
  return result;
}

}  // namespace vipdrift::scenarios
