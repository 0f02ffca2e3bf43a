// What the load balancer does: virtual servers, their groups, real servers and health checks.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "protocol/config/effective_block.h"
#include "protocol/config/effective_lines.h"
#include "protocol/config/effective_rooms.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

/// The statements of a block that open blocks of the language, in order, of those keywords that objects are made of.
class InnerBlocks {
 public:
  InnerBlocks(const WrittenStatement* outer, Block block) : outer_{outer}, block_{block} {}

  const WrittenStatement* next(std::string_view keyword = {}) {
    while (outer_ != nullptr && at_ < outer_->inner.size()) {
      const WrittenStatement& statement = outer_->inner[at_++];
      const Keyword* row = find_keyword(block_, statement.keyword());
      const bool opens = row != nullptr && row->opens != Block::none && acted_upon(*row);
      if (opens && (keyword.empty() || statement.keyword() == keyword)) return &statement;
    }
    return nullptr;
  }

 private:
  const WrittenStatement* outer_;
  Block block_;
  std::size_t at_ = 0;
};

/// The block of the table in which the words of a checker stand.
Block block_of_checker(std::string_view kind) {
  const Keyword* row = find_keyword(Block::real_server, kind);
  return row == nullptr ? Block::none : row->opens;
}

std::string command_or_nothing(const Command& command) {
  return command.empty() ? std::string{} : quoted_command(command);
}

std::string setting_words(const std::string& keyword, const std::vector<std::string>& words) {
  if (keyword == "misc_path") return quoted_argv(words);
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + quoted_word(word);
  return text;
}

/// Tells one checker: its settings in their order, inner blocks as blocks, then what holds where nothing is written.
class CheckerTeller {
 public:
  CheckerTeller(const Checker& checker, bool knows_sources, const WrittenStatement* written,
                std::vector<const WrittenStatement*> outer)
      : checker_{checker}, knows_{knows_sources}, written_{written}, outer_{std::move(outer)} {}

  EffectiveStatement tell(const CheckerSettings& settings) {
    EffectiveBlock block{checker_.kind, {}, knows_, sources_of(written_), outer_};
    InnerBlocks inner_blocks{written_, block_of_checker(checker_.kind)};
    while (at_ < checker_.settings.size()) {
      const auto& [keyword, words] = checker_.settings[at_++];
      if (keyword == "url" || keyword == "host") {
        block.add(tell_inner(keyword, inner_blocks.next(keyword)));
      } else {
        block.set(keyword, setting_words(keyword, words), keyword);
      }
    }
    for (const auto& [keyword, value] : settings) {
      if (!is_written(keyword)) block.absent(keyword, value);
    }
    block.add_unimplemented(block_of_checker(checker_.kind));
    return block.take();
  }

 private:
  EffectiveStatement tell_inner(std::string_view name, const WrittenStatement* written) {
    EffectiveBlock block{name, {}, knows_, sources_of(written)};
    while (at_ < checker_.settings.size()) {
      const auto& [keyword, words] = checker_.settings[at_++];
      if (keyword == "}") break;
      block.set(keyword, setting_words(keyword, words));
    }
    return block.take();
  }

  bool is_written(std::string_view keyword) const {
    bool inside = false;
    for (const auto& [word, words] : checker_.settings) {
      inside |= word == "url" || word == "host";
      if (!inside && word == keyword) return true;
      if (word == "}") inside = false;
    }
    return false;
  }

  const Checker& checker_;
  bool knows_;
  const WrittenStatement* written_;
  std::vector<const WrittenStatement*> outer_;
  std::size_t at_ = 0;
};

std::string name_of(const VirtualServer& server) {
  if (!server.group.empty()) return "group " + quoted_word(server.group);
  if (server.fwmark != 0) return "fwmark " + std::to_string(server.fwmark);
  return server.address.to_string() + (server.port == 0 ? std::string{} : ' ' + std::to_string(server.port));
}

std::string endpoint(const IpAddress& address, std::uint16_t port) {
  return address.to_string() + (port == 0 ? std::string{} : ' ' + std::to_string(port));
}

