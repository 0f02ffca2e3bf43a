#include "scenarios/action_loader.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "scenarios/service_action_loader.h"

namespace vipdrift::scenarios {
namespace {

using Actions = std::vector<StepAction>;

// ------------------------------------------------------------------ daemons and machines

template <class Action>
Actions load_for_directors(LoadContext& context, const YamlNode& value) {
  auto names = context.read_directors(value);
  if (names.empty()) return {};
  return {Action{std::move(names)}};
}

/// `lvs1`, or {check: lvs1} for one child of its daemon.
template <class Action>
Actions load_for_parts(LoadContext& context, const YamlNode& value) {
  if (value.kind != YamlNode::Kind::map) return load_for_directors<Action>(context, value);
  Actions actions;
  const Fields fields{context.in, value, keys::kDaemonPart};
  for (const auto& [key, part] : {std::pair{"check", DaemonPart::check}, std::pair{"vrrp", DaemonPart::vrrp}}) {
    const YamlNode* node = fields[key];
    auto names = node == nullptr ? std::vector<std::string>{} : context.read_directors(*node);
    if (!names.empty()) actions.push_back(Action{std::move(names), part});
  }
  return actions;
}

template <class Action>
Actions load_for_nodes(LoadContext& context, const YamlNode& value) {
  auto names = context.read_nodes(value);
  if (names.empty()) return {};
  return {Action{std::move(names)}};
}

Actions load_reload(LoadContext& context, const YamlNode& value) {
  Actions actions;
  if (value.kind != YamlNode::Kind::map) {
    for (std::string& name : context.read_directors(value)) actions.push_back(ReloadDaemon{std::move(name), {}});
    return actions;
  }
  const Fields fields{context.in, value, keys::kReload};
  const YamlNode* name = fields.required("director");
  const auto director = name == nullptr ? std::nullopt : context.read_director(*name);
  if (!director) return {};
  ReloadDaemon reload{*director, {}};
  if (const YamlNode* config = fields["config"]) {
    const auto file = context.in.read_text(*config);
    if (!file) return {};
    reload.config_file = context.in.beside(*file);
    context.configs.load(*context.director(*director), *reload.config_file, context.in.place(*config));
  }
  return {std::move(reload)};
}

// ------------------------------------------------------------------ network

/// "lvs1 eno1", "lvs1" (its only interface), or {node: lvs1, interface: eno1}.
std::optional<std::pair<std::string, std::string>> read_interface_of_node(LoadContext& context, const YamlNode& value) {
  YamlNode node_word = value;
  std::optional<YamlNode> interface_word;
  if (value.kind == YamlNode::Kind::map) {
    const Fields fields{context.in, value, keys::kInterfaceOfNode};
    const YamlNode* node = fields.required("node");
    if (node == nullptr) return std::nullopt;
    node_word = *node;
    if (const YamlNode* interface = fields["interface"]) interface_word = *interface;
  } else if (value.kind == YamlNode::Kind::scalar) {
    const std::size_t blank = value.scalar.find(' ');
    if (blank != std::string::npos) {
      node_word.scalar = value.scalar.substr(0, blank);
      interface_word = value;
      interface_word->scalar = value.scalar.substr(std::min(value.scalar.size(), blank + 1));
      interface_word->column += static_cast<int>(blank) + 1;
    }
  }
  const auto node = context.read_node(node_word);
  if (!node) return std::nullopt;
  if (interface_word) {
    const auto interface = context.read_interface(*interface_word, *node);
    if (!interface) return std::nullopt;
    return std::pair{*node, *interface};
  }
  const auto& interfaces = *context.interfaces(*node);
  if (interfaces.size() == 1) return std::pair{*node, interfaces.front().name};
  context.in.error(value, value.name + ": " + *node + " has several interfaces", "\"" + *node + " INTERFACE\"");
  return std::nullopt;
}

template <class Action>
Actions load_interface_change(LoadContext& context, const YamlNode& value) {
  auto found = read_interface_of_node(context, value);
  if (!found) return {};
  return {Action{std::move(found->first), std::move(found->second)}};
}

/// Clients and real servers keep theirs: their programs do not look for new ones.
template <class Action>
Actions load_interface_existence(LoadContext& context, const YamlNode& value) {
  auto found = read_interface_of_node(context, value);
  if (!found) return {};
  if (context.director(found->first) == nullptr) {
    context.in.error(value, value.name + ": " + found->first + " is not a director", "an interface of a director");
    return {};
  }
  return {Action{std::move(found->first), std::move(found->second)}};
}

Actions load_isolate(LoadContext& context, const YamlNode& value) {
  Actions actions;
  for (std::string& name : context.read_nodes(value)) actions.push_back(Isolate{std::move(name)});
  return actions;
}

Actions load_partition(LoadContext& context, const YamlNode& value) {
  const YamlNode* groups = &value;
  Partition partition;
  if (value.kind == YamlNode::Kind::map) {
    const Fields fields{context.in, value, keys::kPartition};
    groups = fields.required("groups");
    partition.segment = context.read_segment(fields["segment"]);
    if (groups == nullptr) return {};
  } else {
    partition.segment = context.read_segment(nullptr);
  }
  if (!context.in.expect_list(*groups)) return {};
  std::set<std::string> seen;
  for (const YamlNode& group : groups->items) {
    partition.groups.push_back(context.read_nodes(group));
    for (const std::string& name : partition.groups.back()) {
      if (!seen.insert(name).second) context.in.error(group, "partition: " + name + " is in two groups");
    }
  }
  if (partition.groups.empty()) context.in.error(*groups, "partition: no group", "groups such as [[lvs1], [lvs2]]");
  return {std::move(partition)};
}

Actions load_cut(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kCut};
  const YamlNode* from = fields.required("from");
  const YamlNode* to = fields.required("to");
  if (from == nullptr || to == nullptr) return {};
  const auto from_name = context.read_node(*from);
  const auto to_name = context.read_node(*to);
  if (!from_name || !to_name) return {};
  if (*from_name == *to_name) context.in.error(*to, "cut: from " + *from_name + " to itself");
  return {CutOneWay{*from_name, *to_name, context.read_segment(fields["segment"])}};
}

Actions load_heal(LoadContext& context, const YamlNode& value) {
  if (value.kind == YamlNode::Kind::map) {
    Fields{context.in, value, keys::kHeal};
  } else if (value.kind != YamlNode::Kind::null && context.in.read_bool(value) == false) {
    context.in.error(value, "heal: false does nothing", "heal: true");
  }
  return {Heal{}};
}

/// `faults: none` undoes every faults step above it.
Actions load_no_faults(LoadContext& context) {
  Actions actions;
  std::set<std::pair<std::string, std::string>> done;
  for (const Step& step : context.scenario.steps) {
    const auto* set = std::get_if<SetFaults>(&step.action);
    if (set == nullptr || !done.insert({set->segment, set->node}).second) continue;
    actions.push_back(SetFaults{set->segment, set->node, true, true, {}});
  }
  return actions;
}

Actions load_faults(LoadContext& context, const YamlNode& value) {
  YamlReader& in = context.in;
  if (value.kind == YamlNode::Kind::scalar && value.scalar == "none") {
    Actions actions = load_no_faults(context);
    if (actions.empty()) in.error(value, "faults: none, but no step above sets any");
    return actions;
  }
  const Fields fields{in, value, keys::kFaults};
  if (!fields.is_map()) return {};
  SetFaults set;
  set.segment = context.read_segment(fields["segment"]);
  if (const YamlNode* node = fields["node"]) set.node = context.read_node(*node).value_or("");
  if (const YamlNode* direction = fields["direction"]) {
    const std::vector<std::string> words{"in", "out", "both"};
    const std::string word = in.read_name(*direction, "direction", words).value_or("both");
    set.from_node = word != "in";
    set.to_node = word != "out";
    if (fields["node"] == nullptr) in.error(*direction, "direction: of which machine?", "'node' beside it");
  }
  in.take(fields["delay"], set.faults.delay);
  in.take(fields["jitter"], set.faults.jitter);
  in.take(fields["loss"], set.faults.loss);
  in.take(fields["duplication"], set.faults.duplication);
  in.take(fields["reordering"], set.faults.reordering);
  in.take(fields["corruption"], set.faults.corruption);
  in.take(fields["cut"], set.faults.cut);
  return {std::move(set)};
}

Actions load_gratuitous_arp(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kGratuitousArp};
  InjectArp inject;
  inject.segment = context.read_segment(fields["segment"]);
  context.in.take(fields.required("address"), inject.address);
  context.in.take(fields.required("mac"), inject.mac);
  return {std::move(inject)};
}

