// global_defs and what else concerns the whole daemon, and the blocks in their order.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "protocol/config/effective_block.h"
#include "protocol/config/effective_lines.h"
#include "protocol/config/effective_rooms.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

std::string_view unquoted(std::string_view word) {
  const bool quoted = word.size() >= 2 && word.front() == '"' && word.back() == '"';
  return quoted ? word.substr(1, word.size() - 2) : word;
}

/// Pauses between announcements, which no keyword of an instance says.
struct Pauses {
  Duration garp{0};
  Duration gna{0};
  friend bool operator==(const Pauses&, const Pauses&) = default;
};

Pauses pauses_of(const VrrpInstance& instance) { return {instance.garp_interval, instance.gna_interval}; }

/// The last of global_defs.
Duration written_pause(const EffectiveOptions& options, std::string_view keyword) {
  Duration pause{0};
  for (const WrittenStatement* block : global_blocks(options)) {
    const WrittenStatement* const found = block->find(keyword);
    if (found != nullptr && found->words.size() == 2) pause = parse_seconds(unquoted(found->words[1])).value_or(pause);
  }
  return pause;
}

/// Those that hold unless a garp_group says otherwise: what is written, or else of an instance without an interface, or
/// of every one.
Pauses common_pauses(const Configuration& configuration, const EffectiveOptions& options) {
  if (options.written != nullptr) {
    return {written_pause(options, "vrrp_garp_interval"), written_pause(options, "vrrp_gna_interval")};
  }
  const std::vector<VrrpInstance>& instances = configuration.instances;
  if (instances.empty()) return {};
  for (const VrrpInstance& instance : instances) {
    if (instance.interface.empty()) return pauses_of(instance);
  }
  const Pauses first = pauses_of(instances.front());
  const bool equal = std::all_of(instances.begin(), instances.end(),
                                 [&](const VrrpInstance& other) { return pauses_of(other) == first; });
  return equal ? first : Pauses{};
}

/// As it is written: which interfaces stand together stands in no instance.
EffectiveStatement written_group(const WrittenStatement& group) {
  EffectiveBlock block{"garp_group", {}, true, {&group}};
  for (const WrittenStatement& statement : group.inner) {
    if (statement.opens_block) {
      EffectiveBlock interfaces{"interfaces", {}, true, {&statement}};
      for (const WrittenStatement& line : statement.inner) {
        std::string names;
        for (const std::string& word : line.words) {
          names += (names.empty() ? "" : " ") + quoted_word(unquoted(word), names.empty());
        }
        interfaces.line(std::move(names));
      }
      block.add(interfaces.take());
    } else if (statement.words.size() == 2) {
      block.add({.keyword = statement.keyword(),
                 .value = quoted_word(unquoted(statement.words[1])),
                 .origination = Origination::written,
                 .written = &statement});
    }
  }
  return block.take();
}

void tell_garp_groups(const Configuration& configuration, const EffectiveOptions& options, const Tell& tell) {
  if (options.written != nullptr) {
    for (const WrittenStatement* group : root_blocks(options, "garp_group")) tell(written_group(*group));
    return;
  }
  const Pauses common = common_pauses(configuration, options);
  std::map<std::string_view, Pauses> interfaces;
  for (const VrrpInstance& instance : configuration.instances) {
    if (!instance.interface.empty()) interfaces.emplace(instance.interface, pauses_of(instance));
  }
  for (const auto& [interface, pauses] : interfaces) {
    if (pauses == common) continue;
    EffectiveBlock block{"garp_group", {}, false, {}};
    if (pauses.garp != common.garp) block.seconds("garp_interval", pauses.garp);
    if (pauses.gna != common.gna) block.seconds("gna_interval", pauses.gna);
    block.set("interface", quoted_word(interface));
    tell(block.take());
  }
}

