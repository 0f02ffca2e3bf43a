// What a world reports: typed observations with their times, in the order they happened.
#ifndef VIPDRIFT_SCENARIOS_TIMELINE_H_
#define VIPDRIFT_SCENARIOS_TIMELINE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"
#include "protocol/vrrp/action.h"
#include "protocol/vrrp/advertisement.h"
#include "scenarios/advertisement_fields.h"
#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

/// A step of the scenario was carried out.
struct StepDone {
  std::string text;
};
enum class DaemonEvent : std::uint8_t {
  started,
  stopped,
  crashed,
  paused,
  resumed,
  reloaded,
  powered_off,
  powered_on,
  refused
};
struct DaemonChanged {
  DaemonEvent event{};
  std::string detail;
  DaemonPart part = DaemonPart::daemon;
};
struct InstanceChanged {
  std::string instance;
  std::uint8_t vrid = 0;
  vrrp::State from{};
  vrrp::State to{};
};
struct PriorityChanged {
  std::string instance;
  int from = 0;
  int to = 0;
};
struct AddressAdded {
  std::string interface;
  IpAddress address;
};
struct AddressRemoved {
  std::string interface;
  IpAddress address;
};
/// On the wire, as it left the node's port (or was injected: node is the segment).
struct AdvertisementSent {
  std::string instance;
  std::uint8_t vrid = 0;
  std::uint8_t priority = 0;
  IpAddress source;
  IpAddress destination;
  std::shared_ptr<const AdvertisementFields> fields = {};  ///< with RecordingOptions::advertisement_fields
};
struct AnnouncementSent {
  IpAddress address;
  MacAddress mac;
  int count = 1;
};
struct AdvertisementDiscarded {
  std::string instance;
  std::uint8_t vrid = 0;
  vrrp::Discard reason{};
  IpAddress source;
};
struct NotificationRun {
  bool group = false;
  std::string name;
  vrrp::NotifyState state{};
  int priority = 0;
  std::vector<std::string> argv;
};
/// A script of a director's virtual or real server ran: notify_up, notify_down, quorum_up or quorum_down.
struct ServerNotification {
  std::string service;  ///< as logs name it: "[10.1.10.7]:tcp:80"
  std::string server;   ///< likewise; empty: it is about the quorum
  bool up = false;
  std::vector<std::string> argv;
};
/// A machine of the cluster has taken a mail of a director (the node).
struct MailTaken {
  std::string subject;
};
struct FifoLine {
  std::string line;
};
struct LogWritten {
  std::string text;
};
struct ScriptResult {
  std::string script;
  int exit_status = 0;
  bool timed_out = false;
};
struct LinkState {
  std::string interface;
  bool up = false;
};
/// A client's stream of answers to one target changed: who answers (empty: nobody), with which MAC. `at` is when the
/// first probe of the new run was sent.
struct ProbeAnswers {
  IpAddress target;
  std::uint16_t port = 0;
  std::string node;
  MacAddress mac;
};
/// A client's neighbour cache changed.
struct NeighbourLearned {
  IpAddress address;
  MacAddress mac;
  std::string node;
};
/// Who can hear whom on a segment changed. `groups`: directors joined by loss-free two-way links with interfaces up
/// (at most one master in each). `audible`: directors joined by any link that lets some frame through in some direction
/// (at least one master in each); empty: the same as `groups`. Before the first of these all directors form one group.
struct ConnectivityChanged {
  std::string segment;
  std::vector<std::vector<std::string>> groups;
  std::vector<std::vector<std::string>> audible = {};
};

/// A request of a client has ended; `at` is when it began. With RecordingOptions::requests.
struct RequestDone {
  Url url;
  std::string node;  ///< who answered, as the page says; empty: nobody
  int status = 0;    ///< of http and https
  RequestFailure failure{};
  Duration took{0};
};
/// A client's long-lived connection: answered again, stalled (`at`: when the line was sent), or broken.
struct ConnectionChanged {
  IpAddress target;
  std::uint16_t port = 0;
  ConnectionState state{};
  std::string node;  ///< alive: who answers
  std::string detail = {};
};
/// A service of a director's IPVS table appeared or went away (with its servers).
struct ServiceChanged {
  ipvs::ServiceKey service;
  bool present = false;
};
/// A server of a service appeared, changed its weight, or went away.
struct ServerChanged {
  ipvs::ServiceKey service;
  ipvs::ServerKey server;
  bool present = false;
  int weight = 0;  ///< when present
};
/// A director's daemon says of a virtual server whether it has its quorum; once for each of its services.
struct QuorumChanged {
  ipvs::ServiceKey service;
  bool up = false;
};

using What = std::variant<StepDone, DaemonChanged, InstanceChanged, PriorityChanged, AddressAdded, AddressRemoved,
                          AdvertisementSent, AnnouncementSent, AdvertisementDiscarded, NotificationRun, FifoLine,
                          LogWritten, ScriptResult, LinkState, ProbeAnswers, NeighbourLearned, ConnectivityChanged,
                          RequestDone, ConnectionChanged, ServiceChanged, ServerChanged, QuorumChanged,
                          ServerNotification, MailTaken>;

struct Observation {
  Duration at{0};    ///< scenario time
  std::string node;  ///< director, client, segment, or empty for the scenario itself
  What what;
};

/// Observations in order of time; equal times keep the order of their happening.
class Timeline {
 public:
  void add(Observation observation) { observations_.push_back(std::move(observation)); }
  /// Puts observations that were reported late (an unanswered probe is known only after its time-out) in their place.
  void sort_by_time();
  const std::vector<Observation>& observations() const { return observations_; }
  std::size_t size() const { return observations_.size(); }

 private:
  std::vector<Observation> observations_;
};

/// One line for people and for golden files: "MASTER", "VIP + 10.1.10.7 on eno1". No time, no node, no newline.
std::string describe(const What& what);

/// "10.1.10.7", or with a port "10.1.10.7:80", "[2001:db8::7]:80".
std::string target_text(const IpAddress& target, std::uint16_t port);

/// FNV-1a of every observation's full text: equal for equal timelines on every compiler and build type.
std::uint64_t hash(const Timeline& timeline);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_TIMELINE_H_
