// Random texts in the language of keepalived.conf, drawn from the grammar's own tables. Not every one is accepted.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_RANDOM_CONFIGURATION_TEST_SUPPORT_H_
#define VIPDRIFT_PROTOCOL_CONFIG_RANDOM_CONFIGURATION_TEST_SUPPORT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/grammar.h"
#include "protocol/config/text.h"

namespace vipdrift::config::testing {

class RandomConfiguration {
 public:
  explicit RandomConfiguration(std::uint64_t seed) : random_{seed} {}

  /// A keyword of the language with arguments that it probably takes, and a block where it opens one.
  std::string statement(const Keyword& keyword) {
    text_.clear();
    if (keyword.opens != Block::none) {
      block(keyword.opens, std::string{keyword.word} + (keyword.shape.kind == Shape::Kind::nothing ? "" : " x"), 3);
    } else {
      text_ = std::string{keyword.word} + " " + value(keyword) + "\n";
    }
    return std::move(text_);
  }

  std::string text() {
    if (chance(70)) block(Block::global_defs, "global_defs", 12);
    names("vrrp_script", Block::vrrp_script, 5, scripts_, "  script \"/bin/true " + quoted_inside() + "\"\n");
    names("track_file", Block::track_file, 2, files_, "  file /run/f\n");
    names("vrrp_track_process", Block::vrrp_track_process, 5, processes_, "  process sshd\n");
    if (chance(30)) block(Block::static_routes, "static_routes", 0);
    if (chance(30)) block(Block::static_rules, "static_rules", 0);
    if (chance(30)) block(Block::static_ipaddress, "static_ipaddress", 0);
    if (chance(20))
      text_ += "garp_group {\n garp_interval " + number(1, 9) + "\n interface eth" + number(0, 2) + "\n}\n";
    const std::uint64_t instances = draw(0, 3);
    for (std::uint64_t i = 0; i < instances; ++i) instance(i);
    if (instances > 1 && chance(40)) {
      text_ += "vrrp_sync_group G {\n group {\n  V0\n  V1\n }\n";
      statements(Block::vrrp_sync_group, 4);
      text_ += "}\n";
    }
    const std::uint64_t servers = draw(0, 2);
    for (std::uint64_t i = 0; i < servers; ++i) virtual_server(i);
    return std::move(text_);
  }

 private:
  std::uint64_t draw(std::uint64_t from, std::uint64_t to) { return from + random_() % (to - from + 1); }
  bool chance(std::uint64_t percent) { return draw(1, 100) <= percent; }
  std::string number(std::uint64_t from, std::uint64_t to) { return std::to_string(draw(from, to)); }
  template <class List>
  const auto& one_of(const List& list) {
    return list[draw(0, list.size() - 1)];
  }

  std::string address() {
    if (family_ == 4) return "10." + number(0, 255) + "." + number(0, 255) + "." + number(1, 254);
    return "fe80::" + number(1, 9999);
  }
  std::string word() {
    static constexpr std::array<std::string_view, 9> kWords{"plain",   "\"two words\"", "\"a#b!c\"", "\"{x}\"", "a-b.c",
                                                            "\"q'q\"", "back\\slash",   "\"@id\"",   "x=y"};
    return std::string{one_of(kWords)};
  }
  /// Arguments of a command, as they stand inside its double quotes.
  std::string quoted_inside() {
    static constexpr std::array<std::string_view, 8> kWords{"a",          "'b  c'", "\\\"d e\\\"", "-f=#x",
                                                            "x\\\\\\\\y", "''",     "{g}",         "\\\\044h"};
    std::string text;
    for (std::uint64_t i = draw(0, 3); i > 0; --i) text += (text.empty() ? "" : " ") + std::string{one_of(kWords)};
    return text;
  }
  std::string seconds(const Shape& shape) {
    const auto micros = static_cast<std::uint64_t>(shape.min / 1000);
    return seconds_text(std::chrono::microseconds{draw(micros, micros + 5'000'000)});
  }
  std::string integer(const Shape& shape) {
    const auto from = chance(50) ? shape.min : shape.max - (shape.max - shape.min) / 3;
    const std::int64_t value = from + static_cast<std::int64_t>(draw(
                                          0, static_cast<std::uint64_t>(std::min<std::int64_t>(shape.max - from, 50))));
    return std::to_string(value);
  }

