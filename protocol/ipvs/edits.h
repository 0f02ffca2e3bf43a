// From one IPVS table to another with as few changes as can be: what is not named keeps its connections.
#ifndef VIPDRIFT_PROTOCOL_IPVS_EDITS_H_
#define VIPDRIFT_PROTOCOL_IPVS_EDITS_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "protocol/ipvs/table.h"

namespace vipdrift::ipvs {

struct AddService {
  ServiceKey service;
  ServiceSettings settings;
  friend bool operator==(const AddService&, const AddService&) = default;
};
struct SetService {
  ServiceKey service;
  ServiceSettings settings;
  friend bool operator==(const SetService&, const SetService&) = default;
};
/// With all its servers.
struct RemoveService {
  ServiceKey service;
  friend bool operator==(const RemoveService&, const RemoveService&) = default;
};
struct AddServer {
  ServiceKey service;
  Server server;
  friend bool operator==(const AddServer&, const AddServer&) = default;
};
struct SetServer {
  ServiceKey service;
  Server server;
  friend bool operator==(const SetServer&, const SetServer&) = default;
};
struct RemoveServer {
  ServiceKey service;
  ServerKey server;
  friend bool operator==(const RemoveServer&, const RemoveServer&) = default;
};
using Edit = std::variant<AddService, SetService, RemoveService, AddServer, SetServer, RemoveServer>;

/// "add server 10.1.10.11:80 (DR, weight 1) to TCP 10.1.10.7:80".
std::string to_string(const Edit& edit);

/// What comes first within one service. A service that loses its last server before it gets another refuses clients
/// for that moment.
enum class EditOrder : std::uint8_t { additions_first, removals_first };

/// The changes that make `to` of `from`, service after service in the order of their keys. Empty when both hold the
/// same, whatever the order of servers. O(n log n) in servers.
std::vector<Edit> edits(const Table& from, const Table& to, EditOrder order);

/// The same for the servers of one service.
void server_edits(const ServiceKey& service, const std::vector<Server>& from, const std::vector<Server>& to,
                  EditOrder order, std::vector<Edit>& out);

/// Carries out `edit` as the kernel does; false, and nothing changes, when the kernel would refuse it (no such service,
/// exists already).
bool carry_out(const Edit& edit, Table& table);

}  // namespace vipdrift::ipvs

#endif  // VIPDRIFT_PROTOCOL_IPVS_EDITS_H_
