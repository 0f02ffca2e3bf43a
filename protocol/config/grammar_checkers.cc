// Keywords of the health checkers. Every one is checked here and recorded as written (Checker::settings).
#include <algorithm>
#include <utility>

#include "protocol/config/grammar.h"
#include "protocol/config/model.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

using std::chrono::seconds;

constexpr std::array<std::string_view, 3> kHttpVersions{"1.0", "1.0C", "1.1"};
constexpr std::array<std::string_view, 7> kDnsTypes{"A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA"};
constexpr std::size_t kDigestLength = 32;

void record(Model& m, const Arguments& w) {
  std::vector<std::string> texts;
  for (const Word& word : w.words) texts.emplace_back(word.text);
  m.checker().settings.emplace_back(w.keyword, std::move(texts));
}

/// A setting that is there or not.
void record_flag(Model& m, const Arguments& w) {
  if (w.flag) m.checker().settings.emplace_back(w.keyword, std::vector<std::string>{});
}

void record_retry(Model& m, const Arguments& w) {
  m.report.warning(RuleId::old_name, w.spot, "'nb_get_retry' is the old name of 'retry'");
  m.checker().settings.emplace_back("retry", std::vector<std::string>{w.text()});
}

void record_command(Model& m, const Arguments& w) { m.checker().settings.emplace_back(w.keyword, w.command.argv); }

void record_digest(Model& m, const Arguments& w) {
  if (w.word().size() != kDigestLength) {
    m.report.error(RuleId::bad_value, w.word_spot(), in_quotes(w.word()) + " is not a digest",
                   "32 characters as printed by genhash");
  }
  record(m, w);
}

/// "200" or "200-299".
bool is_status_range(std::string_view word) {
  const std::size_t dash = word.find('-');
  const auto from = parse_integer(word.substr(0, dash));
  const auto to = dash == std::string_view::npos ? from : parse_integer(word.substr(dash + 1));
  return from && to && *from >= 100 && *to <= 999 && *from <= *to;
}

void record_status(Model& m, const Arguments& w) {
  for (const Word& word : w.words) {
    if (is_status_range(word.text)) continue;
    m.report.error(RuleId::bad_value, word.spot, in_quotes(word.text) + " is not a status code",
                   "numbers or ranges from 100 to 999");
  }
  record(m, w);
}

/// keepalived takes A and a alike.
void record_dns_type(Model& m, const Arguments& w) {
  std::string type = w.text();
  for (char& c : type) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (std::find(kDnsTypes.begin(), kDnsTypes.end(), type) == kDnsTypes.end()) {
    m.report.error(RuleId::bad_value, w.word_spot(), in_quotes(w.word()) + " is not valid for 'type'",
                   "one of A, NS, CNAME, SOA, MX, TXT, AAAA");
  }
  m.checker().settings.emplace_back("type", std::vector<std::string>{std::move(type)});
}

/// Hexadecimal digits in any grouping; a reply may have 'X' for a digit that does not matter.
void record_bytes(Model& m, const Arguments& w) {
  const std::string_view valid = w.keyword == "require_reply" ? "0123456789abcdefABCDEFxX" : "0123456789abcdefABCDEF";
  for (const Word& word : w.words) {
    if (word.text.find_first_not_of(valid) == std::string_view::npos) continue;
    m.report.error(RuleId::bad_value, word.spot, in_quotes(word.text) + " is not hexadecimal", "hexadecimal digits");
  }
  record(m, w);
}

constexpr Keyword recorded(std::string_view word, std::string_view meaning, Shape shape) {
  return {.word = word, .meaning = meaning, .shape = shape, .apply = record};
}

constexpr std::array kGeneric{
    recorded("alpha", "It begins as failed.", takes::optional_boolean()),
    recorded("retry", "How often a failed check is repeated before it counts (1; DNS_CHECK 3, MISC_CHECK 0).",
             takes::integer(0, kLargestInt)),
    recorded("delay_before_retry", "The pause before that (1 s; HTTP_GET and SSL_GET 3 s, DNS_CHECK its delay_loop).",
             takes::seconds(Duration{0}, kLongestTime)),
    recorded("warmup", "The longest time before the first check, drawn by lot (delay_loop).",
             takes::seconds(Duration{0}, kLongestTime)),
    recorded("delay_loop", "From one check to the next.", takes::seconds(kShortestTime, kLongestTime)),
    recorded("log_all_failures", "Log each failed check, not only the one that takes the server down.",
             takes::optional_boolean()),
};

