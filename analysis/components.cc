#include "analysis/components.h"

#include <algorithm>
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

/// Of one component: by virtual router and seat the director and the shape; and the groups of each director.
struct Shape {
  std::vector<std::pair<std::size_t, config::VrrpInstance>> seats;
  std::vector<config::SyncGroup> groups;

  friend bool operator==(const Shape&, const Shape&) = default;
};

Shape shape_of(std::span<const Director> directors, std::span<const VirtualRouterSeats> routers,
               const Component& component) {
  Shape shape;
  std::vector<std::map<std::string, std::string>> new_names(directors.size());
  for (const std::size_t router : component.routers) {
    for (const VirtualRouterSeats::Seat& seat : routers[router].seats) {
      const config::VrrpInstance& instance = instance_of(directors, seat);
      new_names[seat.director].emplace(instance.name, std::to_string(shape.seats.size()));
      shape.seats.emplace_back(seat.director, shape_of(instance));
    }
  }
  for (std::size_t i = 0; i < directors.size(); ++i) {
    for (config::SyncGroup group : directors[i].configuration->sync_groups) {
      if (group.members.empty() || new_names[i].count(group.members.front()) == 0) continue;
      group.name = std::to_string(i);
      group.place = {};
      group.notifies = {};
      for (std::string& member : group.members) member = new_names[i][member];
      shape.groups.push_back(std::move(group));
    }
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
  for (Component& component : all_components(directors, routers)) {
    Shape shape = shape_of(directors, routers, component);
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
    part.scripts = whole.scripts;
    part.track_files = whole.track_files;
    part.track_processes = whole.track_processes;
    part.virtual_servers = whole.virtual_servers;
    part.interface_delays = whole.interface_delays;
    std::set<std::string> names;
    for (const std::size_t instance : kept[i]) {
      part.instances.push_back(whole.instances[instance]);
      names.insert(whole.instances[instance].name);
    }
    for (const config::SyncGroup& group : whole.sync_groups) {
      if (!group.members.empty() && names.count(group.members.front()) > 0) part.sync_groups.push_back(group);
    }
    restricted.push_back({directors[i].name, std::make_shared<const config::Configuration>(std::move(part))});
  }
  return restricted;
}

}  // namespace vipdrift::analysis
