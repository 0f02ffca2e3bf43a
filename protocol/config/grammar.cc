#include "protocol/config/grammar.h"

#include <vector>

#include "protocol/config/model.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr std::string_view kTracked = "NAME [weight NUMBER [reverse|noreverse]]";
constexpr std::string_view kAddressLine =
    "ADDRESS[/LENGTH] [brd ADDRESS|+|-] [dev INTERFACE] [scope SCOPE] [label LABEL] [peer ADDRESS] [no_track] ...";

constexpr std::string_view kRouteLine = "[TYPE] PREFIX|default [via ADDRESS] [dev INTERFACE] ... as ip route has them";
constexpr std::string_view kRuleLine =
    "[from PREFIX] [to PREFIX] table TABLE [priority NUMBER] ... as ip rule has them";

constexpr std::string_view kGroupLine = "ADDRESS[-ADDRESS|-NUMBER|/LENGTH] [PORT], or fwmark NUMBER [inet|inet6]";

void leave_out(Model& /*model*/, const Arguments& /*line*/) {}

using Rules = std::array<BlockRules, kBlocks>;

Rules make_rules() {
  Rules rules{};
  const auto keyed = [&rules](Block block, std::string_view name, std::span<const Keyword> keywords,
                              void (*end)(Model&) = nullptr) {
    rules[static_cast<std::size_t>(block)] = {.name = name, .keywords = keywords, .end = end};
  };
  const auto listed = [&rules](Block block, std::string_view name, Apply line, std::string_view wording) {
    rules[static_cast<std::size_t>(block)] = {.name = name, .line = line, .wording = wording};
  };

  keyed(Block::root, "the configuration", root_keywords());
  keyed(Block::global_defs, "global_defs", global_keywords());
  listed(Block::notification_email, "notification_email", read_email, "mail addresses");
  keyed(Block::vrrp_script, "vrrp_script", script_keywords(), end_script);
  keyed(Block::track_file, "track_file", track_file_keywords(), end_track_file);
  keyed(Block::vrrp_track_process, "vrrp_track_process", track_process_keywords(), end_track_process);
  keyed(Block::garp_group, "garp_group", garp_group_keywords());
  listed(Block::garp_interfaces, "interfaces", read_garp_interface, "names of interfaces");

  listed(Block::static_ipaddress, "static_ipaddress", read_static_address, kAddressLine);
  listed(Block::static_routes, "static_routes", read_static_route, kRouteLine);
  listed(Block::static_rules, "static_rules", read_static_rule, kRuleLine);
  keyed(Block::static_track_group, "track_group", static_track_group_keywords());
  listed(Block::static_track_members, "group", read_static_track_member, "names of vrrp_instance blocks");
  listed(Block::interface_delays, "interface_up_down_delays", read_interface_delays, "INTERFACE DOWN_DELAY [UP_DELAY]");

  keyed(Block::vrrp_instance, "vrrp_instance", instance_keywords());
  keyed(Block::authentication, "authentication", authentication_keywords(), end_authentication);
  listed(Block::virtual_ipaddress, "virtual_ipaddress", read_virtual_address, kAddressLine);
  listed(Block::virtual_ipaddress_excluded, "virtual_ipaddress_excluded", read_excluded_address, kAddressLine);
  listed(Block::virtual_routes, "virtual_routes", read_virtual_route, kRouteLine);
  listed(Block::virtual_rules, "virtual_rules", read_virtual_rule, kRuleLine);
  listed(Block::unicast_peer, "unicast_peer", read_unicast_peer, "ADDRESS [min_ttl NUMBER] [max_ttl NUMBER]");
  listed(Block::tracked_interfaces, "track_interface", read_tracked_interface, kTracked);
  listed(Block::tracked_scripts, "track_script", read_tracked_script, kTracked);
  listed(Block::tracked_files, "track_file", read_tracked_file, kTracked);
  listed(Block::tracked_processes, "track_process", read_tracked_process, kTracked);
  keyed(Block::vrrp_sync_group, "vrrp_sync_group", sync_group_keywords());
  listed(Block::group, "group", read_group_member, "names of vrrp_instance blocks");

  listed(Block::virtual_server_group, "virtual_server_group", read_server_group_line, kGroupLine);
  keyed(Block::ssl, "SSL", ssl_keywords());
  keyed(Block::virtual_server, "virtual_server", virtual_server_keywords());
  keyed(Block::real_server, "real_server", real_server_keywords());
  keyed(Block::http_get, "HTTP_GET", checker_keywords(Block::http_get), end_checker);
  keyed(Block::ssl_get, "SSL_GET", checker_keywords(Block::ssl_get), end_checker);
  keyed(Block::url, "url", checker_keywords(Block::url), end_url);
  keyed(Block::tcp_check, "TCP_CHECK", checker_keywords(Block::tcp_check), end_checker);
  keyed(Block::smtp_check, "SMTP_CHECK", checker_keywords(Block::smtp_check), end_checker);
  keyed(Block::smtp_host, "host", checker_keywords(Block::smtp_host), end_host);
  keyed(Block::dns_check, "DNS_CHECK", checker_keywords(Block::dns_check), end_checker);
  keyed(Block::misc_check, "MISC_CHECK", checker_keywords(Block::misc_check), end_checker);
  keyed(Block::ping_check, "PING_CHECK", checker_keywords(Block::ping_check), end_checker);
  keyed(Block::udp_check, "UDP_CHECK", checker_keywords(Block::udp_check), end_checker);
  keyed(Block::file_check, "FILE_CHECK", checker_keywords(Block::file_check), end_checker);

  keyed(Block::bfd_instance, "bfd_instance", bfd_keywords());
  keyed(Block::bfd_check, "BFD_CHECK", bfd_check_keywords());
  keyed(Block::auth_hmac, "auth_hmac", hmac_keywords());
  listed(Block::tracked_bfds, "track_bfd", leave_out, kTracked);
  listed(Block::linkbeat_interfaces, "linkbeat_interfaces", leave_out, "INTERFACE [MII|ETHTOOL|IOCTL]");
  for (const Block block :
       {Block::bfd_instance, Block::bfd_check, Block::auth_hmac, Block::tracked_bfds, Block::linkbeat_interfaces}) {
    rules[static_cast<std::size_t>(block)].inert = true;
  }
  return rules;
}

}  // namespace