  std::string value(const Keyword& keyword) {
    using Kind = Shape::Kind;
    static constexpr std::array<std::string_view, 6> kBooleans{"on", "off", "true", "false", "yes", "no"};
    const Shape& shape = keyword.shape;
    switch (shape.kind) {
      case Kind::nothing:
        return {};
      case Kind::boolean:
        return std::string{one_of(kBooleans)};
      case Kind::optional_boolean:
        return chance(30) ? std::string{} : std::string{one_of(kBooleans)};
      case Kind::integer:
      case Kind::optional_integer:
      case Kind::whole_seconds:
        return integer(shape);
      case Kind::seconds:
        return seconds(shape);
      case Kind::weight:
        return std::to_string(static_cast<std::int64_t>(draw(0, 400)) - 200) + (chance(30) ? " reverse" : "");
      case Kind::choice:
        return std::string{one_of(shape.choices)};
      case Kind::address:
        return keyword.word.find("mcast") == std::string_view::npos ? address() : multicast(keyword.word);
      case Kind::endpoint:
        return address() + (chance(80) ? " " + number(1, 65535) : "");
      case Kind::command:
        return "\"/bin/c " + quoted_inside() + "\"" + (shape.max > 0 && chance(30) ? " root wheel" : "");
      default:
        return special(keyword.word);
    }
  }
  std::string multicast(std::string_view keyword) {
    const bool six = keyword.ends_with('6') || (!keyword.ends_with('4') && family_ == 6);
    return six ? "ff02::" + number(1, 99) : "224.0.4." + number(1, 200);
  }
  std::string special(std::string_view keyword) {
    if (keyword == "lb_kind" || keyword == "lvs_method" || keyword == "sorry_server_lvs_method") {
      static constexpr std::array<std::string_view, 5> kMethods{"NAT", "DR", "TUN", "TUN type gue port 6 csum",
                                                                "TUN type gre"};
      return std::string{one_of(kMethods)};
    }
    if (keyword == "protocol") return chance(50) ? "TCP" : "udp";
    if (keyword == "persistence_granularity") return family_ == 4 ? "255.255.255.0" : "64";
    if (keyword == "use_vmac") return chance(50) ? "vmac" + number(0, 9) : std::string{};
    if (keyword == "status_code") return "200 301-" + number(301, 399);
    if (keyword == "type") return "mx";
    if (keyword == "digest") return std::string(32, 'a');
    if (keyword == "payload" || keyword == "require_reply") return "0a" + number(10, 99);
    if (keyword == "init_file") return chance(50) ? number(0, 9) : number(0, 9) + " overwrite";
    if (keyword == "smtp_server") return "mail.example.org " + number(1, 65535);
    if (keyword == "script_user" || keyword == "user") return chance(50) ? "root" : "root wheel";
    if (keyword == "interface" || keyword == "default_interface" || keyword == "bind_if") return "eth" + number(0, 2);
    if (keyword == "lvs_sync_daemon") return "eth0 id " + number(0, 255) + " ttl 3";
    if (keyword == "lvs_timeouts") return "tcp " + number(1, 99) + " udp 5";
    if (keyword == "dynamic_interfaces") return {};
    if (keyword == "lvs_flush_on_stop" || keyword == "lvs_flush_onstop") return chance(50) ? "VS" : "";
    if (keyword == "process") return chance(50) ? "a b  c" : "sshd";
    if (keyword.find("prefix") != std::string_view::npos) return "vm";
    return word();
  }

  std::string line(Block block) {
    switch (block) {
      case Block::virtual_ipaddress:
      case Block::virtual_ipaddress_excluded:
      case Block::static_ipaddress:
        return address() + (chance(50) ? "/" + number(8, 30) : "") + (chance(40) ? " dev eth1" : "") +
               (chance(20) ? " scope link" : "") + (chance(20) ? " preferred_lft 7.5" : "") +
               (chance(20) && family_ == 4 ? " label l" + number(0, 9) : "");
      case Block::virtual_routes:
      case Block::static_routes:
        return std::string{chance(20) ? "blackhole " : ""} + (chance(30) ? "default" : address()) + " via " +
               address() + (chance(30) ? " dev eth0 metric " + number(0, 9) : "") +
               (chance(20) ? " mtu lock 1400 table 7" : "") +
               (chance(20) ? " nexthop via " + address() + " weight 3" : "");
      case Block::virtual_rules:
      case Block::static_rules:
        return std::string{chance(20) ? "not " : ""} + (chance(60) ? "from " + address() : "to all") + " table " +
               number(1, 99) + (chance(50) ? " priority " + number(1, 999) : "") + (chance(20) ? " dport 80-90" : "");
      case Block::unicast_peer:
        return address() + (chance(20) ? " min_ttl 3" : "");
      case Block::tracked_scripts:
        return tracked(scripts_);
      case Block::tracked_files:
        return tracked(files_);
      case Block::tracked_processes:
        return tracked(processes_);
      case Block::tracked_interfaces:
        return "eth" + number(1, 9) + (chance(50) ? " weight " + number(0, 200) : "");
      default:
        return "a@b.example";
    }
  }
  std::string tracked(const std::vector<std::string>& known) {
    if (known.empty()) return {};
    const std::string weight = chance(50) ? " weight -" + number(0, 200) + (chance(30) ? " reverse" : "") : "";
    return one_of(known) + weight;
  }

