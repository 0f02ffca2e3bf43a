#include "protocol/ipvs/edits.h"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace vipdrift::ipvs {
namespace {

using Positions = std::vector<std::size_t>;

/// The positions of `servers` in the order of their keys.
Positions by_key(const std::vector<Server>& servers) {
  Positions positions(servers.size());
  std::iota(positions.begin(), positions.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) { return servers[a].key < servers[b].key; };
  if (!std::is_sorted(positions.begin(), positions.end(), before)) {
    std::sort(positions.begin(), positions.end(), before);
  }
  return positions;
}

/// What is only in one list, and what is in both with other settings: positions in ascending order.
struct Differences {
  Positions added;    ///< in `to`
  Positions changed;  ///< in `to`
  Positions removed;  ///< in `from`
};

Differences compare(const std::vector<Server>& from, const std::vector<Server>& to) {
  Differences found;
  const Positions old_ones = by_key(from);
  const Positions new_ones = by_key(to);
  auto old_one = old_ones.begin();
  auto new_one = new_ones.begin();
  while (old_one != old_ones.end() || new_one != new_ones.end()) {
    if (new_one == new_ones.end() || (old_one != old_ones.end() && from[*old_one].key < to[*new_one].key)) {
      found.removed.push_back(*old_one++);
    } else if (old_one == old_ones.end() || to[*new_one].key < from[*old_one].key) {
      found.added.push_back(*new_one++);
    } else {
      if (from[*old_one].settings != to[*new_one].settings) found.changed.push_back(*new_one);
      ++old_one;
      ++new_one;
    }
  }
  std::sort(found.added.begin(), found.added.end());
  std::sort(found.changed.begin(), found.changed.end());
  std::sort(found.removed.begin(), found.removed.end());
  return found;
}

std::string to_text(const Server& server) {
  return to_string(server.key) + " (" + std::string{to_string(server.settings.forwarding.method)} + ", weight " +
         std::to_string(server.settings.weight) + ")";
}

std::string to_text(const ServiceKey& key, const ServiceSettings& settings) {
  return to_string(key) + " (" + std::string{to_string(settings.scheduler)} + ")";
}

struct Describe {
  std::string operator()(const AddService& edit) const { return "add service " + to_text(edit.service, edit.settings); }
  std::string operator()(const SetService& edit) const { return "set service " + to_text(edit.service, edit.settings); }
  std::string operator()(const RemoveService& edit) const { return "remove service " + to_string(edit.service); }
  std::string operator()(const AddServer& edit) const {
    return "add server " + to_text(edit.server) + " to " + to_string(edit.service);
  }
  std::string operator()(const SetServer& edit) const {
    return "set server " + to_text(edit.server) + " of " + to_string(edit.service);
  }
  std::string operator()(const RemoveServer& edit) const {
    return "remove server " + to_string(edit.server) + " from " + to_string(edit.service);
  }
};

/// The servers of a service that is there; null when it is not.
std::vector<Server>* servers_of(Table& table, const ServiceKey& key) {
  const auto service = table.find(key);
  return service == table.end() ? nullptr : &service->second.servers;
}

std::vector<Server>::iterator position_of(std::vector<Server>& servers, const ServerKey& key) {
  return std::find_if(servers.begin(), servers.end(), [&key](const Server& each) { return each.key == key; });
}

struct CarryOut {
  Table& table;

  bool operator()(const AddService& edit) const {
    return table.emplace(edit.service, Service{.settings = edit.settings, .servers = {}}).second;
  }
  bool operator()(const SetService& edit) const {
    const auto service = table.find(edit.service);
    if (service == table.end()) return false;
    service->second.settings = edit.settings;
    return true;
  }
  bool operator()(const RemoveService& edit) const { return table.erase(edit.service) == 1; }
  bool operator()(const AddServer& edit) const {
    std::vector<Server>* servers = servers_of(table, edit.service);
    if (servers == nullptr || position_of(*servers, edit.server.key) != servers->end()) return false;
    servers->push_back(edit.server);
    return true;
  }
  bool operator()(const SetServer& edit) const {
    std::vector<Server>* servers = servers_of(table, edit.service);
    if (servers == nullptr) return false;
    const auto server = position_of(*servers, edit.server.key);
    if (server == servers->end()) return false;
    server->settings = edit.server.settings;
    return true;
  }
  bool operator()(const RemoveServer& edit) const {
    std::vector<Server>* servers = servers_of(table, edit.service);
    if (servers == nullptr) return false;
    const auto server = position_of(*servers, edit.server);
    if (server == servers->end()) return false;
    servers->erase(server);
    return true;
  }
};

}  // namespace

std::string to_string(const Edit& edit) { return std::visit(Describe{}, edit); }

void server_edits(const ServiceKey& service, const std::vector<Server>& from, const std::vector<Server>& to,
                  EditOrder order, std::vector<Edit>& out) {
  const Differences found = compare(from, to);
  const auto remove = [&] {
    for (const std::size_t position : found.removed) out.emplace_back(RemoveServer{service, from[position].key});
  };
  if (order == EditOrder::removals_first) remove();
  for (const std::size_t position : found.added) out.emplace_back(AddServer{service, to[position]});
  for (const std::size_t position : found.changed) out.emplace_back(SetServer{service, to[position]});
  if (order == EditOrder::additions_first) remove();
}

std::vector<Edit> edits(const Table& from, const Table& to, EditOrder order) {
  std::vector<Edit> out;
  auto old_one = from.begin();
  auto new_one = to.begin();
  while (old_one != from.end() || new_one != to.end()) {
    if (new_one == to.end() || (old_one != from.end() && old_one->first < new_one->first)) {
      out.emplace_back(RemoveService{old_one->first});
      ++old_one;
    } else if (old_one == from.end() || new_one->first < old_one->first) {
      out.emplace_back(AddService{new_one->first, new_one->second.settings});
      for (const Server& server : new_one->second.servers) out.emplace_back(AddServer{new_one->first, server});
      ++new_one;
    } else {
      const auto& [key, service] = *new_one;
      if (old_one->second.settings != service.settings) out.emplace_back(SetService{key, service.settings});
      server_edits(key, old_one->second.servers, service.servers, order, out);
      ++old_one;
      ++new_one;
    }
  }
  return out;
}

bool carry_out(const Edit& edit, Table& table) { return std::visit(CarryOut{table}, edit); }

}  // namespace vipdrift::ipvs
