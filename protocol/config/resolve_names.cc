#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "protocol/config/nearest_word.h"
#include "protocol/config/resolve.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

/// Names of one kind, with the position of each.
using Names = std::unordered_map<std::string_view, std::size_t>;

/// Indexes the names of `objects`; the second of two equal names is an error.
template <class Object, class SpotOf>
Names index_names(Report& report, std::string_view kind, const std::vector<Object>& objects, SpotOf spot_of) {
  Names names;
  names.reserve(objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto [first, added] = names.emplace(objects[i].name, i);
    if (added) continue;
    report.error(RuleId::duplicate_name, spot_of(i),
                 std::string{kind} + " " + in_quotes(objects[i].name) + " is defined on line " +
                     std::to_string(spot_of(first->second).line) + " already",
                 "another name");
  }
  return names;
}

class NameResolver {
 public:
  explicit NameResolver(Model& model) : model_{model}, report_{model.report} {
    const Configuration& all = model.configuration;
    instances_ = index_names(report_, "vrrp_instance", all.instances, [&](auto i) { return model.instances[i].spot; });
    groups_ = index_names(report_, "vrrp_sync_group", all.sync_groups, [&](auto i) { return model.groups[i].spot; });
    scripts_ = index_names(report_, "vrrp_script", all.scripts, [&](auto i) { return model.scripts[i]; });
    files_ = index_names(report_, "track_file", all.track_files, [&](auto i) { return model.track_files[i]; });
    processes_ = index_names(report_, "vrrp_track_process", all.track_processes,
                             [&](auto i) { return model.track_processes[i]; });
  }

  void run() {
    group_of_.assign(model_.instances.size(), nullptr);
    for (std::size_t i = 0; i < model_.groups.size(); ++i) resolve_group(i);
    for (std::size_t i = 0; i < model_.instances.size(); ++i) resolve_instance(i);
    for (std::size_t i = 0; i < model_.virtual_servers.size(); ++i) resolve_file_checks(i);
    resolve_static_tracks();
  }

 private:
  void resolve_static_tracks() {
    Names groups;
    const auto& all = model_.configuration.static_track_groups;
    for (std::size_t i = 0; i < all.size(); ++i) groups.emplace(all[i].name, i);
    for (const auto& [name, reference] : model_.static_tracks) require("track_group", name, reference, groups);
    for (const auto& [name, spot] : model_.static_track_members) {
      if (instances_.count(name) == 0) unknown(spot, "vrrp_instance", name, instances_);
    }
  }

  void resolve_instance(std::size_t index) {
    const VrrpInstance& instance = model_.configuration.instances[index];
    const TrackedSpots& spots = model_.instances[index].tracked;
    resolve_all(instance, spots);
    const SyncGroup* group = group_of_[index];
    if (group == nullptr || group->sync_group_tracking_weight) return;
    warn_of_weights(instance.track_scripts, spots.scripts, *group,
                    [&](const Tracked& t) { return model_.configuration.scripts[scripts_.at(t.name)].weight; });
    warn_of_weights(instance.track_files, spots.files, *group,
                    [&](const Tracked& t) { return model_.configuration.track_files[files_.at(t.name)].weight; });
    warn_of_weights(instance.track_processes, spots.processes, *group, [&](const Tracked& t) {
      return model_.configuration.track_processes[processes_.at(t.name)].weight;
    });
    warn_of_weights(instance.track_interfaces, spots.interfaces, *group, [](const Tracked&) { return 0; });
  }

