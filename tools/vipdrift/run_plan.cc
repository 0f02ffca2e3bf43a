#include "tools/vipdrift/run_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <thread>
#include <utility>

#include "backends/uml/machine.h"
#include "scenarios/durations.h"
#include "tools/vipdrift/scenario_files.h"
#include "tools/vipdrift/worlds.h"

namespace vipdrift::tools {
namespace {

std::vector<WorldChoice> choices_of(const std::string& worlds, const std::vector<Casting>& castings) {
  std::vector<WorldChoice> choices;
  std::istringstream names(worlds);
  for (std::string world; std::getline(names, world, ',');) {
    if (castings.empty()) choices.push_back({world, std::nullopt});
    for (const Casting& casting : castings) choices.push_back({world, casting});
  }
  return choices;
}

std::optional<Duration> tolerance_for(const RunArguments& arguments, const RunPlan& plan, std::string& error) {
  if (arguments.tolerance) {
    const std::optional<Duration> given = scenarios::parse_duration(*arguments.tolerance);
    if (given && *given >= Duration{0}) return given;
    error = fmt::format("--tolerance: '{}' is no length of time; expected one such as 300ms", *arguments.tolerance);
    return std::nullopt;
  }
  // Worlds that are compared are judged alike.
  if (!plan.compares()) return std::nullopt;
  if (plan.needs("uml")) return std::max(uml::kTolerance, tolerance_of_namespaces());
  if (plan.needs("netns")) return tolerance_of_namespaces();
  return std::nullopt;
}

/// "600ms" or "20ms..1.2s".
std::optional<sim::Spread> parse_start_delay(const std::string& text) {
  const std::size_t dots = text.find("..");
  const std::optional<Duration> least = scenarios::parse_duration(text.substr(0, dots));
  const std::optional<Duration> most =
      dots == std::string::npos ? least : scenarios::parse_duration(text.substr(dots + 2));
  if (!least || !most || *least < Duration{0} || *most < *least) return std::nullopt;
  return sim::Spread{*least, *most - *least};
}

std::optional<sim::Spread> start_delay_for(const RunArguments& arguments, std::string& error) {
  if (!arguments.start_delay) return std::nullopt;
  const std::optional<sim::Spread> delay = parse_start_delay(*arguments.start_delay);
  if (!delay) {
    error = fmt::format("--start-delay: '{}' is no length of time and no two of them, the shorter one first; expected "
                        "one such as 600ms or 20ms..1.2s", *arguments.start_delay);
  }
  return delay;
}

std::size_t threads_for(const RunArguments& arguments, const RunPlan& plan) {
  if (arguments.jobs > 0) return arguments.jobs;
  if (plan.needs("uml")) return plan.machines() * kJobsOfMachine;
  if (plan.needs("netns")) return kJobsOfNamespaces;
  return std::max(1U, std::thread::hardware_concurrency());
}

/// What the options ask for one run only.
std::optional<std::string> too_many_runs(const RunArguments& arguments, const RunPlan& plan) {
  if (!arguments.pcap_file.empty() && plan.runs() != 1) {
    return plan.compares() ? fmt::format("--pcap takes one world; these are {}", plan.worlds.size())
                           : fmt::format("--pcap takes one scenario; these are {}", plan.files.size());
  }
  if (arguments.hash && plan.compares()) return fmt::format("--hash takes one world; these are {}", plan.worlds.size());
  if (arguments.compare && !plan.compares()) {
    return "--compare needs two worlds or more, such as --on sim,netns or --subject vipdriftd,keepalived";
  }
  return std::nullopt;
}

}  // namespace

bool RunPlan::needs(std::string_view world) const {
  return std::any_of(worlds.begin(), worlds.end(), [&](const WorldChoice& it) { return it.world == world; });
}

std::size_t RunPlan::machines() const {
  const auto of_it = std::count_if(worlds.begin(), worlds.end(),
                                   [](const WorldChoice& choice) { return choice.world == "uml"; });
  const std::size_t runs_there = files.size() * static_cast<std::size_t>(of_it);
  return std::min<std::size_t>({std::max(1U, std::thread::hardware_concurrency()), runs_there, jobs_given});
}

std::optional<std::size_t> RunPlan::twin_of(std::size_t run) const {
  if (start_delay) return std::nullopt;
  const WorldChoice& one = world_of(run);
  const auto first_like_it = [&](bool real) -> std::optional<std::size_t> {
    for (std::size_t world = 0; world < worlds.size(); ++world) {
      const WorldChoice& other = worlds[world];
      const bool same_casting = one.casting.has_value() == other.casting.has_value() &&
                                (!one.casting || one.casting->text == other.casting->text);
      if (in_real_time(other.world) == real && same_casting) return run - run % worlds.size() + world;
    }
    return std::nullopt;
  };
  const std::optional<std::size_t> simulation = first_like_it(false), real = first_like_it(true);
  if (run == simulation) return real;
  return run == real ? simulation : std::nullopt;
}

PlanResult make_plan(const RunArguments& arguments) {
  PlanResult result;
  ScenarioFiles found = find_scenarios(arguments.paths);
  result.errors = std::move(found.errors);
  result.plan.files = std::move(found.files);

  Castings castings = parse_castings(arguments.subjects);
  if (!castings.error.empty()) result.errors.push_back("--subject: " + castings.error);
  result.plan.worlds = choices_of(arguments.worlds, castings.castings);

  std::string wrong_tolerance;
  result.plan.tolerance = tolerance_for(arguments, result.plan, wrong_tolerance);
  if (!wrong_tolerance.empty()) result.errors.push_back(std::move(wrong_tolerance));
  std::string wrong_delay;
  result.plan.start_delay = start_delay_for(arguments, wrong_delay);
  if (!wrong_delay.empty()) result.errors.push_back(std::move(wrong_delay));
  if (arguments.jobs > 0) result.plan.jobs_given = arguments.jobs;
  result.plan.threads = threads_for(arguments, result.plan);
  if (!result.errors.empty()) return result;
  if (std::optional<std::string> error = too_many_runs(arguments, result.plan)) result.errors.push_back(*error);
  return result;
}

}  // namespace vipdrift::tools
