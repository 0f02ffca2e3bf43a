// Reading keepalived.conf: files of 1,000 and 10,000 instances as a generator of configurations writes them, and what
// only walks through the same bytes.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "protocol/config/parser.h"

namespace {

using vipdrift::config::parse;
using vipdrift::config::ParseResult;

std::string instances(std::int64_t count) {
  std::string text;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    text += "vrrp_instance VI_" + number + " {\n    state BACKUP\n    interface eth" + std::to_string(i / 255) +
            "\n    virtual_router_id " + std::to_string(i % 255 + 1) + "\n    priority 100\n    advert_int 1\n" +
            "    authentication {\n        auth_type PASS\n        auth_pass secret\n    }\n    virtual_ipaddress {\n" +
            "        10." + std::to_string(i / 62'500) + "." + std::to_string(i / 250 % 250) + "." +
            std::to_string(i % 250 + 1) + "/24\n    }\n}\n";
  }
  return text;
}

void parse_instances(benchmark::State& state) {
  const std::string text = instances(state.range(0));
  for (auto _ : state) {
    const ParseResult result = parse(text, {});
    if (!result.ok() || !result.diagnostics.empty()) state.SkipWithError("the file is not accepted");
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse_instances)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

/// The floor: every byte looked at once, every word told from the next.
void count_words(benchmark::State& state) {
  const std::string text = instances(state.range(0));
  for (auto _ : state) {
    std::int64_t words = 0;
    bool inside = false;
    for (const char c : text) {
      const bool blank = c == ' ' || c == '\n';
      words += static_cast<std::int64_t>(!blank && !inside);
      inside = !blank;
    }
    benchmark::DoNotOptimize(words);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(count_words)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