constexpr std::array kConnection{
    recorded("connect_ip", "Where to connect to (the real server's address).", takes::address()),
    recorded("connect_port", "The port to connect to (the real server's).", takes::integer(1, 65535)),
    recorded("bindto", "The source address.", takes::address()),
    recorded("bind_if", "The interface to go through.", takes::word("the name of an interface")),
    recorded("bind_port", "The source port.", takes::integer(1, 65535)),
    recorded("fwmark", "The firewall mark of the packets of checks.", takes::integer(0, kLargestUnsigned)),
    recorded("connect_timeout", "How long it may take (5 s).", takes::seconds(kShortestTime, kLongestTime)),
};

constexpr auto kTcp = sorted(joined(kGeneric, kConnection));

constexpr auto kHttp = sorted(joined(
    joined(kGeneric, kConnection),
    std::array{
        Keyword{
            .word = "url", .meaning = "A page to ask for.", .apply = record, .opens = Block::url, .repeatable = true},
        recorded("http_protocol", "The version of HTTP; 1.0C: 1.0 with \"Connection: close\".",
                 takes::choice(kHttpVersions)),
        recorded("fast_recovery",
                 "Ask for all pages one after the other when it comes up, without delay_loop between them.",
                 takes::optional_boolean()),
        recorded("virtualhost", "The host name to ask for.", takes::word("a host name")),
        Keyword{.word = "enable_sni",
                .meaning = "Name the host in the TLS handshake (SSL_GET).",
                .shape = takes::optional_boolean(),
                .apply = record_flag},
        Keyword{.word = "nb_get_retry",
                .meaning = "The old name of retry.",
                .shape = takes::integer(0, kLargestInt),
                .apply = record_retry},
        known("tls_compliant", "End TLS as its standard has it (SSL_GET).", takes::nothing(), kNewer),
        known("sni_name", "The name to use in the TLS handshake (SSL_GET).", takes::word("a host name"), kNewer),
    }));

constexpr auto kUrl = sorted(std::array{
    recorded("path", "Its path.", takes::word("a path such as /index.html")),
    Keyword{.word = "digest",
            .meaning = "What the MD5 digest of the page must be, as genhash prints it.",
            .shape = takes::word("a digest"),
            .apply = record_digest,
            .repeatable = true},
    Keyword{.word = "status_code",
            .meaning = "Which status is well (200-299).",
            .shape = takes::words(100, "numbers or ranges from 100 to 999"),
            .apply = record_status},
    recorded("virtualhost", "The host name to ask for.", takes::word("a host name")),
    recorded("regex", "What must be found in the page.", takes::word("a regular expression")),
    recorded("regex_no_match", "It must not be found.", takes::nothing()),
    recorded("regex_options", "Options of the expression, as pcre2 has them.", takes::words(30, "options of pcre2")),
    recorded("regex_stack", "Memory for the expression.", takes::words(2, "two numbers of bytes")),
    recorded("regex_min_offset", "Where in the page to begin.", takes::integer(0, kLargestInt)),
    recorded("regex_max_offset", "Where in the page it must have begun.", takes::integer(0, kLargestInt)),
    known("tls_compliant", "End TLS as its standard has it (SSL_GET).", takes::nothing(), kNewer),
});

constexpr auto kSmtp = sorted(joined(joined(kGeneric, kConnection),
                                     std::array{
                                         recorded("helo_name", "The name to greet with.", takes::word("a host name")),
                                         Keyword{.word = "host",
                                                 .meaning = "Another address to check in the same way.",
                                                 .apply = record,
                                                 .opens = Block::smtp_host,
                                                 .repeatable = true},
                                     }));

/// Settings of the whole checker, which keepalived 2.2.7 reads in a host, too.
constexpr std::array kNotOfAHost{
    known("alpha", "A setting of the checker.", takes::optional_boolean()),
    known("retry", "A setting of the checker.", takes::integer(0, kLargestInt)),
    known("delay_before_retry", "A setting of the checker.", takes::seconds(Duration{0}, kLongestTime)),
    known("warmup", "A setting of the checker.", takes::seconds(Duration{0}, kLongestTime)),
    known("delay_loop", "A setting of the checker.", takes::seconds(kShortestTime, kLongestTime)),
    known("log_all_failures", "A setting of the checker.", takes::optional_boolean()),
};

constexpr auto kSmtpHost = sorted(joined(kConnection, kNotOfAHost));

constexpr auto kDns =
    sorted(joined(joined(kGeneric, kConnection),
                  std::array{
                      Keyword{.word = "type",
                              .meaning = "The type of record to ask for (SOA).",
                              .shape = takes::word("one of A, NS, CNAME, SOA, MX, TXT, AAAA"),
                              .apply = record_dns_type},
                      recorded("name", "The name to ask for (the root).", takes::word("a domain name")),
                  }));

