// The VRRP half of a reload: a stack that has come to rest takes the new configuration.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include "analysis/rehearsal.h"
#include "analysis/reload_preview.h"
#include "protocol/vrrp/reload.h"
#include "protocol/vrrp/vrrp_stack.h"

namespace vipdrift::analysis {
namespace {

using vrrp::State;

/// The interfaces that both configurations suppose, each up and with addresses of its own.
std::vector<vrrp::InterfaceFacts> supposed_interfaces(const ComparedConfiguration& before,
                                                      const ComparedConfiguration& after) {
  std::vector<vrrp::InterfaceFacts> facts;
  std::map<std::string, std::size_t, std::less<>> known;
  const auto add = [&](const std::string& name, std::optional<IpAddress> address) {
    if (name.empty()) return;
    const auto [place, is_new] = known.emplace(name, facts.size());
    if (is_new) {
      const auto id = static_cast<std::uint32_t>(facts.size() + 1);
      std::array<std::uint8_t, 16> link_local{0xfe, 0x80};
      link_local[15] = 1;
      facts.push_back({InterfaceId{id}, name, {}, true, {IpAddress::v4(192, 0, 2, 1), IpAddress::v6(link_local)}, {}});
    }
    std::vector<IpAddress>& addresses = facts[place->second].addresses;
    if (address && std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) {
      addresses.push_back(*address);
    }
  };
  for (const ComparedConfiguration* side : {&before, &after}) {
    const config::Configuration& all = *side->configuration;
    for (const config::VrrpInstance& instance : all.instances) {
      add(instance.interface, instance.source);
      for (const config::Tracked& tracked : instance.track_interfaces) add(tracked.name, {});
      for (const auto* list : {&instance.virtual_addresses, &instance.excluded_addresses}) {
        for (const config::VirtualAddress& address : *list) add(address.device, {});
      }
    }
    for (const config::SyncGroup& group : all.sync_groups) {
      for (const config::Tracked& tracked : group.track_interfaces) add(tracked.name, {});
    }
    for (const config::VirtualAddress& address : all.static_addresses) add(address.device, {});
  }
  return facts;
}

/// One address in the kernel.
struct Held {
  InterfaceId interface;
  IpAddress address;
  std::uint8_t prefix_length = 32;

  friend bool operator<(const Held& a, const Held& b) {
    return std::tuple{a.interface.value, a.address, a.prefix_length} <
           std::tuple{b.interface.value, b.address, b.prefix_length};
  }
};

/// A director in a world where nothing fails, and nobody else speaks.
class LoneDirector {
 public:
  LoneDirector(const ComparedConfiguration& configuration, std::vector<vrrp::InterfaceFacts> interfaces,
               const vrrp::Profile& profile)
      : stack_{configuration.configuration, vrrp::HostFacts{std::move(interfaces)}, profile} {
    step(vrrp::Started{});
  }

  /// Until every instance is MASTER, or `limit` has passed.
  void settle(Duration limit) {
    const TimePoint end = now_ + limit;
    while (!all_masters() && stack_.next_deadline() <= end) {
      now_ = std::max(now_, stack_.next_deadline());
      step(vrrp::DeadlineReached{});
      note_masters();
    }
  }

  void reload(std::shared_ptr<const config::Configuration> configuration) {
    added.clear();
    removed.clear();
    notifications.clear();
    scripts.clear();
    left_master.clear();
    step(vrrp::ConfigurationLoaded{std::move(configuration)}, false);
    masters_since_.assign(stack_.routers().size(), std::nullopt);
    reloaded_at_ = now_;
    note_masters();
  }
  void finish_scripts() {
    while (!running_.empty()) {
      const std::vector<ScriptId> ended = std::exchange(running_, {});
      for (const ScriptId script : ended) step(vrrp::ScriptFinished{script, 0, false});
    }
  }

  const vrrp::VrrpStack& stack() const { return stack_; }
  /// How long after the reload the instance was MASTER.
  std::optional<Duration> until_master(std::size_t instance) const {
    if (!masters_since_[instance]) return std::nullopt;
    return *masters_since_[instance] - reloaded_at_;
  }

  // What the last reload did.
  std::vector<Held> added;
  std::vector<Held> removed;
  std::vector<std::string> notifications;
  std::vector<ScriptId> scripts;
  std::set<std::string> left_master;  ///< names of instances

 private:
  void step(const vrrp::Event& event, bool answers_scripts = true) {
    vrrp::ActionList actions;
    stack_.step(now_, event, actions);
    for (const vrrp::Action& action : actions) {
      std::visit([this](const auto& each) { carry_out(each); }, action);
    }
    if (answers_scripts) finish_scripts();
  }