/// 255.255.255.0 for an IPv4 prefix of length 24; the length itself for IPv6.
std::string granularity(Family family, std::uint8_t length) {
  if (family == Family::ipv6 || length > 32) return std::to_string(length);
  const std::uint32_t mask = length == 0 ? 0 : ~std::uint32_t{0} << (32U - length);
  const auto byte = [mask](unsigned shift) { return static_cast<std::uint8_t>(mask >> shift & 0xffU); };
  return IpAddress::v4(byte(24), byte(16), byte(8), byte(0)).to_string();
}

class VirtualServerTeller {
 public:
  VirtualServerTeller(const VirtualServer& server, const EffectiveOptions& options, const WrittenStatement* written,
                      const std::vector<VirtualServerGroup>& groups)
      : server_{server},
        options_{options},
        written_{written},
        groups_{groups},
        block_{"virtual_server", name_of(server), options.written != nullptr, sources_of(written),
               global_blocks(options)} {
    if (written != nullptr) block_.note(place_note(*options.written, *written));
  }

  EffectiveStatement tell() {
    tell_service();
    tell_pool();
    tell_sorry();
    block_.add_unimplemented(Block::virtual_server);
    InnerBlocks reals{written_, Block::virtual_server};
    for (const RealServer& real : server_.real_servers) block_.add(tell_real(real, reals.next("real_server")));
    return block_.take();
  }

 private:
  bool by_address() const { return server_.group.empty() && server_.fwmark == 0; }

  void tell_service() {
    const std::string family = server_.family == Family::ipv4 ? "inet" : "inet6";
    block_.set_unless(family_is_clear(), "ip_family", family, family);
    const std::string protocol{to_string(server_.transport)};
    // keepalived says that it ignores the protocol of a firewall mark.
    block_.set_unless(server_.fwmark != 0 && server_.transport == ipvs::Transport::udp, "protocol", protocol, protocol);
    block_.set("lb_algo", std::string{to_string(server_.settings.scheduler)});
    block_.flag("flag-1", server_.settings.flags.flag_1);
    block_.flag("flag-2", server_.settings.flags.flag_2);
    block_.flag("flag-3", server_.settings.flags.flag_3);
    block_.flag("ops", server_.settings.one_packet);
    block_.set("lb_kind", text_of(server_.forwarding));
    const auto persistence = server_.settings.persistence.count();
    block_.set_unless(persistence == 0, "persistence_timeout", std::to_string(persistence), "none");
    const std::uint8_t prefix = server_.settings.persistence_prefix;
    const std::uint8_t whole = server_.family == Family::ipv4 ? 32 : 128;
    block_.set_unless(prefix == 0, "persistence_granularity", granularity(server_.family, prefix),
                      granularity(server_.family, whole));
    const std::string& engine = server_.settings.persistence_engine;
    block_.set_unless(engine.empty(), "persistence_engine", engine, "none");
  }

  /// Whether the family follows from the addresses, so that nothing need be written.
  bool family_is_clear() const {
    if (by_address()) return true;
    std::optional<Family> family;
    for (const VirtualServerGroup& group : groups_) {
      if (group.name != server_.group || family) continue;
      const auto entry = std::find_if(group.entries.begin(), group.entries.end(),
                                      [](const GroupEntry& each) { return each.fwmark == 0; });
      if (entry != group.entries.end()) family = entry->first.family();
    }
    if (!family && !server_.real_servers.empty()) family = server_.real_servers.front().address.family();
    return family == server_.family;
  }

  void tell_pool() {
    block_.seconds("delay_loop", server_.delay_loop);
    if (server_.quorum > 0) {
      block_.number("quorum", server_.quorum);
    } else {
      block_.absent("quorum", "0", "the sum of the weights");
    }
    block_.number("hysteresis", server_.hysteresis);
    block_.set_unless(server_.quorum_up.empty(), "quorum_up", command_or_nothing(server_.quorum_up), "none");
    block_.set_unless(server_.quorum_down.empty(), "quorum_down", command_or_nothing(server_.quorum_down), "none");
    block_.flag("alpha", server_.alpha);
    block_.flag("omega", server_.omega);
    block_.flag("ha_suspend", server_.ha_suspend);
    const bool checker = block_.outer("smtp_alert_checker") != nullptr;
    block_.boolean("smtp_alert", server_.smtp_alert, checker ? "smtp_alert_checker" : "smtp_alert");
  }

