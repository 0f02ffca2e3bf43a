// What runs with VRRP: instances, sync groups, and what they track.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "protocol/config/effective_block.h"
#include "protocol/config/effective_lines.h"
#include "protocol/config/effective_rooms.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;  ///< each with its note

void add_lines(EffectiveBlock& block, std::string_view keyword, Lines lines) {
  if (lines.empty()) return;
  EffectiveBlock inner{keyword, {}, block.knows_sources(), sources_of(block.written(keyword))};
  for (auto& [text, note] : lines) inner.line(std::move(text), std::move(note));
  block.add(inner.take());
}

struct Notification {
  std::string_view keyword;
  Command Notifies::*command;
};
constexpr std::array<Notification, 7> kNotifications{
    {{"notify_master", &Notifies::master},
     {"notify_backup", &Notifies::backup},
     {"notify_fault", &Notifies::fault},
     {"notify_stop", &Notifies::stop},
     {"notify_deleted", &Notifies::deleted},
     {"notify_master_rx_lower_pri", &Notifies::master_rx_lower_priority},
     {"notify", &Notifies::generic}}};

void add_notifies(EffectiveBlock& block, const Notifies& notifies) {
  for (const Notification& each : kNotifications) {
    const Command& command = notifies.*each.command;
    const bool bare = command.empty() && command.place.line > 0;  // notify_deleted
    block.set_unless(command.empty() && !bare, each.keyword, command.empty() ? std::string{} : quoted_command(command),
                     "none");
  }
}

/// The weight that counts where none is written.
template <class Object>
std::string own_weight(const std::vector<Object>& objects, const Tracked& tracked, std::string_view kind) {
  if (tracked.weight) return {};
  for (const Object& object : objects) {
    if (object.name != tracked.name) continue;
    return "weight " + std::to_string(object.weight) + (object.reverse ? " reverse" : "") + " of " + std::string{kind};
  }
  return {};
}

template <class Owner>
void add_tracked(EffectiveBlock& block, const Configuration& all, const Owner& owner) {
  Lines scripts, interfaces, files, processes;
  for (const Tracked& t : owner.track_scripts) {
    scripts.emplace_back(line_of(t), own_weight(all.scripts, t, "the vrrp_script"));
  }
  for (const Tracked& t : owner.track_interfaces)
    interfaces.emplace_back(line_of(t), t.weight ? "" : "weight 0: FAULT");
  for (const Tracked& t : owner.track_files) {
    files.emplace_back(line_of(t), own_weight(all.track_files, t, "the track_file"));
  }
  for (const Tracked& t : owner.track_processes) {
    processes.emplace_back(line_of(t), own_weight(all.track_processes, t, "the vrrp_track_process"));
  }
  add_lines(block, "track_script", std::move(scripts));
  add_lines(block, "track_interface", std::move(interfaces));
  add_lines(block, "track_file", std::move(files));
  add_lines(block, "track_process", std::move(processes));
}

/// Tells one instance, a subject at a time.
class InstanceTeller {
 public:
  InstanceTeller(const Configuration& all, const VrrpInstance& instance, const EffectiveOptions& options,
                 const WrittenStatement* written)
      : all_{all},
        instance_{instance},
        block_{"vrrp_instance", quoted_word(instance.name), options.written != nullptr, sources_of(written),
               global_blocks(options)} {
    if (written != nullptr) block_.note(place_note(*options.written, *written));
  }

  EffectiveStatement tell() {
    tell_identity();
    tell_preemption();
    tell_wire();
    tell_macvlan();
    tell_announcements();
    tell_notifications();
    tell_trackers();
    tell_addresses();
    block_.add_unimplemented(Block::vrrp_instance);
    return block_.take();
  }

 private:
  bool ipv4() const { return instance_.family == Family::ipv4; }
  bool unicast() const { return !instance_.unicast_peers.empty(); }

  void tell_identity() {
    if (instance_.state) {
      block_.set("state", *instance_.state == WantedState::master ? "MASTER" : "BACKUP");
    } else {
      block_.absent("state", instance_.priority == 255 ? "MASTER" : "BACKUP", "default: from the priority");
    }
    if (instance_.interface.empty()) {
      block_.absent("interface", "none", "default: found by the addresses");
    } else {
      block_.set("interface", quoted_word(instance_.interface));
    }
    block_.number("virtual_router_id", instance_.virtual_router_id);
    block_.number("priority", instance_.priority);
    block_.number("version", static_cast<int>(instance_.version), "vrrp_version");
    block_.seconds("advert_int", instance_.advert_int);
    block_.number("down_timer_adverts", instance_.down_timer_adverts, "vrrp_down_timer_adverts");
    block_.boolean("strict_mode", instance_.strict, "vrrp_strict");
    if (!ipv4() && no_address_tells_family()) block_.set("native_ipv6", {});
  }

