#include "tools/vipdrift/worlds.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "backends/netns/netns_testbed.h"
#include "backends/netns/subject.h"
#include "backends/pcap/capture_writer.h"
#include "sim/sim_testbed.h"

namespace vipdrift::tools {
namespace {

/// Every frame once, as it leaves its sender: what faults do to it on its way is not in the capture.
class SentFrames final : public sim::FrameTap {
 public:
  explicit SentFrames(capture::CaptureWriter& writer) : writer_(writer) {}

  void frame_seen(const sim::TappedFrame& frame) override {
    if (frame.direction == sim::TappedFrame::Direction::sent) writer_.write(frame.at, frame.bytes);
  }

 private:
  capture::CaptureWriter& writer_;
};

sim::SimOptions simulator_options(const SimulatedStarts& starts) {
  sim::SimOptions options;
  if (starts.spread) options.costs.start = *starts.spread;
  options.start_delays = starts.seen;
  return options;
}

scenarios::RunResult run_and_capture(const scenarios::Scenario& scenario, const scenarios::RunOptions& options,
                                     sim::SimOptions world_options, const std::string& pcap_file) {
  capture::CaptureWriter writer(pcap_file);
  SentFrames tap(writer);
  world_options.tap = &tap;
  sim::SimTestbed world(std::move(world_options));
  scenarios::RunResult result = scenarios::run(scenario, world, options);
  if (std::optional<std::string> error = writer.close(); error && !result.error) {
    result.error = scenarios::WorldError{{}, std::move(*error)};
  }
  return result;
}

scenarios::RunResult no_world(std::string why) {
  scenarios::RunResult result;
  result.error = scenarios::WorldError{{}, std::move(why)};
  return result;
}

bool is_there(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

}  // namespace

scenarios::RunResult run_in_simulation(const scenarios::Scenario& scenario, const scenarios::RunOptions& options,
                                       const std::string& pcap_file, const SimulatedStarts& starts) {
  if (!pcap_file.empty()) return run_and_capture(scenario, options, simulator_options(starts), pcap_file);
  sim::SimTestbed world(simulator_options(starts));
  return scenarios::run(scenario, world, options);
}

scenarios::RunResult run_in_namespaces(const scenarios::Scenario& scenario, const std::vector<std::string>& subjects,
                                       const Namespaces& namespaces, const scenarios::RunOptions& options,
                                       const std::string& pcap_file) {
  netns::NetnsOptions world_options;
  world_options.facilities = namespaces.facilities;
  world_options.pcap_file = pcap_file;
  world_options.launching = namespaces.launching.get();
  if (namespaces.tolerance) world_options.tolerance = *namespaces.tolerance;
  for (const std::string& word : subjects) {
    if (word == "vipdriftd" && !is_there(namespaces.vipdriftd)) {
      return no_world(fmt::format("there is no vipdriftd at {}; --vipdriftd says where it is", namespaces.vipdriftd));
    }
    std::optional<netns::Subject> subject = netns::subject_named(word, namespaces.vipdriftd);
    if (!subject) return no_world(netns::why_no_subject(word));
    world_options.subjects.push_back(std::move(*subject));
  }
  if (world_options.subjects.empty()) return no_world("the cluster has no director");
  scenarios::RunResult result;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    netns::NetnsTestbed world(world_options);
    result = scenarios::run(scenario, world, options);
    if (!result.error || !result.error->passing) break;
  }
  return result;
}

Duration tolerance_of_namespaces() { return netns::NetnsTestbed({}).tolerance(); }

std::string vipdriftd_beside_this() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  return (program.parent_path() / "vipdriftd").string();
}

}  // namespace vipdrift::tools
