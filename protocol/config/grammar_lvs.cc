// Keywords of virtual_server and real_server.
#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "protocol/config/grammar.h"
#include "protocol/config/model.h"
#include "protocol/config/option_line.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kDefaultPersistence = 360;
constexpr std::array<std::string_view, 14> kSchedulers{"rr", "wrr", "lc",  "wlc",   "lblc", "sh", "mh",
                                                       "dh", "fo",  "ovf", "lblcr", "sed",  "nq", "twos"};
constexpr std::array kMethods{ipvs::Method::masquerade, ipvs::Method::direct_route, ipvs::Method::tunnel};
constexpr std::string_view kMethodWording = "one of NAT, DR, TUN";
constexpr std::array<std::string_view, 2> kFamilies{"inet", "inet6"};
constexpr std::array<std::string_view, 1> kEngines{"sip"};

/// Reads what follows TUN: [type ipip|gue port NUMBER|gre] [nocsum|csum|remcsum]. False after an error.
bool read_tunnel(OptionLine& line, ipvs::Tunnel& tunnel) {
  using Type = ipvs::Tunnel::Type;
  using Checksum = ipvs::Tunnel::Checksum;
  while (!line.done()) {
    const Word& word = line.next();
    if (word.text == "type") {
      std::string type;
      if (!line.text(type)) return false;
      if (type != "ipip" && type != "gue" && type != "gre") return line.wrong(line.last(), "one of ipip, gue, gre");
      tunnel.type = type == "gue" ? Type::gue : type == "gre" ? Type::gre : Type::ipip;
    } else if (word.text == "port") {
      std::optional<std::uint16_t> port;
      if (!line.number(port)) return false;
      tunnel.port = *port;
    } else if (word.text == "nocsum" || word.text == "csum" || word.text == "remcsum") {
      tunnel.checksum = word.text == "csum"      ? Checksum::full
                        : word.text == "remcsum" ? Checksum::remote
                                                 : Checksum::none;
    } else {
      return line.unknown(word, "type, port, nocsum, csum or remcsum");
    }
  }
  return true;
}

/// "NAT", "DR" or "TUN [type ...]"; nothing after an error.
std::optional<ipvs::Forwarding> read_method(Model& m, const Arguments& w) {
  for (const ipvs::Method method : kMethods) {
    if (w.word() != to_string(method)) continue;
    ipvs::Forwarding forwarding{.method = method};
    OptionLine line{w.words.subspan(1), "method", m.report};
    if (method != ipvs::Method::tunnel) {
      if (!line.done()) line.wrong(line.next(), "nothing behind " + std::string{to_string(method)});
      return forwarding;
    }
    if (!read_tunnel(line, forwarding.tunnel)) return std::nullopt;
    if (forwarding.tunnel.type != ipvs::Tunnel::Type::gue) return forwarding;
    if (forwarding.tunnel.port != 0) return forwarding;
    m.report.error(RuleId::missing_value, w.word_spot(), "a gue tunnel needs a port", "port NUMBER");
    return std::nullopt;
  }
  m.report.error(RuleId::bad_value, w.word_spot(), in_quotes(w.word()) + " is not valid for " + in_quotes(w.keyword),
                 std::string{kMethodWording});
  return std::nullopt;
}

/// A netmask such as 255.255.255.0 for IPv4, the length of a prefix for IPv6.
void set_granularity(Model& m, const Arguments& w) {
  constexpr std::int64_t kLongestPrefix = 128;
  std::optional<std::int64_t> length;
  const VirtualServer& server = m.virtual_server();
  const bool ipv6 = server.group.empty() && server.fwmark == 0 && server.address.family() == Family::ipv6;
  if (const auto mask = IpAddress::parse(w.word()); mask && mask->family() == Family::ipv4 && !ipv6) {
    std::uint32_t bits = 0;
    for (const std::uint8_t byte : mask->bytes()) bits = bits << 8U | byte;
    const int ones = std::countl_one(bits);
    if (std::popcount(bits) == ones) length = ones;
  } else if (const auto number = parse_integer(w.word()); number && *number <= kLongestPrefix) {
    length = number;
  }
  if (!length || *length < 1) {
    m.report.error(RuleId::bad_value, w.word_spot(),
                   in_quotes(w.word()) + " is not valid for 'persistence_granularity'",
                   "a netmask such as 255.255.255.0, or for IPv6 the length of a prefix from 1 to 128");
    return;
  }
  m.virtual_server().settings.persistence_prefix = static_cast<std::uint8_t>(*length);
}

