// Short cuts for the tests of the configuration language.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_TEST_SUPPORT_H_
#define VIPDRIFT_PROTOCOL_CONFIG_TEST_SUPPORT_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/parser.h"

namespace vipdrift::config::testing {

inline ParseOptions plain_options() {
  ParseOptions options;
  options.file_name = "k.conf";
  options.config_id = "node1";
  return options;
}

/// Every diagnostic as the person who wrote the file sees it, one a line.
inline std::string messages(std::string_view text, const ParseOptions& options = plain_options()) {
  std::string lines;
  for (const Diagnostic& diagnostic : parse(text, options).diagnostics) lines += diagnostic.to_string() + "\n";
  return lines;
}

/// The configuration of a text that must be accepted.
inline Configuration accepted(std::string_view text, const ParseOptions& options = plain_options()) {
  const ParseResult result = parse(text, options);
  EXPECT_TRUE(result.ok()) << messages(text, options);
  return result.configuration.value_or(Configuration{});
}

/// The configuration of a text that must be accepted without a word.
inline Configuration accepted_silently(std::string_view text, const ParseOptions& options = plain_options()) {
  EXPECT_EQ(messages(text, options), "");
  return accepted(text, options);
}

/// A valid instance with `body` from line 7 on.
inline std::string instance(std::string_view body, std::string_view name = "VI_1", int vrid = 51,
                            std::string_view address = "10.0.0.1") {
  return "vrrp_instance " + std::string{name} + " {\n  interface eth0\n  virtual_router_id " + std::to_string(vrid) +
         "\n  virtual_ipaddress {\n    " + std::string{address} + "\n  }\n" + std::string{body} + "\n}\n";
}

/// The first instance of a text with one instance and `body` in it.
inline VrrpInstance read_instance(std::string_view body) { return accepted(instance(body)).instances.at(0); }

}  // namespace vipdrift::config::testing

#endif  // VIPDRIFT_PROTOCOL_CONFIG_TEST_SUPPORT_H_
