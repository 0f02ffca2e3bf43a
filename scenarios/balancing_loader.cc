#include "scenarios/balancing_loader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "scenarios/durations.h"
#include "scenarios/service_action_loader.h"
#include "scenarios/timeline.h"

namespace vipdrift::scenarios {
namespace {

constexpr int kHeaviest = 65535;

/// A client and what it asks, from a map or a URL alone; the client begins to ask if no step says so.
struct Asking {
  std::string client;
  Url url;
};

std::optional<Asking> read_asking(LoadContext& context, const YamlNode* client, const YamlNode* url,
                                  const YamlNode& owner) {
  const auto name = context.read_client(client, owner);
  if (!name || url == nullptr) return std::nullopt;
  const auto found = context.read_url(*url);
  if (!found) return std::nullopt;
  ensure_requests(context, *name, *found);
  return Asking{*name, *found};
}

struct Connecting {
  std::string client;
  Target target;
};

std::optional<Connecting> read_connecting(LoadContext& context, const Fields& fields) {
  const auto name = context.read_client(fields["client"], fields.node());
  const YamlNode* to = fields.required("to");
  if (!name || to == nullptr) return std::nullopt;
  const auto target = context.read_endpoint(*to);
  if (!target) return std::nullopt;
  ensure_connection(context, *name, *target);
  return Connecting{*name, *target};
}

// ------------------------------------------------------------------ pools

YamlNode name_of(const YamlEntry& entry) {
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.line = entry.line;
  node.column = entry.column;
  node.name = "is";
  node.scalar = entry.key;
  return node;
}

void read_members(LoadContext& context, const YamlNode& value, PoolIs& pool) {
  const auto add = [&](const YamlNode& node) -> PoolMember* {
    auto member = read_pool_member(context, node, pool.service, pool.director);
    if (!member) return nullptr;
    const bool again = std::any_of(pool.members.begin(), pool.members.end(),
                                   [&](const PoolMember& known) { return known.key == member->key; });
    if (again) context.in.error(node, "is: '" + member->name + "' twice");
    pool.members.push_back(std::move(*member));
    return &pool.members.back();
  };
  if (value.kind == YamlNode::Kind::map) {
    pool.weighted = true;
    for (const YamlEntry& entry : value.entries) {
      const auto weight = context.in.read_integer(entry.value, 0, kHeaviest);
      PoolMember* member = add(name_of(entry));
      if (member != nullptr && weight) member->weight = static_cast<int>(*weight);
    }
    return;
  }
  if (value.kind == YamlNode::Kind::list && value.items.empty()) return;  // nobody
  if (value.kind == YamlNode::Kind::scalar && value.scalar == "nobody") return;
  for (const YamlNode* item : context.in.one_or_more(value)) add(*item);
}

// ------------------------------------------------------------------ shares

/// "70..80%", "70%..80%"; a bare "75%" is both bounds.
std::optional<SharesAre::Share> read_share(LoadContext& context, const YamlNode& node) {
  const auto text = context.in.read_text(node);
  if (!text) return std::nullopt;
  const std::size_t dots = text->find("..");
  std::string low = text->substr(0, std::min(dots, text->size()));
  if (dots != std::string::npos && (low.empty() || low.back() != '%')) low += '%';
  const auto least = parse_share(low);
  const auto most = dots == std::string::npos ? least : parse_share(text->substr(dots + 2));
  if (!least || !most || least->value > most->value) {
    context.in.error(node, "'" + *text + "' is no range of shares", "70..80%");
    return std::nullopt;
  }
  return SharesAre::Share{{}, least->value, most->value};
}

// ------------------------------------------------------------------ texts

std::string asking_text(const Asking& asking) {
  return "requests of " + asking.client + " for " + to_string(asking.url);
}

}  // namespace

// ------------------------------------------------------------------ conditions

std::optional<Condition> load_pool(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kPool};
  const YamlNode* on = fields.required("on");
  const YamlNode* service_node = fields.required("service");
  const YamlNode* is = fields.required("is");
  if (on == nullptr || service_node == nullptr || is == nullptr) return std::nullopt;
  const auto director = context.read_director(*on);
  if (!director) return std::nullopt;
  const auto service = context.read_service(*service_node, *director);
  if (!service) return std::nullopt;
  PoolIs pool{*service, *director, {}};
  read_members(context, *is, pool);
  return pool;
}

std::optional<Condition> load_answers(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kAnswers};
  if (!fields.is_map()) return std::nullopt;
  const YamlNode* from = fields.required("from");
  const auto asking = read_asking(context, fields["client"], fields.required("url"), value);
  if (!asking || from == nullptr) return std::nullopt;
  AnswersFrom condition;
  condition.client = asking->client;
  condition.url = asking->url;
  condition.nodes = context.read_nodes(*from);
  context.in.take(fields["in_turn"], condition.in_turn);
  if (const YamlNode* status = fields["status"]) {
    if (const auto code = context.in.read_integer(*status, 100, 599)) condition.status = static_cast<int>(*code);
  }
  if (condition.nodes.empty()) return std::nullopt;
  return condition;
}

std::optional<Condition> load_shares(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kShares};
  if (!fields.is_map()) return std::nullopt;
  const YamlNode* are = fields.required("are");
  const auto asking = read_asking(context, fields["client"], fields.required("url"), value);
  if (!asking || are == nullptr || !context.in.expect_map(*are)) return std::nullopt;
  SharesAre condition{asking->client, asking->url, {}};
  for (const YamlEntry& entry : are->entries) {
    const auto node = context.read_node(name_of(entry));
    auto share = read_share(context, entry.value);
    if (!node || !share) return std::nullopt;
    share->node = *node;
    condition.shares.push_back(std::move(*share));
  }
  if (condition.shares.empty()) context.in.error(*are, "are: no share", "are: {rs1: 70..80%}");
  return condition;
}

