#include "backends/netns/subject.h"

#include <array>
#include <sstream>
#include <string_view>
#include <utility>

namespace vipdrift::netns {
namespace {

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace

std::optional<Subject> subject_named(const std::string& word, const std::string& vipdriftd_path) {
  if (word == "keepalived") {
    return Subject{"keepalived",
                   {"keepalived", "-n", "-l", "-f", "{config}", "-p", "{pid}", "-r", "{vrrp_pid}", "-c",
                    "{checkers_pid}"},
                   "-D", "-P", true};
  }
  const std::vector<std::string> words = words_of(word);
  if (!words.empty() && words.front() == "vipdriftd") {
    std::vector<std::string> argv{vipdriftd_path, "-n", "-l", "-f", "{config}", "-p", "{pid}", "-r", "{vrrp_pid}", "-c",
                                  "{checkers_pid}"};
    argv.insert(argv.end(), words.begin() + 1, words.end());
    return Subject{"vipdriftd", std::move(argv), "-D", "-P", false};
  }
  if (word.find("{config}") == std::string::npos) return std::nullopt;
  std::vector<std::string> argv = words_of(word);
  std::string name = argv.front();
  return Subject{std::move(name), std::move(argv), "", "", false};
}

std::string why_no_subject(const std::string& word) {
  return "'" + word + "' is no subject; expected keepalived, vipdriftd, or a command with {config} in it, such as "
         "\"/opt/bin/mydaemon -n -l -f {config}\"";
}

std::vector<std::string> command_line(const Subject& subject, const SubjectPaths& paths) {
  const std::array<std::pair<std::string_view, const std::string*>, 4> placeholders{{
      {"{config}", &paths.config},
      {"{pid}", &paths.pid},
      {"{vrrp_pid}", &paths.vrrp_pid},
      {"{checkers_pid}", &paths.checkers_pid},
  }};
  std::vector<std::string> words = subject.argv;
  for (std::string& word : words) {
    for (const auto& [placeholder, path] : placeholders) replace_all(word, placeholder, *path);
  }
  return words;
}

}  // namespace vipdrift::netns
