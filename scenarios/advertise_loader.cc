#include <utility>

#include "scenarios/action_loader.h"

namespace vipdrift::scenarios {
namespace {

/// Scenarios end some day; a series that does not is a slip.
constexpr Duration kLongestSeries = std::chrono::hours{24 * 366};
constexpr Duration kFastestSeries = std::chrono::microseconds{100};

void load_raw(YamlReader& in, const YamlNode& node, InjectAdvertisement& inject) {
  const Fields fields{in, node, keys::kRaw};
  in.take(fields["version"], inject.raw_version);
  in.take(fields["type"], inject.raw_type);
  in.take(fields["auth_type"], inject.raw_auth_type);
  in.take(fields["interval"], inject.raw_interval);
  in.take(fields["count"], inject.raw_count);
  if (const YamlNode* bytes = fields["truncate_to"]) {
    if (const auto value = in.read_integer(*bytes, 0, 65'535)) inject.truncate_to = static_cast<std::size_t>(*value);
  }
  for (const auto& [key, nibble] : {std::pair{"version", inject.raw_version}, std::pair{"type", inject.raw_type}}) {
    if (nibble && *nibble > 15) in.error(*fields[key], std::string{key} + ": has four bits", "0 to 15");
  }
}

void load_series(YamlReader& in, const Fields& fields, InjectAdvertisement& inject) {
  if (const YamlNode* times = fields["times"]) {
    inject.times = static_cast<int>(in.read_integer(*times, 1, 1'000'000).value_or(1));
  }
  const YamlNode* every = fields["every"];
  in.take(every, inject.every);
  if (inject.times == 1) return;
  if (every == nullptr) {
    in.error(*fields["times"], "'times' without 'every'", "every: 1s beside it");
  } else if (inject.every < kFastestSeries) {
    in.error(*every, "every: too fast", "100us or more");
  } else if (inject.every > kLongestSeries / inject.times) {
    in.error(*every, "the series goes on for more than a year");
  }
}

}  // namespace

std::vector<StepAction> load_advertise(LoadContext& context, const YamlNode& value) {
  YamlReader& in = context.in;
  const Fields fields{in, value, keys::kAdvertise};
  if (!fields.is_map()) return {};
  InjectAdvertisement inject;
  inject.segment = context.read_segment(fields["segment"]);
  if (const YamlNode* version = fields["version"]) {
    inject.version = in.read_integer(*version, 2, 3).value_or(2) == 3 ? vrrp::Version::v3 : vrrp::Version::v2;
  }
  in.take(fields.required("vrid"), inject.vrid);
  in.take(fields["priority"], inject.priority);
  in.take(fields["interval"], inject.interval);
  in.take(fields.required("source"), inject.source);
  inject.family = inject.source.family();
  in.take(fields["destination"], inject.destination);
  if (inject.destination && inject.destination->family() != inject.family) {
    in.error(*fields["destination"], "destination: not of the source's address family");
  }
  const YamlNode* addresses = fields["addresses"];
  const bool none = addresses != nullptr && addresses->kind == YamlNode::Kind::list && addresses->items.empty();
  if (addresses != nullptr && !none) {
    for (const YamlNode* item : in.one_or_more(*addresses)) {
      const auto address = in.read_address(*item);
      if (!address) continue;
      if (address->family() != inject.family) in.error(*item, "addresses: not of the source's address family");
      inject.addresses.push_back(*address);
    }
    if (inject.addresses.size() > 255) in.error(*addresses, "addresses: more than 255");
  }
  in.take(fields["auth_pass"], inject.auth_pass);
  in.take(fields["ttl"], inject.ttl);
  in.take(fields["bad_checksum"], inject.bad_checksum);
  in.take(fields["checksum_of_message_only"], inject.checksum_of_message_only);
  if (const YamlNode* raw = fields["raw"]) load_raw(in, *raw, inject);
  load_series(in, fields, inject);
  return {std::move(inject)};
}

}  // namespace vipdrift::scenarios
