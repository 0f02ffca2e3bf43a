#include "scenarios/load_balancing.h"

namespace vipdrift::scenarios {

std::string_view to_string(ServiceProtocol protocol) {
  switch (protocol) {
    case ServiceProtocol::http:
      return "http";
    case ServiceProtocol::https:
      return "https";
    case ServiceProtocol::tcp:
      return "tcp";
    case ServiceProtocol::udp:
      return "udp";
    case ServiceProtocol::smtp:
      return "smtp";
    case ServiceProtocol::dns:
      return "dns";
  }
  return {};
}

std::string_view to_string(RequestFailure failure) {
  switch (failure) {
    case RequestFailure::none:
      return "answered";
    case RequestFailure::refused:
      return "refused";
    case RequestFailure::timed_out:
      return "timed out";
    case RequestFailure::reset:
      return "reset";
    case RequestFailure::unreachable:
      return "unreachable";
  }
  return {};
}

std::string_view to_string(ConnectionState state) {
  switch (state) {
    case ConnectionState::alive:
      return "alive";
    case ConnectionState::stalled:
      return "stalled";
    case ConnectionState::broken:
      return "broken";
  }
  return {};
}

std::string to_string(const Url& url) {
  std::string text{to_string(url.protocol)};
  const std::string address = url.address.to_string();
  text += "://" + (url.address.family() == Family::ipv6 ? "[" + address + "]" : address);
  const bool web = url.protocol == ServiceProtocol::http || url.protocol == ServiceProtocol::https;
  const std::uint16_t usual = url.protocol == ServiceProtocol::http ? 80 : 443;
  if (!web || url.port != usual) text += ":" + std::to_string(url.port);
  return web ? text + url.path : text;
}

}  // namespace vipdrift::scenarios
