// Advertisements of strangers: right, or wrong in any field.
#ifndef VIPDRIFT_SCENARIOS_INJECTION_H_
#define VIPDRIFT_SCENARIOS_INJECTION_H_

#include <cstdint>
#include <vector>

#include "protocol/net/ip_address.h"
#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

/// Where the step's advertisement goes: as it says, or the group of its family.
IpAddress destination_of(const InjectAdvertisement& step);

/// The VRRP message of the step: a good one with the step's raw fields written over it, its checksum right for what
/// then stands there (unless bad_checksum), and cut to the step's length.
std::vector<std::uint8_t> message_of(const InjectAdvertisement& step);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_INJECTION_H_
