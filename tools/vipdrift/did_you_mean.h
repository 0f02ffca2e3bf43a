// "Did you mean ...?" for words on the command line.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_DID_YOU_MEAN_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_DID_YOU_MEAN_H_

#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/nearest_word.h"

namespace vipdrift::tools {

/// "; did you mean 'NEAREST'?", or nothing when none of `words` is near.
inline std::string did_you_mean(std::string_view word, const std::vector<std::string>& words) {
  const std::vector<std::string_view> candidates(words.begin(), words.end());
  const std::string_view nearest = config::nearest_word(word, candidates);
  return nearest.empty() ? std::string() : "; did you mean '" + std::string(nearest) + "'?";
}

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_DID_YOU_MEAN_H_
