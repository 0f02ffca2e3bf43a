// The load balancer's half of a reload: an engine whose servers are all up takes the new configuration.
#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <variant>

#include "analysis/reload_preview.h"
#include "protocol/check/check_engine.h"
#include "protocol/check/checker_settings.h"
#include "protocol/check/reload.h"

namespace vipdrift::analysis {
namespace {

/// Of answers to probes until every server is up.
constexpr std::size_t kMostAnswersOfCheck = 40;

/// The answer that a check is waiting for.
check::ProbeResult welcome_answer(const check::Question& question) {
  check::ProbeResult result;
  result.outcome = check::Outcome::answered;
  if (std::holds_alternative<check::HttpProbe>(question.probe)) {
    result.code = question.statuses.empty() ? 200 : question.statuses.front().first;
  }
  if (!question.digests.empty()) result.digest = question.digests.front();
  result.pattern_found = !question.pattern_must_be_absent;
  return result;
}

/// All health checks of a director, each of which finds its server well.
class WellEngine {
 public:
  WellEngine(const ComparedConfiguration& configuration, const vrrp::Profile& profile)
      : engine_{configuration.configuration, profile, 1} {
    run(check::Started{});
    const std::size_t most = engine_.checkers().size() * kMostAnswersOfCheck;
    for (std::size_t i = 0; i < most && !all_up() && engine_.next_deadline() != kNever; ++i) {
      now_ = std::max(now_, engine_.next_deadline());
      run(check::DeadlineReached{});
    }
  }

  /// The edits of the kernel's table that the new configuration brings about at once.
  std::vector<ipvs::Edit> reload(std::shared_ptr<const config::Configuration> configuration) {
    check::ActionList actions;
    engine_.step(now_, check::ConfigurationLoaded{std::move(configuration)}, actions);
    std::vector<ipvs::Edit> edits;
    for (const check::Action& action : actions) {
      if (const auto* edit = std::get_if<check::EditTable>(&action)) edits.push_back(*edit->edit);
    }
    return edits;
  }

  const check::CheckEngine& engine() const { return engine_; }

 private:
  void run(check::Event event) {
    check::ActionList actions;
    engine_.step(now_, event, actions);
    for (const check::Action& action : actions) {
      const auto* probe = std::get_if<check::StartProbe>(&action);
      if (probe == nullptr) continue;
      const check::CheckerPlan& plan = engine_.plan().checkers[probe->checker.value];
      run(check::ProbeFinished{probe->checker, probe->url, welcome_answer(plan.questions[probe->url])});
    }
  }

  bool all_up() const {
    const auto serves = [](const check::VirtualService& service) {
      return std::all_of(service.servers().begin(), service.servers().end(), [](const auto& s) { return s.alive; });
    };
    return std::all_of(engine_.services().begin(), engine_.services().end(), serves);
  }

  check::CheckEngine engine_;
  TimePoint now_{};
};

std::vector<config::EffectiveStatement> told_servers(const ComparedConfiguration& side) {
  std::vector<config::EffectiveStatement> told;
  const config::Configuration& configuration = *side.configuration;
  config::EffectiveOptions options{.written = side.written};
  options.checker_settings = [&configuration](const config::VirtualServer& service, const config::RealServer& server,
                                              const config::Checker& checker) {
    return check::checker_settings(configuration, service, server, checker);
  };
  config::tell_effective(configuration, options, [&](config::EffectiveStatement statement) {
    if (statement.keyword == "virtual_server" && statement.active) told.push_back(std::move(statement));
  });
  return told;
}

/// The real servers of a virtual server, in their order.
std::vector<const config::EffectiveStatement*> real_servers_of(const config::EffectiveStatement& service) {
  std::vector<const config::EffectiveStatement*> servers;
  for (const config::EffectiveStatement& inner : service.inner) {
    if (inner.keyword == "real_server" && inner.opens_block) servers.push_back(&inner);
  }
  return servers;
}

ipvs::ServiceKey service_of(const ipvs::Edit& edit) {
  return std::visit([](const auto& each) { return each.service; }, edit);
}

class ServicesPreview {
 public:
  ServicesPreview(const ComparedConfiguration& before, const ComparedConfiguration& after, const vrrp::Profile& profile,
                  ReloadPreview& preview)
      : before_{before},
        after_{after},
        profile_{profile},
        preview_{preview},
        old_told_{told_servers(before)},
        new_told_{told_servers(after)} {}

