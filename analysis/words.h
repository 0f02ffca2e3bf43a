// Lists and times as findings write them.
#ifndef VIPDRIFT_ANALYSIS_WORDS_H_
#define VIPDRIFT_ANALYSIS_WORDS_H_

#include <string>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::analysis {

/// "a", "a and b", "a, b and c"; "nothing" when empty.
std::string list_text(const std::vector<std::string>& words);
std::string list_text(const std::vector<IpAddress>& addresses);
/// The same of at most three: "a, b and 9 more".
std::string short_list_text(std::vector<std::string> words);
std::string short_list_text(const std::vector<IpAddress>& addresses);

/// "1 s", "0.25 s": at most three decimals.
std::string seconds_text(Duration duration);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_WORDS_H_
