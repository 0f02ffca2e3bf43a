#include "scenarios/loader.h"

#include <glob.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "scenarios/always_loader.h"
#include "scenarios/cluster_loader.h"
#include "scenarios/config_loader.h"
#include "scenarios/cross_checks.h"
#include "scenarios/durations.h"
#include "scenarios/load_context.h"
#include "scenarios/step_loader.h"
#include "scenarios/yaml_reader.h"

namespace vipdrift::scenarios {
namespace {

/// What follows the last bound, so that a run does not end in the very nanosecond of it.
constexpr Duration kTail = std::chrono::seconds{1};

using Diagnostics = std::vector<config::Diagnostic>;

std::ptrdiff_t errors_in(const Diagnostics& diagnostics) {
  return std::count_if(diagnostics.begin(), diagnostics.end(),
                       [](const config::Diagnostic& it) { return it.severity == config::Severity::error; });
}

std::optional<YamlNode> read_yaml(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
  YamlResult result = parse_yaml(text, file);
  if (result.mistake) diagnostics.push_back(std::move(*result.mistake));
  return std::move(result.root);
}

/// `cluster:` is the name of a file or the cluster itself.
void read_cluster(YamlReader& in, const YamlNode& value, const FileReader& read, Diagnostics& diagnostics,
                  Scenario& scenario) {
  if (value.kind != YamlNode::Kind::scalar) {
    scenario.cluster = load_cluster(in, value);
    return;
  }
  const std::string path = in.beside(value.scalar);
  const auto text = read(path);
  if (!text) {
    in.error(value, "cluster: cannot read '" + path + "'", "the name of a cluster file, or the cluster itself");
    return;
  }
  const auto root = read_yaml(*text, path, diagnostics);
  if (!root) return;
  YamlReader cluster_in{path, diagnostics};
  scenario.cluster = load_cluster(cluster_in, *root);
}

void read_tags(YamlReader& in, const YamlNode& value, Scenario& scenario) {
  for (const YamlNode* item : in.one_or_more(value)) {
    if (auto tag = in.read_text(*item)) scenario.tags.push_back(std::move(*tag));
  }
}

/// The last moment that a step or an expectation speaks of.
Duration last_bound(const Scenario& scenario) {
  Duration last{0};
  for (const Step& step : scenario.steps) {
    last = std::max(last, step.at);
    if (const auto* series = std::get_if<InjectAdvertisement>(&step.action)) {
      last = std::max(last, step.at + series->every * (series->times - 1));
    }
  }
  for (const Expectation& expectation : scenario.expectations) {
    last = std::max(last, expectation.since);
    for (const auto& bound : {expectation.deadline, expectation.holds_until, expectation.never_until}) {
      if (bound) last = std::max(last, *bound);
    }
    if (expectation.deadline && expectation.holds_for) {
      last = std::max(last, *expectation.deadline + *expectation.holds_for);
    }
  }
  return last;
}

void settle_end(YamlReader& in, const YamlNode* until, Scenario& scenario) {
  const Duration last = last_bound(scenario);
  scenario.end = last + kTail;
  if (until == nullptr) return;
  const auto end = in.read_duration(*until);
  if (!end) return;
  scenario.end = *end;
  if (*end < last) in.error(*until, "until: the run would end before " + to_text(last) + ", which a step speaks of");
}

void load_scenario(YamlReader& in, const YamlNode& root, const FileReader& read, const FileMatcher& match,
                   Diagnostics& diagnostics, Scenario& scenario) {
  const Fields fields{in, root, keys::kScenario};
  if (!fields.is_map()) return;
  scenario.file = in.file();
  in.take(fields.required("name"), scenario.name);
  in.take(fields["description"], scenario.description);
  if (const YamlNode* tags = fields["tags"]) read_tags(in, *tags, scenario);
  if (const YamlNode* profile = fields["profile"]) scenario.profile = read_profile(in, *profile);
  in.take(fields["seed"], scenario.seed);
  const YamlNode* cluster = fields.required("cluster");
  const YamlNode* steps = fields.required("steps");
  if (cluster == nullptr) return;
  const std::ptrdiff_t errors_before = errors_in(diagnostics);
  read_cluster(in, *cluster, read, diagnostics, scenario);
  if (const YamlNode* overrides = fields["directors"]) apply_overrides(in, *overrides, scenario.cluster);
  if (scenario.cluster.directors.empty()) return;  // every name below would be reported as unknown

  ConfigLoader configs{read, match, scenario, diagnostics};
  for (const DirectorSpec& director : scenario.cluster.directors) {
    configs.load(director, director.config_file, director.config_place);
  }
  if (errors_in(diagnostics) > errors_before) return;  // the same: machines, instances, addresses are not known
  LoadContext context{in, scenario, configs};
  if (steps != nullptr) load_steps(context, *steps);
  if (const YamlNode* always = fields["always"]) load_always(context, *always);
  settle_end(in, fields["until"], scenario);
  for (config::Diagnostic& warning : cross_check(scenario)) diagnostics.push_back(std::move(warning));
}

std::optional<std::string> read_disk(const std::string& path) {
  std::ifstream stream{path, std::ios::binary};
  if (!stream) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  if (stream.bad()) return std::nullopt;
  return text;
}

std::vector<std::string> match_disk(const std::string& pattern) {
  std::vector<std::string> names;
  glob_t found{};
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) names.emplace_back(found.gl_pathv[i]);
  }
  globfree(&found);
  return names;
}

}  // namespace

LoadResult load_text(std::string_view text, const std::string& file_name, const FileReader& read,
                     const FileMatcher& match) {
  LoadResult result;
  const auto root = read_yaml(text, file_name, result.diagnostics);
  if (!root) return result;
  Scenario scenario;
  YamlReader in{file_name, result.diagnostics};
  load_scenario(in, *root, read, match, result.diagnostics, scenario);
  if (errors_in(result.diagnostics) == 0) result.scenario = std::move(scenario);
  return result;
}

LoadResult load_file(const std::string& path) {
  const auto text = read_disk(path);
  if (text) return load_text(*text, path, read_disk, match_disk);
  LoadResult result;
  result.diagnostics.push_back(
      {config::Severity::error, {path, 0, 0}, "cannot read this file", "a scenario in YAML", {}});
  return result;
}

LoadResult load_cluster_file(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  std::string quoted;
  for (const char c : path.substr(directory.size())) quoted += std::string(c == '\'' ? 2 : 1, c);
  const std::string text = "name: cluster\ncluster: '" + quoted + "'\nsteps: [{at: 0s, note: built}]\n";
  LoadResult result = load_text(text, directory + "cluster", read_disk, match_disk);
  if (result.scenario) result.scenario->file = path;
  return result;
}

}  // namespace vipdrift::scenarios