/// Defaults of global_defs for instances: what they mean stands in each instance.
constexpr std::array<std::string_view, 13> kInstanceDefaults{"smtp_alert_vrrp",
                                                             "vrrp_garp_master_delay",
                                                             "vrrp_garp_master_repeat",
                                                             "vrrp_garp_master_refresh",
                                                             "vrrp_garp_master_refresh_repeat",
                                                             "vrrp_garp_lower_prio_delay",
                                                             "vrrp_garp_lower_prio_repeat",
                                                             "vrrp_min_garp",
                                                             "vrrp_down_timer_adverts",
                                                             "vrrp_check_unicast_src",
                                                             "vrrp_notify_priority_changes",
                                                             "v3_checksum_as_v2",
                                                             "vrrp_owner_ignore_adverts"};

class GlobalTeller {
 public:
  GlobalTeller(const Configuration& configuration, const EffectiveOptions& options)
      : global_{configuration.global},
        pauses_{common_pauses(configuration, options)},
        sources_{global_blocks(options)},
        block_{"global_defs", {}, options.written != nullptr, sources_} {
    if (!sources_.empty()) block_.note(place_note(*options.written, *sources_.front()));
  }

  EffectiveStatement tell() {
    tell_mail();
    tell_vrrp_settings();
    tell_instance_defaults();
    tell_scripts();
    tell_lvs();
    tell_processes(global_.processes, block_);
    block_.add_unimplemented(Block::global_defs);
    return block_.take();
  }

 private:
  void text(std::string_view keyword, const std::string& value, std::string standard) {
    block_.set_unless(value.empty(), keyword, value.empty() ? std::string{} : quoted_word(value), std::move(standard));
  }

  void tell_mail() {
    text("router_id", global_.router_id, "the host's name");
    if (!global_.notification_email.empty()) {
      EffectiveBlock inner{
          "notification_email", {}, block_.knows_sources(), sources_of(block_.written("notification_email"))};
      for (const std::string& address : global_.notification_email) inner.line(quoted_word(address, true));
      block_.add(inner.take());
    }
    text("notification_email_from", global_.notification_email_from, "none");
    block_.set_unless(global_.smtp_server.empty(), "smtp_server",
                      quoted_word(global_.smtp_server) + ' ' + std::to_string(global_.smtp_port), "none");
    text("smtp_helo_name", global_.smtp_helo_name, "the host's name");
    block_.seconds("smtp_connect_timeout", global_.smtp_connect_timeout);
    block_.boolean("smtp_alert", global_.smtp_alert);
    block_.flag("no_email_faults", global_.no_email_faults);
    block_.flag("no_checker_emails", !global_.checker_emails);
    if (global_.smtp_alert_checker) {
      block_.boolean("smtp_alert_checker", *global_.smtp_alert_checker);
    } else {
      block_.absent("smtp_alert_checker", "on for real servers, as smtp_alert for virtual ones");
    }
  }

  void tell_vrrp_settings() {
    block_.number("vrrp_version", static_cast<int>(global_.vrrp_version));
    block_.set("vrrp_mcast_group4", global_.vrrp_mcast_group4.to_string());
    block_.set("vrrp_mcast_group6", global_.vrrp_mcast_group6.to_string());
    block_.flag("vrrp_strict", global_.vrrp_strict);
    const bool delayed = global_.vrrp_startup_delay != Duration{0};
    block_.set_unless(!delayed, "vrrp_startup_delay", seconds_text(global_.vrrp_startup_delay), "0");
    block_.boolean("vrrp_higher_prio_send_advert", global_.vrrp_higher_prio_send_advert);
    block_.boolean("vrrp_lower_prio_no_advert", global_.vrrp_lower_prio_no_advert);
    block_.flag("log_unknown_vrids", global_.log_unknown_vrids);
    block_.set_unless(pauses_.garp == Duration{0}, "vrrp_garp_interval", seconds_text(pauses_.garp), "0");
    block_.set_unless(pauses_.gna == Duration{0}, "vrrp_gna_interval", seconds_text(pauses_.gna), "0");
    block_.set("default_interface", quoted_word(global_.default_interface));
    block_.flag("dynamic_interfaces", global_.dynamic_interfaces);
    block_.set("vmac_prefix", quoted_word(global_.vmac_prefix));
    text("vmac_addr_prefix", global_.vmac_addr_prefix, global_.vmac_prefix);
  }

