#include "tools/vipdrift/worlds.h"

#include <utility>

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

scenarios::RunResult run_and_capture(const scenarios::Scenario& scenario, const scenarios::RunOptions& options,
                                     const std::string& pcap_file) {
  capture::CaptureWriter writer(pcap_file);
  SentFrames tap(writer);
  sim::SimTestbed world({.seed = {}, .choices = {}, .tap = &tap});
  scenarios::RunResult result = scenarios::run(scenario, world, options);
  if (std::optional<std::string> error = writer.close(); error && !result.error) {
    result.error = scenarios::WorldError{{}, std::move(*error)};
  }
  return result;
}

}  // namespace

scenarios::RunResult run_in_simulation(const scenarios::Scenario& scenario, const scenarios::RunOptions& options,
                                       const std::string& pcap_file) {
  if (!pcap_file.empty()) return run_and_capture(scenario, options, pcap_file);
  sim::SimTestbed world;
  return scenarios::run(scenario, world, options);
}

}  // namespace vipdrift::tools
