// keepalived.data and keepalived.stats.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/vipdriftd/dump.h"
#include "tools/vipdriftd/dump_lines.h"

namespace vipdrift::tools {
namespace {

using linux_backend::VrrpDirector;
using vrrp::VirtualRouter;

std::string_view yes(bool value) { return value ? "yes" : "no"; }
std::string_view truth(bool value) { return value ? "true" : "false"; }
double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }
long whole_seconds(Duration time) { return std::chrono::duration_cast<std::chrono::seconds>(time).count(); }

void script(DumpLines& text, std::string_view what, const config::Command& command) {
  if (!command.empty()) text.line("   {} state transition script = {}", what, command_line(command));
}

void global_definitions(DumpLines& text, const config::GlobalDefs& global) {
  text.line("------< Global definitions >------");
  text.line(" Router ID = {}", global.router_id);
  if (!global.smtp_server.empty()) {
    text.line(" Smtp server = {}", global.smtp_server);
    text.line(" Smtp server port = {}", global.smtp_port);
    text.line(" Smtp server connection timeout = {}", whole_seconds(global.smtp_connect_timeout));
  }
  if (!global.notification_email_from.empty()) {
    text.line(" Email notification from = {}", global.notification_email_from);
  }
  if (!global.notification_email.empty()) text.line(" Email notification to:");
  for (const std::string& one : global.notification_email) text.line("   {}", one);
  if (!global.notify_fifo.path.empty()) text.line(" Global notify fifo = {}", global.notify_fifo.path);
  if (!global.vrrp_notify_fifo.path.empty()) text.line(" VRRP notify fifo = {}", global.vrrp_notify_fifo.path);
  text.line(" VRRP IPv4 mcast group = {}", global.vrrp_mcast_group4.to_string());
  text.line(" VRRP IPv6 mcast group = {}", global.vrrp_mcast_group6.to_string());
  text.line(" VRRP default protocol version = {}", static_cast<int>(global.vrrp_version));
  text.line(" VRRP strict mode = {}", truth(global.vrrp_strict));
  text.line(" Script security {}", global.enable_script_security ? "enabled" : "disabled");
}

void tracked(DumpLines& text, std::string_view title, const std::vector<config::Tracked>& list) {
  if (list.empty()) return;
  text.line("   {} :", title);
  for (const config::Tracked& one : list) {
    text.line("     {}{}", one.name, one.weight ? fmt::format(" weight {}", *one.weight) : "");
  }
}

void addresses(DumpLines& text, const VirtualRouter& router) {
  const config::VrrpInstance& config = *router.plan().config;
  const bool set = router.state() == vrrp::State::master;
  text.line("   Virtual IP ({}):", config.virtual_addresses.size());
  for (const config::VirtualAddress& address : config.virtual_addresses) {
    text.line("     {}", address_line(address, config.interface, set));
  }
  if (config.excluded_addresses.empty()) return;
  text.line("   Virtual IP Excluded :");
  for (const config::VirtualAddress& address : config.excluded_addresses) {
    text.line("     {}", address_line(address, config.interface, set));
  }
}

void transition(DumpLines& text, const VrrpDirector& director, const VirtualRouter& router) {
  const auto time = director.last_transition(router);
  if (!time) return;
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(time->time_since_epoch());
  const auto micros = since.count() % 1'000'000;
  const std::time_t whole = std::chrono::system_clock::to_time_t(*time);
  text.line("   Last transition = {}.{:06} ({:%a %b %e %H:%M:%S}.{:06} {:%Y})", whole, micros, fmt::localtime(whole),
            micros, fmt::localtime(whole));
}

void instance(DumpLines& text, const VrrpDirector& director, const VirtualRouter& router) {
  const config::VrrpInstance& config = *router.plan().config;
  const auto& plan = router.plan();
  text.line(" VRRP Instance = {}", config.name);
  text.line("   VRRP Version = {}", static_cast<int>(config.version));
  if (plan.sync_group) {
    text.line("   Sync group = {}", director.stack()->configuration().sync_groups[plan.sync_group->value].name);
  }
  text.line("   State = {}", to_string(router.state()));
  if (router.state() == vrrp::State::backup && router.master_priority() > 0) {
    text.line("   Master router = {}", router.master_address().to_string());
    text.line("   Master priority = {}", router.master_priority());
  }
  text.line("   Wantstate = {}", router.wants_master() ? "MASTER" : to_string(router.state()));
  text.line("   Number of interface and track script faults = {}",
            router.faults().trackers + (router.faults().interface_down ? 1 : 0));
  transition(text, director, router);
  text.line("   Master down timer = {} usecs",
            std::chrono::duration_cast<std::chrono::microseconds>(router.master_down_interval()).count());
  text.line("   Interface = {}", config.interface);
  if (config.use_vmac) text.line("   Use VMAC = yes");
  text.line("   Using src_ip = {}", router.source().to_string());
  if (!plan.is_unicast()) text.line("   Multicast address {}", plan.group_address.to_string());
  text.line("   Gratuitous ARP delay = {}", whole_seconds(config.garp_master_delay));
  text.line("   Gratuitous ARP repeat = {}", config.garp_master_repeat);
  text.line("   Gratuitous ARP refresh = {}", whole_seconds(config.garp_master_refresh));
  text.line("   Gratuitous ARP refresh repeat = {}", config.garp_master_refresh_repeat);
  text.line("   Gratuitous ARP lower priority delay = {}", whole_seconds(config.garp_lower_prio_delay));
  text.line("   Gratuitous ARP lower priority repeat = {}", config.garp_lower_prio_repeat);
  text.line("   Down timer adverts = {}", config.down_timer_adverts);
  text.line("   Send advert after receive lower priority advert = {}", truth(!config.lower_prio_no_advert));
  text.line("   Send advert after receive higher priority advert = {}", truth(config.higher_prio_send_advert));
  text.line("   Virtual Router ID = {}", config.virtual_router_id);
  text.line("   Priority = {}", config.priority);
  text.line("   Effective priority = {}", router.effective_priority());
  text.line("   Total priority = {}", router.total_priority());
  if (config.version == vrrp::Version::v3) {
    text.line("   Advert interval = {} milli-sec", config.advert_int / std::chrono::milliseconds{1});
  } else {
    text.line("   Advert interval = {} sec", whole_seconds(config.advert_int));
  }
  text.line("   Accept = {}", config.accept ? "enabled" : "disabled");
  text.line("   Preempt = {}", config.nopreempt ? "disabled" : "enabled");
  if (config.preempt_delay > Duration{0}) text.line("   Preempt delay = {} secs", seconds(config.preempt_delay));
  if (config.auth_type == vrrp::AuthType::pass) {
    text.line("   Authentication type = SIMPLE_PASSWORD");
    text.line("   Password = {}", config.auth_pass);
  }
  addresses(text, router);
  if (plan.is_unicast()) {
    text.line("   Unicast Peer :");
    for (const config::UnicastPeer& peer : config.unicast_peers) text.line("     {}", peer.address.to_string());
  }
  tracked(text, "Tracked interfaces", config.track_interfaces);
  tracked(text, "Tracked scripts", config.track_scripts);
  tracked(text, "Tracked files", config.track_files);
  tracked(text, "Tracked processes", config.track_processes);
  text.line("   Using smtp notification = {}", yes(config.smtp_alert));
  script(text, "Backup", config.notifies->backup);
  script(text, "Master", config.notifies->master);
  script(text, "Fault", config.notifies->fault);
  script(text, "Stop", config.notifies->stop);
  script(text, "Generic", config.notifies->generic);
  text.line("   Notify priority changes = {}", truth(config.notify_priority_changes));
}

void groups(DumpLines& text, const vrrp::VrrpStack& stack) {
  const auto& configured = stack.configuration().sync_groups;
  if (configured.empty()) return;
  text.line("------< VRRP Sync groups >------");
  for (const config::SyncGroup& group : configured) {
    const VirtualRouter* const first = group.members.empty() ? nullptr : stack.find(group.members.front());
    text.line(" VRRP Sync Group = {}, {}", group.name, first == nullptr ? "INIT" : to_string(first->state()));
    text.line("   VRRP member instances :");
    for (const std::string& member : group.members) text.line("     {}", member);
    text.line("   Using smtp notification = {}", yes(group.smtp_alert));
  }
}

void trackers(DumpLines& text, const vrrp::VrrpStack& stack) {
  const config::Configuration& configuration = stack.configuration();
  if (!configuration.scripts.empty()) text.line("------< VRRP Scripts >------");
  for (std::size_t i = 0; i < configuration.scripts.size(); ++i) {
    const config::VrrpScript& one = configuration.scripts[i];
    const track::Health health = stack.script_health(ScriptId{static_cast<std::uint32_t>(i)});
    text.line(" VRRP Script = {}", one.name);
    text.line("   Command = {}", command_line(one.command));
    text.line("   Interval = {} sec", seconds(one.interval));
    text.line("   Weight = {}", one.weight);
    text.line("   Rise = {}", one.rise);
    text.line("   Fall = {}", one.fall);
    text.line("   Status = {}", one.disabled                     ? "DISABLED"
                                : health == track::Health::up     ? "GOOD"
                                : health == track::Health::unknown ? "INIT"
                                                                   : "BAD");
  }
  if (!configuration.track_files.empty()) text.line("------< VRRP Track files >------");
  for (const config::TrackFile& one : configuration.track_files) {
    text.line(" Track file = {}", one.name);
    text.line("   File = {}", one.path);
    text.line("   Weight = {}", one.weight);
  }
  if (!configuration.track_processes.empty()) text.line("------< VRRP Track processes >------");
  for (const config::TrackProcess& one : configuration.track_processes) {
    text.line(" VRRP Track process = {}", one.name);
    text.line("   Process = {}", one.process);
    text.line("   Min processes = {}", one.quorum);
    text.line("   Weight = {}", one.weight);
    text.line("   Terminate delay = {:.6f}s", seconds(one.terminate_delay));
    text.line("   Fork delay = {:.6f}s", seconds(one.fork_delay));
    text.line("   Full command = {}", truth(one.full_command));
  }
}

void interfaces(DumpLines& text, const VrrpDirector& director) {
  text.line("------< Interfaces >------");
  const vrrp::HostFacts host = director.host();
  for (const vrrp::InterfaceFacts& one : host.interfaces) {
    text.line(" Name = {}", one.name);
    text.line("   index = {}", one.id.value);
    for (const IpAddress& address : one.addresses) {
      text.line("   {} address = {}", address.family() == Family::ipv4 ? "IPv4" : "IPv6", address.to_string());
    }
    text.line("   MAC = {}", one.mac.to_string());
    text.line("   State = {}", one.up ? "UP, RUNNING" : "DOWN");
  }
}

}  // namespace

