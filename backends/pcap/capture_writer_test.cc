#include "backends/pcap/capture_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

namespace vipdrift::capture {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

class CaptureWriterTest : public testing::Test {
 protected:
  ~CaptureWriterTest() override { std::filesystem::remove(path_); }

  const std::string path_ =
      std::filesystem::temp_directory_path() / ("capture_writer_test." + std::to_string(getpid()) + ".pcap");
};

TEST_F(CaptureWriterTest, FramesAndTimesComeBackToTheNanosecond) {
  const std::vector<std::uint8_t> small{1, 2, 3};
  const std::vector<std::uint8_t> large(1514, 0xab);
  CaptureWriter writer(path_);
  writer.write(nanoseconds{1}, small);
  writer.write(seconds{31'536'000} + nanoseconds{123'456'789}, large);
  ASSERT_EQ(writer.close(), std::nullopt);

  std::array<char, PCAP_ERRBUF_SIZE> error{};
  pcap_t* const read = pcap_open_offline_with_tstamp_precision(path_.c_str(), PCAP_TSTAMP_PRECISION_NANO, error.data());
  ASSERT_NE(read, nullptr) << error.data();
  EXPECT_EQ(pcap_datalink(read), DLT_EN10MB);
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  ASSERT_EQ(pcap_next_ex(read, &header, &bytes), 1);
  EXPECT_EQ(header->ts.tv_sec, 0);
  EXPECT_EQ(header->ts.tv_usec, 1);
  EXPECT_THAT(std::vector<std::uint8_t>(bytes, bytes + header->caplen), testing::Eq(small));
  ASSERT_EQ(pcap_next_ex(read, &header, &bytes), 1);
  EXPECT_EQ(header->ts.tv_sec, 31'536'000);
  EXPECT_EQ(header->ts.tv_usec, 123'456'789);
  EXPECT_EQ(header->len, large.size());
  EXPECT_THAT(std::vector<std::uint8_t>(bytes, bytes + header->caplen), testing::Eq(large));
  EXPECT_EQ(pcap_next_ex(read, &header, &bytes), PCAP_ERROR_BREAK);
  pcap_close(read);
}

TEST_F(CaptureWriterTest, AFileThatCannotBeCreatedIsAnErrorWithItsName) {
  CaptureWriter writer("/nonexistent/directory/file.pcap");
  writer.write(seconds{1}, std::vector<std::uint8_t>{1, 2, 3});
  const std::optional<std::string> error = writer.close();
  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(*error, testing::HasSubstr("/nonexistent/directory/file.pcap"));
}

TEST_F(CaptureWriterTest, AFullDiskIsAnError) {
  CaptureWriter writer("/dev/full");
  const std::vector<std::uint8_t> frame(1514, 0);
  for (int i = 0; i < 10; ++i) writer.write(seconds{i}, frame);
  const std::optional<std::string> error = writer.close();
  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(*error, testing::HasSubstr("/dev/full"));
}

TEST_F(CaptureWriterTest, ClosingTwiceSaysTheSame) {
  CaptureWriter good(path_);
  EXPECT_EQ(good.close(), std::nullopt);
  EXPECT_EQ(good.close(), std::nullopt);
  CaptureWriter bad("/nonexistent/file.pcap");
  EXPECT_EQ(bad.close(), bad.close());
}

}  // namespace
}  // namespace vipdrift::capture
