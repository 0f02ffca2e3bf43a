#include "scenarios/target.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

namespace vipdrift::scenarios {
namespace {

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

template <class Number>
std::optional<Number> positive(std::string_view digits) {
  Number number = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (code != std::errc{} || end != digits.data() + digits.size() || number == 0) return std::nullopt;
  return number;
}

std::optional<Url> url_of(ServiceProtocol protocol, std::string_view rest, std::uint16_t usual_port) {
  const bool web = usual_port != 0;
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  if (!web && slash != rest.size()) return std::nullopt;
  const auto target = parse_host_and_port(rest.substr(0, slash), usual_port);
  if (!target) return std::nullopt;
  Url url{protocol, target->address, target->port, std::string{rest.substr(slash)}};
  if (web && url.path.empty()) url.path = "/";
  return url;
}

std::optional<ServiceText> mark_of(std::string_view text) {
  ServiceText service;
  const std::size_t blank = std::min(text.find(' '), text.size());
  const std::string_view family = text.substr(std::min(text.size(), blank + 1));
  if (blank != text.size() && family != "inet6") return std::nullopt;
  const auto mark = positive<std::uint32_t>(text.substr(0, blank));
  if (!mark) return std::nullopt;
  service.key.fwmark = *mark;
  if (!family.empty()) service.key.family = Family::ipv6;
  return service;
}

}  // namespace

std::optional<Target> parse_host_and_port(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text;
  std::string_view port;
  if (take_prefix(host, "[")) {
    const std::size_t bracket = host.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    port = host.substr(bracket + 1);
    host = host.substr(0, bracket);
    if (!port.empty() && !take_prefix(port, ":")) return std::nullopt;
    if (port.empty() && text.back() == ':') return std::nullopt;
  } else if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
    if (port.empty()) return std::nullopt;
  }
  const auto address = IpAddress::parse(host);
  if (!address) return std::nullopt;
  if (port.empty()) return default_port == 0 ? std::nullopt : std::optional{Target{*address, default_port}};
  const auto number = positive<std::uint16_t>(port);
  return number ? std::optional{Target{*address, *number}} : std::nullopt;
}

std::optional<Target> parse_target(std::string_view text) {
  if (take_prefix(text, "tcp://")) return parse_host_and_port(text, 0);
  if (take_prefix(text, "http://")) return parse_host_and_port(text.substr(0, text.find('/')), 80);
  const auto address = IpAddress::parse(text);
  return address ? std::optional{Target{*address, 0}} : std::nullopt;
}

std::optional<Url> parse_url(std::string_view text) {
  if (take_prefix(text, "http://")) return url_of(ServiceProtocol::http, text, 80);
  if (take_prefix(text, "https://")) return url_of(ServiceProtocol::https, text, 443);
  if (take_prefix(text, "tcp://")) return url_of(ServiceProtocol::tcp, text, 0);
  if (take_prefix(text, "udp://")) return url_of(ServiceProtocol::udp, text, 0);
  return std::nullopt;
}

std::optional<ServiceText> parse_service(std::string_view text) {
  if (take_prefix(text, "fwmark ")) return mark_of(text);
  ServiceText service;
  if (take_prefix(text, "tcp://")) {
    service.key.transport = ipvs::Transport::tcp;
  } else if (take_prefix(text, "udp://")) {
    service.key.transport = ipvs::Transport::udp;
  } else if (take_prefix(text, "sctp://")) {
    service.key.transport = ipvs::Transport::sctp;
  } else {
    service.any_transport = true;
  }
  const auto target = parse_host_and_port(text, 0);
  if (!target) return std::nullopt;
  service.key.family = target->address.family();
  service.key.address = target->address;
  service.key.port = target->port;
  return service;
}

std::string service_text(const ipvs::ServiceKey& key) {
  if (key.fwmark != 0) return "fwmark " + std::to_string(key.fwmark) + (key.family == Family::ipv6 ? " inet6" : "");
  const std::string address = key.address.to_string();
  const std::string endpoint =
      (key.family == Family::ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(key.port);
  switch (key.transport) {
    case ipvs::Transport::tcp:
      return endpoint;
    case ipvs::Transport::udp:
      return "udp://" + endpoint;
    case ipvs::Transport::sctp:
      return "sctp://" + endpoint;
  }
  return endpoint;
}

}  // namespace vipdrift::scenarios
