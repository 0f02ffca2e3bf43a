#include "analysis/components.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace vipdrift::analysis {
namespace {

/// Which virtual routers belong together, by the least of their indices.
class Unions {
 public:
  explicit Unions(std::size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t root(std::size_t one) const {
    while (parent_[one] != one) one = parent_[one];
    return one;
  }
  void join(std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parent_;
};

/// Without what makes no difference to who holds the addresses.
config::VrrpInstance shape_of(config::VrrpInstance instance) {
  instance.name.clear();
  instance.place = {};
  instance.virtual_router_id = 0;
  instance.virtual_addresses.clear();
  instance.excluded_addresses.clear();
  instance.virtual_routes.clear();
  instance.virtual_rules.clear();
  instance.vmac_name.clear();
  instance.notifies = {};
  return instance;
}

/// Of one director: what its instances track and live on, by the order in which they are named instead of by name.
class Renaming {
 public:
  explicit Renaming(const config::Configuration& configuration) : configuration_(configuration) {}

  template <class Block>
  void rename_trackers(Block& block) {
    for (config::Tracked& it : block.track_scripts) rename(it.name, configuration_.scripts, scripts);
    for (config::Tracked& it : block.track_files) rename(it.name, configuration_.track_files, files);
    for (config::Tracked& it : block.track_processes) rename(it.name, configuration_.track_processes, processes);
    for (config::Tracked& it : block.track_interfaces) rename_interface(it.name);
  }
  /// Links that count with a delay keep their names.
  void rename_interface(std::string& name) {
    if (!configuration_.interface_delays.empty()) return;
    name = std::to_string(interfaces_.emplace(name, interfaces_.size()).first->second);
  }

  std::vector<config::VrrpScript> scripts;
  std::vector<config::TrackFile> files;
  std::vector<config::TrackProcess> processes;

 private:
  template <class Object>
  void rename(std::string& name, const std::vector<Object>& all, std::vector<Object>& kept) {
    const auto [found, added] = numbers_.emplace(std::pair{static_cast<const void*>(&kept), name}, kept.size());
    if (added) {
      const auto object = std::find_if(all.begin(), all.end(), [&](const Object& it) { return it.name == name; });
      if (object == all.end()) return;
      kept.push_back(without_names(*object));
    }
    name = std::to_string(found->second);
  }
  static config::VrrpScript without_names(config::VrrpScript script) {
    script.name.clear();
    script.place = {};
    script.command = {};
    return script;
  }
  static config::TrackFile without_names(config::TrackFile file) {
    file.name.clear();
    file.place = {};
    file.path.clear();
    return file;
  }
  static config::TrackProcess without_names(config::TrackProcess process) {
    process.name.clear();
    process.place = {};
    process.process.clear();
    return process;
  }

  const config::Configuration& configuration_;
  std::map<std::string, std::size_t> interfaces_;
  std::map<std::pair<const void*, std::string>, std::size_t> numbers_;  ///< by list and name
};

/// Of one component: by virtual router and seat the director and the shape; the groups of each director, and what is
/// tracked there.
struct Shape {
  std::vector<std::pair<std::size_t, config::VrrpInstance>> seats;
  std::vector<config::SyncGroup> groups;
  std::vector<
      std::tuple<std::vector<config::VrrpScript>, std::vector<config::TrackFile>, std::vector<config::TrackProcess>>>
      tracked;

  friend bool operator==(const Shape&, const Shape&) = default;
};

/// The groups of each instance of a director, by its name.
using GroupNames = std::vector<std::map<std::string, std::vector<const config::SyncGroup*>>>;

GroupNames groups_of(std::span<const Director> directors) {
  GroupNames names(directors.size());
  for (std::size_t i = 0; i < directors.size(); ++i) {
    for (const config::SyncGroup& group : directors[i].configuration->sync_groups) {
      for (const std::string& member : group.members) names[i][member].push_back(&group);
    }
  }
  return names;
}

Shape shape_of(std::span<const Director> directors, std::span<const VirtualRouterSeats> routers,
               std::span<const std::size_t> chosen, const GroupNames& group_names) {
  Shape shape;
  std::vector<std::map<std::string, std::string>> new_names(directors.size());
  std::vector<Renaming> renaming;
  for (const Director& director : directors) renaming.emplace_back(*director.configuration);
  std::vector<const config::SyncGroup*> seen;
  std::vector<std::pair<std::size_t, config::SyncGroup>> groups;
  for (const std::size_t router : chosen) {
    for (const VirtualRouterSeats::Seat& seat : routers[router].seats) {
      const config::VrrpInstance& instance = instance_of(directors, seat);
      new_names[seat.director].emplace(instance.name, std::to_string(shape.seats.size()));
      config::VrrpInstance own = shape_of(instance);
      renaming[seat.director].rename_interface(own.interface);
      renaming[seat.director].rename_trackers(own);
      shape.seats.emplace_back(seat.director, std::move(own));
      const auto found = group_names[seat.director].find(instance.name);
      if (found == group_names[seat.director].end()) continue;
      for (const config::SyncGroup* const group : found->second) {
        if (std::find(seen.begin(), seen.end(), group) != seen.end()) continue;
        seen.push_back(group);
        groups.emplace_back(seat.director, *group);
      }
    }
  }
  for (auto& [director, group] : groups) {
    group.name = std::to_string(director);
    group.place = {};
    group.notifies = {};
    std::erase_if(group.members, [&, at = director](const std::string& one) { return new_names[at].count(one) == 0; });
    for (std::string& member : group.members) member = new_names[director][member];
    renaming[director].rename_trackers(group);
    shape.groups.push_back(std::move(group));
  }
  for (Renaming& names : renaming) {
    shape.tracked.emplace_back(std::move(names.scripts), std::move(names.files), std::move(names.processes));
  }
  return shape;
}

std::vector<Component> all_components(std::span<const Director> directors,
                                      std::span<const VirtualRouterSeats> routers) {
  std::vector<std::map<std::string, std::size_t>> by_name(directors.size());
  for (std::size_t i = 0; i < routers.size(); ++i) {
    for (const VirtualRouterSeats::Seat& seat : routers[i].seats) {
      by_name[seat.director][instance_of(directors, seat).name] = i;
    }
  }
  Unions unions(routers.size());
  for (std::size_t i = 0; i < directors.size(); ++i) {
    for (const config::SyncGroup& group : directors[i].configuration->sync_groups) {
      for (const std::string& member : group.members) {
        const auto first = by_name[i].find(group.members.front());
        const auto other = by_name[i].find(member);
        if (first != by_name[i].end() && other != by_name[i].end()) unions.join(first->second, other->second);
      }
    }
  }
  std::map<std::size_t, Component> components;
  for (std::size_t i = 0; i < routers.size(); ++i) components[unions.root(i)].routers.push_back(i);
  std::vector<Component> list;
  for (auto& [root, component] : components) list.push_back(std::move(component));
  return list;
}

}  // namespace

std::vector<Component> distinct_components(std::span<const Director> directors,
                                           std::span<const VirtualRouterSeats> routers) {
  std::vector<Component> distinct;
  std::vector<Shape> shapes;
  const GroupNames group_names = groups_of(directors);
  for (Component& component : all_components(directors, routers)) {
    Shape shape = shape_of(directors, routers, component.routers, group_names);
    const auto known = std::find(shapes.begin(), shapes.end(), shape);
    if (known != shapes.end()) {
      ++distinct[static_cast<std::size_t>(known - shapes.begin())].likes;
      continue;
    }
    shapes.push_back(std::move(shape));
    distinct.push_back(std::move(component));
  }
  return distinct;
}

namespace {

/// Whether two of one kind live on and track the very same.
bool names_the_same(std::span<const Director> directors, const VirtualRouterSeats& a, const VirtualRouterSeats& b) {
  return std::equal(a.seats.begin(), a.seats.end(), b.seats.begin(), b.seats.end(),
                    [&](const VirtualRouterSeats::Seat& one, const VirtualRouterSeats::Seat& other) {
                      const config::VrrpInstance& here = instance_of(directors, one);
                      const config::VrrpInstance& there = instance_of(directors, other);
                      return here.interface == there.interface && here.track_scripts == there.track_scripts &&
                             here.track_interfaces == there.track_interfaces && here.track_files == there.track_files &&
                             here.track_processes == there.track_processes;
                    });
}

template <class Object>
void keep_named(const std::vector<Object>& all, const std::set<std::string>& names, std::vector<Object>& kept) {
  if (names.empty()) return;
  std::copy_if(all.begin(), all.end(), std::back_inserter(kept),
               [&](const Object& object) { return names.count(object.name) > 0; });
}

/// What the instances and groups of `part` track, and no more: a part of a thousand is one of a thousand scripts.
void keep_tracked(const config::Configuration& whole, config::Configuration& part) {
  std::set<std::string> scripts, files, processes;
  bool quorums = false;
  const auto note = [&](const auto& block) {
    for (const config::Tracked& it : block.track_scripts) scripts.insert(it.name);
    for (const config::Tracked& it : block.track_files) files.insert(it.name);
    for (const config::Tracked& it : block.track_processes) processes.insert(it.name);
  };
  for (const config::VrrpInstance& instance : part.instances) {
    note(instance);
    quorums = quorums || !instance.track_quorums->empty();
  }
  for (const config::SyncGroup& group : part.sync_groups) note(group);
  keep_named(whole.scripts, scripts, part.scripts);
  keep_named(whole.track_files, files, part.track_files);
  keep_named(whole.track_processes, processes, part.track_processes);
  if (quorums) part.virtual_servers = whole.virtual_servers;
}

}  // namespace

std::vector<RouterKind> distinct_routers(std::span<const Director> directors,
                                         std::span<const VirtualRouterSeats> routers) {
  std::vector<std::map<std::string, std::string>> group_of(directors.size());
  for (std::size_t i = 0; i < directors.size(); ++i) {
    for (const config::SyncGroup& group : directors[i].configuration->sync_groups) {
      for (const std::string& member : group.members) group_of[i][member] = group.name;
    }
  }
  using Seats = std::vector<std::tuple<std::size_t, std::string, config::VrrpInstance>>;
  std::vector<RouterKind> kinds;
  std::vector<Seats> shapes;
  for (std::size_t i = 0; i < routers.size(); ++i) {
    Seats shape;
    for (const VirtualRouterSeats::Seat& seat : routers[i].seats) {
      const config::VrrpInstance& instance = instance_of(directors, seat);
      shape.emplace_back(seat.director, group_of[seat.director][instance.name], shape_of(instance));
    }
    const auto known = std::find(shapes.begin(), shapes.end(), shape);
    if (known != shapes.end()) {
      ++kinds[static_cast<std::size_t>(known - shapes.begin())].likes;
      continue;
    }
    shapes.push_back(std::move(shape));
    kinds.push_back({i, 0});
  }
  return kinds;
}

std::vector<RouterKind> members_apart(std::span<const Director> directors, std::span<const VirtualRouterSeats> routers,
                                      std::span<const std::size_t> component) {
  constexpr std::size_t kMost = 2;
  if (component.size() == 1) return {{component.front(), 0}};
  const GroupNames group_names = groups_of(directors);
  std::vector<RouterKind> kept;
  struct Kind {
    Shape shape;
    std::vector<std::size_t> kept;
  };
  std::vector<Kind> kinds;
  for (const std::size_t router : component) {
    const std::size_t chosen[] = {router};
    Shape shape = shape_of(directors, routers, chosen, group_names);
    auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& one) { return one.shape == shape; });
    if (kind == kinds.end()) kind = kinds.insert(kind, {std::move(shape), {}});
    const auto same = std::find_if(kind->kept.begin(), kind->kept.end(), [&](std::size_t one) {
      return names_the_same(directors, routers[kept[one].router], routers[router]);
    });
    if (same != kind->kept.end() || kind->kept.size() == kMost) {
      ++kept[same != kind->kept.end() ? *same : kind->kept.back()].likes;
      continue;
    }
    kind->kept.push_back(kept.size());
    kept.push_back({router, 0});
  }
  return kept;
}

