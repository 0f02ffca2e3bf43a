// What a virtual server stands for: an address, a firewall mark or a group; and what concerns all of them.
#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "protocol/config/grammar.h"
#include "protocol/config/model.h"
#include "protocol/config/option_line.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr std::int64_t kLargestMark = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kLargestPort = 65535;
/// Of one line of a group: more is a slip of the pen, and would be a service each.
constexpr int kMostBitsOfRange = 16;

bool read_port(Model& m, const Word& word, std::uint16_t& port) {
  const auto number = parse_integer(word.text);
  if (number && *number >= 1 && *number <= kLargestPort) {
    port = static_cast<std::uint16_t>(*number);
    return true;
  }
  m.report.error(RuleId::bad_value, word.spot, in_quotes(word.text) + " is not a port", "a number from 1 to 65535");
  return false;
}

bool read_mark(Model& m, const Word& word, std::uint32_t& mark) {
  const auto number = parse_integer(word.text);
  if (number && *number >= 1 && *number <= kLargestMark) {
    mark = static_cast<std::uint32_t>(*number);
    return true;
  }
  m.report.error(RuleId::bad_value, word.spot, in_quotes(word.text) + " is not a firewall mark",
                 "a number from 1 to 4294967295");
  return false;
}

/// `address` with its last `bits` bits all set to `value`.
IpAddress with_host_bits(const IpAddress& address, int bits, bool value) {
  std::array<std::uint8_t, 16> bytes{};
  const std::span<const std::uint8_t> old = address.bytes();
  std::copy(old.begin(), old.end(), bytes.begin());
  for (std::size_t i = old.size(); i-- > 0 && bits > 0; bits -= 8) {
    const auto mask = static_cast<std::uint8_t>(bits >= 8 ? 0xff : (1 << bits) - 1);
    bytes[i] = static_cast<std::uint8_t>(value ? bytes[i] | mask : bytes[i] & ~mask);
  }
  return IpAddress::from_bytes(address.family(), std::span{bytes}.first(old.size()));
}

/// The address in which the last part of `first` is `text`: decimal behind '.', hexadecimal behind ':'.
std::optional<IpAddress> with_last_part(std::string_view first, std::string_view text) {
  const std::size_t separator = first.find_last_of(".:");
  if (separator == std::string_view::npos) return std::nullopt;
  return IpAddress::parse(std::string{first.substr(0, separator + 1)} + std::string{text});
}

/// The addresses from first to last of "A", "A-B", "A-NUMBER" or "A/LENGTH".
bool read_range(std::string_view text, GroupEntry& entry) {
  if (text.find('/') != std::string_view::npos) {
    const auto prefix = IpPrefix::parse(text);
    if (!prefix) return false;
    const int bits = static_cast<int>(address_size(prefix->address.family()) * 8) - prefix->length;
    if (bits > kMostBitsOfRange) return false;
    entry.first = with_host_bits(prefix->address, bits, false);
    entry.last = with_host_bits(prefix->address, bits, true);
    return entry.first == prefix->address;
  }
  const std::size_t dash = text.find('-');
  const auto first = IpAddress::parse(text.substr(0, dash));
  if (!first) return false;
  entry.first = entry.last = *first;
  if (dash == std::string_view::npos) return true;
  const std::string_view end = text.substr(dash + 1);
  const auto whole = IpAddress::parse(end);
  const auto last = whole ? whole : with_last_part(text.substr(0, dash), end);
  if (!last || last->family() != first->family() || *last <= *first) return false;
  entry.last = *last;
  return with_host_bits(*first, kMostBitsOfRange, false) == with_host_bits(*last, kMostBitsOfRange, false);
}

void read_mark_of_group(Model& m, const Arguments& line, GroupEntry& entry) {
  if (line.words.size() < 2) {
    m.report.error(RuleId::missing_value, line.word_spot(), "'fwmark' needs a value", "a number from 1 to 4294967295");
    return;
  }
  if (!read_mark(m, line.words[1], entry.fwmark) || line.words.size() == 2) return;
  const Word& family = line.words[2];
  if (family.text == "inet" || family.text == "inet6") {
    entry.family = family.text == "inet6" ? Family::ipv6 : Family::ipv4;
  } else {
    m.report.error(RuleId::unexpected_word, family.spot,
                   in_quotes(family.text) + " is not valid behind a firewall mark", "inet or inet6");
  }
}

bool seconds_of(OptionLine& line, std::chrono::seconds& value) {
  constexpr std::uint64_t kLongest = 31U * 86400U;
  std::optional<std::uint32_t> number;
  if (!line.number(number, kLongest)) return false;
  value = std::chrono::seconds{*number};
  return true;
}

constexpr auto kSsl = sorted(std::array{
    Keyword{.word = "password",
            .meaning = "The password of the key.",
            .shape = takes::word("a password"),
            .apply = [](Model& m, const Arguments& w) { m.configuration.tls_client.password = w.text(); }},
    Keyword{.word = "ca",
            .meaning = "Authorities whose certificates are trusted.",
            .shape = takes::word("the path of a file"),
            .apply = [](Model& m, const Arguments& w) { m.configuration.tls_client.authorities = w.text(); }},
    Keyword{.word = "certificate",
            .meaning = "The certificate to show.",
            .shape = takes::word("the path of a file"),
            .apply = [](Model& m, const Arguments& w) { m.configuration.tls_client.certificate = w.text(); }},
    Keyword{.word = "key",
            .meaning = "Its key.",
            .shape = takes::word("the path of a file"),
            .apply = [](Model& m, const Arguments& w) { m.configuration.tls_client.key = w.text(); }},
});
static_assert(distinct(kSsl));

}  // namespace

