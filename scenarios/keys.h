// Every key of the scenario language, by the map it stands in. The JSON schema has the same lists; a test compares.
#ifndef VIPDRIFT_SCENARIOS_KEYS_H_
#define VIPDRIFT_SCENARIOS_KEYS_H_

#include <span>
#include <string_view>

namespace vipdrift::scenarios {

struct KeySet {
  std::string_view name;  ///< of the map, as among the definitions of the schema
  std::span<const std::string_view> keys;
};

namespace keys {

extern const KeySet kScenario;
extern const KeySet kOverride;
extern const KeySet kCluster;
extern const KeySet kSegment;
extern const KeySet kDirector;
extern const KeySet kHost;
extern const KeySet kRealServer;
extern const KeySet kService;
extern const KeySet kFwmark;
extern const KeySet kLvs;
extern const KeySet kInterface;
extern const KeySet kScript;
extern const KeySet kFailsWhile;

extern const KeySet kStep;  ///< at, after, expect and one action
extern const KeySet kDaemonPart;
extern const KeySet kReload;
extern const KeySet kInterfaceOfNode;
extern const KeySet kPartition;
extern const KeySet kCut;
extern const KeySet kHeal;  ///< no key
extern const KeySet kFaults;
extern const KeySet kTouch;
extern const KeySet kRemove;
extern const KeySet kProcess;
extern const KeySet kAddAddress;
extern const KeySet kRemoveAddress;
extern const KeySet kStepClock;
extern const KeySet kAdvertise;
extern const KeySet kRaw;
extern const KeySet kGratuitousArp;
extern const KeySet kProbe;
extern const KeySet kServiceOfNode;
extern const KeySet kSetService;
extern const KeySet kRequest;
extern const KeySet kConnect;
extern const KeySet kEditIpvs;

extern const KeySet kExpect;
extern const KeySet kBelieves;
extern const KeySet kAdvertisement;
extern const KeySet kAnnouncement;
extern const KeySet kPool;
extern const KeySet kAnswers;
extern const KeySet kShares;
extern const KeySet kUnserved;
extern const KeySet kConnection;

extern const KeySet kAlways;
extern const KeySet kOneMaster;
extern const KeySet kOneHolder;
extern const KeySet kClientOutage;
extern const KeySet kNoAddressInFault;
extern const KeySet kTransitions;
extern const KeySet kRequests;
extern const KeySet kPoolNotEmpty;
extern const KeySet kNoMixedPool;
extern const KeySet kConnectionSurvives;

}  // namespace keys

std::span<const KeySet* const> all_key_sets();

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_KEYS_H_
