#include "scenarios/always_loader.h"

#include <array>
#include <utility>

#include "scenarios/balancing_loader.h"
#include "scenarios/durations.h"
#include "scenarios/expectation_loader.h"
#include "scenarios/timeline.h"

namespace vipdrift::scenarios {
namespace {

using Loaded = std::optional<Always>;

Loaded load_one_master(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kOneMaster};
  OneMaster invariant;
  context.in.take(fields.required("except_for"), invariant.except_for);
  context.in.take(fields["settling"], invariant.settling);
  std::string text = "one master, except for " + to_text(invariant.except_for);
  if (invariant.settling) text += ", settling " + to_text(*invariant.settling);
  return Always{{}, std::move(text), invariant};
}

Loaded load_one_holder(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kOneHolder};
  OneHolder invariant;
  context.in.take(fields.required("except_for"), invariant.except_for);
  return Always{{}, "no address held twice, except for " + to_text(invariant.except_for), invariant};
}

Loaded load_client(LoadContext& context, const YamlNode& value) {
  constexpr Duration kFastest = std::chrono::milliseconds{1};
  YamlReader& in = context.in;
  const Fields fields{in, value, keys::kClientOutage};
  if (!fields.is_map()) return std::nullopt;
  ClientOutage invariant;
  in.take(fields["every"], invariant.every);
  if (invariant.every < kFastest) in.error(*fields["every"], "every: too fast", "1ms or more");
  in.take(fields.required("outage_at_most"), invariant.at_most);
  in.take(fields["outage_at_least"], invariant.at_least);
  if (invariant.at_least && *invariant.at_least > invariant.at_most) {
    in.error(*fields["outage_at_least"], "outage_at_least: more than outage_at_most");
  }
  const auto client = context.read_client(fields["name"], value);
  const YamlNode* probing = fields.required("probing");
  if (!client || probing == nullptr) return std::nullopt;
  const auto target = context.read_target(*probing);
  if (!target) return std::nullopt;
  invariant.client = *client;
  invariant.target = target->address;
  invariant.port = target->port;
  const Duration every = ensure_probe(context, *client, *target, invariant.every);
  if (fields["every"] != nullptr && every != invariant.every) {
    in.error(*fields["every"], "every: a step probes the same every " + to_text(every));
  }
  invariant.every = every;
  std::string text = *client + " probing " + target_text(target->address, target->port) + ", outage at most " +
                     to_text(invariant.at_most);
  if (invariant.at_least) text += ", at least " + to_text(*invariant.at_least);
  return Always{{}, std::move(text), std::move(invariant)};
}

Loaded load_no_address_in_fault(LoadContext& context, const YamlNode& value) {
  NoAddressInFault invariant;
  if (value.kind == YamlNode::Kind::map) {
    const Fields fields{context.in, value, keys::kNoAddressInFault};
    context.in.take(fields["except_for"], invariant.except_for);
  } else if (context.in.read_bool(value) == false) {
    context.in.error(value, "no_address_in_fault: false asks for nothing", "true");
  }
  std::string text = "no address in FAULT";
  if (invariant.except_for > Duration{0}) text += ", except for " + to_text(invariant.except_for);
  return Always{{}, std::move(text), invariant};
}

Loaded load_transitions(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kTransitions};
  TransitionsAtMost invariant;
  if (const YamlNode* on = fields["on"]) invariant.director = context.read_director(*on);
  const YamlNode* instance = fields.required("instance");
  context.in.take(fields.required("at_most"), invariant.times);
  if (instance == nullptr) return std::nullopt;
  const auto name = context.read_instance(*instance, invariant.director.value_or(""));
  if (!name) return std::nullopt;
  invariant.instance = *name;
  std::string text = "transitions of " + *name + (invariant.director ? " on " + *invariant.director : "") +
                     " at most " + std::to_string(invariant.times);
  return Always{{}, std::move(text), std::move(invariant)};
}

struct Entry {
  std::string_view key;
  Loaded (*load)(LoadContext&, const YamlNode&);
};

constexpr std::array kInvariants{Entry{"one_master", load_one_master},
                                 Entry{"one_holder", load_one_holder},
                                 Entry{"client", load_client},
                                 Entry{"no_address_in_fault", load_no_address_in_fault},
                                 Entry{"transitions", load_transitions},
                                 Entry{"requests", load_requests},
                                 Entry{"pool_not_empty", load_pool_not_empty},
                                 Entry{"no_mixed_pool", load_no_mixed_pool},
                                 Entry{"connection", load_connection_survives}};

}  // namespace

void load_always(LoadContext& context, const YamlNode& list) {
  if (!context.in.expect_list(list)) return;
  for (const YamlNode& item : list.items) {
    const Fields fields{context.in, item, keys::kAlways};
    if (!fields.is_map()) continue;
    if (item.entries.size() != 1) {
      context.in.error(item, "always: " + std::to_string(item.entries.size()) + " invariants in one item", "one");
    }
    for (const Entry& entry : kInvariants) {
      const YamlNode* value = fields[entry.key];
      if (value == nullptr) continue;
      auto loaded = entry.load(context, *value);
      if (!loaded) continue;
      loaded->place = context.in.place(item);
      context.scenario.always.push_back(std::move(*loaded));
    }
  }
}

}  // namespace vipdrift::scenarios
