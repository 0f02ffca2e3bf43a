// Integers that cannot be mistaken for one another.
#ifndef VIPDRIFT_PROTOCOL_BASE_STRONG_ID_H_
#define VIPDRIFT_PROTOCOL_BASE_STRONG_ID_H_

#include <compare>
#include <cstdint>

namespace vipdrift {

/// An identifier whose type says what it identifies. Ordered by value so that it can key ordered containers.
template <class Tag, class Rep>
struct StrongId {
  Rep value{};

  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;
};

/// A network interface of one host: the driver's number for it (Linux: the ifindex). 0 means none.
using InterfaceId = StrongId<struct InterfaceIdTag, std::uint32_t>;

/// Position of a vrrp_instance in Configuration::instances.
using InstanceId = StrongId<struct InstanceIdTag, std::uint32_t>;

/// Position of a vrrp_sync_group in Configuration::sync_groups.
using GroupId = StrongId<struct GroupIdTag, std::uint32_t>;

/// Position of a vrrp_script in Configuration::scripts.
using ScriptId = StrongId<struct ScriptIdTag, std::uint32_t>;

/// Position of a track_file in Configuration::track_files.
using FileId = StrongId<struct FileIdTag, std::uint32_t>;

/// Position of a track_process in Configuration::track_processes.
using ProcessId = StrongId<struct ProcessIdTag, std::uint32_t>;

/// Position of a virtual_server in Configuration::virtual_servers.
using VirtualServerId = StrongId<struct VirtualServerIdTag, std::uint32_t>;

/// A health checker: all of a configuration are numbered from 0 in the order in which they are written.
using CheckerId = StrongId<struct CheckerIdTag, std::uint32_t>;

}  // namespace vipdrift

#endif  // VIPDRIFT_PROTOCOL_BASE_STRONG_ID_H_
