#include "scenarios/keys.h"

#include <array>

namespace vipdrift::scenarios {
namespace {

constexpr std::array<std::string_view, 10> kScenarioKeys{"name",    "description", "tags",  "cluster", "directors",
                                                         "profile", "seed",        "steps", "always",  "until"};
constexpr std::array<std::string_view, 5> kOverrideKeys{"config", "profile", "detailed_log", "clock_offset",
                                                        "clock_drift_ppm"};
constexpr std::array<std::string_view, 5> kClusterKeys{"segments", "directors", "clients", "real_servers", "scripts"};
constexpr std::array<std::string_view, 2> kSegmentKeys{"latency", "igmp_snooping"};
constexpr std::array<std::string_view, 16> kDirectorKeys{
    "config", "interfaces", "address",      "addresses",       "segment",      "mac",    "profile", "processes",
    "files",  "scripts",    "clock_offset", "clock_drift_ppm", "detailed_log", "serves", "fwmarks", "lvs_dr"};
constexpr std::array<std::string_view, 6> kHostKeys{"interfaces", "address", "addresses", "segment", "mac", "gateway"};
constexpr std::array<std::string_view, 9> kRealServerKeys{"interfaces", "address", "addresses", "segment", "mac",
                                                          "gateway",    "serves",  "lvs_dr",    "lvs_tun"};
constexpr std::array<std::string_view, 5> kServiceKeys{"protocol", "status", "delay", "drip", "body"};
constexpr std::array<std::string_view, 2> kFwmarkKeys{"to", "not_from"};
constexpr std::array<std::string_view, 3> kLvsKeys{"vips", "arp_ignore", "arp_announce"};
constexpr std::array<std::string_view, 4> kInterfaceKeys{"segment", "address", "addresses", "mac"};
constexpr std::array<std::string_view, 5> kScriptKeys{"fails_while", "fails_during", "always", "takes", "exit_status"};
constexpr std::array<std::string_view, 3> kFailsWhileKeys{"file_exists", "file_missing", "process_not_running"};
constexpr std::array<std::string_view, 40> kStepKeys{"at",
                                                     "after",
                                                     "expect",
                                                     "start",
                                                     "stop",
                                                     "crash",
                                                     "pause",
                                                     "resume",
                                                     "power_off",
                                                     "power_on",
                                                     "pause_node",
                                                     "resume_node",
                                                     "reload",
                                                     "interface_down",
                                                     "interface_up",
                                                     "delete_interface",
                                                     "create_interface",
                                                     "isolate",
                                                     "partition",
                                                     "cut",
                                                     "heal",
                                                     "faults",
                                                     "touch",
                                                     "remove",
                                                     "start_process",
                                                     "stop_process",
                                                     "add_address",
                                                     "remove_address",
                                                     "step_clock",
                                                     "advertise",
                                                     "gratuitous_arp",
                                                     "flush_arp",
                                                     "probe",
                                                     "stop_service",
                                                     "start_service",
                                                     "set_service",
                                                     "request",
                                                     "connect",
                                                     "edit_ipvs",
                                                     "note"};
constexpr std::array<std::string_view, 2> kDaemonPartKeys{"check", "vrrp"};
constexpr std::array<std::string_view, 2> kReloadKeys{"director", "config"};
constexpr std::array<std::string_view, 2> kInterfaceOfNodeKeys{"node", "interface"};
constexpr std::array<std::string_view, 2> kPartitionKeys{"segment", "groups"};
constexpr std::array<std::string_view, 3> kCutKeys{"from", "to", "segment"};
constexpr std::array<std::string_view, 0> kHealKeys{};
constexpr std::array<std::string_view, 10> kFaultsKeys{"segment", "node",        "direction",  "loss",       "delay",
                                                       "jitter",  "duplication", "reordering", "corruption", "cut"};
constexpr std::array<std::string_view, 3> kTouchKeys{"on", "file", "contents"};
constexpr std::array<std::string_view, 2> kRemoveKeys{"on", "file"};
constexpr std::array<std::string_view, 2> kProcessKeys{"on", "process"};
constexpr std::array<std::string_view, 3> kAddAddressKeys{"on", "interface", "address"};
constexpr std::array<std::string_view, 2> kRemoveAddressKeys{"on", "address"};
constexpr std::array<std::string_view, 2> kStepClockKeys{"on", "by"};
constexpr std::array<std::string_view, 15> kAdvertiseKeys{
    "segment",     "version",   "vrid",      "priority", "interval",     "source",
    "destination", "addresses", "auth_pass", "ttl",      "bad_checksum", "checksum_of_message_only",
    "raw",         "every",     "times"};
constexpr std::array<std::string_view, 6> kRawKeys{"version", "type", "auth_type", "interval", "count", "truncate_to"};
constexpr std::array<std::string_view, 3> kGratuitousArpKeys{"segment", "address", "mac"};
constexpr std::array<std::string_view, 4> kProbeKeys{"client", "target", "every", "timeout"};
constexpr std::array<std::string_view, 2> kServiceOfNodeKeys{"node", "port"};
constexpr std::array<std::string_view, 6> kSetServiceKeys{"node", "port", "status", "delay", "drip", "body"};
constexpr std::array<std::string_view, 5> kRequestKeys{"client", "url", "from", "every", "timeout"};
constexpr std::array<std::string_view, 4> kConnectKeys{"client", "to", "every", "timeout"};
constexpr std::array<std::string_view, 7> kEditIpvsKeys{"on", "service", "add", "remove", "set", "weight", "clear"};
constexpr std::array<std::string_view, 32> kExpectKeys{
    "vip",          "on",        "holders",    "instance",   "state",         "notify",   "priority", "client",
    "probing",      "believes",  "log",        "vrid",       "advertisement", "pool",     "quorum",   "answers",
    "announcement", "discarded", "shares",     "refused",    "not_answered",  "within",   "by",       "connection",
    "answered_by",  "for",       "not_before", "never",      "at_least",      "at_most",  "behind",   "mail"};
constexpr std::array<std::string_view, 3> kPoolKeys{"service", "on", "is"};
constexpr std::array<std::string_view, 5> kAnswersKeys{"client", "url", "from", "in_turn", "status"};
constexpr std::array<std::string_view, 3> kSharesKeys{"client", "url", "are"};
constexpr std::array<std::string_view, 2> kUnservedKeys{"client", "url"};
constexpr std::array<std::string_view, 4> kConnectionKeys{"client", "to", "is", "node"};
constexpr std::array<std::string_view, 3> kBelievesKeys{"vip", "node", "mac"};
constexpr std::array<std::string_view, 13> kAdvertisementKeys{
    "from", "vrid",      "priority", "source",   "destination", "version",   "type",
    "ttl",  "auth_type", "interval", "checksum", "addresses",   "source_mac"};
constexpr std::array<std::string_view, 3> kAnnouncementKeys{"vip", "from", "mac"};
constexpr std::array<std::string_view, 9> kAlwaysKeys{
    "one_master", "one_holder",     "client",        "no_address_in_fault", "transitions",
    "requests",   "pool_not_empty", "no_mixed_pool", "connection"};
constexpr std::array<std::string_view, 2> kOneMasterKeys{"except_for", "settling"};
constexpr std::array<std::string_view, 1> kOneHolderKeys{"except_for"};
constexpr std::array<std::string_view, 5> kClientOutageKeys{"name", "probing", "outage_at_most", "outage_at_least",
                                                            "every"};
constexpr std::array<std::string_view, 1> kNoAddressInFaultKeys{"except_for"};
constexpr std::array<std::string_view, 3> kTransitionsKeys{"instance", "on", "at_most"};
constexpr std::array<std::string_view, 5> kRequestsKeys{"client", "url", "failures_at_most", "outage_at_most",
                                                        "outage_at_least"};
constexpr std::array<std::string_view, 3> kPoolNotEmptyKeys{"service", "on", "except_for"};
constexpr std::array<std::string_view, 2> kNoMixedPoolKeys{"service", "except_for"};
constexpr std::array<std::string_view, 3> kConnectionSurvivesKeys{"client", "to", "stalled_at_most"};

}  // namespace

namespace keys {

const KeySet kScenario{"scenario", kScenarioKeys};
const KeySet kOverride{"override", kOverrideKeys};
const KeySet kCluster{"cluster", kClusterKeys};
const KeySet kSegment{"segment", kSegmentKeys};
const KeySet kDirector{"director", kDirectorKeys};
const KeySet kHost{"host", kHostKeys};
const KeySet kRealServer{"real_server", kRealServerKeys};
const KeySet kService{"service", kServiceKeys};
const KeySet kFwmark{"fwmark", kFwmarkKeys};
const KeySet kLvs{"lvs_settings", kLvsKeys};
const KeySet kInterface{"interface", kInterfaceKeys};
const KeySet kScript{"script", kScriptKeys};
const KeySet kFailsWhile{"fails_while", kFailsWhileKeys};
const KeySet kStep{"step", kStepKeys};
const KeySet kDaemonPart{"daemon_part", kDaemonPartKeys};
const KeySet kReload{"reload", kReloadKeys};
const KeySet kInterfaceOfNode{"interface_of_node", kInterfaceOfNodeKeys};
const KeySet kPartition{"partition", kPartitionKeys};
const KeySet kCut{"cut", kCutKeys};
const KeySet kHeal{"heal", kHealKeys};
const KeySet kFaults{"faults", kFaultsKeys};
const KeySet kTouch{"touch", kTouchKeys};
const KeySet kRemove{"remove", kRemoveKeys};
const KeySet kProcess{"process", kProcessKeys};
const KeySet kAddAddress{"add_address", kAddAddressKeys};
const KeySet kRemoveAddress{"remove_address", kRemoveAddressKeys};
const KeySet kStepClock{"step_clock", kStepClockKeys};
const KeySet kAdvertise{"advertise", kAdvertiseKeys};
const KeySet kRaw{"raw", kRawKeys};
const KeySet kGratuitousArp{"gratuitous_arp", kGratuitousArpKeys};
const KeySet kProbe{"probe", kProbeKeys};
const KeySet kServiceOfNode{"service_of_node", kServiceOfNodeKeys};
const KeySet kSetService{"set_service", kSetServiceKeys};
const KeySet kRequest{"request", kRequestKeys};
const KeySet kConnect{"connect", kConnectKeys};
const KeySet kEditIpvs{"edit_ipvs", kEditIpvsKeys};
const KeySet kExpect{"expect", kExpectKeys};
const KeySet kBelieves{"believes", kBelievesKeys};
const KeySet kAdvertisement{"advertisement", kAdvertisementKeys};
const KeySet kAnnouncement{"announcement", kAnnouncementKeys};
const KeySet kPool{"pool", kPoolKeys};
const KeySet kAnswers{"answers", kAnswersKeys};
const KeySet kShares{"shares", kSharesKeys};
const KeySet kUnserved{"unserved", kUnservedKeys};
const KeySet kConnection{"connection", kConnectionKeys};
const KeySet kAlways{"always", kAlwaysKeys};
const KeySet kOneMaster{"one_master", kOneMasterKeys};
const KeySet kOneHolder{"one_holder", kOneHolderKeys};
const KeySet kClientOutage{"client_outage", kClientOutageKeys};
const KeySet kNoAddressInFault{"no_address_in_fault", kNoAddressInFaultKeys};
const KeySet kTransitions{"transitions", kTransitionsKeys};
const KeySet kRequests{"requests", kRequestsKeys};
const KeySet kPoolNotEmpty{"pool_not_empty", kPoolNotEmptyKeys};
const KeySet kNoMixedPool{"no_mixed_pool", kNoMixedPoolKeys};
const KeySet kConnectionSurvives{"connection_survives", kConnectionSurvivesKeys};

}  // namespace keys

std::span<const KeySet* const> all_key_sets() {
  static constexpr std::array<const KeySet*, 55> kAll{&keys::kScenario,
                                                      &keys::kOverride,
                                                      &keys::kCluster,
                                                      &keys::kSegment,
                                                      &keys::kDirector,
                                                      &keys::kHost,
                                                      &keys::kRealServer,
                                                      &keys::kService,
                                                      &keys::kFwmark,
                                                      &keys::kLvs,
                                                      &keys::kInterface,
                                                      &keys::kScript,
                                                      &keys::kFailsWhile,
                                                      &keys::kStep,
                                                      &keys::kDaemonPart,
                                                      &keys::kReload,
                                                      &keys::kInterfaceOfNode,
                                                      &keys::kPartition,
                                                      &keys::kCut,
                                                      &keys::kHeal,
                                                      &keys::kFaults,
                                                      &keys::kTouch,
                                                      &keys::kRemove,
                                                      &keys::kProcess,
                                                      &keys::kAddAddress,
                                                      &keys::kRemoveAddress,
                                                      &keys::kStepClock,
                                                      &keys::kAdvertise,
                                                      &keys::kRaw,
                                                      &keys::kGratuitousArp,
                                                      &keys::kProbe,
                                                      &keys::kServiceOfNode,
                                                      &keys::kSetService,
                                                      &keys::kRequest,
                                                      &keys::kConnect,
                                                      &keys::kEditIpvs,
                                                      &keys::kExpect,
                                                      &keys::kBelieves,
                                                      &keys::kAdvertisement,
                                                      &keys::kAnnouncement,
                                                      &keys::kPool,
                                                      &keys::kAnswers,
                                                      &keys::kShares,
                                                      &keys::kUnserved,
                                                      &keys::kConnection,
                                                      &keys::kAlways,
                                                      &keys::kOneMaster,
                                                      &keys::kOneHolder,
                                                      &keys::kClientOutage,
                                                      &keys::kNoAddressInFault,
                                                      &keys::kTransitions,
                                                      &keys::kRequests,
                                                      &keys::kPoolNotEmpty,
                                                      &keys::kNoMixedPool,
                                                      &keys::kConnectionSurvives};
  return kAll;
}

}  // namespace vipdrift::scenarios
