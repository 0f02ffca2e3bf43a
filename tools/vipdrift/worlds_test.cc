// The capture of a simulated run, read back by tshark.
#include "tools/vipdrift/worlds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/loader.h"

namespace vipdrift::tools {
namespace {

using scenarios::Observation;

/// A scenario of the library, run once with a capture that goes when the test ends.
class CapturedRun : public testing::Test {
 protected:
  CapturedRun() {
    scenarios::LoadResult loaded = scenarios::load_file(VIPDRIFT_SOURCE_DIR "/scenarios/article/03-master-crash.yaml");
    scenarios::RunOptions options;
    options.also_record = {true, true, true, true};
    result_ = run_in_simulation(loaded.scenario.value(), options, path_);
  }
  ~CapturedRun() override { std::filesystem::remove(path_); }

  /// One line a frame that `filter` lets through: the values of `fields`, separated by '|'.
  std::vector<std::string> tshark(const std::string& filter, const std::string& fields) const {
    std::istringstream names(fields);
    std::string command = "tshark -n -r " + path_ + " -o ip.check_checksum:TRUE -Y '" + filter +
                          "' -T fields -E separator='|' -E occurrence=f";
    for (std::string name; names >> name;) command += " -e " + name;
    command += " 2>/dev/null";
    std::FILE* const pipe = popen(command.c_str(), "r");
    std::string output;
    std::array<char, 4096> chunk{};
    for (std::size_t got = 0; (got = std::fread(chunk.data(), 1, chunk.size(), pipe)) != 0;) {
      output.append(chunk.data(), got);
    }
    EXPECT_EQ(pclose(pipe), 0) << "tshark is required: " << command;
    std::vector<std::string> lines;
    std::istringstream stream(output);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  const std::string path_ =
      std::filesystem::temp_directory_path() / ("worlds_test." + std::to_string(getpid()) + ".pcap");
  scenarios::RunResult result_;
};

/// Seconds with nine decimals, as tshark prints frame.time_epoch.
std::string epoch(Duration at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  std::string fraction = std::to_string((at - seconds).count());
  fraction.insert(0, 9 - fraction.size(), '0');
  return std::to_string(seconds.count()) + "." + fraction;
}

TEST_F(CapturedRun, EveryFrameIsThereInOrderOfTime) {
  ASSERT_EQ(result_.status(), scenarios::ExitStatus::held);
  const std::vector<std::string> times = tshark("frame", "frame.time_epoch");
  EXPECT_EQ(times.size(), result_.statistics.frames);
  ASSERT_GT(times.size(), 1000U);
  std::vector<double> seconds;
  for (const std::string& time : times) seconds.push_back(std::stod(time));
  EXPECT_TRUE(std::is_sorted(seconds.begin(), seconds.end()));
}

TEST_F(CapturedRun, NothingIsMalformedAndEveryChecksumIsGood) {
  EXPECT_THAT(tshark("_ws.malformed", "frame.number"), testing::IsEmpty());
  EXPECT_THAT(tshark("ip && ip.checksum.status != 1", "frame.number"), testing::IsEmpty());
  EXPECT_THAT(tshark("vrrp && vrrp.checksum.status != 1", "frame.number"), testing::IsEmpty());
  EXPECT_THAT(tshark("icmp && icmp.checksum.status != 1", "frame.number"), testing::IsEmpty());
  // The filters above can fail: their fields exist on the frames they speak of.
  EXPECT_THAT(tshark("vrrp.checksum.status == 1", "frame.number"), testing::SizeIs(testing::Gt(100)));
  EXPECT_THAT(tshark("icmp.checksum.status == 1", "frame.number"), testing::SizeIs(testing::Gt(100)));
}

TEST_F(CapturedRun, TheAdvertisementsAreThoseOfTheTimelineAtItsTimes) {
  std::vector<std::string> expected;
  for (const Observation& seen : result_.timeline.observations()) {
    const auto* sent = std::get_if<scenarios::AdvertisementSent>(&seen.what);
    if (sent == nullptr) continue;
    expected.push_back(epoch(seen.at) + "|" + sent->source.to_string() + "|" + std::to_string(sent->vrid) + "|" +
                       std::to_string(sent->priority));
  }
  ASSERT_GT(expected.size(), 100U);
  EXPECT_EQ(tshark("vrrp", "frame.time_epoch ip.src vrrp.virt_rtr_id vrrp.prio"), expected);
}

TEST_F(CapturedRun, GratuitousArpNamesTheVirtualAddressAndItsHolder) {
  std::size_t announced = 0;
  for (const Observation& seen : result_.timeline.observations()) {
    if (const auto* sent = std::get_if<scenarios::AnnouncementSent>(&seen.what)) {
      announced += static_cast<std::size_t>(sent->count);
    }
  }
  ASSERT_GT(announced, 0U);
  EXPECT_EQ(tshark("arp.isgratuitous == 1", "arp.src.proto_ipv4 arp.src.hw_mac").size(), announced);
}

TEST_F(CapturedRun, TheCaptureChangesNothingOfTheRun) {
  scenarios::LoadResult loaded = scenarios::load_file(VIPDRIFT_SOURCE_DIR "/scenarios/article/03-master-crash.yaml");
  scenarios::RunOptions options;
  options.also_record = {true, true, true, true};
  const scenarios::RunResult without = run_in_simulation(loaded.scenario.value(), options, "");
  EXPECT_EQ(scenarios::hash(without.timeline), scenarios::hash(result_.timeline));
  EXPECT_EQ(without.statistics.last_draw, result_.statistics.last_draw);
}

TEST(Capture, AFileThatCannotBeWrittenIsTheRunsError) {
  scenarios::LoadResult loaded = scenarios::load_file(VIPDRIFT_SOURCE_DIR "/scenarios/article/03-master-crash.yaml");
  const scenarios::RunResult result = run_in_simulation(loaded.scenario.value(), {}, "/nonexistent/wire.pcap");
  ASSERT_TRUE(result.error.has_value());
  EXPECT_THAT(result.error->message, testing::HasSubstr("/nonexistent/wire.pcap"));
  EXPECT_EQ(result.status(), scenarios::ExitStatus::no_world);
}

}  // namespace
}  // namespace vipdrift::tools
