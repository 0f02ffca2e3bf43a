// A small cluster as files in memory, and what the loader says of a scenario for it.
#ifndef VIPDRIFT_SCENARIOS_LOADER_TEST_SUPPORT_H_
#define VIPDRIFT_SCENARIOS_LOADER_TEST_SUPPORT_H_

#include <map>
#include <optional>
#include <string>

#include "scenarios/loader.h"

namespace vipdrift::scenarios {

using Files = std::map<std::string, std::string>;

inline std::string sample_config(const std::string& priority) {
  return "vrrp_script chk_down {\n  script \"/bin/sh -c '[ ! -f /down ]'\"\n  interval 2\n  weight -5\n}\n"
         "vrrp_instance VI_1 {\n  interface eno1\n  virtual_router_id 151\n  priority " +
         priority +
         "\n  virtual_ipaddress {\n    10.1.10.7\n  }\n  track_script {\n    chk_down\n  }\n}\n"
         "vrrp_instance VI_2 {\n  interface eno1\n  virtual_router_id 152\n  virtual_ipaddress {\n    10.1.10.77\n"
         "  }\n}\nvrrp_sync_group VG {\n  sync_group_tracking_weight\n  group {\n    VI_1\n    VI_2\n  }\n}\n";
}

inline const char* sample_cluster() {
  return "directors:\n"
         "  lvs1: {config: lvs1.conf, interfaces: {eno1: {address: 10.1.10.1/24}}}\n"
         "  lvs2: {config: lvs2.conf, interfaces: {eno1: {address: 10.1.10.2/24}}}\n"
         "clients:\n"
         "  client: {address: 10.1.10.200/24}\n"
         "real_servers:\n"
         "  rs1: {address: 10.1.10.11/24}\n"
         "scripts:\n"
         "  chk_down: {fails_while: {file_exists: /down}}\n";
}

/// dir/cluster.yaml, dir/lvs1.conf, dir/lvs2.conf, dir/other.conf.
inline Files sample_files() {
  return {{"dir/cluster.yaml", sample_cluster()},
          {"dir/lvs1.conf", sample_config("100")},
          {"dir/lvs2.conf", sample_config("98")},
          {"dir/other.conf", sample_config("90")}};
}

inline LoadResult load_from(const Files& files, const std::string& text) {
  const auto read = [&files](const std::string& path) -> std::optional<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return std::nullopt;
    return found->second;
  };
  return load_text(text, "dir/test.yaml", read);
}

/// All diagnostics, a line each.
inline std::string messages(const LoadResult& result) {
  std::string text;
  for (const config::Diagnostic& diagnostic : result.diagnostics) text += diagnostic.to_string() + "\n";
  return text;
}

/// `items`, lines of the list `steps`, in a whole scenario: they begin in line 4.
inline std::string with_steps(const std::string& items) {
  return "name: test\ncluster: cluster.yaml\nsteps:\n" + items;
}

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_LOADER_TEST_SUPPORT_H_
