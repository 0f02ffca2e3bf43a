#include "analysis/words.h"

#include <cstddef>
#include <utility>

namespace vipdrift::analysis {

std::string list_text(const std::vector<std::string>& words) {
  if (words.empty()) return "nothing";
  std::string text = words[0];
  for (std::size_t i = 1; i < words.size(); ++i) text += (i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

std::string list_text(const std::vector<IpAddress>& addresses) {
  std::vector<std::string> words;
  for (const IpAddress& address : addresses) words.push_back(address.to_string());
  return list_text(words);
}

std::string short_list_text(std::vector<std::string> words) {
  if (words.size() > 3) {
    const std::size_t more = words.size() - 2;
    words.resize(2);
    words.push_back(std::to_string(more) + " more");
  }
  return list_text(words);
}

std::string short_list_text(const std::vector<IpAddress>& addresses) {
  std::vector<std::string> words;
  for (const IpAddress& address : addresses) words.push_back(address.to_string());
  return short_list_text(std::move(words));
}

std::string seconds_text(Duration duration) {
  const auto milliseconds = std::chrono::round<std::chrono::milliseconds>(duration).count();
  std::string fraction = std::to_string(milliseconds % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return std::to_string(milliseconds / 1000) + (fraction.empty() ? "" : "." + fraction) + " s";
}

}  // namespace vipdrift::analysis