  void carry_out(const vrrp::AddAddress& add) {
    const Held held{add.interface, add.address, add.prefix_length};
    if (held_.insert(held).second) added.push_back(held);
  }
  void carry_out(const vrrp::RemoveAddress& remove) {
    const Held held{remove.interface, remove.address, remove.prefix_length};
    if (held_.erase(held) != 0) removed.push_back(held);
  }
  void carry_out(const vrrp::RunScript& run) {
    scripts.push_back(run.script);
    running_.push_back(run.script);
  }
  void carry_out(const vrrp::NotifyScript& notify) {
    std::string text = (notify.group ? "GROUP " : "INSTANCE ") + notify.name + ' ';
    text += std::string{to_string(notify.state)} + ':';
    for (const std::string& word : notify.command->argv) text += ' ' + word;
    notifications.push_back(std::move(text));
  }
  void carry_out(const vrrp::StateNote& note) {
    if (note.from == State::master) left_master.insert(note.name);
  }
  template <class Other>
  void carry_out(const Other&) {}

  bool all_masters() const {
    return std::all_of(stack_.routers().begin(), stack_.routers().end(),
                       [](const vrrp::VirtualRouter& router) { return router.state() == State::master; });
  }

  void note_masters() {
    for (std::size_t i = 0; i < masters_since_.size(); ++i) {
      const bool is_master = stack_.routers()[i].state() == State::master;
      if (is_master && !masters_since_[i]) masters_since_[i] = now_;
    }
  }

  vrrp::VrrpStack stack_;
  TimePoint now_{};
  TimePoint reloaded_at_{};
  std::set<Held> held_;
  std::vector<ScriptId> running_;
  std::vector<std::optional<TimePoint>> masters_since_;
};

/// The statements of instances, in their order.
std::vector<config::EffectiveStatement> told_instances(const ComparedConfiguration& side) {
  std::vector<config::EffectiveStatement> told;
  config::tell_effective(*side.configuration, {.written = side.written}, [&](config::EffectiveStatement statement) {
    if (statement.keyword == "vrrp_instance") told.push_back(std::move(statement));
  });
  return told;
}

/// Positions of the instances that have an address.
std::multimap<IpAddress, std::size_t> owners_of(const config::Configuration& configuration) {
  std::multimap<IpAddress, std::size_t> owners;
  for (std::size_t i = 0; i < configuration.instances.size(); ++i) {
    const config::VrrpInstance& instance = configuration.instances[i];
    for (const auto* list : {&instance.virtual_addresses, &instance.excluded_addresses}) {
      for (const config::VirtualAddress& address : *list) owners.emplace(address.address, i);
    }
  }
  return owners;
}

class InstancesPreview {
 public:
  InstancesPreview(const ComparedConfiguration& before, const ComparedConfiguration& after,
                   const vrrp::Profile& profile, ReloadPreview& preview)
      : before_{before},
        after_{after},
        profile_{profile},
        preview_{preview},
        interfaces_{supposed_interfaces(before, after)},
        director_{before, interfaces_, profile} {}

  void run() {
    const Director directors[]{{"before", before_.configuration}, {"after", after_.configuration}};
    const Duration limit = settling_time(directors);
    director_.settle(limit);
    for (const vrrp::VirtualRouter& router : director_.stack().routers()) states_before_.push_back(router.state());
    const vrrp::StackPlan old_plan{before_.configuration, vrrp::HostFacts{interfaces_}, profile_};
    const vrrp::StackPlan new_plan{after_.configuration, vrrp::HostFacts{interfaces_}, profile_};
    heirs_ = vrrp::heirs_of(old_plan.instances, new_plan.instances);
    director_.reload(after_.configuration);
    for (const vrrp::VirtualRouter& router : director_.stack().routers()) states_after_.push_back(router.state());
    for (const ScriptId script : director_.scripts) {
      preview_.scripts.push_back(after_.configuration->scripts[script.value].name);
    }
    preview_.notifications = director_.notifications;
    const std::vector<Held> added = director_.added;
    const std::vector<Held> removed = director_.removed;
    const std::set<std::string> left_master = director_.left_master;
    director_.finish_scripts();
    director_.settle(limit);
    tell(left_master);
    give_addresses(added, removed);
  }