constexpr auto kMisc = sorted(
    joined(kGeneric,
           std::array{
               Keyword{.word = "misc_path",
                       .meaning = "The command.",
                       .shape = takes::command_without_user(),
                       .apply = record_command},
               recorded("misc_timeout", "How long it may take (delay_loop).", takes::whole_seconds(1, 4294)),
               recorded("misc_dynamic", "Its exit status from 2 to 255 is the weight, and 2 more.", takes::nothing()),
               recorded("user", "Who runs it.", takes::words(2, "a user and optionally a group")),
           }));

constexpr auto kUdp =
    sorted(joined(joined(kGeneric, kConnection),
                  std::array{
                      Keyword{.word = "payload",
                              .meaning = "What to send.",
                              .shape = takes::words(1000, "hexadecimal digits"),
                              .apply = record_bytes},
                      Keyword{.word = "require_reply",
                              .meaning = "There must be a reply, of these bytes; X is any digit.",
                              .shape = takes::free("hexadecimal digits"),
                              .apply = record_bytes},
                      recorded("min_reply_length", "How short a reply may be (0).", takes::integer(0, 65535)),
                      recorded("max_reply_length", "How long a reply may be (255).", takes::integer(0, 65535)),
                  }));

constexpr auto kFile = sorted(std::array{
    recorded("track_file", "The track_file to follow.", takes::word("the name of a track_file")),
    recorded("weight", "What the file's number is multiplied with before it is added to the weight.",
             takes::weight(kLargestInt)),
    known("dynamic", "In the manual only: keepalived 2.2.7 refuses it.", takes::nothing(), kNewer),
});

static_assert(distinct(kTcp) && distinct(kHttp) && distinct(kUrl) && distinct(kSmtp) && distinct(kSmtpHost) &&
              distinct(kDns) && distinct(kMisc) && distinct(kUdp) && distinct(kFile));

/// Whether the settings from `from` on have `keyword`.
bool has(const Checker& checker, std::string_view keyword, std::size_t from = 0) {
  return std::any_of(checker.settings.begin() + static_cast<std::ptrdiff_t>(from), checker.settings.end(),
                     [&](const auto& setting) { return setting.first == keyword; });
}

struct Need {
  std::string_view kind;
  std::string_view keyword;
};
constexpr std::array kNeeds{Need{"HTTP_GET", "url"}, Need{"SSL_GET", "url"}, Need{"MISC_CHECK", "misc_path"},
                            Need{"FILE_CHECK", "track_file"}};

}  // namespace

std::span<const Keyword> checker_keywords(Block block) {
  switch (block) {
    case Block::http_get:
    case Block::ssl_get:
      return kHttp;
    case Block::url:
      return kUrl;
    case Block::smtp_check:
      return kSmtp;
    case Block::smtp_host:
      return kSmtpHost;
    case Block::dns_check:
      return kDns;
    case Block::misc_check:
      return kMisc;
    case Block::udp_check:
      return kUdp;
    case Block::file_check:
      return kFile;
    default:
      return kTcp;
  }
}

void begin_checker(Model& model, const Arguments& words) {
  model.real_server().checkers.push_back(
      {.kind = std::string{words.keyword}, .place = model.report.place(words.spot), .settings = {}});
  model.real_server_draft().checkers.push_back(words.spot);
}

void end_checker(Model& model) {
  const Checker& checker = model.checker();
  for (const Need& need : kNeeds) {
    if (checker.kind != need.kind || has(checker, need.keyword)) continue;
    model.report.error(RuleId::missing_keyword, model.real_server_draft().checkers.back(),
                       checker.kind + " has no " + in_quotes(need.keyword), in_quotes(need.keyword) + " in the block");
  }
}

void end_host(Model& model) { model.checker().settings.emplace_back("}", std::vector<std::string>{}); }

void end_url(Model& model) {
  const Checker& checker = model.checker();
  const auto last = std::find_if(checker.settings.rbegin(), checker.settings.rend(),
                                 [](const auto& setting) { return setting.first == "url"; });
  const auto from = static_cast<std::size_t>(checker.settings.rend() - last);
  const bool has_path = has(checker, "path", from);
  end_host(model);
  if (has_path) return;
  model.report.error(RuleId::missing_keyword, model.real_server_draft().checkers.back(),
                     "a url of this " + checker.kind + " has no 'path'", "'path' in the block");
}

}  // namespace vipdrift::config