std::string data_dump(const VrrpDirector& director) {
  DumpLines text;
  if (director.stack() == nullptr) return {};
  global_definitions(text, director.stack()->configuration().global);
  text.line("------< VRRP Topology >------");
  for (const VirtualRouter& router : director.stack()->routers()) instance(text, director, router);
  groups(text, *director.stack());
  trackers(text, *director.stack());
  interfaces(text, director);
  return text.take();
}

std::string statistics_dump(const VrrpDirector& director, const Baseline& baseline) {
  DumpLines text;
  if (director.stack() == nullptr) return {};
  for (const VirtualRouter& router : director.stack()->routers()) {
    const vrrp::RouterStatistics statistics = counted(router, baseline);
    const ErrorCounters errors = error_counters(statistics);
    text.line("VRRP Instance: {}", router.plan().config->name);
    text.line("  Advertisements:\n    Received: {}\n    Sent: {}", statistics.received, statistics.sent);
    text.line("  Became master: {}\n  Released master: {}", statistics.became_master, statistics.released_master);
    text.line("  Packet Errors:\n    Length: {}\n    TTL: {}\n    Invalid Type: {}", errors.length, errors.ttl,
              errors.type);
    text.line("    Advertisement Interval: {}\n    Address List: {}", errors.interval, errors.addresses);
    text.line("  Authentication Errors:\n    Invalid Type: {}\n    Type Mismatch: {}\n    Failure: {}",
              errors.auth_type, errors.auth_mismatch, errors.auth_failure);
    text.line("  Priority Zero:\n    Received: {}\n    Sent: {}", statistics.priority_zero_received,
              statistics.priority_zero_sent);
  }
  return text.take();
}

}  // namespace vipdrift::tools
