// `vipdrift config keywords`: the language of keepalived.conf, told by the tables that read it.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_KEYWORDS_COMMAND_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_KEYWORDS_COMMAND_H_

#include <string>
#include <vector>

#include "tools/vipdrift/exit_codes.h"

namespace vipdrift::tools {

struct KeywordsArguments {
  std::vector<std::string> words;  ///< keywords or blocks; empty: all of them
  bool json = false;
  bool markdown = false;        ///< docs/keepalived.conf.md
  bool without_effect = false;  ///< the table of README.md
};

/// `held`: printed; `wrong_input`: one of the words is neither a keyword nor a block.
ExitStatus keywords_command(const KeywordsArguments& arguments);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_KEYWORDS_COMMAND_H_
