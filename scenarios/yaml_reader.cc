#include "scenarios/yaml_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

#include "protocol/config/nearest_word.h"
#include "scenarios/durations.h"

namespace vipdrift::scenarios {
namespace {

/// A diagnostic stays readable when someone feeds it a novel.
std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  if (text.size() <= kLongest) return "'" + std::string{text} + "'";
  return "'" + std::string{text.substr(0, kLongest)} + "...'";
}

std::string kind_text(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return quoted(node.scalar);
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
  }
  return {};
}

std::string with_name(const YamlNode& node, std::string message) {
  return node.name.empty() ? message : node.name + ": " + message;
}

bool is_number(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string joined(std::span<const std::string_view> words) {
  std::string line;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) line += i + 1 == words.size() ? " or " : ", ";
    line += words[i];
  }
  return line;
}

}  // namespace

void YamlReader::error(const Place& at, std::string message, std::string expected, std::string nearest) {
  diagnostics_.push_back({config::Severity::error, at, std::move(message), std::move(expected), std::move(nearest)});
}

void YamlReader::error(const YamlNode& node, std::string message, std::string expected, std::string nearest) {
  error(place(node), std::move(message), std::move(expected), std::move(nearest));
}

void YamlReader::warning(const YamlNode& node, std::string message, std::string expected, std::string nearest) {
  diagnostics_.push_back(
      {config::Severity::warning, place(node), std::move(message), std::move(expected), std::move(nearest)});
}

const std::string* YamlReader::scalar(const YamlNode& node, std::string_view wanted) {
  if (node.kind == YamlNode::Kind::scalar) return &node.scalar;
  error(node, with_name(node, kind_text(node) + " where one value belongs"), std::string{wanted});
  return nullptr;
}

std::optional<std::string> YamlReader::read_text(const YamlNode& node) {
  const std::string* text = scalar(node, "a word or a text");
  if (text == nullptr) return std::nullopt;
  return *text;
}

std::optional<bool> YamlReader::read_bool(const YamlNode& node) {
  const std::string* text = scalar(node, "true or false");
  if (text == nullptr) return std::nullopt;
  if (*text == "true") return true;
  if (*text == "false") return false;
  error(node, with_name(node, quoted(*text)), "true or false");
  return std::nullopt;
}

std::string YamlReader::beside(const std::string& name) const {
  const std::size_t slash = file_.rfind('/');
  if (slash == std::string::npos || (!name.empty() && name.front() == '/')) return name;
  return file_.substr(0, slash + 1) + name;
}

std::optional<Duration> YamlReader::read_signed_duration(const YamlNode& node) {
  constexpr Duration kLongest = std::chrono::hours{24 * 365 * 20};
  constexpr std::string_view kWanted = "a duration such as 5s, 3.7s, 100ms or 1h30m";
  const std::string* text = scalar(node, kWanted);
  if (text == nullptr) return std::nullopt;
  if (const auto duration = parse_duration(*text)) {
    if (*duration <= kLongest && *duration >= -kLongest) return duration;
    error(node, with_name(node, quoted(*text) + " is longer than 20 years"), std::string{kWanted});
    return std::nullopt;
  }
  if (is_number(*text)) {
    error(node, with_name(node, quoted(*text) + " has no unit"), std::string{kWanted}, *text + "s");
  } else {
    error(node, with_name(node, quoted(*text)), std::string{kWanted});
  }
  return std::nullopt;
}

std::optional<Duration> YamlReader::read_duration(const YamlNode& node) {
  const auto duration = read_signed_duration(node);
  if (!duration || *duration >= Duration{0}) return duration;
  error(node, with_name(node, quoted(node.scalar) + " is negative"), "a duration from 0s up");
  return std::nullopt;
}

std::optional<PartsPerMillion> YamlReader::read_share(const YamlNode& node) {
  constexpr std::string_view kWanted = "a share from 0% to 100%, such as 30% or 0.5%";
  const std::string* text = scalar(node, kWanted);
  if (text == nullptr) return std::nullopt;
  if (const auto share = parse_share(*text)) return share;
  const bool bare = is_number(*text) && parse_share(*text + "%");
  error(node, with_name(node, quoted(*text) + (bare ? " has no '%'" : "")), std::string{kWanted},
        bare ? *text + "%" : "");
  return std::nullopt;
}

