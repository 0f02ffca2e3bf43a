// One line of virtual_ipaddress: an address and its options, in the words of `ip address add`.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_VIRTUAL_ADDRESS_H_
#define VIPDRIFT_PROTOCOL_CONFIG_VIRTUAL_ADDRESS_H_

#include <optional>
#include <span>

#include "protocol/config/configuration.h"
#include "protocol/config/report.h"
#include "protocol/config/statement_reader.h"

namespace vipdrift::config {

/// Longest name of an interface, and longest label of an address (IFNAMSIZ without the final NUL).
inline constexpr std::size_t kLongestInterfaceName = 15;

/// "ADDR[/LEN] [brd X|+|-] [dev IF] [scope S] [label L] [peer A] [no_track] ..." with the options in any order.
/// nullopt after an error, which is reported. Options without an effect here are reported as warnings.
std::optional<VirtualAddress> read_virtual_address(std::span<const Word> words, Report& report);

/// Whether `name` can be the name of an interface.
bool valid_interface_name(std::string_view name);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_VIRTUAL_ADDRESS_H_
