#include "scenarios/expectation_loader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/config/nearest_word.h"
#include "scenarios/balancing_loader.h"
#include "scenarios/condition.h"
#include "scenarios/durations.h"
#include "scenarios/notification_loader.h"
#include "scenarios/step_text.h"

namespace vipdrift::scenarios {
namespace {

// ------------------------------------------------------------------ words

template <class Enum>
struct Word {
  std::string_view text;
  Enum value;
};

constexpr std::array kStates{
    Word<vrrp::State>{"MASTER", vrrp::State::master}, Word<vrrp::State>{"BACKUP", vrrp::State::backup},
    Word<vrrp::State>{"FAULT", vrrp::State::fault}, Word<vrrp::State>{"INIT", vrrp::State::initialize}};

constexpr std::array kQuorumStates{Word<bool>{"UP", true}, Word<bool>{"DOWN", false}};

constexpr std::array kChecksums{Word<ChecksumForm>{"bad", ChecksumForm::bad},
                                Word<ChecksumForm>{"message_only", ChecksumForm::message_only},
                                Word<ChecksumForm>{"with_pseudo_header", ChecksumForm::with_pseudo_header}};

template <class Words>
auto read_word(YamlReader& in, const YamlNode& node, std::string_view kind, const Words& words)
    -> std::optional<decltype(words[0].value)> {
  std::vector<std::string> texts;
  for (const auto& word : words) texts.emplace_back(word.text);
  const auto found = in.read_name(node, kind, texts);
  if (!found) return std::nullopt;
  for (const auto& word : words) {
    if (word.text == *found) return word.value;
  }
  return std::nullopt;
}

// ------------------------------------------------------------------ conditions

/// A condition together with what its readers need; every reader returns nullopt after an error.
struct ConditionReader {
  LoadContext& context;
  const Fields& fields;

  YamlReader& in() const { return context.in; }

  std::optional<std::string> on() const {
    const YamlNode* node = fields.required("on");
    return node == nullptr ? std::nullopt : context.read_director(*node);
  }

  std::optional<Condition> vip() const {
    const YamlNode* on_node = fields["on"];
    const YamlNode* holders = fields["holders"];
    const auto address = context.read_vip(*fields["vip"]);
    if ((on_node == nullptr) == (holders == nullptr)) {
      in().error(fields.node(), "vip: on which director?", "either 'on' or 'holders'");
      return std::nullopt;
    }
    if (!address) return std::nullopt;
    if (holders != nullptr) {
      VipHolders condition{*address, {}};
      const bool nobody = holders->kind == YamlNode::Kind::list && holders->items.empty();
      if (!nobody) condition.directors = context.read_directors(*holders);
      return condition;
    }
    if (on_node->kind == YamlNode::Kind::scalar && on_node->scalar == "nobody") return VipOn{*address, {}};
    const auto director = on();
    if (!director) return std::nullopt;
    return VipOn{*address, *director};
  }

  std::optional<Condition> instance() const {
    const auto director = on();
    const YamlNode* state = fields["state"];
    const YamlNode* priority = fields["priority"];
    if ((state == nullptr) == (priority == nullptr)) {
      in().error(fields.node(), "instance: what of it?", "either 'state' or 'priority'");
      return std::nullopt;
    }
    if (!director) return std::nullopt;
    const auto name = context.read_instance(*fields["instance"], *director);
    if (!name) return std::nullopt;
    if (priority != nullptr) {
      const auto value = in().read_integer(*priority, 0, 255);
      if (!value) return std::nullopt;
      return EffectivePriority{*name, *director, static_cast<int>(*value)};
    }
    const auto value = read_word(in(), *state, "state", kStates);
    if (!value) return std::nullopt;
    return InstanceState{*name, *director, *value};
  }

  std::optional<Condition> notify() const { return load_notification(context, fields); }
  std::optional<Condition> mail() const { return load_mail(context, fields); }

  std::optional<Condition> probing() const {
    const auto client = context.read_client(fields["client"], fields.node());
    const auto target = context.read_target(*fields["probing"]);
    const YamlNode* by = fields.required("answered_by");
    if (!client || !target || by == nullptr) return std::nullopt;
    ensure_probe(context, *client, *target, StartProbe{}.every);
    if (by->kind == YamlNode::Kind::scalar && by->scalar == "nobody") {
      return NotAnswered{*client, target->address, target->port};
    }
    const auto node = context.read_node(*by);
    if (!node) return std::nullopt;
    return AnsweredBy{*client, target->address, *node, target->port};
  }

