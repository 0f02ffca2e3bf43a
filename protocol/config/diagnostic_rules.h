// The kinds of things that the parser of configurations criticises, by the names that users know them by.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_DIAGNOSTIC_RULES_H_
#define VIPDRIFT_PROTOCOL_CONFIG_DIAGNOSTIC_RULES_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace vipdrift::config {

enum class Severity : std::uint8_t {
  warning,  ///< the configuration runs, but not as its author may think (keepalived logs and goes on)
  error,    ///< the configuration is refused
};

enum class RuleId : std::uint8_t {
  // Words.
  unknown_keyword,
  misplaced_keyword,
  missing_keyword,
  missing_value,
  bad_value,
  out_of_range,
  unknown_option,
  unexpected_word,
  not_implemented,
  newer_keyword,
  repeated,
  old_name,
  // Lines and blocks.
  unbalanced_quotes,
  unbalanced_braces,
  misplaced_block,
  line_too_long,
  comment_sign,
  // What is done before words are read.
  undefined_parameter,
  bad_definition,
  bad_condition,
  include_not_found,
  bad_include,
  // Names.
  unknown_name,
  duplicate_name,
  listed_twice,
  vrid_used_twice,
  // VRRP.
  password_cut,
  authentication_incomplete,
  authentication_ignored,
  script_needs_shell,
  command_cut,
  label_too_long,
  family_mismatch,
  link_local_first,
  no_addresses,
  master_without_priority,
  nopreempt_cleared,
  setting_ignored,
  strict_resets,
  value_changed,
  unicast_without_peers,
  small_sync_group,
  group_weight_ignored,
  rule_without_priority,
  // The load balancer.
  default_taken,
  unreachable_quorum,
  no_real_servers,
};

struct DiagnosticRule {
  RuleId id;
  std::string_view name;     ///< as users write it: "unknown-keyword"
  Severity least;            ///< where keepalived goes on ...
  Severity most;             ///< ... and where it does not, or does something else than what is written
  std::string_view meaning;  ///< one sentence: what it finds
  std::string_view why;      ///< why that hurts
  std::string_view mend;     ///< what to do about it
};

/// All of them, in the order of RuleId.
std::span<const DiagnosticRule> diagnostic_rules();
const DiagnosticRule& rule_of(RuleId id);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_DIAGNOSTIC_RULES_H_
