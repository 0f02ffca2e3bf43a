// The words of ip-route(8) for kinds of routes and their metrics: one table for whoever reads or writes them.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_ROUTE_WORDS_H_
#define VIPDRIFT_PROTOCOL_CONFIG_ROUTE_WORDS_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "protocol/config/route.h"

namespace vipdrift::config {

/// In the order of the enumerators.
template <class Value>
inline constexpr std::array<std::string_view, 0> kRouteWords{};
template <>
inline constexpr std::array<std::string_view, 9> kRouteWords<RouteType>{
    "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw"};
template <>
inline constexpr std::array<std::string_view, 15> kRouteWords<RouteMetric>{
    "mtu",      "window",  "rtt",        "rttvar",   "ssthresh",
    "cwnd",     "advmss",  "reordering", "hoplimit", "initcwnd",
    "features", "rto_min", "initrwnd",   "quickack", "fastopen_no_cookie"};
template <>
inline constexpr std::array<std::string_view, 3> kRouteWords<RoutePreference>{"low", "medium", "high"};

static_assert(kRouteWords<RouteType>[static_cast<std::size_t>(RouteType::throws)] == "throw");
static_assert(kRouteWords<RouteMetric>[static_cast<std::size_t>(RouteMetric::fastopen_no_cookie)] ==
              "fastopen_no_cookie");
static_assert(kRouteWords<RoutePreference>[static_cast<std::size_t>(RoutePreference::high)] == "high");

template <class Value>
constexpr std::string_view word_of(Value value) {
  return kRouteWords<Value>[static_cast<std::size_t>(value)];
}

/// nullopt: no such word.
template <class Value>
constexpr std::optional<Value> meaning_of(std::string_view word) {
  for (std::size_t i = 0; i < kRouteWords<Value>.size(); ++i) {
    if (kRouteWords<Value>[i] == word) return static_cast<Value>(i);
  }
  return std::nullopt;
}

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_ROUTE_WORDS_H_