void set_family(Model& m, const Arguments& w) {
  const VirtualServer& server = m.virtual_server();
  const Family family = w.word() == "inet6" ? Family::ipv6 : Family::ipv4;
  if (server.group.empty() && server.fwmark == 0 && server.address.family() != family) {
    m.report.warning(RuleId::family_mismatch, w.spot,
                     "keepalived ignores an ip_family that is not that of the address");
    return;
  }
  m.virtual_server_draft().family = family;
}

void set_sorry_server(Model& m, const Arguments& w) {
  m.virtual_server().sorry_server =
      SorryServer{.address = w.address, .port = w.port, .forwarding = {}, .inhibit = false};
}

void set_algorithm(Model& m, const Arguments& w) {
  m.virtual_server().settings.scheduler = *ipvs::scheduler_of(w.word());
  m.virtual_server_draft().has_algorithm = true;
}

void set_method(Model& m, const Arguments& w) {
  if (const auto forwarding = read_method(m, w)) m.virtual_server().forwarding = *forwarding;
  m.virtual_server_draft().has_method = true;
}

/// keepalived takes TCP and tcp alike.
void set_protocol(Model& m, const Arguments& w) {
  std::string protocol = w.text();
  for (char& c : protocol) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  for (const ipvs::Transport transport : {ipvs::Transport::tcp, ipvs::Transport::udp, ipvs::Transport::sctp}) {
    if (protocol != to_string(transport)) continue;
    m.virtual_server().transport = transport;
    m.virtual_server_draft().has_protocol = true;
    return;
  }
  m.report.error(RuleId::bad_value, w.word_spot(), in_quotes(w.word()) + " is not valid for 'protocol'",
                 "one of TCP, UDP, SCTP");
}

void set_persistence(Model& m, const Arguments& w) {
  m.virtual_server().settings.persistence = seconds{w.given ? w.number : kDefaultPersistence};
}

std::vector<std::string> strings(std::span<const Word> words) {
  std::vector<std::string> texts;
  for (const Word& word : words) texts.emplace_back(word.text);
  return texts;
}

void set_server_default(Model& m, const Arguments& w) {
  m.virtual_server_draft().defaults.emplace_back(w.keyword, strings(w.words));
}

void set_real_default(Model& m, const Arguments& w) {
  m.real_server_draft().defaults.emplace_back(w.keyword, strings(w.words));
}

void begin_real_server(Model& m, const Arguments& w) {
  RealServer server;
  server.address = w.address;
  server.port = w.port;
  server.place = m.report.place(w.spot);
  m.virtual_server().real_servers.push_back(std::move(server));
  RealServerDraft draft;
  draft.spot = w.spot;
  draft.track_files_above = m.track_files.size();
  m.virtual_server_draft().real_servers.push_back(std::move(draft));
}

void set_flag_1(Model& m, const Arguments&) { m.virtual_server().settings.flags.flag_1 = true; }
void set_flag_2(Model& m, const Arguments&) { m.virtual_server().settings.flags.flag_2 = true; }

/// keepalived takes the flags that bear the name of a scheduler below the `lb_algo` line of a hashing one only.
bool follows_hashing_scheduler(Model& m, const Arguments& w) {
  const std::string_view scheduler = to_string(m.virtual_server().settings.scheduler);
  if (m.virtual_server_draft().has_algorithm && (scheduler == "sh" || scheduler == "mh")) return true;
  m.report.warning(RuleId::setting_ignored, w.spot,
                   "keepalived ignores " + in_quotes(w.keyword) + ": no 'lb_algo sh' or 'lb_algo mh' stands above it");
  return false;
}

void set_fallback(Model& m, const Arguments& w) {
  if (follows_hashing_scheduler(m, w)) set_flag_1(m, w);
}

void set_port_counts(Model& m, const Arguments& w) {
  if (follows_hashing_scheduler(m, w)) set_flag_2(m, w);
}

void judge_hashed(Model& m, const Arguments& w) { static_cast<void>(follows_hashing_scheduler(m, w)); }

/// keepalived takes settings of the sorry server below its line only.
bool follows_sorry_server(Model& m, const Arguments& w) {
  if (m.virtual_server().sorry_server) return true;
  m.report.warning(RuleId::setting_ignored, w.spot,
                   "keepalived ignores " + in_quotes(w.keyword) + ": no 'sorry_server' stands above it");
  return false;
}