std::optional<std::int64_t> YamlReader::read_integer(const YamlNode& node, std::int64_t least, std::int64_t most) {
  const std::string wanted = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  const std::string* text = scalar(node, wanted);
  if (text == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (code == std::errc{} && end == text->data() + text->size() && value >= least && value <= most) return value;
  error(node, with_name(node, quoted(*text)), wanted);
  return std::nullopt;
}

std::optional<IpAddress> YamlReader::read_address(const YamlNode& node) {
  constexpr std::string_view kWanted = "an IPv4 or IPv6 address without prefix length, such as 10.1.10.7";
  const std::string* text = scalar(node, kWanted);
  if (text == nullptr) return std::nullopt;
  if (const auto address = IpAddress::parse(*text)) return address;
  error(node, with_name(node, quoted(*text)), std::string{kWanted});
  return std::nullopt;
}

std::optional<IpPrefix> YamlReader::read_prefix(const YamlNode& node) {
  constexpr std::string_view kWanted = "an address with its prefix length, such as 10.1.10.1/24";
  const std::string* text = scalar(node, kWanted);
  if (text == nullptr) return std::nullopt;
  const auto prefix = IpPrefix::parse(*text);
  if (prefix && text->find('/') != std::string::npos) return prefix;
  error(node, with_name(node, quoted(*text) + (prefix ? " has no prefix length" : "")), std::string{kWanted});
  return std::nullopt;
}

std::optional<MacAddress> YamlReader::read_mac(const YamlNode& node) {
  constexpr std::string_view kWanted = "an Ethernet address such as 52:54:00:00:00:01";
  const std::string* text = scalar(node, kWanted);
  if (text == nullptr) return std::nullopt;
  if (const auto mac = MacAddress::parse(*text)) return mac;
  error(node, with_name(node, quoted(*text)), std::string{kWanted});
  return std::nullopt;
}

std::optional<std::string> YamlReader::read_name(const YamlNode& node, std::string_view kind,
                                                 std::span<const std::string> allowed) {
  const std::vector<std::string_view> words{allowed.begin(), allowed.end()};
  const std::string wanted = words.empty() ? "none: the cluster has no " + std::string{kind} : joined(words);
  const std::string* text = scalar(node, wanted);
  if (text == nullptr) return std::nullopt;
  if (std::find(words.begin(), words.end(), *text) != words.end()) return *text;
  error(node, with_name(node, "no " + std::string{kind} + " " + quoted(*text)), wanted,
        std::string{config::nearest_word(*text, words)});
  return std::nullopt;
}

std::vector<const YamlNode*> YamlReader::one_or_more(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::list) return {&node};
  std::vector<const YamlNode*> nodes;
  for (const YamlNode& item : node.items) nodes.push_back(&item);
  if (nodes.empty()) error(node, with_name(node, "an empty list"), "at least one value");
  return nodes;
}

bool YamlReader::expect_list(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::list) return true;
  error(node, with_name(node, kind_text(node)), "a list");
  return false;
}

bool YamlReader::expect_map(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::map) return true;
  error(node, with_name(node, kind_text(node)), "a map of names");
  return false;
}

void YamlReader::take(const YamlNode* node, std::string& target) {
  if (node == nullptr) return;
  if (auto value = read_text(*node)) target = std::move(*value);
}
void YamlReader::take(const YamlNode* node, bool& target) {
  if (node == nullptr) return;
  if (const auto value = read_bool(*node)) target = *value;
}
void YamlReader::take(const YamlNode* node, Duration& target) {
  if (node == nullptr) return;
  if (const auto value = read_duration(*node)) target = *value;
}
void YamlReader::take(const YamlNode* node, PartsPerMillion& target) {
  if (node == nullptr) return;
  if (const auto value = read_share(*node)) target = *value;
}
void YamlReader::take(const YamlNode* node, IpAddress& target) {
  if (node == nullptr) return;
  if (const auto value = read_address(*node)) target = *value;
}
void YamlReader::take(const YamlNode* node, MacAddress& target) {
  if (node == nullptr) return;
  if (const auto value = read_mac(*node)) target = *value;
}
void YamlReader::take(const YamlNode* node, std::uint8_t& target) {
  if (node == nullptr) return;
  if (const auto value = read_integer(*node, 0, 255)) target = static_cast<std::uint8_t>(*value);
}
void YamlReader::take(const YamlNode* node, std::uint16_t& target) {
  if (node == nullptr) return;
  if (const auto value = read_integer(*node, 0, 65'535)) target = static_cast<std::uint16_t>(*value);
}
void YamlReader::take(const YamlNode* node, std::uint64_t& target) {
  if (node == nullptr) return;
  const auto value = read_integer(*node, 0, std::numeric_limits<std::int64_t>::max());
  if (value) target = static_cast<std::uint64_t>(*value);
}
void YamlReader::take(const YamlNode* node, int& target) {
  if (node == nullptr) return;
  if (const auto value = read_integer(*node, 0, 1'000'000)) target = static_cast<int>(*value);
}

Fields::Fields(YamlReader& in, const YamlNode& node, const KeySet& known) : in_{in}, node_{node} {
  if (!is_map()) {
    in.error(node, with_name(node, kind_text(node)), "a map with " + joined(known.keys));
    return;
  }
  for (std::size_t i = 0; i < node.entries.size(); ++i) {
    const YamlEntry& entry = node.entries[i];
    const Place place{in.file(), entry.line, entry.column};
    if (std::find(known.keys.begin(), known.keys.end(), entry.key) == known.keys.end()) {
      const std::string nearest{config::nearest_word(entry.key, known.keys)};
      in.error(place, "unknown key " + quoted(entry.key),
               known.keys.empty() ? "no key"
               : nearest.empty()  ? joined(known.keys)
                                  : "",
               nearest);
    }
    const auto same_key = [&](const YamlEntry& other) { return other.key == entry.key; };
    const auto before = node.entries.begin() + static_cast<std::ptrdiff_t>(i);
    const auto first = std::find_if(node.entries.begin(), before, same_key);
    if (first != before) {
      in.error(place, "the key " + quoted(entry.key) + " is there already, in line " + std::to_string(first->line));
    }
  }
}

const YamlNode* Fields::operator[](std::string_view key) const {
  for (const YamlEntry& entry : node_.entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

const YamlNode* Fields::required(std::string_view key) const {
  const YamlNode* found = (*this)[key];
  if (found == nullptr && is_map()) in_.error(node_, with_name(node_, "'" + std::string{key} + "' is missing"));
  return found;
}

}  // namespace vipdrift::scenarios
