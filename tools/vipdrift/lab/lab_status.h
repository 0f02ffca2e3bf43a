// What a laboratory tells about itself, as a document and as lines for people.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_STATUS_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_STATUS_H_

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "scenarios/report_text.h"
#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "scenarios/world_state.h"

namespace vipdrift::tools {

/// A process inside of a node.
struct NodeProcess {
  int pid = 0;  ///< as the node counts
  std::string command;
};

struct LabView {
  std::string name;
  std::string cluster;  ///< the file
  int process = 0;      ///< of the laboratory, as its user sees it
  Duration uptime{0};
  std::vector<std::string> subjects;  ///< of the directors, in order
  std::map<std::string, std::vector<NodeProcess>> processes;  ///< by node
  std::deque<scenarios::Observation> recent;                  ///< the last changes, oldest first
};

/// The document of `vipdrift status --json`, on one line: who holds what, states, daemons, processes, recent changes.
std::string lab_status_json(const LabView& view, const scenarios::Scenario& scenario,
                            const scenarios::WorldState& world);

/// The same document for people.
std::string render_lab_status(const std::string& json, const scenarios::TextStyle& style);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_STATUS_H_