  void tell_instance_defaults() {
    for (const std::string_view keyword : kInstanceDefaults) {
      const WrittenStatement* source = nullptr;
      for (const WrittenStatement* block : sources_) {
        if (const WrittenStatement* found = block->find(keyword)) source = found;
      }
      if (source == nullptr) continue;
      EffectiveStatement statement;
      statement.keyword = keyword;
      statement.value = source->arguments();
      statement.origination = Origination::written;
      statement.written = source;
      block_.add(std::move(statement));
    }
  }

  void fifo(std::string_view keyword, std::string_view script_keyword, const NotifyFifo& fifo) {
    std::string value = quoted_word(fifo.path);
    if (!fifo.user.empty() || !fifo.group.empty()) value += ' ' + quoted_word(fifo.user);
    if (!fifo.group.empty()) value += ' ' + quoted_word(fifo.group);
    block_.set_unless(fifo.path.empty(), keyword, std::move(value), "none");
    const bool none = fifo.script.empty();
    block_.set_unless(none, script_keyword, none ? std::string{} : quoted_command(fifo.script), "none");
  }

  void tell_scripts() {
    block_.flag("enable_script_security", global_.enable_script_security);
    std::string user = quoted_word(global_.script_user);
    if (!global_.script_group.empty()) user += ' ' + quoted_word(global_.script_group);
    block_.set_unless(global_.script_user.empty() && global_.script_group.empty(), "script_user", std::move(user),
                      "keepalived_script, or root where there is no such user");
    fifo("notify_fifo", "notify_fifo_script", global_.notify_fifo);
    fifo("vrrp_notify_fifo", "vrrp_notify_fifo_script", global_.vrrp_notify_fifo);
    fifo("lvs_notify_fifo", "lvs_notify_fifo_script", global_.lvs_notify_fifo);
  }

  void tell_lvs() {
    block_.flag("lvs_flush", global_.lvs_flush);
    if (global_.lvs_flush_on_stop == LvsFlush::own) {
      block_.absent("lvs_flush_on_stop", {}, "off, the default");
    } else {
      block_.set("lvs_flush_on_stop", global_.lvs_flush_on_stop == LvsFlush::virtual_servers ? "VS" : "");
    }
    block_.set_unless(!global_.lvs_sync_daemon, "lvs_sync_daemon", sync_daemon(), "none");
    const LvsTimeouts& timeouts = global_.lvs_timeouts;
    std::string times;
    for (const auto& [word, time] :
         {std::pair{"tcp", timeouts.tcp}, std::pair{"tcpfin", timeouts.tcp_fin}, std::pair{"udp", timeouts.udp}}) {
      if (time.count() != 0)
        times += (times.empty() ? "" : " ") + std::string{word} + ' ' + std::to_string(time.count());
    }
    block_.set_unless(times.empty(), "lvs_timeouts", times, "the kernel's");
    block_.boolean("checker_log_all_failures", global_.checker_log_all_failures);
  }

  std::string sync_daemon() const {
    if (!global_.lvs_sync_daemon) return {};
    const LvsSyncDaemon& daemon = *global_.lvs_sync_daemon;
    std::string text = quoted_word(daemon.interface);
    if (!daemon.instance.empty()) text += " inst " + quoted_word(daemon.instance);
    if (daemon.sync_id >= 0) text += " id " + std::to_string(daemon.sync_id);
    if (daemon.maximum_length != 0) text += " maxlen " + std::to_string(daemon.maximum_length);
    if (daemon.port != 0) text += " port " + std::to_string(daemon.port);
    if (daemon.ttl != 0) text += " ttl " + std::to_string(daemon.ttl);
    if (daemon.group) text += " group " + daemon.group->to_string();
    return text;
  }

  const GlobalDefs& global_;
  Pauses pauses_;
  std::vector<const WrittenStatement*> sources_;
  EffectiveBlock block_;
};

