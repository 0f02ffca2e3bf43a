// Comments that speak to vipdrift: "# vipdrift: allow equal-priorities the greater address is meant to win".
#ifndef VIPDRIFT_PROTOCOL_CONFIG_REMARK_H_
#define VIPDRIFT_PROTOCOL_CONFIG_REMARK_H_

#include <string>

#include "protocol/config/place.h"

namespace vipdrift::config {

struct Remark {
  Place place;
  std::string text;  ///< what is behind "vipdrift:"
  int line = 0;      ///< of the same file, what it is about: its own, or the next one with more than a comment; 0: none
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_REMARK_H_
