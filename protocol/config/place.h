// Where something stands in a configuration file.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_PLACE_H_
#define VIPDRIFT_PROTOCOL_CONFIG_PLACE_H_

#include <string>

namespace vipdrift::config {

/// Lines and columns count from 1, 0 means unknown.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

/// A place that says where a value comes from and is no part of it: two values that differ in nothing else are equal.
struct Origin : Place {
  friend bool operator==(const Origin&, const Origin&) { return true; }
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_PLACE_H_
