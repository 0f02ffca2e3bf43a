#include "backends/netns/ipvs_watch.h"

#include <array>
#include <cstring>
#include <utility>

namespace vipdrift::netns {

void IpvsWatch::look() {
  linux_backend::IpvsReading reading;
  if (kernel_.read(reading, linux_backend::Ipvs::Detail::table_only) != 0) return;
  for (const auto& [key, service] : known_) {
    if (reading.table.contains(key)) continue;
    recorder_.note(director_, scenarios::ServiceChanged{key, false});
  }
  for (const auto& [key, service] : reading.table) {
    const auto before = known_.find(key);
    if (before == known_.end()) recorder_.note(director_, scenarios::ServiceChanged{key, true});
    note_service(key, before == known_.end() ? ipvs::Service{} : before->second, service);
  }
  known_ = std::move(reading.table);
}

void IpvsWatch::note_service(const ipvs::ServiceKey& key, const ipvs::Service& before, const ipvs::Service& after) {
  for (const ipvs::Server& server : after.servers) {
    const ipvs::Server* old = before.find(server.key);
    if (old != nullptr && old->settings.weight == server.settings.weight) continue;
    recorder_.note(director_, scenarios::ServerChanged{key, server.key, true, server.settings.weight});
  }
  for (const ipvs::Server& server : before.servers) {
    if (after.find(server.key) == nullptr) {
      recorder_.note(director_, scenarios::ServerChanged{key, server.key, false, 0});
    }
  }
}

std::optional<std::string> IpvsWatch::edit(const std::optional<ipvs::Edit>& edit) {
  if (!edit) {
    const int error = kernel_.flush();
    if (error == 0) return std::nullopt;
    return std::string{"the IPVS table cannot be cleared: "} + strerror(error);
  }
  const std::array<ipvs::Edit, 1> edits{*edit};
  const auto refused = kernel_.carry_out(edits);
  if (refused.empty()) return std::nullopt;
  return "the kernel refuses to " + ipvs::to_string(*edit) + ": " + strerror(refused.front().error);
}

void IpvsWatch::forget() {
  kernel_.flush();
  look();
}

}  // namespace vipdrift::netns