 private:
  void tell(const std::set<std::string>& left_master) {
    const std::vector<config::EffectiveStatement> old_told = told_instances(before_);
    const std::vector<config::EffectiveStatement> new_told = told_instances(after_);
    const std::vector<std::optional<std::size_t>> ancestors = find_ancestors();
    first_ = preview_.instances.size();
    for (std::size_t i = 0; i < new_told.size(); ++i) {
      const std::optional<std::size_t> ancestor = ancestors[i] ? ancestors[i] : find_namesake(i);
      const config::EffectiveStatement nothing;
      InstancePreview told = named(after_.configuration->instances[i]);
      told.after = states_after_[i];
      if (told.after != State::master) told.until_master = director_.until_master(i);
      told.settings =
          setting_changes(ancestor ? old_told[*ancestor] : nothing, *before_.written, new_told[i], *after_.written);
      if (ancestor) {
        tell_former(*ancestor, ancestors[i].has_value(), left_master, told);
      } else {
        told.fate = Fate::appears;
        forget_defaults(told.settings);
      }
      if (ancestor) places_.emplace(*ancestor, preview_.instances.size());
      preview_.instances.push_back(std::move(told));
    }
    for (std::size_t o = 0; o < heirs_.size(); ++o) {
      if (!places_.emplace(o, preview_.instances.size()).second) continue;
      InstancePreview told = named(before_.configuration->instances[o]);
      told.fate = Fate::leaves;
      told.before = states_before_[o];
      preview_.instances.push_back(std::move(told));
    }
  }

  static InstancePreview named(const config::VrrpInstance& instance) {
    InstancePreview told;
    told.name = instance.name;
    told.place = instance.place;
    return told;
  }

  /// By the position of an instance in the new configuration: the one whose state it goes on with.
  std::vector<std::optional<std::size_t>> find_ancestors() const {
    std::vector<std::optional<std::size_t>> ancestors(states_after_.size());
    for (std::size_t o = 0; o < heirs_.size(); ++o) {
      if (heirs_[o]) ancestors[*heirs_[o]] = o;
    }
    return ancestors;
  }

  /// An instance that leaves and has the name of one that appears.
  std::optional<std::size_t> find_namesake(std::size_t appearing) const {
    for (std::size_t o = 0; o < heirs_.size(); ++o) {
      const bool same = before_.configuration->instances[o].name == after_.configuration->instances[appearing].name;
      if (!heirs_[o] && same) return o;
    }
    return std::nullopt;
  }

  void tell_former(std::size_t old, bool goes_on, const std::set<std::string>& left_master,
                   InstancePreview& told) const {
    const std::string& former = before_.configuration->instances[old].name;
    if (former != told.name) told.former_name = former;
    told.before = states_before_[old];
    told.begins_anew = !goes_on;
    const bool lost = told.before == State::master && told.after != State::master;
    const bool changed = has_effect(told.settings) || !told.former_name.empty();
    const bool flaps = lost || !goes_on || left_master.count(told.name) != 0;
    told.fate = flaps ? Fate::flaps : changed ? Fate::changed : Fate::untouched;
  }

  /// An address that goes belongs to an instance of the old configuration, one that comes to one of the new.
  void give_addresses(const std::vector<Held>& added, const std::vector<Held>& removed) {
    const auto old_owners = owners_of(*before_.configuration);
    const auto new_owners = owners_of(*after_.configuration);
    for (const Held& held : removed) {
      const auto owner = old_owners.find(held.address);
      if (owner == old_owners.end()) continue;
      preview_.instances[places_.at(owner->second)].removed.push_back(text_of(held));
    }
    for (const Held& held : added) {
      const auto owner = new_owners.find(held.address);
      if (owner != new_owners.end()) preview_.instances[first_ + owner->second].added.push_back(text_of(held));
    }
    for (std::size_t i = first_; i < preview_.instances.size(); ++i) {
      InstancePreview& told = preview_.instances[i];
      const bool moved = !told.added.empty() || !told.removed.empty();
      if (told.fate == Fate::untouched && moved) told.fate = Fate::changed;
    }
  }

  std::string text_of(const Held& held) const {
    std::string text = held.address.to_string() + '/' + std::to_string(held.prefix_length);
    const bool known = held.interface.value > 0 && held.interface.value <= interfaces_.size();
    return known ? text + " of " + interfaces_[held.interface.value - 1].name : text;
  }

  const ComparedConfiguration& before_;
  const ComparedConfiguration& after_;
  const vrrp::Profile& profile_;
  ReloadPreview& preview_;
  std::vector<vrrp::InterfaceFacts> interfaces_;
  LoneDirector director_;
  std::vector<State> states_before_;
  std::vector<State> states_after_;
  std::vector<std::optional<std::uint32_t>> heirs_;
  std::size_t first_ = 0;                      ///< of the instances that are there after the reload
  std::map<std::size_t, std::size_t> places_;  ///< in the preview, by the position in the old configuration
};

}  // namespace

void preview_instances(const ComparedConfiguration& before, const ComparedConfiguration& after,
                       const vrrp::Profile& profile, ReloadPreview& preview) {
  InstancesPreview{before, after, profile, preview}.run();
}

}  // namespace vipdrift::analysis