  std::optional<Condition> believes() const {
    const auto client = context.read_client(fields["client"], fields.node());
    const Fields belief{in(), *fields["believes"], keys::kBelieves};
    const YamlNode* vip_node = belief.required("vip");
    const YamlNode* node = belief.required("node");
    if (!client || vip_node == nullptr || node == nullptr) return std::nullopt;
    const auto address = context.read_vip(*vip_node);
    const auto name = context.read_node(*node);
    if (!address || !name) return std::nullopt;
    ClientBelieves condition{*client, *address, *name};
    in().take(belief["mac"], condition.mac);
    return condition;
  }

  std::optional<Condition> advertisement() const {
    AdvertisementSeen condition;
    const Fields wanted{in(), *fields["advertisement"], keys::kAdvertisement};
    if (!wanted.is_map()) return std::nullopt;
    if (const YamlNode* from = wanted["from"]) {
      condition.from = context.read_director(*from);
      if (!condition.from) return std::nullopt;
    }
    in().take(wanted["vrid"], condition.vrid);
    in().take(wanted["priority"], condition.priority);
    in().take(wanted["source"], condition.source);
    in().take(wanted["destination"], condition.destination);
    in().take(wanted["version"], condition.version);
    in().take(wanted["type"], condition.type);
    in().take(wanted["ttl"], condition.ttl);
    in().take(wanted["auth_type"], condition.auth_type);
    in().take(wanted["interval"], condition.interval);
    in().take(wanted["source_mac"], condition.source_mac);
    if (const YamlNode* checksum = wanted["checksum"])
      condition.checksum = read_word(in(), *checksum, "checksum", kChecksums);
    if (const YamlNode* addresses = wanted["addresses"]) {
      std::vector<IpAddress>& list = condition.addresses.emplace();
      for (const YamlNode* item : in().one_or_more(*addresses)) {
        if (const auto address = in().read_address(*item)) list.push_back(*address);
      }
    }
    return condition;
  }

  std::optional<Condition> announcement() const {
    const Fields wanted{in(), *fields["announcement"], keys::kAnnouncement};
    const YamlNode* vip_node = wanted.required("vip");
    if (vip_node == nullptr) return std::nullopt;
    const auto address = context.read_vip(*vip_node);
    if (!address) return std::nullopt;
    AnnouncementSeen condition{*address, {}};
    in().take(wanted["mac"], condition.mac);
    if (const YamlNode* from = wanted["from"]) {
      condition.from = context.read_director(*from);
      if (!condition.from) return std::nullopt;
    }
    return condition;
  }

  std::optional<Condition> discarded() const {
    const auto director = on();
    const YamlNode& node = *fields["discarded"];
    std::vector<std::string> reasons;
    for (std::size_t i = 1; i < vrrp::kDiscardCount; ++i) {
      reasons.emplace_back(vrrp::to_string(static_cast<vrrp::Discard>(i)));
    }
    const auto reason = in().read_name(node, "reason for a discard", reasons);
    if (!director || !reason) return std::nullopt;
    DiscardedFor condition{*director, {}, vrrp::discard_from_string(*reason)};
    in().take(fields["vrid"], condition.vrid);
    return condition;
  }

  std::optional<Condition> log() const {
    const auto text = in().read_text(*fields["log"]);
    if (!text) return std::nullopt;
    Logged condition{{}, *text};
    if (fields["on"] != nullptr) {
      condition.director = on();
      if (!condition.director) return std::nullopt;
    }
    return condition;
  }

  std::optional<Condition> quorum() const {
    const auto director = on();
    const YamlNode* state = fields.required("state");
    if (!director || state == nullptr) return std::nullopt;
    const auto service = context.read_service(*fields["quorum"], *director);
    const auto up = read_word(in(), *state, "state of a quorum", kQuorumStates);
    if (!service || !up) return std::nullopt;
    return QuorumIs{*service, *director, *up};
  }