  void tell_sorry() {
    if (!server_.sorry_server) {
      block_.absent("sorry_server", "none");
      return;
    }
    const SorryServer& sorry = *server_.sorry_server;
    block_.set("sorry_server", endpoint(sorry.address, sorry.port));
    block_.flag("sorry_server_inhibit", sorry.inhibit);
    block_.set("sorry_server_lvs_method", text_of(sorry.forwarding));
  }

  /// The nearest block comes last.
  std::vector<const WrittenStatement*> outer_of_real() const {
    std::vector<const WrittenStatement*> blocks = global_blocks(options_);
    if (written_ != nullptr) blocks.push_back(written_);
    return blocks;
  }

  EffectiveStatement tell_real(const RealServer& real, const WrittenStatement* written) {
    EffectiveBlock block{"real_server", endpoint(real.address, real.port), options_.written != nullptr,
                         sources_of(written), outer_of_real()};
    if (written != nullptr) block.note(place_note(*options_.written, *written));
    block.number("weight", real.weight, "weight");
    block.set("lvs_method", text_of(real.forwarding), "lb_kind");
    block.boolean("inhibit_on_failure", real.inhibit_on_failure, "inhibit_on_failure");
    block.set_unless(real.upper_threshold == 0, "uthreshold", std::to_string(real.upper_threshold), "none");
    block.set_unless(real.lower_threshold == 0, "lthreshold", std::to_string(real.lower_threshold), "none");
    block.boolean("smtp_alert", real.smtp_alert, "smtp_alert_checker");
    block.set_unless(real.notify_up.empty(), "notify_up", command_or_nothing(real.notify_up), "none");
    block.set_unless(real.notify_down.empty(), "notify_down", command_or_nothing(real.notify_down), "none");
    block.add_unimplemented(Block::real_server);
    InnerBlocks checkers{written, Block::real_server};
    std::vector<const WrittenStatement*> outer = sources_of(written);
    if (written_ != nullptr) outer.insert(outer.begin(), written_);
    for (const Checker& checker : real.checkers) {
      const CheckerSettings settings =
          options_.checker_settings ? options_.checker_settings(server_, real, checker) : CheckerSettings{};
      CheckerTeller teller{checker, options_.written != nullptr, checkers.next(), outer};
      block.add(teller.tell(settings));
    }
    return block.take();
  }

  const VirtualServer& server_;
  const EffectiveOptions& options_;
  const WrittenStatement* written_;
  const std::vector<VirtualServerGroup>& groups_;
  EffectiveBlock block_;
};

void tell_tls_client(const TlsClient& client, const EffectiveOptions& options, const Tell& tell) {
  if (client == TlsClient{}) return;
  EffectiveBlock block{"SSL", {}, options.written != nullptr, root_blocks(options, "SSL")};
  for (const auto& [keyword, value] : {std::pair<std::string_view, const std::string&>{"password", client.password},
                                       {"ca", client.authorities},
                                       {"certificate", client.certificate},
                                       {"key", client.key}}) {
    block.set_unless(value.empty(), keyword, quoted_word(value), "none");
  }
  tell(block.take());
}

}  // namespace

EffectiveStatement effective_virtual_server(const Configuration& configuration, const VirtualServer& server,
                                            const EffectiveOptions& options, const WrittenStatement* written) {
  return VirtualServerTeller{server, options, written, configuration.server_groups}.tell();
}

void tell_virtual_servers(const Configuration& configuration, const EffectiveOptions& options, const Tell& tell) {
  tell_tls_client(configuration.tls_client, options, tell);
  WrittenBlocks groups{options, {"virtual_server_group"}};
  for (const VirtualServerGroup& group : configuration.server_groups) {
    EffectiveBlock block = named_block("virtual_server_group", group.name, options, groups.next());
    for (const GroupEntry& entry : group.entries) block.line(line_of(entry));
    tell(block.take());
  }
  WrittenBlocks servers{options, {"virtual_server"}};
  for (const VirtualServer& server : configuration.virtual_servers) {
    const WrittenStatement* written = servers.next();
    for (; written != nullptr && written->find("real_server") == nullptr; written = servers.next()) {
      EffectiveStatement left_out;
      left_out.keyword = written->keyword();
      left_out.value = written->arguments();
      left_out.note = "has no real servers: left out";
      left_out.active = false;
      left_out.written = written;
      tell(std::move(left_out));
    }
    tell(effective_virtual_server(configuration, server, options, written));
  }
}

}  // namespace vipdrift::config