  bool no_address_tells_family() const {
    return instance_.virtual_addresses.empty() && !instance_.source && !instance_.multicast_group && !unicast();
  }

  void tell_preemption() {
    block_.set(instance_.nopreempt ? "nopreempt" : "preempt", {});
    block_.seconds("preempt_delay", instance_.preempt_delay);
    tell_accept();
    strict_or("higher_prio_send_advert", on_off(instance_.higher_prio_send_advert), "vrrp_higher_prio_send_advert");
    strict_or("lower_prio_no_advert", on_off(instance_.lower_prio_no_advert), "vrrp_lower_prio_no_advert");
    block_.rare_boolean("owner_ignore_adverts", instance_.owner_ignore_adverts, "vrrp_owner_ignore_adverts");
    block_.flag("timer_expired_backup", instance_.timer_expired_backup);
  }

  /// Strict mode chooses for itself, and says so of an `accept` that it need not be told.
  void tell_accept() {
    const bool owner = instance_.priority == 255;
    if (instance_.strict && instance_.accept == owner && block_.written("accept") == nullptr) {
      block_.absent("accept", on_off(instance_.accept), "set by strict mode");
    } else {
      block_.set(instance_.accept ? "accept" : "no_accept", {});
    }
  }

  static std::string on_off(bool value) { return value ? "on" : "off"; }

  /// A setting that strict mode takes out of everybody's hands.
  void strict_or(std::string_view keyword, std::string value, std::string_view inherited_from) {
    if (!instance_.strict) return block_.set(keyword, std::move(value), inherited_from);
    const WrittenStatement* cause = block_.written("strict_mode");
    block_.settled(keyword, std::move(value), "set by strict mode",
                   cause != nullptr ? cause : block_.outer("vrrp_strict"));
  }

  void tell_wire() {
    tell_authentication();
    block_.rare_boolean("v3_checksum_as_v2", instance_.v3_checksum_as_v2, "v3_checksum_as_v2");
    const IpAddress& usual = ipv4() ? all_.global.vrrp_mcast_group4 : all_.global.vrrp_mcast_group6;
    const std::string group = instance_.multicast_group.value_or(usual).to_string();
    if (instance_.multicast_group) {
      block_.set("mcast_dst_ip", group);
    } else {
      block_.absent("mcast_dst_ip", group, ipv4() ? "vrrp_mcast_group4" : "vrrp_mcast_group6");
    }
    const std::string_view source = unicast() ? "unicast_src_ip" : "mcast_src_ip";
    if (instance_.source) {
      block_.set(source, instance_.source->to_string());
    } else {
      block_.absent(source, "the first address of the interface");
    }
    block_.flag("track_src_ip", instance_.track_source);
    if (instance_.check_unicast_source) {
      block_.set("check_unicast_src", {}, "vrrp_check_unicast_src");
    } else {
      block_.absent("check_unicast_src", {}, "off, the default");
    }
    if (instance_.unicast_ttl) {
      block_.number("unicast_ttl", *instance_.unicast_ttl);
    } else {
      block_.absent("unicast_ttl", "255");
    }
    Lines peers;
    for (const UnicastPeer& peer : instance_.unicast_peers) peers.emplace_back(line_of(peer), "");
    add_lines(block_, "unicast_peer", std::move(peers));
  }

  void tell_authentication() {
    if (instance_.auth_type == vrrp::AuthType::none) {
      block_.absent("authentication", "none");
      return;
    }
    EffectiveBlock inner{"authentication", {}, block_.knows_sources(), sources_of(block_.written("authentication"))};
    inner.set("auth_type", instance_.auth_type == vrrp::AuthType::pass ? "PASS" : "AH");
    inner.set("auth_pass", quoted_word(instance_.auth_pass));
    block_.add(inner.take());
  }