  void run() {
    WellEngine engine{before_, profile_};
    const check::CheckPlan old_plan{before_.configuration, profile_};
    const check::CheckPlan new_plan{after_.configuration, profile_};
    for (const ipvs::Edit& edit : engine.reload(after_.configuration)) {
      edits_[service_of(edit)].push_back(ipvs::to_string(edit));
    }
    const auto old_services = check::services_by_keys(old_plan);
    const auto new_services = check::services_by_keys(new_plan);
    for (std::uint32_t i = 0; i < new_plan.services.size(); ++i) {
      const auto old = old_services.find(new_plan.services[i].keys);
      Former former;
      if (old != old_services.end()) former = {old->second, twin_of(new_plan, i, old_plan)};
      tell(new_plan, i, old_plan, former, engine.engine().services()[i]);
    }
    for (std::uint32_t o = 0; o < old_plan.services.size(); ++o) {
      if (new_services.find(old_plan.services[o].keys) == new_services.end()) tell_gone(old_plan, o);
    }
  }

 private:
  /// The service before the reload. A virtual server that is defined twice goes on as the first of the two, whichever
  /// it is; people compare it with the second.
  struct Former {
    std::optional<std::uint32_t> service{};
    std::optional<std::uint32_t> twin{};
  };

  static std::optional<std::uint32_t> twin_of(const check::CheckPlan& plan, std::uint32_t i,
                                              const check::CheckPlan& old_plan) {
    const std::vector<ipvs::ServiceKey>& keys = plan.services[i].keys;
    const auto same = [&](const check::ServicePlan& service) { return service.keys == keys; };
    auto earlier = std::count_if(plan.services.begin(), plan.services.begin() + i, same);
    std::optional<std::uint32_t> twin;
    for (std::uint32_t o = 0; o < old_plan.services.size() && earlier >= 0; ++o) {
      if (!same(old_plan.services[o])) continue;
      twin = o;
      --earlier;
    }
    return twin;
  }

  void tell(const check::CheckPlan& plan, std::uint32_t i, const check::CheckPlan& old_plan, const Former& old,
            const check::VirtualService& service) {
    const config::EffectiveStatement nothing;
    ServicePreview told;
    told.name = plan.services[i].name;
    told.place = plan.configuration->virtual_servers[i].place;
    told.settings = setting_changes(old.twin ? old_told_[*old.twin] : nothing, *before_.written, new_told_[i],
                                    *after_.written, "real_server");
    add_edits(plan.services[i], told);
    tell_servers(plan, i, old_plan, old, service, told);
    if (old.twin && old.service && *old.twin != *old.service) {
      const config::Place& first = old_plan.configuration->virtual_servers[*old.service].place;
      told.remark = "defined twice: goes on as the first, " + first.file + ':' + std::to_string(first.line);
    }
    const bool touched = has_effect(told.settings) || !told.edits.empty() ||
                         std::any_of(told.servers.begin(), told.servers.end(),
                                     [](const ServerPreview& server) { return server.fate != Fate::untouched; });
    told.fate = !old.twin ? Fate::appears : touched ? Fate::changed : Fate::untouched;
    if (!old.twin) forget_defaults(told.settings);
    preview_.services.push_back(std::move(told));
  }

