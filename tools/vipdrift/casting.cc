#include "tools/vipdrift/casting.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "tools/vipdrift/did_you_mean.h"

namespace vipdrift::tools {
namespace {

const std::vector<std::string> kDaemons{"vipdriftd", "keepalived"};

bool is_command(std::string_view text) { return text.find("{config}") != std::string_view::npos; }

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string wrong_word(const std::string& word) {
  if (word.find(' ') != std::string::npos) {
    return fmt::format("subject '{}': a command needs {{config}} where the configuration file goes", word);
  }
  return fmt::format("there is no subject '{}'{}; expected vipdriftd, keepalived, or a command with {{config}}", word,
                     did_you_mean(word, kDaemons));
}

void add(const std::string& text, Castings& result) {
  Casting casting{text, split(text, '/')};
  for (const std::string& word : casting.words) {
    if (std::find(kDaemons.begin(), kDaemons.end(), word) == kDaemons.end()) result.error = wrong_word(word);
  }
  result.castings.push_back(std::move(casting));
}

std::string profile_of(const scenarios::Scenario& scenario, const scenarios::DirectorSpec& director) {
  return director.profile.value_or(scenario.profile.value_or(""));
}

/// A profile that departs from its preset in single habits is something only vipdriftd can have.
std::string daemon_of(const std::string& profile) {
  if (profile == "keepalived") return "keepalived";
  return profile.find(',') == std::string::npos ? "vipdriftd" : "vipdriftd --profile " + profile;
}

}  // namespace

Castings parse_castings(const std::vector<std::string>& given) {
  Castings result;
  for (const std::string& text : given) {
    if (is_command(text)) {
      result.castings.push_back({text, {text}});
      continue;
    }
    for (const std::string& part : split(text, ',')) add(part, result);
  }
  for (std::size_t i = 1; i < result.castings.size(); ++i) {
    const auto same = [&](const Casting& other) { return other.text == result.castings[i].text; };
    const auto here = result.castings.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(result.castings.begin(), here, same)) {
      result.error = fmt::format("the subject '{}' is given twice", here->text);
    }
  }
  return result;
}

std::optional<std::string> cast_profiles(scenarios::Scenario& scenario, const Casting& casting) {
  for (std::size_t i = 0; i < scenario.cluster.directors.size(); ++i) {
    const std::string& word = casting.of_director(i);
    if (is_command(word)) return fmt::format("the simulator cannot run the command '{}'; only namespaces can", word);
    scenario.cluster.directors[i].profile = word == "keepalived" ? "keepalived" : "vipdrift";
  }
  return std::nullopt;
}

std::vector<std::string> subjects_of(const scenarios::Scenario& scenario, const std::optional<Casting>& casting) {
  std::vector<std::string> subjects;
  for (std::size_t i = 0; i < scenario.cluster.directors.size(); ++i) {
    const std::string profile = profile_of(scenario, scenario.cluster.directors[i]);
    subjects.push_back(casting ? casting->of_director(i) : daemon_of(profile));
  }
  return subjects;
}

}  // namespace vipdrift::tools