  void tell_macvlan() {
    if (instance_.use_vmac) {
      std::string value = instance_.vmac_name.empty() ? std::string{} : quoted_word(instance_.vmac_name);
      if (instance_.vmac_address) value += (value.empty() ? "" : " ") + instance_.vmac_address->to_string();
      block_.set("use_vmac", std::move(value));
    } else {
      block_.flag("use_vmac", false);
    }
    block_.flag("use_vmac_addr", instance_.use_vmac_addr);
    block_.flag("vmac_xmit_base", instance_.vmac_xmit_base);
  }

  void tell_announcements() {
    block_.seconds("garp_master_delay", instance_.garp_master_delay, "vrrp_garp_master_delay");
    block_.number("garp_master_repeat", instance_.garp_master_repeat, "vrrp_garp_master_repeat");
    block_.seconds("garp_master_refresh", instance_.garp_master_refresh, "vrrp_garp_master_refresh");
    block_.number("garp_master_refresh_repeat", instance_.garp_master_refresh_repeat,
                  "vrrp_garp_master_refresh_repeat");
    strict_or("garp_lower_prio_delay", seconds_text(instance_.garp_lower_prio_delay), "vrrp_garp_lower_prio_delay");
    strict_or("garp_lower_prio_repeat", std::to_string(instance_.garp_lower_prio_repeat),
              "vrrp_garp_lower_prio_repeat");
  }

  void tell_notifications() {
    block_.boolean("smtp_alert", instance_.smtp_alert, smtp_alert_source());
    block_.boolean("notify_priority_changes", instance_.notify_priority_changes, "vrrp_notify_priority_changes");
    add_notifies(block_, instance_.notifies);
  }

  std::string_view smtp_alert_source() const {
    return block_.outer("smtp_alert_vrrp") != nullptr ? "smtp_alert_vrrp" : "smtp_alert";
  }

  void tell_trackers() {
    block_.flag("dont_track_primary", instance_.dont_track_primary);
    add_tracked(block_, all_, instance_);
    for (const TrackedQuorum& quorum : *instance_.track_quorums) {
      std::string value = quorum_name(all_.virtual_servers[quorum.server.value]);
      if (quorum.weight != 0 || quorum.reverse) value += " weight " + std::to_string(quorum.weight);
      block_.set("track_quorum", value + (quorum.reverse ? " reverse" : ""));
    }
  }

  void tell_addresses() {
    Lines addresses, excluded, routes, rules;
    for (const VirtualAddress& a : instance_.virtual_addresses) addresses.emplace_back(line_of(a), device_note(a));
    if (block_.written("no_virtual_ipaddress") != nullptr) block_.set("no_virtual_ipaddress", {});
    for (const VirtualAddress& a : instance_.excluded_addresses) excluded.emplace_back(line_of(a), device_note(a));
    for (const Route& route : instance_.virtual_routes) routes.emplace_back(line_of(route), "");
    for (const Rule& rule : instance_.virtual_rules) rules.emplace_back(line_of(rule), "");
    add_lines(block_, "virtual_ipaddress", std::move(addresses));
    add_lines(block_, "virtual_ipaddress_excluded", std::move(excluded));
    add_lines(block_, "virtual_routes", std::move(routes));
    add_lines(block_, "virtual_rules", std::move(rules));
  }

  std::string device_note(const VirtualAddress& address) const {
    if (!address.device.empty() || instance_.interface.empty()) return {};
    return "dev " + instance_.interface + ", default";
  }

  const Configuration& all_;
  const VrrpInstance& instance_;
  EffectiveBlock block_;
};

EffectiveStatement tell_script(const VrrpScript& script, const EffectiveOptions& options,
                               const WrittenStatement* written) {
  EffectiveBlock block = named_block("vrrp_script", script.name, options, written);
  block.set("script", quoted_argv(script.command.argv));
  block.seconds("interval", script.interval);
  const bool own_timeout = script.timeout != Duration{0};
  block.set_unless(!own_timeout, "timeout", seconds_text(script.timeout), seconds_text(script.interval));
  block.set("weight", std::to_string(script.weight) + (script.reverse ? " reverse" : ""));
  block.number("rise", script.rise);
  block.number("fall", script.fall);
  block.flag("init_fail", script.init_fail);
  const Command& command = script.command;
  std::string user = command.user.empty() && command.group.empty() ? std::string{} : quoted_word(command.user);
  if (!command.group.empty()) user += ' ' + quoted_word(command.group);
  block.set_unless(user.empty(), "user", user, "script_user of global_defs");
  if (script.disabled) block.note("disabled: only a shell could run it");
  block.add_unimplemented(Block::vrrp_script);
  return block.take();
}

