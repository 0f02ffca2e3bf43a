// A configuration that is told back means the same: the library's, keepalived's samples, and random ones.
#include "protocol/config/printer.h"

#include <gtest/gtest.h>

#include <string>

#include "protocol/config/random_configuration_test_support.h"
#include "protocol/config/round_trip_test_support.h"
#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using testing::accepted;
using testing::corpus;
using testing::first_difference;
using testing::messages;
using testing::options_for;
using testing::RandomConfiguration;
using testing::text_of_file;
using testing::without_places;

/// What is printed with and without knowledge of the text means the same as the text.
void expect_round_trip(const std::string& text, const Configuration& configuration, const ParseOptions& options) {
  const WrittenConfiguration written = read_written(text, options);
  EffectiveOptions knowing;
  knowing.written = &written;
  for (const EffectiveOptions& how : {EffectiveOptions{}, knowing}) {
    const std::string printed = print(configuration, how);
    const ParseResult again = parse(printed, testing::plain_options());
    ASSERT_TRUE(again.ok()) << messages(printed) << "\n--- from ---\n" << text << "\n--- to ---\n" << printed;
    ASSERT_TRUE(without_places(*again.configuration) == without_places(configuration))
        << first_difference(printed, print(*again.configuration, {})) << "\n--- from ---\n"
        << text << "\n--- to ---\n"
        << printed;
  }
}

int round_trips(const std::filesystem::path& folder) {
  int accepted = 0;
  for (const std::filesystem::path& file : corpus(folder)) {
    for (const char* id : {"", "lvs1", "lvs2"}) {
      const ParseOptions options = options_for(file, id);
      const std::string text = text_of_file(file);
      const ParseResult result = parse(text, options);
      if (!result.ok()) continue;
      SCOPED_TRACE(file.string());
      expect_round_trip(text, *result.configuration, options);
      ++accepted;
    }
  }
  return accepted;
}

TEST(Printer, TellsEveryConfigurationOfTheScenarioLibrary) {
  EXPECT_GT(round_trips(std::filesystem::path(VIPDRIFT_SOURCE_DIR) / "scenarios"), 300);
}

TEST(Printer, TellsTheSamplesOfKeepalived) {
  if (!std::filesystem::is_directory(testing::kSamples)) std::exit(77);  // not on this machine
  EXPECT_GT(round_trips(testing::kSamples), 40);
}

TEST(Printer, TellsRandomConfigurations) {
  int accepted = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    const std::string text = RandomConfiguration{seed}.text();
    const ParseOptions options = testing::plain_options();
    const ParseResult result = parse(text, options);
    if (!result.ok()) continue;
    SCOPED_TRACE(seed);
    expect_round_trip(text, *result.configuration, options);
    if (HasFatalFailure()) return;
    ++accepted;
  }
  EXPECT_GT(accepted, 500);
}

}  // namespace
}  // namespace vipdrift::config
