#include "sim/probe_runner.h"

#include <algorithm>
#include <regex>
#include <utility>
#include <variant>

#include "sim/http_text.h"
#include "sim/md5.h"
#include "sim/node_events.h"

namespace vipdrift::sim {
namespace {

using check::Outcome;
using check::ProbeResult;

constexpr int kTerminated = 15;  // SIGTERM

Question question_to(const check::Connection& connection, Question::Kind kind, std::string data) {
  Question question;
  question.kind = kind;
  question.address = connection.address;
  question.port = connection.port;
  question.from = connection.from_address;
  question.timeout = connection.timeout;
  question.restarts_timeout = connection.restarts_timeout;
  question.data = std::make_shared<const std::string>(std::move(data));
  return question;
}

std::string dns_query(const check::DnsProbe& probe) {
  std::string query{"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12};
  std::size_t begin = 0;
  while (begin < probe.name.size()) {
    const std::size_t end = std::min(probe.name.find('.', begin), probe.name.size());
    if (end > begin) query += static_cast<char>(end - begin) + probe.name.substr(begin, end - begin);
    begin = end + 1;
  }
  query += '\0';
  query += static_cast<char>(probe.type >> 8U);
  query += static_cast<char>(probe.type & 0xffU);
  return query.append("\x00\x01", 2);
}

bool matches(const check::UdpProbe& probe, std::string_view reply) {
  if (reply.size() < probe.min_reply || reply.size() > probe.max_reply) return false;
  for (std::size_t i = 0; i < probe.reply.size() && i / 2 < reply.size(); ++i) {
    const auto byte = static_cast<unsigned char>(reply[i / 2]);
    const unsigned digit = i % 2 == 0 ? byte >> 4U : byte & 0x0fU;
    if (probe.reply[i] && *probe.reply[i] != digit) return false;
  }
  return true;
}

/// PCRE2 is not at hand here: the patterns of health checks mean the same in ECMAScript's language.
bool finds(const check::BodyPattern& pattern, std::string_view body) {
  const std::size_t from = std::min(pattern.min_offset, body.size());
  const std::size_t to = std::min(pattern.max_offset.value_or(body.size()), body.size());
  if (to < from) return false;
  auto flags = std::regex::ECMAScript;
  if (std::find(pattern.options.begin(), pattern.options.end(), "caseless") != pattern.options.end()) {
    flags |= std::regex::icase;
  }
  try {
    return std::regex_search(body.begin() + static_cast<std::ptrdiff_t>(from),
                             body.begin() + static_cast<std::ptrdiff_t>(to),
                             std::regex{pattern.expression, flags});
  } catch (const std::regex_error&) {
    return false;
  }
}

/// What an answer comes to, by the kind of its probe.
struct Judge {
  std::string_view data;

  ProbeResult operator()(const check::TcpProbe&) const { return answered(); }
  ProbeResult operator()(const check::PingProbe&) const { return answered(); }
  ProbeResult operator()(const check::MiscProbe&) const { return answered(); }
  ProbeResult operator()(const check::HttpProbe& probe) const {
    const HttpAnswer answer = parse_http(data);
    if (answer.status == 0) return broken("no HTTP answer");
    ProbeResult result = answered();
    result.code = answer.status;
    if (probe.wants_digest) result.digest = md5(answer.body);
    if (probe.pattern) result.pattern_found = finds(*probe.pattern, answer.body);
    return result;
  }
  ProbeResult operator()(const check::SmtpProbe&) const {
    if (data.substr(0, 3) != "220") return broken("no greeting");
    ProbeResult result = answered();
    result.code = 221;
    return result;
  }
  ProbeResult operator()(const check::DnsProbe&) const {
    if (data.size() < 12) return broken("no DNS answer");
    ProbeResult result = answered();
    result.code = data[3] & 0x0f;
    return result;
  }
  ProbeResult operator()(const check::UdpProbe& probe) const {
    return probe.wants_reply && !matches(probe, data) ? broken("another reply") : answered();
  }

 private:
  static ProbeResult answered() { return {.outcome = Outcome::answered}; }
  static ProbeResult broken(std::string why) { return {.outcome = Outcome::broken, .detail = std::move(why)}; }
};

}  // namespace

struct ProbeRunner::Starter {
  ProbeRunner& runner;
  std::uint32_t slot;