constexpr auto kVirtualServer = sorted(std::array{
    Keyword{.word = "lb_algo",
            .meaning = "How the next real server is chosen.",
            .shape = takes::choice(kSchedulers),
            .apply = set_algorithm},
    Keyword{.word = "lvs_sched",
            .meaning = "The same as lb_algo.",
            .shape = takes::choice(kSchedulers),
            .apply = set_algorithm},
    Keyword{.word = "lb_kind",
            .meaning = "How packets reach real servers: NAT, DR or TUN.",
            .shape = takes::words(6, kMethodWording),
            .apply = set_method},
    Keyword{.word = "lvs_method",
            .meaning = "The same as lb_kind.",
            .shape = takes::words(6, kMethodWording),
            .apply = set_method},
    Keyword{.word = "protocol",
            .meaning = "TCP, UDP or SCTP.",
            .shape = takes::word("one of TCP, UDP, SCTP"),
            .apply = set_protocol},
    Keyword{.word = "delay_loop",
            .meaning = "How often real servers are checked (60 s).",
            .shape = takes::seconds(kShortestTime, seconds{86400LL * 365}),
            .apply = [](Model& m, const Arguments& w) { m.virtual_server().delay_loop = w.time; }},
    Keyword{.word = "persistence_timeout",
            .meaning = "How long a client stays with its real server (not at all; 6 min without a number).",
            .shape = takes::optional_integer(1, 2678400),
            .apply = set_persistence},
    Keyword{.word = "quorum",
            .meaning = "The sum of weights that makes the service up (1).",
            .shape = takes::integer(1, kLargestInt),
            .apply =
                [](Model& m, const Arguments& w) {
                  m.virtual_server().quorum = static_cast<int>(w.number);
                  m.virtual_server_draft().quorum = w.spot;
                }},
    Keyword{.word = "hysteresis",
            .meaning = "How far beyond the quorum the sum must go before it is lost or won back (0).",
            .shape = takes::integer(0, kLargestInt),
            .apply = [](Model& m, const Arguments& w) { m.virtual_server().hysteresis = static_cast<int>(w.number); }},
    Keyword{.word = "quorum_up",
            .meaning = "A command that is run when the quorum is won.",
            .shape = takes::command(),
            .apply = [](Model& m, const Arguments& w) { m.virtual_server().quorum_up = w.command; }},
    Keyword{.word = "quorum_down",
            .meaning = "A command that is run when the quorum is lost.",
            .shape = takes::command(),
            .apply = [](Model& m, const Arguments& w) { m.virtual_server().quorum_down = w.command; }},
    Keyword{.word = "sorry_server",
            .meaning = "Who answers when the quorum is lost.",
            .shape = takes::endpoint(),
            .apply = set_sorry_server},
    Keyword{.word = "sorry_server_inhibit",
            .meaning = "Keep the sorry server in the table with weight 0 when it is not needed.",
            .apply = [](Model& m,
                        const Arguments& w) { m.virtual_server_draft().sorry_inhibit = follows_sorry_server(m, w); }},
    Keyword{.word = "sorry_server_lvs_method",
            .meaning = "How packets reach the sorry server.",
            .shape = takes::words(6, kMethodWording),
            .apply =
                [](Model& m, const Arguments& w) {
                  if (follows_sorry_server(m, w)) m.virtual_server_draft().sorry_forwarding = read_method(m, w);
                }},
    Keyword{.word = "ops",
            .meaning = "Schedule each UDP packet by itself.",
            .apply = [](Model& m, const Arguments&) { m.virtual_server().settings.one_packet = true; }},
    Keyword{.word = "flag-1", .meaning = "The first flag of the scheduler.", .apply = set_flag_1},
    Keyword{.word = "sh-fallback",
            .meaning = "sh: try another server when the chosen one is not available.",
            .apply = set_fallback},
    Keyword{.word = "mh-fallback",
            .meaning = "mh: try another server when the chosen one is not available.",
            .apply = set_fallback},
    Keyword{.word = "flag-2", .meaning = "The second flag of the scheduler.", .apply = set_flag_2},
    Keyword{.word = "sh-port", .meaning = "sh: the port of the client counts, too.", .apply = set_port_counts},
    Keyword{.word = "mh-port", .meaning = "mh: the port of the client counts, too.", .apply = set_port_counts},
    Keyword{.word = "flag-3",
            .meaning = "The third flag of the scheduler.",
            .apply = [](Model& m, const Arguments&) { m.virtual_server().settings.flags.flag_3 = true; }},
    Keyword{.word = "ip_family",
            .meaning = "The family of a firewall mark whose real servers do not say it.",
            .shape = takes::choice(kFamilies),
            .apply = set_family},
    Keyword{.word = "persistence_engine",
            .meaning = "What else tells clients apart.",
            .shape = takes::choice(kEngines),
            .apply = [](Model& m, const Arguments& w) { m.virtual_server().settings.persistence_engine = w.text(); }},
    Keyword{.word = "persistence_granularity",
            .meaning = "The network whose clients stay with one server (one address).",
            .shape = takes::word("a netmask or the length of a prefix"),
            .apply = set_granularity},
    Keyword{.word = "smtp_alert",
            .meaning = "Whether changes of the quorum send mails.",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.virtual_server_draft().smtp_alert = w.flag; }},
    Keyword{.word = "alpha",
            .meaning = "Real servers begin as down.",
            .apply = [](Model& m, const Arguments&) { m.virtual_server().alpha = true; }},
    Keyword{.word = "omega",
            .meaning = "At the end, run the commands for what goes down.",
            .apply = [](Model& m, const Arguments&) { m.virtual_server().omega = true; }},
    Keyword{.word = "ha_suspend",
            .meaning = "Check only while an address of the service is on this director.",
            .apply = [](Model& m, const Arguments&) { m.virtual_server().ha_suspend = true; }},
    Keyword{.word = "inhibit_on_failure",
            .meaning = "Give a real server that failed weight 0 instead of removing it.",
            .apply = [](Model& m, const Arguments&) { m.virtual_server_draft().inhibit_on_failure = true; }},
    Keyword{.word = "connect_timeout",
            .meaning = "How long a check may take (5 s).",
            .shape = takes::seconds(kShortestTime, kLongestTime),
            .apply = set_server_default},
    Keyword{.word = "retry",
            .meaning = "How often a failed check is repeated before it counts (1; DNS_CHECK 3, MISC_CHECK 0).",
            .shape = takes::integer(1, kLargestInt),
            .apply = set_server_default},
    Keyword{.word = "delay_before_retry",
            .meaning = "The pause before that (1 s; HTTP_GET and SSL_GET 3 s, DNS_CHECK its delay_loop).",
            .shape = takes::seconds(Duration{0}, kLongestTime),
            .apply = set_server_default},
    Keyword{.word = "warmup",
            .meaning = "The longest time before the first check, drawn by lot (delay_loop).",
            .shape = takes::seconds(Duration{0}, kLongestTime),
            .apply = set_server_default},
    Keyword{.word = "virtualhost",
            .meaning = "The host name that HTTP_GET and SSL_GET ask for.",
            .shape = takes::word("a host name"),
            .apply = set_server_default},
    Keyword{.word = "real_server",
            .meaning = "A server, and how it is checked.",
            .shape = takes::endpoint(),
            .apply = begin_real_server,
            .opens = Block::real_server,
            .repeatable = true},
    judged("hashed", "Obsolete.", takes::nothing(), judge_hashed),
    Keyword{
        .word = "weight",
        .meaning = "The weight of real servers that name none (1).",
        .shape = takes::integer(0, kLargestInt),
        .apply = [](Model& m, const Arguments& w) { m.virtual_server_draft().weight = static_cast<int>(w.number); }},
    known("snmp_name", "A name for SNMP.", takes::exactly(takes::word("a name"))),
});
static_assert(distinct(kVirtualServer));