Actions load_flush_arp(LoadContext& context, const YamlNode& value) {
  Actions actions;
  for (const YamlNode* item : context.in.one_or_more(value)) {
    if (auto client = context.read_client(item, value)) actions.push_back(FlushArp{std::move(*client)});
  }
  return actions;
}

Actions load_probe(LoadContext& context, const YamlNode& value) {
  constexpr Duration kFastest = std::chrono::milliseconds{1};
  StartProbe probe;
  const YamlNode* target = &value;
  const YamlNode* client = nullptr;
  if (value.kind == YamlNode::Kind::map) {
    const Fields fields{context.in, value, keys::kProbe};
    target = fields.required("target");
    client = fields["client"];
    context.in.take(fields["every"], probe.every);
    context.in.take(fields["timeout"], probe.timeout);
    if (probe.every < kFastest) context.in.error(*fields["every"], "every: too fast", "1ms or more");
  }
  const auto name = context.read_client(client, value);
  if (target == nullptr || !name) return {};
  const auto found = context.read_target(*target);
  if (!found) return {};
  probe.client = *name;
  probe.target = found->address;
  probe.port = found->port;
  return {std::move(probe)};
}

// ------------------------------------------------------------------ files, processes, addresses, clocks

std::optional<std::string> read_on(LoadContext& context, const Fields& fields) {
  const YamlNode* node = fields.required("on");
  return node == nullptr ? std::nullopt : context.read_director(*node);
}