  void tell_servers(const check::CheckPlan& plan, std::uint32_t i, const check::CheckPlan& old_plan, const Former& old,
                    const check::VirtualService& service, ServicePreview& told) {
    const config::EffectiveStatement nothing;
    const check::ServicePlan no_service;
    const check::ServicePlan& before = old.twin ? old_plan.services[*old.twin] : no_service;
    const check::ServicePlan& running = old.service ? old_plan.services[*old.service] : no_service;
    const auto running_servers = check::servers_by_key(running);
    const auto old_servers = check::servers_by_key(before);
    const auto old_told = real_servers_of(old.twin ? old_told_[*old.twin] : nothing);
    const auto new_told = real_servers_of(new_told_[i]);
    const auto& reals = plan.configuration->virtual_servers[i].real_servers;
    for (std::uint32_t j = 0; j < plan.services[i].servers.size(); ++j) {
      const check::ServerPlan& server = plan.services[i].servers[j];
      const auto same = old_servers.find(server.key);
      ServerPreview one;
      one.name = ipvs::to_string(server.key);
      one.place = reals[j].place;
      const bool was = same != old_servers.end();
      one.settings =
          setting_changes(was ? *old_told[same->second] : nothing, *before_.written, *new_told[j], *after_.written);
      const auto goes_on = running_servers.find(server.key);
      const check::ServerPlan* old_server =
          goes_on == running_servers.end() ? nullptr : &running.servers[goes_on->second];
      tell_checks(plan, server, old_plan, old_server, service.servers()[j].alive, one);
      const bool touched = has_effect(one.settings) || !one.checks.empty();
      one.fate = !was ? Fate::appears : touched ? Fate::changed : Fate::untouched;
      if (!was) forget_defaults(one.settings);
      told.servers.push_back(std::move(one));
    }
    const auto new_servers = check::servers_by_key(plan.services[i]);
    for (const check::ServerPlan& server : before.servers) {
      if (new_servers.find(server.key) != new_servers.end()) continue;
      const auto position = static_cast<std::size_t>(&server - before.servers.data());
      const auto& old_reals = old_plan.configuration->virtual_servers[*old.twin].real_servers;
      ServerPreview gone;
      gone.name = ipvs::to_string(server.key);
      gone.place = old_reals[position].place;
      gone.fate = Fate::leaves;
      told.servers.push_back(std::move(gone));
    }
  }

  static void tell_checks(const check::CheckPlan& plan, const check::ServerPlan& server,
                          const check::CheckPlan& old_plan, const check::ServerPlan* old, bool alive,
                          ServerPreview& told) {
    for (std::uint32_t c = server.first_checker; c < server.last_checker; ++c) {
      if (old != nullptr && check::continued_check(old_plan, *old, plan.checkers[c])) continue;
      told.checks.push_back(std::string{check::to_string(plan.checkers[c].kind)} +
                            " begins anew; the server counts as " + (alive ? "up" : "down") + " until it knows more");
    }
  }

  void tell_gone(const check::CheckPlan& plan, std::uint32_t o) {
    ServicePreview told;
    told.name = plan.services[o].name;
    told.place = plan.configuration->virtual_servers[o].place;
    told.fate = Fate::leaves;
    add_edits(plan.services[o], told);
    preview_.services.push_back(std::move(told));
  }

  void add_edits(const check::ServicePlan& service, ServicePreview& told) {
    for (const ipvs::ServiceKey& key : service.keys) {
      const auto found = edits_.find(key);
      if (found != edits_.end()) told.edits.insert(told.edits.end(), found->second.begin(), found->second.end());
    }
  }

  const ComparedConfiguration& before_;
  const ComparedConfiguration& after_;
  const vrrp::Profile& profile_;
  ReloadPreview& preview_;
  std::vector<config::EffectiveStatement> old_told_;
  std::vector<config::EffectiveStatement> new_told_;
  std::map<ipvs::ServiceKey, std::vector<std::string>> edits_;
};

}  // namespace

void preview_services(const ComparedConfiguration& before, const ComparedConfiguration& after,
                      const vrrp::Profile& profile, ReloadPreview& preview) {
  ServicesPreview{before, after, profile, preview}.run();
}

}  // namespace vipdrift::analysis
