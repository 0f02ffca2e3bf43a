// Where the settings of an instance or a virtual server stand, when it is known how the files were written.
#ifndef VIPDRIFT_ANALYSIS_WRITTEN_PLACES_H_
#define VIPDRIFT_ANALYSIS_WRITTEN_PLACES_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "analysis/finding.h"

namespace vipdrift::analysis {

/// The place of what is asked for; of its block when it is not written, or nobody knows how it was written. The
/// directors outlive it.
class WrittenPlaces {
 public:
  explicit WrittenPlaces(std::span<const Director> directors);

  /// The last line of the instance that begins with one of these keywords, the first that is there.
  config::Place setting(const VirtualRouterSeats::Seat& seat, std::initializer_list<std::string_view> keywords) const;
  /// Of a virtual_ipaddress or virtual_ipaddress_excluded.
  config::Place address(const VirtualRouterSeats::Seat& seat, const IpAddress& address) const;
  config::Place setting(std::size_t director, const config::VirtualServer& service, std::string_view keyword) const;
  /// Of global_defs; `otherwise` when it is not there.
  config::Place global(std::size_t director, std::string_view keyword, const config::Place& otherwise) const;

 private:
  using Key = std::tuple<std::uint32_t, int, int>;  ///< file, line, column

  const config::WrittenStatement* block(std::size_t director, const config::Place& place, std::string_view name) const;
  config::Place place_of(std::size_t director, const config::WrittenStatement& statement) const;

  std::span<const Director> directors_;
  std::vector<std::multimap<Key, const config::WrittenStatement*>> blocks_;  ///< by director
};

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_WRITTEN_PLACES_H_
