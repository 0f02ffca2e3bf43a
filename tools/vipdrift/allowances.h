// What people allow in their configurations: "# vipdrift: allow RULE reason".
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_ALLOWANCES_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_ALLOWANCES_H_

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "analysis/finding.h"
#include "protocol/config/remark.h"

namespace vipdrift::tools {

/// "allow RULE reason" counts for the line that the remark is about, "allow-file RULE reason" for its whole file. What
/// is no such thing, or has no rule of the book that can be allowed, or no reason, allows nothing.
class Allowances {
 public:
  void add(std::span<const config::Remark> remarks);

  /// Why it is allowed to break `rule` at `place`, or at one of the `others` that it is as much about.
  std::optional<std::string> reason_for(std::string_view rule, const config::Place& place,
                                        std::span<const config::Place> others = {});

  /// Everything that is wrong with them so far: remarks that are none, and those of `judged` rules that allowed
  /// nothing.
  std::vector<analysis::Finding> complaints(const std::set<std::string_view>& judged) const;

 private:
  struct Allowance {
    config::Place place;
    std::string rule;
    std::string reason;
    std::optional<int> line;  ///< unset: the whole file
    bool used = false;
  };

  void complain(const config::Place& place, std::string message);

  std::vector<Allowance> allowances_;
  std::set<std::tuple<std::string, int, int>> read_;  ///< places of remarks
  std::vector<analysis::Finding> wrong_;
};

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_ALLOWANCES_H_
