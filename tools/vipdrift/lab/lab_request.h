// Asking a running laboratory.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_REQUEST_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_REQUEST_H_

#include <string>
#include <vector>

#include "tools/vipdrift/lab/lab_channel.h"
#include "tools/vipdrift/lab/lab_place.h"

namespace vipdrift::tools {

struct LabAnswer {
  std::string text;
  std::vector<OpenFile> files;
  std::string error;  ///< for people; empty: all is well
};

/// One request, one answer; see LabServer. What a dead lab has left is cleared away.
LabAnswer ask_lab(const LabPlace& place, const std::string& request);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_REQUEST_H_