EffectiveStatement tell_track_file(const TrackFile& file, const EffectiveOptions& options,
                                   const WrittenStatement* written) {
  EffectiveBlock block = named_block("track_file", file.name, options, written);
  block.set("file", quoted_word(file.path));
  block.set("weight", std::to_string(file.weight) + (file.reverse ? " reverse" : ""));
  block.set_unless(file.init_file == InitFile::leave, "init_file",
                   std::to_string(file.init_value) + (file.init_file == InitFile::overwrite ? " overwrite" : ""),
                   "none");
  block.add_unimplemented(Block::track_file);
  return block.take();
}

/// With parameters, the words of a command line, the way they were read.
std::string process_words(const TrackProcess& tracked) {
  const std::string& process = tracked.process;
  if (!tracked.full_command) return quoted_word(process);
  const bool keeps_quotes = process.find('"') != std::string::npos && process.find('\\') == std::string::npos;
  if (keeps_quotes) return process;
  std::string text;
  std::size_t from = 0;
  while (true) {
    const std::size_t blank = process.find(' ', from);
    const std::string word = process.substr(from, blank - from);
    if (word.empty() || quoted_word(word) != word) return quoted_word(process);
    text += (text.empty() ? "" : " ") + word;
    if (blank == std::string::npos) return text;
    from = blank + 1;
  }
}

EffectiveStatement tell_track_process(const TrackProcess& process, const EffectiveOptions& options,
                                      const WrittenStatement* written) {
  EffectiveBlock block = named_block("vrrp_track_process", process.name, options, written);
  block.set("process", process_words(process));
  block.set("weight", std::to_string(process.weight) + (process.reverse ? " reverse" : ""));
  block.number("quorum", process.quorum);
  block.set_unless(!process.quorum_max, "quorum_max", std::to_string(process.quorum_max.value_or(0)), "none");
  // keepalived refuses to be told that there is no delay.
  for (const auto& [keyword, delay] : {std::pair<std::string_view, Duration>{"fork_delay", process.fork_delay},
                                       {"terminate_delay", process.terminate_delay}}) {
    block.set_unless(delay == Duration{0}, keyword, seconds_text(delay), "0");
  }
  block.flag("full_command", process.full_command);
  block.add_unimplemented(Block::vrrp_track_process);
  return block.take();
}

EffectiveStatement tell_group(const Configuration& all, const SyncGroup& group, const EffectiveOptions& options,
                              const WrittenStatement* written) {
  EffectiveBlock block = named_block("vrrp_sync_group", group.name, options, written);
  Lines members;
  for (const std::string& member : group.members) members.emplace_back(quoted_word(member, true), "");
  add_lines(block, "group", std::move(members));
  block.flag("sync_group_tracking_weight", group.sync_group_tracking_weight);
  block.boolean("smtp_alert", group.smtp_alert);
  add_notifies(block, group.notifies);
  add_tracked(block, all, group);
  block.add_unimplemented(Block::vrrp_sync_group);
  return block.take();
}

}  // namespace

EffectiveStatement effective_instance(const Configuration& configuration, const VrrpInstance& instance,
                                      const EffectiveOptions& options, const WrittenStatement* written) {
  return InstanceTeller{configuration, instance, options, written}.tell();
}

void tell_vrrp(const Configuration& configuration, const EffectiveOptions& options, const Tell& tell) {
  WrittenBlocks scripts{options, {"vrrp_script"}};
  for (const VrrpScript& script : configuration.scripts) tell(tell_script(script, options, scripts.next()));
  WrittenBlocks files{options, {"track_file", "vrrp_track_file"}};
  for (const TrackFile& file : configuration.track_files) tell(tell_track_file(file, options, files.next()));
  WrittenBlocks processes{options, {"vrrp_track_process", "track_process"}};
  for (const TrackProcess& process : configuration.track_processes) {
    tell(tell_track_process(process, options, processes.next()));
  }
  WrittenBlocks groups{options, {"vrrp_sync_group"}};
  for (const SyncGroup& group : configuration.sync_groups) {
    tell(tell_group(configuration, group, options, groups.next()));
  }
  WrittenBlocks instances{options, {"vrrp_instance"}};
  for (const VrrpInstance& instance : configuration.instances) {
    tell(effective_instance(configuration, instance, options, instances.next()));
  }
}

}  // namespace vipdrift::config