  void statements(Block block, std::uint64_t most) {
    const BlockRules& rules = rules_of(block);
    if (rules.line != nullptr) {
      const std::string text = line(block);
      if (!text.empty()) text_ += " " + text + "\n";
      return;
    }
    for (std::uint64_t i = draw(0, most); i > 0; --i) {
      const Keyword& keyword = one_of(rules.keywords);
      if (keyword.apply == nullptr && keyword.opens == Block::none) continue;
      const bool drawn_elsewhere = keyword.opens == Block::group || keyword.word == "track_quorum" ||
                                   keyword.opens == Block::real_server || keyword.opens == Block::garp_interfaces;
      if (drawn_elsewhere) continue;
      if (keyword.opens != Block::none) {
        this->block(keyword.opens, std::string{keyword.word}, 5);
      } else {
        text_ += " " + std::string{keyword.word} + " " + value(keyword) + comment() + "\n";
      }
    }
  }
  std::string comment() { return chance(5) ? "   # a note" : ""; }

  void block(Block block, const std::string& opening, std::uint64_t most) {
    text_ += opening + (chance(80) ? " {\n" : "\n{\n");
    if (block == Block::url) text_ += " path /x\n";
    if (block == Block::file_check) text_ += files_.empty() ? "" : " track_file " + files_.front() + "\n";
    if (block == Block::misc_check) text_ += " misc_path \"/bin/m " + quoted_inside() + "\"\n";
    if (block == Block::http_get || block == Block::ssl_get) this->block(Block::url, "url", 3);
    statements(block, most);
    text_ += "}\n";
  }

  void names(const std::string& keyword, Block block, std::uint64_t most, std::vector<std::string>& known,
             const std::string& needed) {
    for (std::uint64_t i = draw(0, 2); i > 0; --i) {
      known.push_back(chance(30) ? "\"n " + std::to_string(i) + "#\"" : "n" + std::to_string(i));
      text_ += keyword + " " + known.back() + " {\n" + needed;
      statements(block, most);
      text_ += "}\n";
    }
  }

  void instance(std::uint64_t number_of_it) {
    family_ = chance(70) ? 4 : 6;
    text_ += "vrrp_instance V" + std::to_string(number_of_it) + " {\n interface eth0\n virtual_router_id " +
             std::to_string(number_of_it + 1) + "\n virtual_ipaddress {\n  " + address() + "\n }\n";
    statements(Block::vrrp_instance, 15);
    text_ += "}\n";
    family_ = 4;
  }

  void virtual_server(std::uint64_t number_of_it) {
    family_ = chance(80) ? 4 : 6;
    text_ +=
        "virtual_server " + (chance(20) ? "fwmark " + std::to_string(number_of_it + 1) : address() + " 80") + " {\n";
    statements(Block::virtual_server, 10);
    for (std::uint64_t i = draw(1, 3); i > 0; --i) {
      text_ += " real_server " + address() + " 80 {\n";
      statements(Block::real_server, 6);
      text_ += " }\n";
    }
    text_ += "}\n";
    family_ = 4;
  }

  std::mt19937_64 random_;
  std::string text_;
  int family_ = 4;
  std::vector<std::string> scripts_;
  std::vector<std::string> files_;
  std::vector<std::string> processes_;
};

}  // namespace vipdrift::config::testing

#endif  // VIPDRIFT_PROTOCOL_CONFIG_RANDOM_CONFIGURATION_TEST_SUPPORT_H_
