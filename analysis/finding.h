// What is wrong with the configurations of a cluster, and the rules by which it is found.
#ifndef VIPDRIFT_ANALYSIS_FINDING_H_
#define VIPDRIFT_ANALYSIS_FINDING_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/demonstration.h"
#include "protocol/config/configuration.h"
#include "protocol/config/parser.h"
#include "protocol/config/written.h"

namespace vipdrift::analysis {

/// One director of the cluster: what it is called in findings, and its configuration, which has passed the parser.
struct Director {
  std::string name;
  std::shared_ptr<const config::Configuration> configuration;
  std::vector<config::CutPassword> cut_passwords = {};
  /// How it was written, so that findings stand at the very line; null: they stand at its block.
  std::shared_ptr<const config::WrittenConfiguration> written = {};
};

enum class Severity : std::uint8_t {
  note,     ///< worth knowing
  warning,  ///< works, but perhaps not as meant
  error,    ///< the cluster fails in a way that nobody can want
};
/// "note", "warning", "error".
std::string_view to_string(Severity severity);

enum class RuleId : std::uint8_t {
  // Across directors.
  interval_differs,
  version_differs,
  authentication_differs,
  group_differs,
  addresses_differ,
  peers_differ,
  virtual_mac_differs,
  checksum_differs,
  sync_group_differs,
  virtual_server_differs,
  equal_priorities,
  several_masters,
  alone,
  // On one wire, and in one file.
  vrid_shared,
  address_shared,
  address_of_director,
  passwords_cut_alike,
  group_outside_link_local,
  label_without_device,
  one_result_decides,
  director_is_real_server,
  connections_lost_at_return,
  // By exhaustion.
  failed_keeps_address,
  several_hold,
  nobody_holds,
  nobody_left,
  depends_on_history,
  flaps,
  tie,
  clamp_hides,
  // By the clock, when asked for.
  takeover_too_slow,
  // On this machine, when asked for.
  script_missing,
  script_unsafe,
  // In comments that allow something.
  bad_allowance,
  unused_allowance,
};

struct Rule {
  RuleId id;
  std::string_view name;  ///< as users write it: "equal-priorities"
  Severity severity;
  std::string_view meaning;    ///< one sentence: what it finds, and what comes of it
  std::string_view why = {};   ///< why that hurts
  std::string_view mend = {};  ///< what to do about it
};

/// All rules, in the order of RuleId.
std::span<const Rule> rules();
const Rule& rule_of(RuleId id);

struct Finding {
  RuleId rule{};
  config::Place place;
  std::string message;
  std::vector<config::Place> others;                     ///< the other lines that it is about
  std::shared_ptr<const Demonstration> demonstration{};  ///< of what is can be played
  std::vector<config::Place> blocks{};                   ///< where the blocks begin that these lines stand in

  const Rule& its_rule() const { return rule_of(rule); }
};

/// Instances of several directors that are one virtual router: the same VRID in the same family, and an address, or
/// name and password, in common. Never two of one director: where it uses a VRID on several interfaces, addresses
/// decide what belongs together, then what else tells which interfaces are on one wire (segments.h), and only where
/// nothing does, the names of the interfaces.
struct VirtualRouterSeats {
  struct Seat {
    std::size_t director = 0;
    std::size_t instance = 0;  ///< index into its configuration

    friend auto operator<=>(const Seat&, const Seat&) = default;
  };
  std::vector<Seat> seats;  ///< in the order of directors
};
std::vector<VirtualRouterSeats> virtual_routers(std::span<const Director> directors);

inline const config::VrrpInstance& instance_of(std::span<const Director> directors,
                                               const VirtualRouterSeats::Seat& seat) {
  return directors[seat.director].configuration->instances[seat.instance];
}

/// "VI_1 of lvs1"
std::string name_of(std::span<const Director> directors, const VirtualRouterSeats::Seat& seat);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_FINDING_H_
