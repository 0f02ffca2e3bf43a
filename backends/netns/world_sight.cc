// What a world makes of the frames it sees, and of who hears whom.
#include <algorithm>
#include <utility>

#include "backends/netns/world.h"

namespace vipdrift::netns {

void NetnsTestbed::World::on_frame(const Watch& watch, PortCapture::Direction direction, Duration stamp, Bytes bytes) {
  const Duration at = recorder_.clock.of_stamp(stamp);
  const Port& port = watch.at();
  if (direction == PortCapture::Direction::leaving) {
    Node* client = find(port.node);
    const std::optional<AnswerFrame> answer = answer_in(bytes);
    if (client != nullptr && answer) client->prober->on_answer(at, *answer);
    return;
  }
  ++frames_;
  if (pcap_) pcap_->write(std::max(at, Duration::zero()), bytes);
  const MacAddress mac = source_mac(bytes);
  if (!macs_.contains(mac)) last_speaker_[mac] = port.node;
  // Clients are captured for the file alone.
  if (port.director || port.node.empty()) note_sent(port, watch.segment->name(), at, bytes);
}

void NetnsTestbed::World::note_sent(const Port& port, const std::string& segment, Duration at, Bytes bytes) {
  const std::string& node = port.node.empty() ? segment : port.node;
  if (const auto announcement = announcement_in(bytes)) return note_announcement(node, at, *announcement);
  const std::optional<VrrpFrame> seen = vrrp_in(bytes);
  if (!seen) return;
  const auto byte = [&](std::size_t place) {
    return place < seen->message.size() ? seen->message[place] : std::uint8_t{};
  };
  const std::uint8_t vrid = byte(1);
  const bool farewell = byte(2) == 0;
  if (!farewell && !recorder_.wants().advertisements) return;
  const std::string instance = instance_of(port, vrid, seen->envelope.source.family());
  Node* sender = find(port.node);
  if (farewell && sender != nullptr && sender->daemon) sender->daemon->said_farewell(at, instance);
  if (!recorder_.wants().advertisements) return;
  scenarios::AdvertisementSent sent{instance, vrid, byte(2), seen->envelope.source, seen->envelope.destination};
  if (recorder_.wants().advertisement_fields) {
    sent.fields = std::make_shared<const scenarios::AdvertisementFields>(
        scenarios::read_fields(seen->message, seen->envelope));
  }
  recorder_.note_at(at, node, std::move(sent));
}

std::string NetnsTestbed::World::instance_of(const Port& port, std::uint8_t vrid, Family family) const {
  const auto node = std::find_if(nodes_.begin(), nodes_.end(),
                                 [&](const std::unique_ptr<Node>& one) { return one->name() == port.node; });
  if (node == nodes_.end() || (*node)->daemon == nullptr || (*node)->daemon->configuration() == nullptr) return {};
  for (const config::VrrpInstance& instance : (*node)->daemon->configuration()->instances) {
    if (instance.virtual_router_id == vrid && instance.family == family && instance.interface == port.interface) {
      return instance.name;
    }
  }
  return {};
}

void NetnsTestbed::World::note_announcement(const std::string& node, Duration at,
                                            const AnnouncementFrame& announcement) {
  for (Burst& burst : bursts_) {
    const bool same = burst.node == node && burst.seen.address == announcement.address &&
                      burst.seen.mac == announcement.mac && at - burst.last <= kBurstGap;
    if (!same) continue;
    ++burst.seen.count;
    burst.last = at;
    return;
  }
  bursts_.push_back({node, {announcement.address, announcement.mac, 1}, at, at});
}

void NetnsTestbed::World::end_bursts(Duration before) {
  const auto over = std::stable_partition(bursts_.begin(), bursts_.end(),
                                          [&](const Burst& burst) { return burst.last >= before; });
  for (auto burst = over; burst != bursts_.end(); ++burst) recorder_.note_at(burst->first, burst->node, burst->seen);
  bursts_.erase(over, bursts_.end());
}

std::string NetnsTestbed::World::owner_of(const MacAddress& mac) const {
  const auto own = macs_.find(mac);
  if (own != macs_.end()) return own->second;
  const auto last = last_speaker_.find(mac);
  return last == last_speaker_.end() ? std::string{} : last->second;
}

void NetnsTestbed::World::note_connectivity() {
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    Segment::Connectivity now = segments_[i]->connectivity();
    if (now == connectivity_[i]) continue;
    const std::string& name = segments_[i]->name();
    recorder_.note(name, scenarios::ConnectivityChanged{name, now.groups, now.audible});
    connectivity_[i] = std::move(now);
  }
}

}  // namespace vipdrift::netns
