// Words of a vrrp_instance that are more than one value: what they mean, and what keepalived would say of them.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_INSTANCE_WORDS_H_
#define VIPDRIFT_PROTOCOL_CONFIG_INSTANCE_WORDS_H_

#include "protocol/config/grammar.h"
#include "protocol/config/report.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::config {

inline constexpr std::string_view kVmacWords = "[[name] INTERFACE] [MAC_ADDRESS] [netlink_notify_msg] [group GROUP]";
inline constexpr std::string_view kIpvlanWords = "[[name] INTERFACE] [ADDRESS] [bridge|private|vepa] [group GROUP]";

/// All addresses of an instance are of one family: that of the first one written. False after an error.
bool fits_family(Model& model, const IpAddress& address, Spot spot);

/// `use_vmac`, as keepalived.conf(5) of 2.4 has it.
void set_use_vmac(Model& model, const Arguments& words);
void judge_ipvlan(Model& model, const Arguments& words);
/// `vrf` stands for an interface.
void judge_vrf(Model& model, const Arguments& words);
void judge_unicast_checksum(Model& model, const Arguments& words);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_INSTANCE_WORDS_H_
