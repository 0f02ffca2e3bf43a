// Any bytes as a scenario, its cluster file and its configurations: no crash, no hang, a scenario exactly when there
// is no error, every message with a place, and everything that was loaded can be told in words.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/loader.h"
#include "scenarios/runner.h"
#include "scenarios/step_text.h"

namespace {

constexpr std::string_view kCluster = R"(directors:
  lvs1: {config: lvs1.conf, interfaces: {eno16777736: {address: 10.1.10.1/24}}}
  lvs2: {config: lvs2.conf, interfaces: {eno16777736: {address: 10.1.10.2/24}}}
clients:
  client: {address: 10.1.10.200/24}
scripts:
  chk_down: {fails_while: {file_exists: /etc/keepalived/down}}
  chk_httpd: {fails_while: {process_not_running: httpd}}
)";

constexpr std::string_view kConfiguration = R"(vrrp_script chk_down { script "test -e /etc/keepalived/down" weight -5 }
vrrp_instance VI_1 { interface eno16777736 virtual_router_id 151 priority 100 virtual_ipaddress { 10.1.10.7 } }
)";

/// The input in up to three parts, separated by zero bytes: scenario, cluster file, keepalived.conf.
struct Parts {
  std::array<std::string_view, 3> texts{std::string_view{}, kCluster, kConfiguration};

  explicit Parts(std::string_view input) {
    for (std::string_view& text : texts) {
      const std::size_t end = input.find('\0');
      text = input.substr(0, end);
      if (end == std::string_view::npos) return;
      input.remove_prefix(end + 1);
    }
  }
};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vipdrift;
  const std::string input(data, data + size);
  const Parts parts(input);
  const auto read = [&parts](const std::string& path) -> std::optional<std::string> {
    if (ends_with(path, ".conf")) return std::string{parts.texts[2]};
    if (ends_with(path, ".yaml")) return std::string{parts.texts[1]};
    return std::nullopt;
  };
  const scenarios::LoadResult loaded = scenarios::load_text(parts.texts[0], "fuzz/scenario.yaml", read);
  bool failed = false;
  for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
    failed |= diagnostic.severity == config::Severity::error;
    if (diagnostic.message.empty() || diagnostic.place.file.empty() || diagnostic.place.line < 1) std::abort();
  }
  if (failed == loaded.ok()) std::abort();
  if (!loaded.ok()) return 0;
  for (const scenarios::Step& step : loaded.scenario->steps) {
    if (scenarios::describe(step.action).empty()) std::abort();
  }
  static_cast<void>(scenarios::needed_recording(*loaded.scenario));
  return 0;
}
