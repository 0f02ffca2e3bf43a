// From the words of one checker's block to its plan.
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/check/check_plan.h"
#include "protocol/config/text.h"

namespace vipdrift::check {
namespace {

using std::chrono::seconds;
using Settings = std::vector<std::pair<std::string, std::vector<std::string>>>;

constexpr Duration kConnectTimeout = seconds{5};
constexpr Duration kDelayBeforeRetry = seconds{1};
constexpr Duration kHttpDelayBeforeRetry = seconds{3};
constexpr std::uint32_t kRetries = 1;
constexpr std::uint32_t kDnsRetries = 3;
constexpr std::uint16_t kDnsPort = 53;
constexpr std::size_t kDigitsOfByte = 2;

CheckerKind kind_of(std::string_view word) {
  for (const CheckerKind kind :
       {CheckerKind::http, CheckerKind::https, CheckerKind::tcp, CheckerKind::smtp, CheckerKind::dns, CheckerKind::misc,
        CheckerKind::ping, CheckerKind::udp}) {
    if (word == to_string(kind)) return kind;
  }
  return CheckerKind::file;
}

/// The settings of one block: of a checker, or of one `url` or `host` in it. The parser has checked every value.
class Block {
 public:
  Block(const Settings& settings, std::size_t from, std::size_t to) : settings_{settings}, from_{from}, to_{to} {}

  /// The words behind `keyword` where it stands last; null: it is not there.
  const std::vector<std::string>* find(std::string_view keyword) const {
    for (std::size_t i = to_; i-- > from_;) {
      if (settings_[i].first == keyword) return &settings_[i].second;
    }
    return nullptr;
  }
  bool has(std::string_view keyword) const { return find(keyword) != nullptr; }

  std::string text(std::string_view keyword) const {
    const auto* words = find(keyword);
    return words == nullptr || words->empty() ? std::string{} : words->front();
  }
  std::optional<std::int64_t> number(std::string_view keyword) const {
    const auto* words = find(keyword);
    if (words == nullptr || words->empty()) return std::nullopt;
    return config::parse_integer(words->front());
  }
  std::optional<Duration> time(std::string_view keyword) const {
    const auto* words = find(keyword);
    if (words == nullptr || words->empty()) return std::nullopt;
    return config::parse_seconds(words->front());
  }
  std::optional<bool> flag(std::string_view keyword) const {
    const auto* words = find(keyword);
    if (words == nullptr) return std::nullopt;
    if (words->empty()) return true;
    const std::string& word = words->front();
    return word != "off" && word != "false" && word != "no";
  }
  std::optional<IpAddress> address(std::string_view keyword) const {
    const auto* words = find(keyword);
    return words == nullptr || words->empty() ? std::nullopt : IpAddress::parse(words->front());
  }