  template <class WeightOf>
  void warn_of_weights(const std::vector<Tracked>& list, const std::vector<Reference>& references,
                       const SyncGroup& group, WeightOf weight_of) {
    if (report_.failed()) return;  // a name may be missing
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i].weight.value_or(weight_of(list[i])) == 0) continue;
      report_.warning(RuleId::group_weight_ignored, references[i].spot,
                      "the weight of " + in_quotes(list[i].name) + " does not count in vrrp_sync_group " +
                          in_quotes(group.name) + " without sync_group_tracking_weight");
    }
  }

  void resolve_group(std::size_t index) {
    const SyncGroup& group = model_.configuration.sync_groups[index];
    const GroupDraft& draft = model_.groups[index];
    resolve_all(group, draft.tracked);
    if (group.members.empty()) {
      report_.error(RuleId::small_sync_group, draft.spot,
                    "vrrp_sync_group " + in_quotes(group.name) + " has no members", "a block 'group { INSTANCE ... }'");
    } else if (group.members.size() == 1) {
      report_.warning(RuleId::small_sync_group, draft.spot,
                      "vrrp_sync_group " + in_quotes(group.name) + " has only one member");
    }
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      const auto found = instances_.find(group.members[i]);
      if (found == instances_.end()) {
        unknown(draft.members[i], "vrrp_instance", group.members[i], instances_);
        continue;
      }
      const SyncGroup*& owner = group_of_[found->second];
      if (owner != nullptr) {
        report_.error(
            RuleId::listed_twice, draft.members[i],
            in_quotes(group.members[i]) + " is a member of vrrp_sync_group " + in_quotes(owner->name) + " already");
      }
      owner = &group;
    }
  }

  template <class Owner>
  void resolve_all(const Owner& owner, const TrackedSpots& spots) {
    resolve("vrrp_script", owner.track_scripts, spots.scripts, &scripts_);
    resolve("track_file", owner.track_files, spots.files, &files_);
    resolve("vrrp_track_process", owner.track_processes, spots.processes, &processes_);
    resolve("interface", owner.track_interfaces, spots.interfaces, nullptr);
  }

  void resolve(std::string_view kind, const std::vector<Tracked>& list, const std::vector<Reference>& references,
               const Names* names) {
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (names != nullptr && !require(kind, list[i].name, references[i], *names)) continue;
      if (!seen.insert(list[i].name).second) {
        report_.error(RuleId::listed_twice, references[i].spot,
                      std::string{kind} + " " + in_quotes(list[i].name) + " is tracked twice here");
      }
    }
  }

  void resolve_file_checks(std::size_t index) {
    const VirtualServer& server = model_.configuration.virtual_servers[index];
    for (std::size_t r = 0; r < server.real_servers.size(); ++r) {
      const RealServerDraft& draft = model_.virtual_servers[index].real_servers[r];
      for (std::size_t c = 0; c < draft.checkers.size(); ++c) {
        const Checker& checker = server.real_servers[r].checkers[c];
        if (checker.kind != "FILE_CHECK") continue;
        for (const auto& [keyword, words] : checker.settings) {
          if (keyword != "track_file") continue;
          require("track_file", words.front(), {draft.checkers[c], draft.track_files_above}, files_);
        }
      }
    }
  }

  /// Whether there is such an object, above the reference: keepalived looks no further. Says so if not.
  bool require(std::string_view kind, std::string_view name, const Reference& reference, const Names& names) {
    const auto found = names.find(name);
    if (found == names.end()) {
      unknown(reference.spot, kind, name, names);
      return false;
    }
    if (found->second < reference.above) return true;
    report_.error(RuleId::unknown_name, reference.spot,
                  std::string{kind} + " " + in_quotes(name) +
                      " stands below: keepalived looks for it above this line only, and ignores the reference",
                  "the block " + std::string{kind} + " above");
    return false;
  }

  void unknown(Spot spot, std::string_view kind, std::string_view name, const Names& names) {
    std::vector<std::string_view> all;
    for (const auto& [known, index] : names) all.push_back(known);
    std::sort(all.begin(), all.end());
    report_.error(RuleId::unknown_name, spot, "there is no " + std::string{kind} + " " + in_quotes(name),
                  "the name of a " + std::string{kind} + " block", std::string{nearest_word(name, all)});
  }

  Model& model_;
  Report& report_;
  Names instances_;
  Names groups_;
  Names scripts_;
  Names files_;
  Names processes_;
  std::vector<const SyncGroup*> group_of_;
};

}  // namespace

void resolve_names(Model& model) { NameResolver{model}.run(); }

}  // namespace vipdrift::config
