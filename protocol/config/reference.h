// The language of keepalived.conf as a value, for references, editors and completion: what the grammar's tables say.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_REFERENCE_H_
#define VIPDRIFT_PROTOCOL_CONFIG_REFERENCE_H_

#include <string>
#include <string_view>
#include <vector>

namespace vipdrift::config {

struct ReferenceKeyword {
  std::string_view word;
  std::string_view meaning;  ///< one sentence, the default in parentheses
  std::string takes;         ///< "a number from 1 to 255", "nothing"; what may be left out is in brackets
  std::string_view since;    ///< as Keyword::since
  bool opens_block = false;
  bool acted_upon = true;  ///< false: read and checked, without effect
};

struct ReferenceBlock {
  std::string_view name;               ///< "vrrp_instance"; "the configuration" for what stands outside of any block
  std::vector<std::string> stands_in;  ///< names of the blocks that it may stand in
  std::vector<ReferenceKeyword> keywords;  ///< by word; empty for a block of lines
  std::string_view line;                   ///< what a line looks like; empty for a block of keywords
  bool acted_upon = true;
};

/// Every block of the language, the outermost first.
std::vector<ReferenceBlock> language_reference();

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_REFERENCE_H_