  std::optional<Condition> pool() const { return load_pool(context, *fields["pool"]); }
  std::optional<Condition> answers() const { return load_answers(context, *fields["answers"]); }
  std::optional<Condition> shares() const { return load_shares(context, *fields["shares"]); }
  std::optional<Condition> refused() const { return load_not_served(context, *fields["refused"]); }
  std::optional<Condition> not_answered() const { return load_not_served(context, *fields["not_answered"]); }
  std::optional<Condition> connection() const { return load_connection(context, *fields["connection"]); }
};

/// The key that says which kind of condition a line is, what may stand beside it, and who reads it.
struct Form {
  std::string_view key;
  std::array<std::string_view, 4> beside;
  std::optional<Condition> (ConditionReader::*read)() const;
};

constexpr std::array kForms{Form{"notify", {"on", "state", "priority", "behind"}, &ConditionReader::notify},
                            Form{"mail", {"on", "", "", ""}, &ConditionReader::mail},
                            Form{"vip", {"on", "holders", "", ""}, &ConditionReader::vip},
                            Form{"believes", {"client", "", "", ""}, &ConditionReader::believes},
                            Form{"probing", {"client", "answered_by", "", ""}, &ConditionReader::probing},
                            Form{"advertisement", {"", "", "", ""}, &ConditionReader::advertisement},
                            Form{"announcement", {"", "", "", ""}, &ConditionReader::announcement},
                            Form{"discarded", {"on", "vrid", "", ""}, &ConditionReader::discarded},
                            Form{"log", {"on", "", "", ""}, &ConditionReader::log},
                            Form{"instance", {"on", "state", "priority", ""}, &ConditionReader::instance},
                            Form{"pool", {"", "", "", ""}, &ConditionReader::pool},
                            Form{"quorum", {"on", "state", "", ""}, &ConditionReader::quorum},
                            Form{"answers", {"", "", "", ""}, &ConditionReader::answers},
                            Form{"shares", {"", "", "", ""}, &ConditionReader::shares},
                            Form{"refused", {"", "", "", ""}, &ConditionReader::refused},
                            Form{"not_answered", {"", "", "", ""}, &ConditionReader::not_answered},
                            Form{"connection", {"", "", "", ""}, &ConditionReader::connection}};

constexpr std::array<std::string_view, 7> kQualifiers{"within", "by",       "not_before", "for",
                                                      "never",  "at_least", "at_most"};

const Form* form_of(LoadContext& context, const Fields& fields) {
  const auto found = std::find_if(kForms.begin(), kForms.end(), [&](const Form& form) { return fields[form.key]; });
  if (found != kForms.end()) return &*found;
  context.in.error(fields.node(), "expect: nothing to look at",
                   "one of vip, instance, notify, mail, probing, believes, advertisement, announcement, discarded, "
                   "log, pool, quorum, answers, shares, refused, not_answered and connection");
  return nullptr;
}

/// Keys that the language knows but that say nothing in this form.
void check_strays(LoadContext& context, const Fields& fields, const Form& form) {
  const auto among = [](const auto& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  for (const YamlEntry& entry : fields.node().entries) {
    if (entry.key == form.key || among(form.beside, entry.key) || among(kQualifiers, entry.key)) continue;
    if (!among(keys::kExpect.keys, entry.key)) continue;
    context.in.error(Place{context.in.file(), entry.line, entry.column},
                     "'" + entry.key + "' does not go with '" + std::string{form.key} + "'");
  }
}

// ------------------------------------------------------------------ qualifiers

class QualifierReader {
 public:
  QualifierReader(YamlReader& in, const Fields& fields, Duration since) : in_{in}, fields_{fields}, since_{since} {}

  void read_into(Expectation& expectation) {
    read_deadline(expectation);
    if (const auto never = duration("never")) expectation.never_until = since_ + *never;
    if (const auto first = duration("not_before")) expectation.not_before = since_ + *first;
    if (const auto length = duration("for")) {
      if (expectation.deadline)
        expectation.holds_for = *length;
      else
        expectation.holds_until = since_ + *length;
    }
    in_.take(fields_["at_least"], expectation.at_least);
    in_.take(fields_["at_most"], expectation.at_most);
    check(expectation);
  }

 private:
  std::optional<Duration> duration(std::string_view key) {
    const YamlNode* node = fields_[key];
    return node == nullptr ? std::nullopt : in_.read_duration(*node);
  }

  bool both(std::string_view a, std::string_view b) const { return fields_[a] != nullptr && fields_[b] != nullptr; }

  void read_deadline(Expectation& expectation) {
    if (both("within", "by")) in_.error(*fields_["by"], "'within' and 'by' at once", "one of them");
    if (const auto within = duration("within")) expectation.deadline = since_ + *within;
    if (const auto by = duration("by")) {
      expectation.deadline = *by;
      if (*by < since_) in_.error(*fields_["by"], "by: " + to_text(*by) + " is before the step, " + to_text(since_));
    }
  }

  void check(const Expectation& expectation) {
    const bool deadline = fields_["within"] != nullptr || fields_["by"] != nullptr;
    const bool event = is_event(expectation.condition);
    if (!deadline && fields_["for"] == nullptr && fields_["never"] == nullptr) {
      in_.error(fields_.node(), "expect: no time is given",
                event ? "within: 5s, by: 30s or never: 5s" : "within: 5s, by: 30s, for: 10s or never: 10s");
    }
    for (const std::string_view key : {"within", "by", "not_before", "for", "at_least", "at_most"}) {
      if (both("never", key)) in_.error(*fields_[key], "'" + std::string{key} + "' does not go with 'never'");
    }
    for (const std::string_view key : {"not_before", "at_least", "at_most"}) {
      if (fields_[key] != nullptr && !deadline && fields_["never"] == nullptr) {
        in_.error(*fields_[key], "'" + std::string{key} + "' without a deadline", "within or by beside it");
      }
    }
    check_window(expectation);
    if (event && fields_["for"] != nullptr) in_.error(*fields_["for"], "for: an event does not last");
    for (const std::string_view key : {"at_least", "at_most"}) {
      if (!event && fields_[key] != nullptr) {
        in_.error(*fields_[key], std::string{key} + ": only events can be counted",
                  "notify, mail, advertisement, announcement, discarded or log");
      }
    }
    if (expectation.not_before && expectation.deadline && *expectation.not_before > *expectation.deadline) {
      in_.error(*fields_["not_before"], "not_before: later than the deadline");
    }
    if (expectation.at_least && expectation.at_most && *expectation.at_least > *expectation.at_most) {
      in_.error(*fields_["at_least"], "at_least: more than at_most");
    }
  }

  /// What is said of all requests of a window needs one.
  void check_window(const Expectation& expectation) {
    if (!is_window(expectation.condition)) return;
    if (fields_["for"] == nullptr) {
      in_.error(fields_.node(), "expect: for how long are requests looked at?", "for: 10s, with or without within: 5s");
    }
    for (const std::string_view key : {"never", "not_before"}) {
      if (fields_[key] != nullptr) in_.error(*fields_[key], "'" + std::string{key} + "' does not go with requests");
    }
  }

  YamlReader& in_;
  const Fields& fields_;
  Duration since_;
};

std::string text_of(const Expectation& expectation, const Fields& fields) {
  std::string text = describe(expectation.condition);
  for (const std::string_view key : {"not_before", "within", "by", "for", "never", "at_least", "at_most"}) {
    const YamlNode* node = fields[key];
    if (node == nullptr) continue;
    std::string word{key};
    std::replace(word.begin(), word.end(), '_', ' ');
    const bool never = key == "never";
    text += ", " + (never ? "never for " + node->scalar : word + " " + node->scalar);
    if (key == "at_least" || key == "at_most") text += " times";
  }
  return text;
}

void load_expectation(LoadContext& context, const YamlNode& value, Duration since) {
  const Fields fields{context.in, value, keys::kExpect};
  if (!fields.is_map()) return;
  const Form* form = form_of(context, fields);
  if (form == nullptr) return;
  check_strays(context, fields, *form);
  const auto condition = (ConditionReader{context, fields}.*form->read)();
  if (!condition) return;
  Expectation expectation;
  expectation.place = context.in.place(value);
  expectation.condition = *condition;
  expectation.since = since;
  QualifierReader{context.in, fields, since}.read_into(expectation);
  expectation.text = text_of(expectation, fields);
  context.scenario.expectations.push_back(std::move(expectation));
}

}  // namespace

void load_expectations(LoadContext& context, const YamlNode& value, Duration since) {
  for (const YamlNode* item : context.in.one_or_more(value)) load_expectation(context, *item, since);
}

Duration ensure_probe(LoadContext& context, const std::string& client, const Target& target, Duration every) {
  std::vector<Step>& steps = context.scenario.steps;
  for (const Step& step : steps) {
    const auto* probe = std::get_if<StartProbe>(&step.action);
    if (probe == nullptr || probe->client != client) continue;
    if (probe->target == target.address && probe->port == target.port) return probe->every;
  }
  Step step;
  StartProbe probe{client, target.address, target.port};
  probe.every = every;
  step.place = {context.in.file(), 0, 0};
  step.text = describe(StepAction{probe});
  step.action = std::move(probe);
  steps.insert(steps.begin(), std::move(step));
  return every;
}

}  // namespace vipdrift::scenarios
