// What a track_file says.
#ifndef VIPDRIFT_PROTOCOL_TRACK_TRACKED_FILE_H_
#define VIPDRIFT_PROTOCOL_TRACK_TRACKED_FILE_H_

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vipdrift::track {

/// The number at the beginning of a tracked file's contents; an empty or worded file counts as 0, as in keepalived.
inline std::int64_t tracked_value(std::string_view contents) {
  const std::size_t start = contents.find_first_not_of(" \t\n");
  if (start == std::string_view::npos) return 0;
  contents.remove_prefix(start);
  if (contents.front() == '+') contents.remove_prefix(1);
  std::int64_t value = 0;
  std::from_chars(contents.data(), contents.data() + contents.size(), value);
  return value;
}

}  // namespace vipdrift::track

#endif  // VIPDRIFT_PROTOCOL_TRACK_TRACKED_FILE_H_