template <class Entry>
void tell_lines(std::string_view keyword, const std::vector<Entry>& entries, const EffectiveOptions& options,
                const Tell& tell) {
  if (entries.empty()) return;
  EffectiveBlock block{keyword, {}, options.written != nullptr, root_blocks(options, keyword)};
  for (const Entry& entry : entries) block.line(line_of(entry));
  tell(block.take());
}

void tell_static_groups(const Configuration& configuration, const EffectiveOptions& options, const Tell& tell) {
  WrittenBlocks blocks{options, {"track_group"}};
  for (const StaticTrackGroup& group : configuration.static_track_groups) {
    const WrittenStatement* written = blocks.next();
    EffectiveBlock block = named_block("track_group", group.name, options, written);
    EffectiveBlock inner{"group", {}, block.knows_sources(), sources_of(block.written("group"))};
    for (const std::string& member : group.members) inner.line(quoted_word(member, true));
    if (!group.members.empty()) block.add(inner.take());
    tell(block.take());
  }
}

}  // namespace

WrittenBlocks::WrittenBlocks(const EffectiveOptions& options, std::vector<std::string_view> keywords)
    : options_{options}, keywords_{std::move(keywords)} {}

const WrittenStatement* WrittenBlocks::next() {
  if (options_.written == nullptr) return nullptr;
  const std::vector<WrittenStatement>& all = options_.written->statements;
  while (at_ < all.size()) {
    const WrittenStatement& statement = all[at_++];
    if (std::find(keywords_.begin(), keywords_.end(), statement.keyword()) != keywords_.end()) return &statement;
  }
  return nullptr;
}

std::vector<const WrittenStatement*> global_blocks(const EffectiveOptions& options) {
  std::vector<const WrittenStatement*> blocks;
  if (options.written == nullptr) return blocks;
  for (const std::size_t position : options.written->globals) blocks.push_back(&options.written->statements[position]);
  return blocks;
}

std::vector<const WrittenStatement*> root_blocks(const EffectiveOptions& options, std::string_view keyword) {
  std::vector<const WrittenStatement*> blocks;
  WrittenBlocks found{options, {keyword}};
  while (const WrittenStatement* block = found.next()) blocks.push_back(block);
  return blocks;
}

std::string place_note(const WrittenConfiguration& written, const WrittenStatement& statement) {
  const Place place = written.place(statement.spot);
  return place.file + ":" + std::to_string(place.line);
}

EffectiveBlock named_block(std::string_view keyword, const std::string& name, const EffectiveOptions& options,
                           const WrittenStatement* written) {
  EffectiveBlock block{keyword, quoted_word(name), options.written != nullptr, sources_of(written)};
  if (written != nullptr) block.note(place_note(*options.written, *written));
  return block;
}

EffectiveStatement effective_globals(const Configuration& configuration, const EffectiveOptions& options) {
  return GlobalTeller{configuration, options}.tell();
}

void tell_globals(const Configuration& configuration, const EffectiveOptions& options, const Tell& tell) {
  // First, since net_namespace and its kin say in which world everything else is.
  if (options.written != nullptr) {
    for (EffectiveStatement& statement : unimplemented(options.written->statements, Block::root)) {
      tell(std::move(statement));
    }
  }
  tell_residence(configuration.global.processes, options, tell);
  tell(effective_globals(configuration, options));
  tell_static_groups(configuration, options, tell);
  tell_lines("static_ipaddress", configuration.static_addresses, options, tell);
  tell_lines("static_routes", configuration.static_routes, options, tell);
  tell_lines("static_rules", configuration.static_rules, options, tell);
  tell_lines("interface_up_down_delays", configuration.interface_delays, options, tell);
  tell_garp_groups(configuration, options, tell);
}

void tell_effective(const Configuration& configuration, const EffectiveOptions& options, const Tell& tell) {
  tell_globals(configuration, options, tell);
  tell_vrrp(configuration, options, tell);
  tell_virtual_servers(configuration, options, tell);
}

}  // namespace vipdrift::config
