// The files through which host and guest hand over orders and results.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_UML_SHARED_FILES_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_UML_SHARED_FILES_H_

#include <optional>
#include <string>

namespace vipdrift::tools {

inline std::string order_file(const std::string& place, const std::string& number) {
  return place + "/" + number + ".order";
}
inline std::string result_file(const std::string& place, const std::string& number) {
  return place + "/" + number + ".result";
}
inline std::string capture_file(const std::string& place, const std::string& number) {
  return place + "/" + number + ".pcap";
}

inline constexpr const char* kRunWord = "run ";
inline constexpr const char* kDoneWord = "done ";
/// And behind the number a reason: there is no result.
inline constexpr const char* kFailedWord = "failed ";

std::optional<std::string> read_whole(const std::string& path);
/// Down to the disk of whoever owns it: a guest's file is there for the host when this returns.
bool write_whole(const std::string& path, const std::string& bytes);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_UML_SHARED_FILES_H_