std::vector<Director> restricted_to(std::span<const Director> directors, std::span<const VirtualRouterSeats> routers,
                                    std::span<const std::size_t> chosen) {
  std::vector<std::set<std::size_t>> kept(directors.size());
  for (const std::size_t router : chosen) {
    for (const VirtualRouterSeats::Seat& seat : routers[router].seats) kept[seat.director].insert(seat.instance);
  }
  std::vector<Director> restricted;
  for (std::size_t i = 0; i < directors.size(); ++i) {
    const config::Configuration& whole = *directors[i].configuration;
    config::Configuration part;
    part.global = whole.global;
    part.interface_delays = whole.interface_delays;
    std::set<std::string> names;
    for (const std::size_t instance : kept[i]) {
      part.instances.push_back(whole.instances[instance]);
      names.insert(whole.instances[instance].name);
    }
    for (const config::SyncGroup& group : whole.sync_groups) {
      const auto is_kept = [&](const std::string& member) { return names.count(member) > 0; };
      if (std::none_of(group.members.begin(), group.members.end(), is_kept)) continue;
      part.sync_groups.push_back(group);
      std::erase_if(part.sync_groups.back().members, std::not_fn(is_kept));
    }
    keep_tracked(whole, part);
    restricted.push_back({directors[i].name, std::make_shared<const config::Configuration>(std::move(part))});
  }
  return restricted;
}

}  // namespace vipdrift::analysis
