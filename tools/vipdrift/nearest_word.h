// "Did you mean ...?" for words on the command line.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_NEAREST_WORD_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_NEAREST_WORD_H_

#include <string>
#include <string_view>
#include <vector>

namespace vipdrift::tools {

/// The one of `words` that takes the fewest edits (insert, delete, replace, swap of neighbours) to write instead of
/// `word`; empty when even that one is no plausible slip. Of equally near words the first.
std::string nearest_word(std::string_view word, const std::vector<std::string>& words);

/// "; did you mean 'NEAREST'?", or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& words);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_NEAREST_WORD_H_