 private:
  const Settings& settings_;
  std::size_t from_;
  std::size_t to_;
};

/// The parts of a checker's flat list of settings: what is said of the whole, and one block for each `url` or `host`.
struct Parts {
  std::vector<std::pair<std::size_t, std::size_t>> inner;
  Settings outer;
};

Parts split(const Settings& settings) {
  Parts parts;
  for (std::size_t i = 0; i < settings.size();) {
    const std::string& word = settings[i].first;
    if (word != "url" && word != "host") {
      parts.outer.push_back(settings[i++]);
      continue;
    }
    const std::size_t from = ++i;
    while (i < settings.size() && settings[i].first != "}") ++i;
    parts.inner.emplace_back(from, i);
    ++i;
  }
  return parts;
}

Connection connection_of(const Block& block, const config::RealServer& server, std::uint16_t port) {
  Connection connection;
  connection.address = block.address("connect_ip").value_or(server.address);
  connection.port = static_cast<std::uint16_t>(block.number("connect_port").value_or(port));
  connection.from_address = block.address("bindto");
  connection.from_interface = block.text("bind_if");
  connection.from_port = static_cast<std::uint16_t>(block.number("bind_port").value_or(0));
  connection.fwmark = static_cast<std::uint32_t>(block.number("fwmark").value_or(0));
  connection.timeout = block.time("connect_timeout").value_or(kConnectTimeout);
  return connection;
}

std::vector<StatusRange> statuses_of(const Block& url) {
  const auto* words = url.find("status_code");
  if (words == nullptr) return {StatusRange{}};
  std::vector<StatusRange> ranges;
  for (const std::string_view word : *words) {
    const std::size_t dash = word.find('-');
    const int first = static_cast<int>(config::parse_integer(word.substr(0, dash)).value_or(0));
    const int last = dash == std::string_view::npos
                         ? first
                         : static_cast<int>(config::parse_integer(word.substr(dash + 1)).value_or(0));
    ranges.push_back({first, last});
  }
  return ranges;
}

HttpVersion version_of(std::string_view word) {
  if (word == "1.1") return HttpVersion::v1_1;
  return word == "1.0C" ? HttpVersion::v1_0_close : HttpVersion::v1_0;
}

std::optional<BodyPattern> pattern_of(const Block& url) {
  if (!url.has("regex")) return std::nullopt;
  BodyPattern pattern;
  pattern.expression = url.text("regex");
  if (const auto* options = url.find("regex_options")) pattern.options = *options;
  pattern.min_offset = static_cast<std::size_t>(url.number("regex_min_offset").value_or(0));
  if (const auto last = url.number("regex_max_offset")) pattern.max_offset = static_cast<std::size_t>(*last);
  return pattern;
}

Question http_question(const Block& whole, const Settings& settings, std::pair<std::size_t, std::size_t> range,
                       const config::RealServer& server, bool tls) {
  const Block url{settings, range.first, range.second};
  HttpProbe probe;
  probe.connection = connection_of(whole, server, server.port);
  probe.tls = tls;
  probe.server_name_indication = whole.has("enable_sni");
  probe.version = version_of(whole.text("http_protocol"));
  probe.path = url.text("path");
  probe.virtual_host = url.has("virtualhost") ? url.text("virtualhost") : whole.text("virtualhost");
  Question question;
  for (std::size_t i = range.first; i < range.second; ++i) {
    if (settings[i].first == "digest" && !settings[i].second.empty()) {
      question.digests.push_back(settings[i].second.front());
    }
  }
  probe.wants_digest = !question.digests.empty();
  probe.pattern = pattern_of(url);
  question.statuses = statuses_of(url);
  question.pattern_must_be_absent = url.has("regex_no_match");
  question.probe = std::move(probe);
  return question;
}

std::uint16_t dns_type(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::uint16_t>, 7> kTypes{
      {{"A", 1}, {"NS", 2}, {"CNAME", 5}, {"SOA", 6}, {"MX", 15}, {"TXT", 16}, {"AAAA", 28}}};
  for (const auto& [word, number] : kTypes) {
    if (word == name) return number;
  }
  return 6;
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c - 'A' + 10;
}

/// Each word is bytes by itself: two digits each, and a first digit alone when their number is odd.
std::vector<HexDigit> digits_of(const std::vector<std::string>* words) {
  std::vector<HexDigit> digits;
  if (words == nullptr) return digits;
  for (const std::string& word : *words) {
    if (word.size() % kDigitsOfByte != 0) digits.emplace_back(std::uint8_t{0});
    for (const char c : word) {
      digits.push_back(c == 'x' || c == 'X' ? HexDigit{} : HexDigit{static_cast<std::uint8_t>(digit_value(c))});
    }
  }
  return digits;
}

std::vector<std::uint8_t> bytes_of(const std::vector<std::string>* words) {
  const std::vector<HexDigit> digits = digits_of(words);
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += kDigitsOfByte) {
    bytes.push_back(static_cast<std::uint8_t>(digits[i].value_or(0) * 16 + digits[i + 1].value_or(0)));
  }
  return bytes;
}

UdpProbe udp_probe(const Block& block, const config::RealServer& server) {
  UdpProbe probe;
  probe.connection = connection_of(block, server, server.port);
  probe.payload = bytes_of(block.find("payload"));
  probe.wants_reply = block.has("require_reply");
  probe.reply = digits_of(block.find("require_reply"));
  probe.min_reply = static_cast<std::size_t>(block.number("min_reply_length").value_or(0));
  probe.max_reply = static_cast<std::size_t>(block.number("max_reply_length").value_or(255));
  return probe;
}

MiscProbe misc_probe(const Block& block, Duration delay_loop) {
  MiscProbe probe;
  if (const auto* words = block.find("misc_path")) probe.command.argv = *words;
  if (const auto* user = block.find("user"); user != nullptr && !user->empty()) {
    probe.command.user = user->front();
    if (user->size() > 1) probe.command.group = (*user)[1];
  }
  const auto timeout = block.number("misc_timeout");
  probe.timeout = timeout ? Duration{seconds{*timeout}} : delay_loop;
  return probe;
}

void plan_smtp(const Parts& parts, const config::Checker& checker, const Block& whole,
               const config::RealServer& server, CheckerPlan& plan) {
  const std::string helo = whole.text("helo_name");
  if (parts.inner.empty()) {
    plan.questions.push_back({.probe = SmtpProbe{connection_of(whole, server, server.port), helo}});
    return;
  }
  for (const auto& [from, to] : parts.inner) {
    const Block host{checker.settings, from, to};
    plan.questions.push_back({.probe = SmtpProbe{connection_of(host, server, server.port), helo}});
  }
}

void plan_file(const Block& block, const config::Configuration& configuration, CheckerPlan& plan) {
  const std::string name = block.text("track_file");
  for (std::uint32_t i = 0; i < configuration.track_files.size(); ++i) {
    const config::TrackFile& file = configuration.track_files[i];
    if (file.name != name) continue;
    plan.file = FileId{i};
    plan.file_weight = file.reverse ? -file.weight : file.weight;
  }
  const auto* weight = block.find("weight");
  if (weight == nullptr || weight->empty()) return;
  plan.file_weight = config::parse_integer(weight->front()).value_or(0);
  if (weight->size() > 1 && (*weight)[1] == "reverse") plan.file_weight = -plan.file_weight;
}

void plan_questions(const config::Configuration& configuration, const config::RealServer& server,
                    const config::Checker& checker, const Parts& parts, const Block& whole, CheckerPlan& plan) {
  switch (plan.kind) {
    case CheckerKind::http:
    case CheckerKind::https:
      for (const auto& range : parts.inner) {
        plan.questions.push_back(
            http_question(whole, checker.settings, range, server, plan.kind == CheckerKind::https));
      }
      return;
    case CheckerKind::tcp:
      plan.questions.push_back({.probe = TcpProbe{connection_of(whole, server, server.port)}});
      return;
    case CheckerKind::smtp:
      return plan_smtp(parts, checker, whole, server, plan);
    case CheckerKind::dns:
      plan.questions.push_back(
          {.probe = DnsProbe{connection_of(whole, server, server.port == 0 ? kDnsPort : server.port),
                             whole.has("type") ? dns_type(whole.text("type")) : std::uint16_t{6},
                             whole.has("name") ? whole.text("name") : "."}});
      return;
    case CheckerKind::misc:
      plan.questions.push_back({.probe = misc_probe(whole, plan.delay_loop)});
      return;
    case CheckerKind::ping:
      plan.questions.push_back({.probe = PingProbe{connection_of(whole, server, 0)}});
      return;
    case CheckerKind::udp:
      plan.questions.push_back({.probe = udp_probe(whole, server)});
      return;
    case CheckerKind::file:
      return plan_file(whole, configuration, plan);
  }
}

Duration default_delay_before_retry(const CheckerPlan& plan) {
  if (plan.kind == CheckerKind::http || plan.kind == CheckerKind::https) return kHttpDelayBeforeRetry;
  return plan.kind == CheckerKind::dns ? plan.delay_loop : kDelayBeforeRetry;
}

std::uint32_t default_retries(CheckerKind kind) {
  if (kind == CheckerKind::dns) return kDnsRetries;
  return kind == CheckerKind::misc ? 0 : kRetries;
}

}  // namespace

CheckerPlan plan_checker(const config::Configuration& configuration, const config::VirtualServer& service,
                         const config::RealServer& server, const config::Checker& checker) {
  const Parts parts = split(checker.settings);
  const Block whole{parts.outer, 0, parts.outer.size()};
  CheckerPlan plan;
  plan.kind = kind_of(checker.kind);
  plan.delay_loop = whole.time("delay_loop").value_or(service.delay_loop);
  plan.delay_before_retry = whole.time("delay_before_retry").value_or(default_delay_before_retry(plan));
  plan.warmup = whole.time("warmup").value_or(plan.delay_loop);
  plan.retry = static_cast<std::uint32_t>(whole.number("retry").value_or(default_retries(plan.kind)));
  plan.alpha = whole.flag("alpha").value_or(service.alpha);
  plan.fast_recovery = whole.flag("fast_recovery").value_or(false);
  plan.logs_all_failures = whole.flag("log_all_failures").value_or(configuration.global.checker_log_all_failures);
  plan.dynamic_weight = whole.has("misc_dynamic");
  plan_questions(configuration, server, checker, parts, whole, plan);
  return plan;
}

}  // namespace vipdrift::check