std::span<const Keyword> ssl_keywords() { return kSsl; }

void begin_virtual_server(Model& m, const Arguments& w) {
  VirtualServer server;
  server.place = m.report.place(w.spot);
  VirtualServerDraft draft;
  draft.spot = w.spot;
  const auto address = IpAddress::parse(w.word());
  const bool named = w.word() == "group" || w.word() == "fwmark";
  if (named && w.words.size() != 2) {
    m.report.error(RuleId::missing_value, w.word_spot(), "virtual_server " + std::string{w.word()} + " needs one value",
                   w.word() == "group" ? "the name of a virtual_server_group" : "a number from 1 to 4294967295");
  } else if (w.word() == "group") {
    server.group = w.words[1].text;
  } else if (w.word() == "fwmark") {
    read_mark(m, w.words[1], server.fwmark);
  } else if (!address || w.words.size() > 2) {
    const Word& wrong = address ? w.words[2] : w.words[0];
    m.report.error(RuleId::bad_value, wrong.spot, in_quotes(wrong.text) + " is not valid for 'virtual_server'",
                   "an IPv4 or IPv6 address and a port from 1 to 65535, fwmark NUMBER or group NAME");
  } else {
    server.address = *address;
    if (w.words.size() == 2) read_port(m, w.words[1], server.port);
  }
  m.configuration.virtual_servers.push_back(std::move(server));
  m.virtual_servers.push_back(std::move(draft));
}

void begin_server_group(Model& m, const Arguments& w) {
  VirtualServerGroup group;
  group.name = w.text();
  group.place = m.report.place(w.spot);
  m.configuration.server_groups.push_back(std::move(group));
  m.server_groups.push_back(w.spot);
}

void read_server_group_line(Model& m, const Arguments& line) {
  GroupEntry entry;
  if (line.word() == "fwmark") {
    read_mark_of_group(m, line, entry);
  } else if (!read_range(line.word(), entry)) {
    m.report.error(RuleId::bad_value, line.word_spot(),
                   in_quotes(line.word()) + " is not valid in a virtual_server_group",
                   "ADDRESS, ADDRESS-ADDRESS, ADDRESS-NUMBER or ADDRESS/LENGTH, of at most 65536 addresses, the first "
                   "one first");
  } else if (line.words.size() > 1) {
    read_port(m, line.words[1], entry.port);
  }
  m.configuration.server_groups.back().entries.push_back(entry);
}

void set_flush_on_stop(Model& m, const Arguments& w) {
  if (w.words.empty() || w.word() == "VS") {
    m.configuration.global.lvs_flush_on_stop = w.words.empty() ? LvsFlush::everything : LvsFlush::virtual_servers;
    return;
  }
  m.report.error(RuleId::bad_value, w.word_spot(), in_quotes(w.word()) + " is not valid for " + in_quotes(w.keyword),
                 "VS, or nothing");
}

void set_sync_daemon(Model& m, const Arguments& w) {
  OptionLine line{w.words, "lvs_sync_daemon", m.report};
  LvsSyncDaemon daemon;
  if (line.done()) {
    m.report.error(RuleId::missing_value, w.spot, "'lvs_sync_daemon' needs a value", std::string{kSyncDaemonLine});
    return;
  }
  if (!line.device(daemon.interface)) return;
  while (!line.done()) {
    const Word& word = line.next();
    std::optional<std::uint32_t> number;
    if (word.text == "id") {
      if (!line.number(number, 255)) return;
      daemon.sync_id = static_cast<int>(*number);
    } else if (word.text == "maxlen") {
      if (!line.number(number, 65507)) return;
      daemon.maximum_length = *number;
    } else if (word.text == "port") {
      if (!line.number(number, kLargestPort)) return;
      daemon.port = static_cast<std::uint16_t>(*number);
    } else if (word.text == "ttl") {
      if (!line.number(number, 255)) return;
      daemon.ttl = static_cast<std::uint8_t>(*number);
    } else if (word.text == "group") {
      if (!line.address(daemon.group)) return;
    } else if (word.text == "inst") {
      if (!line.text(daemon.instance)) return;
    } else if (daemon.instance.empty()) {
      daemon.instance = word.text;
    } else {
      line.unknown(word, "inst, id, maxlen, port, ttl or group");
      return;
    }
  }
  m.configuration.global.lvs_sync_daemon = std::move(daemon);
}

void set_lvs_timeouts(Model& m, const Arguments& w) {
  OptionLine line{w.words, "lvs_timeouts", m.report};
  LvsTimeouts& timeouts = m.configuration.global.lvs_timeouts;
  if (line.done())
    m.report.error(RuleId::missing_value, w.spot, "'lvs_timeouts' needs a value", std::string{kTimeoutsLine});
  while (!line.done()) {
    const Word& word = line.next();
    std::chrono::seconds* value = word.text == "tcp"      ? &timeouts.tcp
                                  : word.text == "tcpfin" ? &timeouts.tcp_fin
                                  : word.text == "udp"    ? &timeouts.udp
                                                          : nullptr;
    if (value == nullptr) {
      line.unknown(word, "tcp, tcpfin or udp");
      return;
    }
    if (!seconds_of(line, *value)) return;
  }
}

}  // namespace vipdrift::config