  void operator()(const check::TcpProbe& probe) const {
    ask(question_to(probe.connection, Question::Kind::connection, {}), probe.connection);
  }
  void operator()(const check::HttpProbe& probe) const {
    const std::string host = probe.virtual_host.empty() ? probe.connection.address.to_string() : probe.virtual_host;
    ask(question_to(probe.connection, Question::Kind::stream, http_get(probe.path, host, HttpEnd::close)),
        probe.connection);
  }
  void operator()(const check::SmtpProbe& probe) const {
    ask(question_to(probe.connection, Question::Kind::stream, "HELO " + probe.helo_name + "\r\nQUIT\r\n"),
        probe.connection);
  }
  void operator()(const check::DnsProbe& probe) const {
    ask(question_to(probe.connection, Question::Kind::datagram, dns_query(probe)), probe.connection);
  }
  void operator()(const check::UdpProbe& probe) const {
    std::string payload{probe.payload.begin(), probe.payload.end()};
    if (payload.empty()) payload = "vipdrift";
    ask(question_to(probe.connection, Question::Kind::datagram, std::move(payload)), probe.connection);
  }
  void operator()(const check::PingProbe& probe) const {
    runner.running_[slot].exchange = runner.transport_.ping(probe.connection.address, probe.connection.from_address,
                                                            probe.connection.timeout, runner, runner.id_of(slot));
  }
  void operator()(const check::MiscProbe& probe) const {
    Running& running = runner.running_[slot];
    const ScriptPlayer::Outcome outcome =
        play_command(runner.kernel_, runner.scripts_, probe.command, runner.world_.queue.now());
    const bool in_time = probe.timeout == Duration{0} || outcome.takes <= probe.timeout;
    running.exit_status = in_time ? outcome.exit_status >> 8 : kTerminated;
    running.signalled = !in_time;
    running.script = runner.world_.queue.schedule(
        runner.world_.queue.now() + (in_time ? outcome.takes : probe.timeout),
        {kind_of(NodeEvent::script_probe), 0, runner.kernel_.index(), runner.id_of(slot)});
  }

 private:
  void ask(Question question, const check::Connection& connection) const {
    question.from_port = connection.from_port;
    runner.running_[slot].exchange = runner.transport_.begin(std::move(question), runner, runner.id_of(slot));
  }
};

std::uint32_t ProbeRunner::take_slot() {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(running_.size()));
    running_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  return slot;
}

std::uint64_t ProbeRunner::id_of(std::uint32_t slot) const {
  return std::uint64_t{running_[slot].generation} << 32U | slot;
}

ProbeId ProbeRunner::start(const check::Probe& probe, Done done) {
  const std::uint32_t slot = take_slot();
  running_[slot].probe = probe;
  running_[slot].done = std::move(done);
  running_[slot].in_use = true;
  running_[slot].exchange = {};
  std::visit(Starter{*this, slot}, probe);
  return ProbeId{id_of(slot)};
}

void ProbeRunner::abandon(ProbeId id) {
  const auto slot = static_cast<std::uint32_t>(id.value);
  if (id.value == 0 || slot >= running_.size() || !running_[slot].in_use || id_of(slot) != id.value) return;
  transport_.abandon(running_[slot].exchange);
  world_.queue.cancel(running_[slot].script);
  running_[slot].in_use = false;
  running_[slot].done = nullptr;
  ++running_[slot].generation;
  free_.push_back(slot);
}

void ProbeRunner::abandon_all() {
  for (std::uint32_t slot = 0; slot < running_.size(); ++slot) {
    if (running_[slot].in_use) abandon(ProbeId{id_of(slot)});
  }
}

void ProbeRunner::finish(std::uint32_t slot, ProbeResult result) {
  const Done done = std::move(running_[slot].done);
  running_[slot].in_use = false;
  ++running_[slot].generation;
  free_.push_back(slot);
  done(result);
}

void ProbeRunner::on_reply(std::uint64_t tag, const Reply& reply) {
  const auto slot = static_cast<std::uint32_t>(tag);
  if (slot >= running_.size() || !running_[slot].in_use || id_of(slot) != tag) return;
  // No answer to a datagram is what success looks like, unless one is wanted.
  const auto* datagram = std::get_if<check::UdpProbe>(&running_[slot].probe);
  const bool silent_success = datagram != nullptr && !datagram->wants_reply && reply.outcome == Outcome::timed_out;
  if (reply.outcome == Outcome::answered) return finish(slot, std::visit(Judge{reply.data}, running_[slot].probe));
  finish(slot, {.outcome = silent_success ? Outcome::answered : reply.outcome});
}

void ProbeRunner::on_script_ended(std::uint64_t data) {
  const auto slot = static_cast<std::uint32_t>(data);
  if (slot >= running_.size() || !running_[slot].in_use || id_of(slot) != data) return;
  const Running& running = running_[slot];
  finish(slot, {.outcome = running.signalled ? Outcome::timed_out : Outcome::answered,
                .code = running.exit_status,
                .signalled = running.signalled});
}

}  // namespace vipdrift::sim
