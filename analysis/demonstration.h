// How to see for oneself what was found by trying all failures.
#ifndef VIPDRIFT_ANALYSIS_DEMONSTRATION_H_
#define VIPDRIFT_ANALYSIS_DEMONSTRATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::analysis {

/// Something that fails on a director, by the name that its configuration gives it.
struct Fault {
  enum class Kind : std::uint8_t { down /**< the director itself */, script, interface, file, process, quorum };

  std::string director;
  Kind kind{};
  std::string name{};
  int value = 0;  ///< what a tracked file holds then
};

/// The interface of a director.
struct WireEnd {
  std::string director;
  std::string interface;
};

/// One director begins, then the others; when all is settled, all faults happen at once. What a cluster without the
/// finding does is said of what is so after that.
struct Demonstration {
  std::string begins_first;
  std::vector<Fault> faults;
  std::string returns{};  ///< a director that loses power after all that and comes back; empty: none
  IpAddress address;
  std::string holder;               ///< the director that should have the address; empty: any
  bool alone = false;               ///< and no other
  Duration settling{};              ///< how long it takes until all is settled
  std::vector<WireEnd> one_wire{};  ///< interfaces that are on one wire, beside those of each virtual router
};

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_DEMONSTRATION_H_
