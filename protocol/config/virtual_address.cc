#include "protocol/config/virtual_address.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/config/nearest_word.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr std::string_view kOptionsWording =
    "one of brd, dev, scope, label, peer, no_track, track_group, use_vmac, home, -nodad, mngtmpaddr, noprefixroute, "
    "autojoin, preferred_lft";

constexpr std::array<std::string_view, 5> kScopes{"global", "site", "link", "host", "nowhere"};

/// Reads one line; every option is a member function named in a table.
class AddressLine {
 public:
  AddressLine(std::span<const Word> words, Report& report) : words_{words}, report_{report} {}

  std::optional<VirtualAddress> read() {
    if (!read_address()) return std::nullopt;
    while (at_ < words_.size()) {
      if (!read_option(words_[at_++])) return std::nullopt;
    }
    if (!consistent()) return std::nullopt;
    return address_;
  }

 private:
  using Handler = bool (AddressLine::*)(const Word& option, const Word& value);
  struct Option {
    std::string_view word;
    bool has_value;
    Handler handler;
  };

  static constexpr std::size_t kOptions = 15;
  static constexpr std::array<Option, kOptions> options() {
    return {{{"brd", true, &AddressLine::broadcast},
             {"broadcast", true, &AddressLine::broadcast},
             {"dev", true, &AddressLine::device},
             {"scope", true, &AddressLine::scope},
             {"label", true, &AddressLine::label},
             {"peer", true, &AddressLine::peer},
             {"no_track", false, &AddressLine::no_track},
             {"track_group", true, &AddressLine::track_group},
             {"use_vmac", false, &AddressLine::flag},
             {"home", false, &AddressLine::flag},
             {"-nodad", false, &AddressLine::flag},
             {"mngtmpaddr", false, &AddressLine::flag},
             {"noprefixroute", false, &AddressLine::flag},
             {"autojoin", false, &AddressLine::flag},
             {"preferred_lft", true, &AddressLine::preferred_lifetime}}};
  }

  bool wrong(const Word& word, std::string expected, std::string nearest = {}, RuleId rule = RuleId::bad_value) {
    report_.error(rule, word.spot, in_quotes(word.text) + " is not valid in a line of virtual addresses",
                  std::move(expected), std::move(nearest));
    return false;
  }

  bool read_address() {
    const Word& word = words_[at_++];
    const std::size_t slash = word.text.find('/');
    const auto address = IpAddress::parse(word.text.substr(0, slash));
    if (!address) return wrong(word, "an IPv4 or IPv6 address, optionally with /LENGTH");
    const std::int64_t longest = address->family() == Family::ipv4 ? 32 : 128;
    std::int64_t length = longest;
    if (slash != std::string_view::npos) {
      const auto written = parse_integer(word.text.substr(slash + 1));
      if (!written || *written < 0 || *written > longest) {
        return wrong(word, "a prefix length from 0 to " + std::to_string(longest), {}, RuleId::out_of_range);
      }
      length = *written;
      prefix_written_ = true;
    }
    address_.address = *address;
    address_.prefix_length = static_cast<std::uint8_t>(length);
    return true;
  }

  bool read_option(const Word& word) {
    for (const Option& option : options()) {
      if (option.word != word.text) continue;
      if (!option.has_value) return (this->*option.handler)(word, word);
      if (at_ == words_.size()) {
        report_.error(RuleId::missing_value, word.spot, in_quotes(word.text) + " needs a value");
        return false;
      }
      return (this->*option.handler)(word, words_[at_++]);
    }
    return unknown_option(word);
  }

  bool unknown_option(const Word& word) {
    std::array<std::string_view, kOptions> all{};
    std::array<std::string_view, kOptions> valued{};
    std::size_t values = 0;
    for (std::size_t i = 0; i < kOptions; ++i) {
      all[i] = options()[i].word;
      if (options()[i].has_value) valued[values++] = options()[i].word;
    }
    return wrong(word, std::string{kOptionsWording}, suggestion(word.text, all, std::span{valued}.first(values)),
                 RuleId::unknown_option);
  }

