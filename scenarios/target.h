// What scenarios write where something is asked, connected to or looked up: addresses, URLs, services.
#ifndef VIPDRIFT_SCENARIOS_TARGET_H_
#define VIPDRIFT_SCENARIOS_TARGET_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/ipvs/table.h"
#include "protocol/net/ip_address.h"
#include "scenarios/load_balancing.h"

namespace vipdrift::scenarios {

/// Something that can be probed: an address, and a port unless it is an ICMP echo.
struct Target {
  IpAddress address;
  std::uint16_t port = 0;
  friend bool operator==(const Target&, const Target&) = default;
};

/// "10.1.10.7:80", "[2001:db8::7]:80"; without a port `default_port`, which is not accepted when it is 0.
std::optional<Target> parse_host_and_port(std::string_view text, std::uint16_t default_port);

/// "10.1.10.7", "tcp://10.1.10.7:80", "http://10.1.10.7/".
std::optional<Target> parse_target(std::string_view text);

/// "http://10.1.10.7/", "https://10.1.10.7/page", "tcp://10.1.10.7:7", "udp://10.1.10.7:53".
std::optional<Url> parse_url(std::string_view text);

/// A service as it is written: "10.1.10.7:80", "udp://10.1.10.7:53", "fwmark 3", "fwmark 3 inet6".
struct ServiceText {
  ipvs::ServiceKey key;
  bool any_transport = false;  ///< none was written: key.transport says nothing
};
std::optional<ServiceText> parse_service(std::string_view text);

/// A service in those words: "10.1.10.7:80" (TCP), "udp://10.1.10.7:53", "fwmark 3".
std::string service_text(const ipvs::ServiceKey& key);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_TARGET_H_