void set_lower_threshold(Model& m, const Arguments& w) {
  m.real_server().lower_threshold = static_cast<std::uint32_t>(w.number);
}

void set_upper_threshold(Model& m, const Arguments& w) {
  m.real_server().upper_threshold = static_cast<std::uint32_t>(w.number);
}

constexpr auto kRealServer = sorted(std::array{
    Keyword{.word = "weight",
            .meaning = "Its share of the clients (that of the virtual server, or 1).",
            .shape = takes::integer(0, kLargestInt),
            .apply = [](Model& m, const Arguments& w) { m.real_server_draft().weight = static_cast<int>(w.number); }},
    Keyword{.word = "lvs_method",
            .meaning = "How packets reach it (as the virtual server has it).",
            .shape = takes::words(6, kMethodWording),
            .apply = [](Model& m, const Arguments& w) { m.real_server_draft().forwarding = read_method(m, w); }},
    Keyword{.word = "inhibit_on_failure",
            .meaning = "Give it weight 0 instead of removing it when it fails.",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.real_server_draft().inhibit_on_failure = w.flag; }},
    Keyword{.word = "notify_up",
            .meaning = "A command that is run when it is up.",
            .shape = takes::command(),
            .apply = [](Model& m, const Arguments& w) { m.real_server().notify_up = w.command; }},
    Keyword{.word = "notify_down",
            .meaning = "A command that is run when it is down.",
            .shape = takes::command(),
            .apply = [](Model& m, const Arguments& w) { m.real_server().notify_down = w.command; }},
    Keyword{.word = "alpha",
            .meaning = "It begins as down.",
            .shape = takes::optional_boolean(),
            .apply = set_real_default},
    Keyword{.word = "connect_timeout",
            .meaning = "How long a check may take (5 s).",
            .shape = takes::seconds(kShortestTime, kLongestTime),
            .apply = set_real_default},
    Keyword{.word = "retry",
            .meaning = "How often a failed check is repeated before it counts (1; DNS_CHECK 3, MISC_CHECK 0).",
            .shape = takes::integer(1, kLargestInt),
            .apply = set_real_default},
    Keyword{.word = "delay_before_retry",
            .meaning = "The pause before that (1 s; HTTP_GET and SSL_GET 3 s, DNS_CHECK its delay_loop).",
            .shape = takes::seconds(Duration{0}, kLongestTime),
            .apply = set_real_default},
    Keyword{.word = "warmup",
            .meaning = "The longest time before the first check, drawn by lot (delay_loop).",
            .shape = takes::seconds(Duration{0}, kLongestTime),
            .apply = set_real_default},
    Keyword{.word = "delay_loop",
            .meaning = "How often it is checked.",
            .shape = takes::seconds(kShortestTime, kLongestTime),
            .apply = set_real_default},
    Keyword{.word = "virtualhost",
            .meaning = "The host name that HTTP_GET and SSL_GET ask for.",
            .shape = takes::word("a host name"),
            .apply = set_real_default},
    Keyword{.word = "HTTP_GET",
            .meaning = "Check that it answers HTTP as it should.",
            .apply = begin_checker,
            .opens = Block::http_get,
            .repeatable = true},
    Keyword{.word = "SSL_GET",
            .meaning = "Check that it answers HTTPS as it should.",
            .apply = begin_checker,
            .opens = Block::ssl_get,
            .repeatable = true},
    Keyword{.word = "TCP_CHECK",
            .meaning = "Check that it takes a connection.",
            .apply = begin_checker,
            .opens = Block::tcp_check,
            .repeatable = true},
    Keyword{.word = "SMTP_CHECK",
            .meaning = "Check that it greets as a mail server.",
            .apply = begin_checker,
            .opens = Block::smtp_check,
            .repeatable = true},
    Keyword{.word = "DNS_CHECK",
            .meaning = "Check that it answers DNS.",
            .apply = begin_checker,
            .opens = Block::dns_check,
            .repeatable = true},
    Keyword{.word = "MISC_CHECK",
            .meaning = "Check it with a command.",
            .apply = begin_checker,
            .opens = Block::misc_check,
            .repeatable = true},
    Keyword{.word = "PING_CHECK",
            .meaning = "Check that it answers ICMP echo.",
            .apply = begin_checker,
            .opens = Block::ping_check,
            .repeatable = true},
    Keyword{.word = "UDP_CHECK",
            .meaning = "Check that it does not refuse UDP, or what it replies.",
            .apply = begin_checker,
            .opens = Block::udp_check,
            .repeatable = true},
    Keyword{.word = "FILE_CHECK",
            .meaning = "Let a file say whether it is up, and change its weight.",
            .apply = begin_checker,
            .opens = Block::file_check,
            .repeatable = true},
    Keyword{.word = "BFD_CHECK",
            .meaning = "Let a BFD session say whether it is up.",
            .opens = Block::bfd_check,
            .repeatable = true},
    Keyword{.word = "lthreshold",
            .meaning = "A server that was full gets connections again below so many.",
            .shape = takes::integer(0, kLargestUnsigned),
            .apply = set_lower_threshold},
    Keyword{.word = "uthreshold",
            .meaning = "It gets no more connections than this.",
            .shape = takes::integer(0, kLargestUnsigned),
            .apply = set_upper_threshold},
    Keyword{.word = "smtp_alert",
            .meaning = "Whether it sends mails when it goes down or up.",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.real_server_draft().smtp_alert = w.flag; }},
    known("snmp_name", "A name for SNMP.", takes::exactly(takes::word("a name"))),
});
static_assert(distinct(kRealServer));

}  // namespace

std::span<const Keyword> virtual_server_keywords() { return kVirtualServer; }
std::span<const Keyword> real_server_keywords() { return kRealServer; }

}  // namespace vipdrift::config