const BlockRules& rules_of(Block block) {
  static const Rules kRules = make_rules();
  return kRules[static_cast<std::size_t>(block)];
}

void note_newer_value(Model& model, const Word& word, std::string_view keyword) {
  if (!model.options.warns_of_newer_keywords) return;
  model.report.warning(RuleId::newer_keyword, word.spot,
                       in_quotes(word.text) + " for " + in_quotes(keyword) +
                           " is newer than keepalived 2.2.7: 2.2.7 refuses it and goes on as if it were not there");
}

bool acted_upon(const Keyword& keyword) {
  return keyword.apply != nullptr || (keyword.opens != Block::none && !rules_of(keyword.opens).inert);
}

const Keyword* find_keyword(Block block, std::string_view word) {
  const std::span<const Keyword> rows = rules_of(block).keywords;
  const auto row =
      std::lower_bound(rows.begin(), rows.end(), word, [](const Keyword& a, std::string_view b) { return a.word < b; });
  return row != rows.end() && row->word == word ? &*row : nullptr;
}

std::string blocks_with(std::string_view word) {
  std::string names;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    const auto block = static_cast<Block>(i);
    if (find_keyword(block, word) == nullptr) continue;
    names += (names.empty() ? "" : " or ") + std::string{rules_of(block).name};
  }
  return names;
}

std::vector<std::string_view> words_of(Block block) {
  std::vector<std::string_view> words;
  for (const Keyword& keyword : rules_of(block).keywords) words.push_back(keyword.word);
  return words;
}

std::vector<std::string_view> words_with_value(Block block) {
  std::vector<std::string_view> words;
  for (const Keyword& keyword : rules_of(block).keywords) {
    if (keyword.shape.kind != Shape::Kind::nothing) words.push_back(keyword.word);
  }
  return words;
}

const std::vector<std::string_view>& all_words() {
  static const std::vector<std::string_view> kWords = [] {
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i < kBlocks; ++i) {
      const std::vector<std::string_view> some = words_of(static_cast<Block>(i));
      words.insert(words.end(), some.begin(), some.end());
    }
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
  }();
  return kWords;
}

}  // namespace vipdrift::config