Actions load_touch(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kTouch};
  TouchFile touch;
  touch.node = read_on(context, fields).value_or("");
  context.in.take(fields.required("file"), touch.path);
  context.in.take(fields["contents"], touch.contents);
  return {std::move(touch)};
}

Actions load_remove(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kRemove};
  RemoveFile remove;
  remove.node = read_on(context, fields).value_or("");
  context.in.take(fields.required("file"), remove.path);
  return {std::move(remove)};
}

template <class Action>
Actions load_process(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kProcess};
  Action action;
  action.node = read_on(context, fields).value_or("");
  context.in.take(fields.required("process"), action.process);
  return {std::move(action)};
}

Actions load_add_address(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kAddAddress};
  const auto node = read_on(context, fields);
  const YamlNode* address = fields.required("address");
  if (!node || address == nullptr) return {};
  AddAddressByHand add{*node, {}, {}};
  add.address = context.in.read_prefix(*address).value_or(IpPrefix{});
  const auto& interfaces = *context.interfaces(*node);
  if (const YamlNode* interface = fields["interface"]) {
    add.interface = context.read_interface(*interface, *node).value_or("");
  } else if (interfaces.size() == 1) {
    add.interface = interfaces.front().name;
  } else {
    context.in.error(value, "'interface' is missing: " + *node + " has several");
  }
  return {std::move(add)};
}

Actions load_remove_address(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kRemoveAddress};
  RemoveAddressByHand remove;
  remove.node = read_on(context, fields).value_or("");
  context.in.take(fields.required("address"), remove.address);
  return {std::move(remove)};
}

Actions load_step_clock(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kStepClock};
  StepClock step;
  step.node = read_on(context, fields).value_or("");
  if (const YamlNode* by = fields.required("by")) step.by = context.in.read_signed_duration(*by).value_or(Duration{0});
  return {std::move(step)};
}

Actions load_note(LoadContext& context, const YamlNode& value) {
  Comment comment;
  context.in.take(&value, comment.text);
  return {std::move(comment)};
}

// ------------------------------------------------------------------ table

struct Entry {
  std::string_view key;
  Actions (*load)(LoadContext&, const YamlNode&);
};

constexpr std::array kActions{
    Entry{"start", load_for_directors<StartDaemon>},
    Entry{"stop", load_for_directors<StopDaemon>},
    Entry{"crash", load_for_parts<CrashDaemon>},
    Entry{"pause", load_for_parts<PauseDaemon>},
    Entry{"resume", load_for_parts<ResumeDaemon>},
    Entry{"power_off", load_for_nodes<PowerOff>},
    Entry{"power_on", load_for_nodes<PowerOn>},
    Entry{"pause_node", load_for_nodes<PauseNode>},
    Entry{"resume_node", load_for_nodes<ResumeNode>},
    Entry{"reload", load_reload},
    Entry{"interface_down", load_interface_change<InterfaceDown>},
    Entry{"interface_up", load_interface_change<InterfaceUp>},
    Entry{"delete_interface", load_interface_existence<DeleteInterface>},
    Entry{"create_interface", load_interface_existence<CreateInterface>},
    Entry{"isolate", load_isolate},
    Entry{"partition", load_partition},
    Entry{"cut", load_cut},
    Entry{"heal", load_heal},
    Entry{"faults", load_faults},
    Entry{"touch", load_touch},
    Entry{"remove", load_remove},
    Entry{"start_process", load_process<StartProcess>},
    Entry{"stop_process", load_process<StopProcess>},
    Entry{"add_address", load_add_address},
    Entry{"remove_address", load_remove_address},
    Entry{"step_clock", load_step_clock},
    Entry{"advertise", load_advertise},
    Entry{"gratuitous_arp", load_gratuitous_arp},
    Entry{"flush_arp", load_flush_arp},
    Entry{"probe", load_probe},
    Entry{"stop_service", load_stop_service},
    Entry{"start_service", load_start_service},
    Entry{"set_service", load_set_service},
    Entry{"request", load_request},
    Entry{"connect", load_connect},
    Entry{"edit_ipvs", load_edit_ipvs},
    Entry{"note", load_note},
};

const Entry* entry_of(std::string_view key) {
  const auto found = std::find_if(kActions.begin(), kActions.end(), [&](const Entry& it) { return it.key == key; });
  return found == kActions.end() ? nullptr : &*found;
}

}  // namespace

bool is_action(std::string_view key) { return entry_of(key) != nullptr; }

std::vector<StepAction> load_action(LoadContext& context, std::string_view key, const YamlNode& value) {
  return entry_of(key)->load(context, value);
}

}  // namespace vipdrift::scenarios
