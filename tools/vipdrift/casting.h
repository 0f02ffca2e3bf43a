// Which daemon each director runs: the words of --subject.
//
//   vipdriftd, keepalived     every director runs it
//   keepalived/vipdriftd      the first director the one, the second the other, and so on from the beginning
//   "COMMAND {config}"        every director of namespaces runs this command; never taken apart
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_CASTING_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_CASTING_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace vipdrift::tools {

struct Casting {
  std::string text;                ///< as given
  std::vector<std::string> words;  ///< assigned to the directors in order, again and again; not empty

  const std::string& of_director(std::size_t index) const { return words[index % words.size()]; }
};

struct Castings {
  std::vector<Casting> castings;
  std::string error;  ///< empty: all is well
};

/// Each given text is a casting, or several with commas between.
Castings parse_castings(const std::vector<std::string>& given);

/// Gives each director of `scenario` the profile of its daemon. The reason when the simulator has none of that name.
std::optional<std::string> cast_profiles(scenarios::Scenario& scenario, const Casting& casting);

/// The subject of each director: by `casting`, else by the profile that the cluster or the scenario names for it, else
/// vipdriftd.
std::vector<std::string> subjects_of(const scenarios::Scenario& scenario, const std::optional<Casting>& casting);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_CASTING_H_
