// What a reload would do: a director that is master of all it can be takes a new configuration, and what the core does
// then is told.
#ifndef VIPDRIFT_ANALYSIS_RELOAD_PREVIEW_H_
#define VIPDRIFT_ANALYSIS_RELOAD_PREVIEW_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/setting_changes.h"
#include "protocol/base/time.h"
#include "protocol/vrrp/action.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::analysis {

/// What becomes of an instance, a virtual server or another block.
enum class Fate : std::uint8_t {
  untouched,  ///< goes on, and nothing about it changes
  changed,    ///< goes on, with other settings
  flaps,      ///< an instance that was MASTER is not for a while, or begins anew as another virtual router
  appears,
  leaves,
};
/// "untouched", "changed", "flaps", "appears", "leaves".
std::string_view to_string(Fate fate);

struct InstancePreview {
  std::string name;         ///< the new one, unless it leaves
  std::string former_name;  ///< when it has another name now; else empty
  config::Place place;      ///< of the block, in the new file unless it leaves
  Fate fate = Fate::untouched;
  /// It has its name only: on the wire it is another virtual router, which begins anew after the old one has left.
  bool begins_anew = false;
  vrrp::State before = vrrp::State::initialize;  ///< initialize: was not there
  vrrp::State after = vrrp::State::initialize;   ///< right after the reload
  /// How long until it is MASTER when it is not right after the reload and nobody else takes over; absent: it never is.
  std::optional<Duration> until_master;
  std::vector<std::string> removed;  ///< addresses that leave the kernel: "10.1.10.7/32 of eth0"
  std::vector<std::string> added;    ///< addresses that come at once
  std::vector<SettingChange> settings;
};

struct ServerPreview {
  std::string name;  ///< "10.1.10.11:80"
  config::Place place;
  Fate fate = Fate::untouched;
  std::vector<SettingChange> settings;
  /// Checks that begin anew, and what the server counts as until they know: "HTTP_GET begins anew; ...".
  std::vector<std::string> checks;
};

struct ServicePreview {
  std::string name;  ///< "[10.1.10.7]:tcp:80"
  config::Place place;
  Fate fate = Fate::untouched;
  std::vector<SettingChange> settings;
  std::vector<ServerPreview> servers;
  std::vector<std::string> edits;  ///< of the kernel's table: "add server 10.1.10.11:80 ..."
  std::string remark;              ///< why it goes on as another one; empty: it does not
};

/// Any other block of the outermost level.
struct BlockPreview {
  std::string name;  ///< "global_defs", "vrrp_script chk_http"
  config::Place place;
  Fate fate = Fate::untouched;
  bool no_effect = false;  ///< nothing that changes about it is acted on
  std::vector<SettingChange> settings;
  std::vector<std::string> consequences;
};

struct ReloadPreview {
  std::vector<InstancePreview> instances;
  std::vector<ServicePreview> services;
  std::vector<BlockPreview> blocks;        ///< only those that change
  std::vector<std::string> scripts;        ///< names of track scripts that run at once
  std::vector<std::string> notifications;  ///< commands that tell of it: "INSTANCE VI_1 FAULT: /etc/notify.sh fault"

  /// Whether anything is not as it was, settings without effect aside.
  bool changes() const;
};

/// Every script, link, process and check is well; of other directors nothing is heard.
ReloadPreview preview_reload(const ComparedConfiguration& before, const ComparedConfiguration& after,
                             const vrrp::Profile& profile);

// The two halves, which know nothing of each other, as in the daemon.
void preview_instances(const ComparedConfiguration& before, const ComparedConfiguration& after,
                       const vrrp::Profile& profile, ReloadPreview& preview);
void preview_services(const ComparedConfiguration& before, const ComparedConfiguration& after,
                      const vrrp::Profile& profile, ReloadPreview& preview);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_RELOAD_PREVIEW_H_
