#include "protocol/ipvs/table.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vipdrift::ipvs {
namespace {

constexpr std::array<std::pair<Scheduler, std::string_view>, 14> kSchedulers{{{Scheduler::rr, "rr"},
                                                                              {Scheduler::wrr, "wrr"},
                                                                              {Scheduler::lc, "lc"},
                                                                              {Scheduler::wlc, "wlc"},
                                                                              {Scheduler::lblc, "lblc"},
                                                                              {Scheduler::lblcr, "lblcr"},
                                                                              {Scheduler::dh, "dh"},
                                                                              {Scheduler::sh, "sh"},
                                                                              {Scheduler::mh, "mh"},
                                                                              {Scheduler::sed, "sed"},
                                                                              {Scheduler::nq, "nq"},
                                                                              {Scheduler::fo, "fo"},
                                                                              {Scheduler::ovf, "ovf"},
                                                                              {Scheduler::twos, "twos"}}};

std::string endpoint(const IpAddress& address, std::uint16_t port) {
  const std::string text = address.to_string();
  return (address.family() == Family::ipv6 ? "[" + text + "]" : text) + ":" + std::to_string(port);
}

}  // namespace

std::string_view to_string(Transport transport) {
  switch (transport) {
    case Transport::tcp:
      return "TCP";
    case Transport::udp:
      return "UDP";
    case Transport::sctp:
      return "SCTP";
  }
  return {};
}

std::string_view to_string(Scheduler scheduler) {
  return std::find_if(kSchedulers.begin(), kSchedulers.end(),
                      [scheduler](const auto& row) { return row.first == scheduler; })
      ->second;
}

std::optional<Scheduler> scheduler_of(std::string_view name) {
  const auto row =
      std::find_if(kSchedulers.begin(), kSchedulers.end(), [name](const auto& each) { return each.second == name; });
  if (row == kSchedulers.end()) return std::nullopt;
  return row->first;
}

std::string_view to_string(Method method) {
  switch (method) {
    case Method::masquerade:
      return "NAT";
    case Method::direct_route:
      return "DR";
    case Method::tunnel:
      return "TUN";
  }
  return {};
}

std::string to_string(const ServiceKey& key) {
  if (key.fwmark != 0) return "FWM " + std::to_string(key.fwmark) + (key.family == Family::ipv6 ? " inet6" : "");
  return std::string{to_string(key.transport)} + " " + endpoint(key.address, key.port);
}

std::string to_string(const ServerKey& key) { return endpoint(key.address, key.port); }

const Server* Service::find(const ServerKey& key) const {
  const auto server =
      std::find_if(servers.begin(), servers.end(), [&key](const Server& each) { return each.key == key; });
  return server == servers.end() ? nullptr : &*server;
}

}  // namespace vipdrift::ipvs
