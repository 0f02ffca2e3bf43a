// keepalived.json.
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/vipdriftd/dump.h"

namespace vipdrift::tools {
namespace {

using Json = nlohmann::ordered_json;
using vrrp::VirtualRouter;

double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }
long whole(Duration time) { return std::chrono::duration_cast<std::chrono::seconds>(time).count(); }

/// Whole seconds as a whole number, as keepalived prints them.
Json interval(Duration time) {
  if (time % std::chrono::seconds{1} == Duration{0}) return whole(time);
  return seconds(time);
}

std::vector<std::string> address_lines(const std::vector<config::VirtualAddress>& addresses,
                                       const VirtualRouter& router) {
  std::vector<std::string> lines;
  for (const config::VirtualAddress& address : addresses) {
    lines.push_back(address_line(address, router.plan().config->interface, router.state() == vrrp::State::master));
  }
  return lines;
}

std::vector<std::string> names(const std::vector<config::Tracked>& list) {
  std::vector<std::string> all;
  for (const config::Tracked& one : list) all.push_back(one.name);
  return all;
}

void add_script(Json& data, const char* key, const config::Command& command) {
  if (!command.empty()) data[key] = command_line(command);
}

void add_list(Json& data, const char* key, const std::vector<std::string>& list) {
  if (!list.empty()) data[key] = list;
}

Json data_of(const linux_backend::VrrpDirector& director, const VirtualRouter& router) {
  const config::VrrpInstance& config = *router.plan().config;
  const bool master = router.state() == vrrp::State::master;
  const auto transition = director.last_transition(router);
  Json data;
  data["iname"] = config.name;
  data["dont_track_primary"] = config.dont_track_primary ? 1 : 0;
  data["skip_check_adv_addr"] = 0;
  data["strict_mode"] = config.strict ? 1 : 0;
  data["vmac_ifname"] = config.vmac_name;
  data["ifp_ifname"] = config.interface;
  data["master_priority"] = router.state() == vrrp::State::backup ? router.master_priority() : 0;
  data["last_transition"] =
      transition ? std::chrono::duration<double>(transition->time_since_epoch()).count() : 0.0;
  data["garp_delay"] = whole(config.garp_master_delay);
  data["garp_refresh"] = whole(config.garp_master_refresh);
  data["garp_rep"] = config.garp_master_repeat;
  data["garp_refresh_rep"] = config.garp_master_refresh_repeat;
  data["garp_lower_prio_delay"] = whole(config.garp_lower_prio_delay);
  data["garp_lower_prio_rep"] = config.garp_lower_prio_repeat;
  data["lower_prio_no_advert"] = config.lower_prio_no_advert ? 1 : 0;
  data["higher_prio_send_advert"] = config.higher_prio_send_advert ? 1 : 0;
  data["vrid"] = config.virtual_router_id;
  data["base_priority"] = config.priority;
  data["effective_priority"] = router.effective_priority();
  data["vipset"] = master;
  data["promote_secondaries"] = false;
  data["adver_int"] = interval(config.advert_int);
  data["master_adver_int"] = interval(router.master_interval());
  data["accept"] = config.accept ? 1 : 0;
  data["nopreempt"] = config.nopreempt;
  data["preempt_delay"] = interval(config.preempt_delay);
  data["state"] = static_cast<int>(router.state());  // keepalived's numbers: 0 INIT, 1 BACKUP, 2 MASTER, 3 FAULT
  data["wantstate"] = router.wants_master() ? 2 : static_cast<int>(router.state());
  data["version"] = static_cast<int>(config.version);
  data["smtp_alert"] = config.smtp_alert;
  data["notify_deleted"] = !config.notifies->deleted.empty();
  add_script(data, "script_backup", config.notifies->backup);
  add_script(data, "script_master", config.notifies->master);
  add_script(data, "script_fault", config.notifies->fault);
  add_script(data, "script_stop", config.notifies->stop);
  add_script(data, "script", config.notifies->generic);
  add_script(data, "script_master_rx_lower_pri", config.notifies->master_rx_lower_priority);
  add_list(data, "vips", address_lines(config.virtual_addresses, router));
  add_list(data, "evips", address_lines(config.excluded_addresses, router));
  add_list(data, "track_ifp", names(config.track_interfaces));
  add_list(data, "track_script", names(config.track_scripts));
  data["auth_type"] = static_cast<int>(config.auth_type);
  if (config.auth_type == vrrp::AuthType::pass) data["auth_data"] = config.auth_pass;
  return data;
}

Json statistics_of(const vrrp::RouterStatistics& statistics) {
  const ErrorCounters errors = error_counters(statistics);
  return {{"advert_rcvd", statistics.received},
          {"advert_sent", statistics.sent},
          {"become_master", statistics.became_master},
          {"release_master", statistics.released_master},
          {"packet_len_err", errors.length},
          {"advert_interval_err", errors.interval},
          {"ip_ttl_err", errors.ttl},
          {"invalid_type_rcvd", errors.type},
          {"addr_list_err", errors.addresses},
          {"invalid_authtype", errors.auth_type},
          {"authtype_mismatch", errors.auth_mismatch},
          {"auth_failure", errors.auth_failure},
          {"pri_zero_rcvd", statistics.priority_zero_received},
          {"pri_zero_sent", statistics.priority_zero_sent}};
}

}  // namespace

std::string json_dump(const linux_backend::VrrpDirector& director, const Baseline& baseline) {
  Json instances = Json::array();
  if (director.stack() == nullptr) return instances.dump();
  for (const VirtualRouter& router : director.stack()->routers()) {
    instances.push_back({{"data", data_of(director, router)}, {"stats", statistics_of(counted(router, baseline))}});
  }
  return instances.dump();
}

}  // namespace vipdrift::tools
