#include "tools/vipdrift/uml/run_transfer.h"

#include <gtest/gtest.h>

#include "scenarios/loader.h"
#include "tools/vipdrift/worlds.h"

namespace vipdrift::tools {
namespace {

scenarios::RunResult simulated(const std::string& name) {
  const scenarios::LoadResult loaded = scenarios::load_file(VIPDRIFT_SOURCE_DIR "/scenarios/" + name);
  scenarios::RunOptions everything;
  everything.also_record = {true, true, true, true, true};
  return run_in_simulation(*loaded.scenario, everything, "");
}

TEST(RunTransfer, AResultArrivesAsItWas) {
  for (const char* name : {"article/03-master-crash.yaml", "article/12-interface-down-and-up.yaml",
                           "article/13-partition-and-heal-loser-first.yaml", "article/09-httpd-dead-on-one.yaml"}) {
    const scenarios::RunResult sent = simulated(name);
    ASSERT_GT(sent.timeline.size(), 50U) << name;
    const std::optional<scenarios::RunResult> arrived = result_from(to_bytes(sent));
    ASSERT_TRUE(arrived) << name;
    EXPECT_EQ(scenarios::hash(arrived->timeline), scenarios::hash(sent.timeline)) << name;
    EXPECT_EQ(to_bytes(*arrived), to_bytes(sent)) << name;
    ASSERT_EQ(arrived->verdict.judgements.size(), sent.verdict.judgements.size());
    for (std::size_t i = 0; i < sent.verdict.judgements.size(); ++i) {
      EXPECT_EQ(arrived->verdict.judgements[i].seen, sent.verdict.judgements[i].seen);
      EXPECT_EQ(arrived->verdict.judgements[i].around, sent.verdict.judgements[i].around);
      EXPECT_EQ(arrived->verdict.judgements[i].margin, sent.verdict.judgements[i].margin);
    }
    EXPECT_EQ(arrived->status(), sent.status());
    EXPECT_EQ(arrived->statistics.frames, sent.statistics.frames);
  }
}

TEST(RunTransfer, AnErrorArrivesWithItsPlace) {
  scenarios::RunResult sent;
  sent.error = scenarios::WorldError{{"a.yaml", 7, 3}, "this world cannot", true};
  const std::optional<scenarios::RunResult> arrived = result_from(to_bytes(sent));
  ASSERT_TRUE(arrived && arrived->error);
  EXPECT_EQ(arrived->error->place, sent.error->place);
  EXPECT_EQ(arrived->error->message, sent.error->message);
  EXPECT_TRUE(arrived->error->passing);
}

TEST(RunTransfer, AnOrderArrivesAsItWas) {
  RunOrder sent{"x.yaml", 7, "vipdrift,address_leases=no", {"keepalived", "run {config}"}, "bin/vipdriftd", "a.pcap"};
  sent.options.tolerance = std::chrono::milliseconds{300};
  sent.options.also_record.logs = true;
  const std::optional<RunOrder> arrived = order_from(to_bytes(sent));
  ASSERT_TRUE(arrived);
  EXPECT_EQ(arrived->file, sent.file);
  EXPECT_EQ(arrived->seed, sent.seed);
  EXPECT_EQ(arrived->profile, sent.profile);
  EXPECT_EQ(arrived->subjects, sent.subjects);
  EXPECT_EQ(arrived->vipdriftd, sent.vipdriftd);
  EXPECT_EQ(arrived->pcap_file, sent.pcap_file);
  EXPECT_EQ(arrived->options.tolerance, sent.options.tolerance);
  EXPECT_TRUE(arrived->options.also_record.logs);
  EXPECT_FALSE(arrived->options.also_record.discards);
}

TEST(RunTransfer, WhatWasCutOrAddedToIsNoResult) {
  const std::string bytes = to_bytes(simulated("interfaces/deleted-under-the-backup.yaml"));
  for (std::size_t size = 0; size < bytes.size(); size += 97) {
    EXPECT_FALSE(result_from(bytes.substr(0, size))) << size;
  }
  EXPECT_FALSE(result_from(bytes + "x"));
  EXPECT_FALSE(result_from(std::string(64, '\xff')));
  EXPECT_FALSE(order_from(bytes));
}

}  // namespace
}  // namespace vipdrift::tools
