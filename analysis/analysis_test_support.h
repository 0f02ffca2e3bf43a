// Clusters for tests: a few lines of keepalived.conf for each director.
#ifndef VIPDRIFT_ANALYSIS_ANALYSIS_TEST_SUPPORT_H_
#define VIPDRIFT_ANALYSIS_ANALYSIS_TEST_SUPPORT_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "analysis/finding.h"
#include "protocol/config/parser.h"

namespace vipdrift::analysis::testing {

/// Directors "a", "b", ... of these texts; their places have the file "a.conf", ...
inline std::vector<Director> cluster_of(const std::vector<std::string>& texts) {
  std::vector<Director> directors;
  for (const std::string& text : texts) {
    const std::string name(1, static_cast<char>('a' + directors.size()));
    config::ParseOptions options;
    options.file_name = name + ".conf";
    config::ParseResult result = config::parse(text, options);
    EXPECT_TRUE(result.ok()) << (result.diagnostics.empty() ? "" : result.diagnostics.front().to_string());
    directors.push_back(
        {name, std::make_shared<const config::Configuration>(result.configuration.value_or(config::Configuration{})),
         result.cut_passwords});
  }
  return directors;
}

struct InstanceText {
  int priority = 100;
  std::string more = {};  ///< lines within the instance
  std::string before = {};
  std::string name = "VI_1";
  int vrid = 51;
  std::string address = "10.0.0.7";
};

inline std::string instance(const InstanceText& it) {
  return it.before + "vrrp_instance " + it.name + " {\n interface eth0\n virtual_router_id " + std::to_string(it.vrid) +
         "\n priority " + std::to_string(it.priority) + "\n virtual_ipaddress {\n  " + it.address + "\n }\n " +
         it.more + "\n}\n";
}

inline std::string script(const std::string& name, int weight) {
  return "vrrp_script " + name + " {\n script /bin/true\n interval 1\n weight " + std::to_string(weight) + "\n}\n";
}

/// The names of the rules that found something, sorted, each once.
inline std::vector<std::string> rules_of(const std::vector<Finding>& findings) {
  std::vector<std::string> names;
  for (const Finding& finding : findings) names.emplace_back(finding.its_rule().name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

/// The message of the first finding of a rule; empty: there is none.
inline std::string message_of(const std::vector<Finding>& findings, RuleId rule) {
  for (const Finding& finding : findings) {
    if (finding.rule == rule) return finding.message;
  }
  return {};
}

}  // namespace vipdrift::analysis::testing

#endif  // VIPDRIFT_ANALYSIS_ANALYSIS_TEST_SUPPORT_H_