  bool broadcast(const Word& option, const Word& value) {
    if (address_.address.family() == Family::ipv6) {
      report_.error(RuleId::bad_value, option.spot, "an IPv6 address has no broadcast address");
      return false;
    }
    if (value.text == "+" || value.text == "-") {
      address_.broadcast_from_prefix = value.text == "+";
      broadcast_from_prefix_spot_ = value.spot;
      return true;
    }
    address_.broadcast = IpAddress::parse(value.text);
    if (address_.broadcast && address_.broadcast->family() == Family::ipv4) return true;
    return wrong(value, "an IPv4 address, '+' or '-'");
  }

  bool device(const Word&, const Word& value) {
    if (!valid_interface_name(value.text)) return wrong(value, "the name of an interface, at most 15 characters");
    address_.device = value.text;
    return true;
  }

  bool scope(const Word&, const Word& value) {
    const auto number = parse_integer(value.text);
    const bool named = std::find(kScopes.begin(), kScopes.end(), value.text) != kScopes.end();
    if (!named && !(number && *number >= 0 && *number <= 255)) {
      return wrong(value, "one of global, site, link, host, nowhere", std::string{nearest_word(value.text, kScopes)});
    }
    address_.scope = value.text;
    return true;
  }

  bool label(const Word& option, const Word& value) {
    if (address_.address.family() == Family::ipv6) {
      report_.warning(RuleId::setting_ignored, option.spot, "keepalived ignores the label of an IPv6 address");
      return true;
    }
    if (value.text.size() > kLongestInterfaceName) {
      report_.error(RuleId::label_too_long, value.spot,
                    "the label " + in_quotes(value.text) + " has " + std::to_string(value.text.size()) +
                        " characters: keepalived would leave the whole address out",
                    "at most 15 characters");
      return false;
    }
    address_.label = value.text;
    return true;
  }

  bool peer(const Word& option, const Word& value) {
    if (prefix_written_) {
      report_.error(RuleId::bad_value, option.spot, "an address with a /LENGTH has no peer",
                    "the address without /LENGTH");
      return false;
    }
    address_.peer = IpAddress::parse(value.text);
    if (address_.peer && address_.peer->family() == address_.address.family()) return true;
    return wrong(value, "an address of the same family, without /LENGTH");
  }

  bool no_track(const Word&, const Word&) {
    address_.no_track = true;
    return true;
  }

  bool track_group(const Word&, const Word& value) {
    address_.track_group = value.text;
    return true;
  }

  bool flag(const Word& option, const Word&) {
    AddressOptions& options = address_.options;
    bool& set = option.text == "use_vmac"     ? address_.use_vmac
                : option.text == "home"       ? options.home
                : option.text == "-nodad"     ? options.nodad
                : option.text == "mngtmpaddr" ? options.mngtmpaddr
                : option.text == "autojoin"   ? options.autojoin
                                              : options.noprefixroute;
    return set = true;
  }

  bool preferred_lifetime(const Word&, const Word& value) {
    const auto time = value.text == "forever" ? std::optional{Duration::max()} : parse_seconds(value.text);
    if (!time) return wrong(value, "seconds or forever");
    address_.preferred_lifetime = *time;
    return true;
  }

  bool consistent() {
    if (!address_.broadcast_from_prefix || address_.prefix_length <= 30) return true;
    report_.error(RuleId::bad_value, broadcast_from_prefix_spot_,
                  "a prefix of length " + std::to_string(address_.prefix_length) + " has no broadcast address",
                  "an address with a /LENGTH up to 30");
    return false;
  }

  std::span<const Word> words_;
  Report& report_;
  std::size_t at_ = 0;
  VirtualAddress address_;
  bool prefix_written_ = false;
  Spot broadcast_from_prefix_spot_;
};

}  // namespace

std::optional<VirtualAddress> read_virtual_address(std::span<const Word> words, Report& report) {
  return AddressLine{words, report}.read();
}

bool valid_interface_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestInterfaceName && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos;
}

}  // namespace vipdrift::config