std::optional<Condition> load_not_served(LoadContext& context, const YamlNode& value) {
  std::optional<Asking> asking;
  if (value.kind == YamlNode::Kind::map) {
    const Fields fields{context.in, value, keys::kUnserved};
    asking = read_asking(context, fields["client"], fields.required("url"), value);
  } else {
    asking = read_asking(context, nullptr, &value, value);
  }
  if (!asking) return std::nullopt;
  NotServed condition{asking->client, asking->url, {}};
  if (value.name == "refused") condition.how = RequestFailure::refused;
  return condition;
}

std::optional<Condition> load_connection(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kConnection};
  if (!fields.is_map()) return std::nullopt;
  const YamlNode* is = fields.required("is");
  const auto connecting = read_connecting(context, fields);
  if (!connecting || is == nullptr) return std::nullopt;
  constexpr ConnectionState kStates[] = {ConnectionState::alive, ConnectionState::stalled, ConnectionState::broken};
  std::vector<std::string> words;
  for (const ConnectionState state : kStates) words.emplace_back(to_string(state));
  const auto word = context.in.read_name(*is, "state of a connection", words);
  if (!word) return std::nullopt;
  ConnectionIs condition{connecting->client, connecting->target.address, connecting->target.port, {}, {}};
  condition.state = kStates[static_cast<std::size_t>(std::find(words.begin(), words.end(), *word) - words.begin())];
  if (const YamlNode* node = fields["node"]) {
    condition.node = context.read_node(*node);
    if (!condition.node) return std::nullopt;
    if (condition.state != ConnectionState::alive) context.in.error(*node, "node: only who is alive answers");
  }
  return condition;
}

// ------------------------------------------------------------------ invariants

std::optional<Always> load_requests(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kRequests};
  if (!fields.is_map()) return std::nullopt;
  const auto asking = read_asking(context, fields["client"], fields.required("url"), value);
  RequestsServed invariant;
  context.in.take(fields["failures_at_most"], invariant.failures_at_most);
  context.in.take(fields["outage_at_most"], invariant.outage_at_most);
  context.in.take(fields["outage_at_least"], invariant.outage_at_least);
  if (!invariant.failures_at_most && !invariant.outage_at_most && !invariant.outage_at_least) {
    context.in.error(value, "requests: no bound", "failures_at_most: 0, or outage_at_most: 4s");
  }
  if (invariant.outage_at_most && invariant.outage_at_least && *invariant.outage_at_least > *invariant.outage_at_most) {
    context.in.error(*fields["outage_at_least"], "outage_at_least: more than outage_at_most");
  }
  if (!asking) return std::nullopt;
  invariant.client = asking->client;
  invariant.url = asking->url;
  std::string text = asking_text(*asking);
  if (invariant.failures_at_most) text += ", failures at most " + std::to_string(*invariant.failures_at_most);
  if (invariant.outage_at_most) text += ", outage at most " + to_text(*invariant.outage_at_most);
  if (invariant.outage_at_least) text += ", outage at least " + to_text(*invariant.outage_at_least);
  return Always{{}, std::move(text), std::move(invariant)};
}

std::optional<Always> load_pool_not_empty(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kPoolNotEmpty};
  PoolNotEmpty invariant;
  if (const YamlNode* on = fields["on"]) {
    invariant.director = context.read_director(*on);
    if (!invariant.director) return std::nullopt;
  }
  context.in.take(fields["except_for"], invariant.except_for);
  const YamlNode* node = fields.required("service");
  const auto service = node == nullptr ? std::nullopt : context.read_service(*node, invariant.director.value_or(""));
  if (!service) return std::nullopt;
  invariant.service = *service;
  std::string text = "pool of " + service_text(*service) +
                     (invariant.director ? " on " + *invariant.director : "") + " never empty";
  if (invariant.except_for > Duration{0}) text += ", except for " + to_text(invariant.except_for);
  return Always{{}, std::move(text), std::move(invariant)};
}

std::optional<Always> load_no_mixed_pool(LoadContext& context, const YamlNode& value) {
  NoMixedPool invariant;
  if (value.kind == YamlNode::Kind::map) {
    const Fields fields{context.in, value, keys::kNoMixedPool};
    context.in.take(fields["except_for"], invariant.except_for);
    if (const YamlNode* node = fields["service"]) {
      invariant.service = context.read_service(*node, "");
      if (!invariant.service) return std::nullopt;
    }
  } else if (context.in.read_bool(value) == false) {
    context.in.error(value, "no_mixed_pool: false asks for nothing", "true");
  }
  std::string text = "sorry and real servers never together";
  if (invariant.service) text += " behind " + service_text(*invariant.service);
  if (invariant.except_for > Duration{0}) text += ", except for " + to_text(invariant.except_for);
  return Always{{}, std::move(text), std::move(invariant)};
}

std::optional<Always> load_connection_survives(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kConnectionSurvives};
  if (!fields.is_map()) return std::nullopt;
  ConnectionSurvives invariant;
  context.in.take(fields.required("stalled_at_most"), invariant.stalled_at_most);
  const auto connecting = read_connecting(context, fields);
  if (!connecting) return std::nullopt;
  invariant.client = connecting->client;
  invariant.target = connecting->target.address;
  invariant.port = connecting->target.port;
  std::string text = "connection of " + invariant.client + " to " + target_text(invariant.target, invariant.port) +
                     " survives, stalled at most " + to_text(invariant.stalled_at_most);
  return Always{{}, std::move(text), std::move(invariant)};
}

}  // namespace vipdrift::scenarios
