#include "tools/vipdrift/lab/lab_request.h"

#include <fmt/format.h>

#include <utility>

#include "tools/vipdrift/did_you_mean.h"

namespace vipdrift::tools {
namespace {

/// Names of the labs that answer. The others' places are cleared away: their labs were killed.
std::vector<std::string> living_labs() {
  std::vector<std::string> names;
  for (const std::string& name : lab_names()) {
    const LabPlace place(name);
    if (connect_to(place.socket())) {
      names.push_back(name);
    } else {
      place.remove();
    }
  }
  return names;
}

std::string no_such_lab(const std::string& name) {
  const std::vector<std::string> others = living_labs();
  if (others.empty()) return fmt::format("lab {} is not up; vipdrift up CLUSTER.yaml makes it", name);
  return fmt::format("lab {} is not up; there {}: {}{}", name, others.size() == 1 ? "is" : "are",
                     fmt::join(others, ", "), did_you_mean(name, others));
}

}  // namespace

LabAnswer ask_lab(const LabPlace& place, const std::string& request) {
  const OpenFile connection = connect_to(place.socket());
  if (!connection) return {{}, {}, no_such_lab(place.name())};
  std::optional<Message> answer;
  if (send_message(connection, request)) answer = receive_message(connection);
  if (!answer) return {{}, {}, fmt::format("lab {} does not answer", place.name())};
  const std::size_t end = answer->text.find('\n');
  std::string body = end == std::string::npos ? std::string() : answer->text.substr(end + 1);
  if (answer->text.substr(0, end) != "ok") return {{}, {}, std::move(body)};
  return {std::move(body), std::move(answer->files), {}};
}

}  // namespace vipdrift::tools
