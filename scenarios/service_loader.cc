#include "scenarios/service_loader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include "scenarios/service_answers.h"
#include "scenarios/target.h"

namespace vipdrift::scenarios {
namespace {

constexpr std::array kProtocols{ServiceProtocol::http, ServiceProtocol::https, ServiceProtocol::tcp,
                                ServiceProtocol::udp,  ServiceProtocol::smtp,  ServiceProtocol::dns};

/// An answer stays in one packet of a simulated wire.
constexpr std::size_t kLongestBody = 1000;

/// The key of an entry, as if it were a value.
YamlNode key_of(const YamlEntry& entry, const std::string& map) {
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.line = entry.line;
  node.column = entry.column;
  node.name = map;
  node.scalar = entry.key;
  return node;
}

std::optional<ServiceProtocol> read_protocol(YamlReader& in, const YamlNode& node) {
  std::vector<std::string> words;
  for (const ServiceProtocol protocol : kProtocols) words.emplace_back(to_string(protocol));
  const auto word = in.read_name(node, "protocol", words);
  if (!word) return std::nullopt;
  return kProtocols[static_cast<std::size_t>(std::find(words.begin(), words.end(), *word) - words.begin())];
}

void read_service(YamlReader& in, const YamlNode& node, ServedPort& service) {
  if (node.kind == YamlNode::Kind::null) return;
  if (node.kind == YamlNode::Kind::scalar) {
    service.protocol = read_protocol(in, node).value_or(service.protocol);
    return;
  }
  const Fields fields{in, node, keys::kService};
  if (!fields.is_map()) return;
  if (const YamlNode* protocol = fields["protocol"]) {
    service.protocol = read_protocol(in, *protocol).value_or(service.protocol);
  }
  take_status(in, fields["status"], service.status);
  in.take(fields["delay"], service.delay);
  in.take(fields["drip"], service.drip);
  take_body(in, fields["body"], service.body);
  check_answer(in, fields, service.protocol);
}

void add_port(YamlReader& in, const YamlNode& at, const YamlNode& value, std::vector<ServedPort>& ports) {
  const auto number = in.read_integer(at, 1, 65535);
  if (!number) return;
  ServedPort service;
  service.port = static_cast<std::uint16_t>(*number);
  const bool again = std::any_of(ports.begin(), ports.end(),
                                 [&](const ServedPort& known) { return known.port == service.port; });
  if (again) in.error(at, "serves: " + at.scalar + " twice");
  read_service(in, value, service);
  ports.push_back(std::move(service));
}

std::optional<LvsRealServer> read_lvs(YamlReader& in, const YamlNode& node, LvsRealServer::Method method) {
  LvsRealServer lvs;
  lvs.method = method;
  const YamlNode* vips = &node;
  if (node.kind == YamlNode::Kind::map) {
    const Fields fields{in, node, keys::kLvs};
    vips = fields.required("vips");
    if (const YamlNode* ignore = fields["arp_ignore"]) {
      lvs.arp_ignore = static_cast<int>(in.read_integer(*ignore, 0, 2).value_or(1));
    }
    if (const YamlNode* announce = fields["arp_announce"]) {
      lvs.arp_announce = static_cast<int>(in.read_integer(*announce, 0, 2).value_or(2));
    }
  }
  if (vips == nullptr) return std::nullopt;
  for (const YamlNode* item : in.one_or_more(*vips)) {
    if (const auto address = in.read_address(*item)) lvs.vips.push_back(*address);
  }
  if (lvs.vips.empty()) return std::nullopt;
  return lvs;
}

std::optional<FirewallMark> read_fwmark(YamlReader& in, const YamlNode& node, std::uint32_t number,
                                        std::vector<const YamlNode*>& named) {
  const YamlNode* to = &node;
  FirewallMark mark;
  mark.mark = number;
  if (node.kind == YamlNode::Kind::map) {
    const Fields fields{in, node, keys::kFwmark};
    to = fields.required("to");
    if (const YamlNode* except = fields["not_from"]) {
      for (const YamlNode* item : in.one_or_more(*except)) {
        const auto name = in.read_text(*item);
        if (!name) continue;
        mark.not_from.push_back(*name);
        named.push_back(item);
      }
    }
  }
  if (to == nullptr) return std::nullopt;
  const auto text = in.read_text(*to);
  if (!text) return std::nullopt;
  const auto service = parse_service(*text);
  if (!service || service->key.fwmark != 0) {
    in.error(*to, "fwmarks: '" + *text + "' is no address with a port", "10.1.10.7:80 or udp://10.1.10.7:53");
    return std::nullopt;
  }
  mark.transport = service->key.transport;
  mark.address = service->key.address;
  mark.port = service->key.port;
  return mark;
}

}  // namespace

void take_status(YamlReader& in, const YamlNode* node, int& target) {
  if (node != nullptr) target = static_cast<int>(in.read_integer(*node, 100, 599).value_or(target));
}

void take_body(YamlReader& in, const YamlNode* node, std::string& target) {
  if (node == nullptr) return;
  in.take(node, target);
  if (target.size() > kLongestBody) {
    in.error(*node, "body: longer than a page here may be", "up to " + std::to_string(kLongestBody) + " bytes");
  }
}

void check_answer(YamlReader& in, const Fields& fields, ServiceProtocol protocol) {
  const bool web = protocol == ServiceProtocol::http || protocol == ServiceProtocol::https;
  const YamlNode* status = fields["status"];
  if (status != nullptr && !web) in.error(*status, "status: only a page has one", "http or https");
  const YamlNode* body = fields["body"];
  if (body != nullptr && protocol == ServiceProtocol::tcp) {
    in.error(*body, "body: a line of tcp is always the machine's name", "http, https, udp, smtp or dns");
  }
  if (body != nullptr && protocol == ServiceProtocol::dns) in.read_name(*body, "error of DNS", dns_errors());
  const YamlNode* drip = fields["drip"];
  if (drip != nullptr && (protocol == ServiceProtocol::udp || protocol == ServiceProtocol::dns)) {
    in.error(*drip, "drip: a datagram comes at once", "delay");
  }
}

std::vector<ServedPort> read_serves(YamlReader& in, const YamlNode& node) {
  std::vector<ServedPort> ports;
  if (node.kind == YamlNode::Kind::map) {
    for (const YamlEntry& entry : node.entries) add_port(in, key_of(entry, "serves"), entry.value, ports);
    return ports;
  }
  for (const YamlNode* item : in.one_or_more(node)) add_port(in, *item, YamlNode{}, ports);
  return ports;
}

std::vector<FirewallMark> read_fwmarks(YamlReader& in, const YamlNode& node, std::vector<const YamlNode*>& named) {
  std::vector<FirewallMark> marks;
  if (!in.expect_map(node)) return marks;
  for (const YamlEntry& entry : node.entries) {
    const auto number = in.read_integer(key_of(entry, "fwmarks"), 1, std::numeric_limits<std::uint32_t>::max());
    if (!number) continue;
    for (const YamlNode* item : in.one_or_more(entry.value)) {
      if (auto mark = read_fwmark(in, *item, static_cast<std::uint32_t>(*number), named)) {
        marks.push_back(std::move(*mark));
      }
    }
  }
  return marks;
}

std::optional<LvsRealServer> read_direct_routing(YamlReader& in, const YamlNode& node) {
  return read_lvs(in, node, LvsRealServer::Method::direct_routing);
}

void read_real_server(YamlReader& in, const Fields& fields, HostSpec& host) {
  if (const YamlNode* serves = fields["serves"]) host.serves = read_serves(in, *serves);
  const YamlNode* direct = fields["lvs_dr"];
  const YamlNode* tunnel = fields["lvs_tun"];
  if (direct != nullptr && tunnel != nullptr) in.error(*tunnel, "'lvs_dr' and 'lvs_tun' at once", "one of them");
  if (direct != nullptr) {
    host.lvs = read_lvs(in, *direct, LvsRealServer::Method::direct_routing);
  } else if (tunnel != nullptr) {
    host.lvs = read_lvs(in, *tunnel, LvsRealServer::Method::tunnel);
  }
}

}  // namespace vipdrift::scenarios
