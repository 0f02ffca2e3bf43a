// Advertisements of strangers: right, or wrong in any field.
#ifndef VIPDRIFT_SIM_INJECTION_H_
#define VIPDRIFT_SIM_INJECTION_H_

#include <cstdint>
#include <vector>

#include "protocol/net/ip_address.h"
#include "scenarios/scenario.h"

namespace vipdrift::sim {

/// Where the step's advertisement goes: as it says, or the group of its family.
IpAddress destination_of(const scenarios::InjectAdvertisement& step);

/// The VRRP message of the step: a good one with the step's raw fields written over it, its checksum right for what
/// then stands there (unless bad_checksum), and cut to the step's length.
std::vector<std::uint8_t> message_of(const scenarios::InjectAdvertisement& step);

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_INJECTION_H_
