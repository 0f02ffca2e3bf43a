#include "scenarios/step_loader.h"

#include <utility>

#include "scenarios/action_loader.h"
#include "scenarios/durations.h"
#include "scenarios/expectation_loader.h"
#include "scenarios/step_text.h"

namespace vipdrift::scenarios {
namespace {

/// Sums of steps stay far from the end of integer nanoseconds.
constexpr Duration kLatest = std::chrono::hours{24 * 365 * 20};

/// Scenario time of an item: its `at`, `after` the item above, or the same as the item above.
Duration time_of(LoadContext& context, const Fields& fields, Duration above) {
  YamlReader& in = context.in;
  const YamlNode* at = fields["at"];
  const YamlNode* after = fields["after"];
  if (at != nullptr && after != nullptr) in.error(*after, "'at' and 'after' at once", "one of them");
  if (at != nullptr) {
    const auto time = in.read_duration(*at);
    if (!time) return above;
    if (*time >= above) return *time;
    in.error(*at, "at: " + to_text(*time) + " is before the step above, " + to_text(above),
             "steps in order of their times");
    return above;
  }
  if (after == nullptr) return above;
  const Duration time = above + in.read_duration(*after).value_or(Duration{0});
  if (time <= kLatest) return time;
  in.error(*after, "after: later than 20 years");
  return above;
}

void load_item(LoadContext& context, const YamlNode& item, Duration& now) {
  const Fields fields{context.in, item, keys::kStep};
  if (!fields.is_map()) return;
  now = time_of(context, fields, now);
  const YamlEntry* action = nullptr;
  for (const YamlEntry& entry : item.entries) {
    if (!is_action(entry.key)) continue;
    if (action != nullptr) {
      context.in.error(Place{context.in.file(), entry.line, entry.column},
                       "'" + action->key + "' and '" + entry.key + "' in one step", "a step for each");
    } else {
      action = &entry;
    }
  }
  const YamlNode* expect = fields["expect"];
  if (action == nullptr && expect == nullptr) {
    context.in.error(item, "a step without anything to do", "an action such as crash: lvs1, or expect");
  }
  if (action != nullptr) {
    for (StepAction& loaded : load_action(context, action->key, action->value)) {
      std::string text = describe(loaded);
      context.scenario.steps.push_back(
          {now, {context.in.file(), action->line, action->column}, std::move(text), std::move(loaded)});
    }
  }
  if (expect != nullptr) load_expectations(context, *expect, now);
}

}  // namespace

void load_steps(LoadContext& context, const YamlNode& list) {
  if (!context.in.expect_list(list)) return;
  if (list.items.empty()) context.in.error(list, "steps: none");
  Duration now{0};
  for (const YamlNode& item : list.items) load_item(context, item, now);
}

}  // namespace vipdrift::scenarios
