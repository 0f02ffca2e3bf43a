// The language as data: which keyword may stand in which block, what it takes, and what becomes of it.
//
// To add a keyword, add a row to the table of its block (grammar_*.cc). A keyword that keepalived knows and this model
// does not is a row too (known()): its arguments are checked, and it is answered with a warning, never passed over in
// silence. The reference of the language (docs/keepalived.conf.md), the list of what has no effect and completions are
// made from the same rows.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_GRAMMAR_H_
#define VIPDRIFT_PROTOCOL_CONFIG_GRAMMAR_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/config/configuration.h"
#include "protocol/config/report.h"
#include "protocol/config/statement_reader.h"

namespace vipdrift::config {

class Model;

/// The blocks of keepalived.conf(5).
enum class Block : std::uint8_t {
  root,
  global_defs,
  notification_email,
  vrrp_script,
  track_file,
  vrrp_track_process,
  garp_group,
  garp_interfaces,
  vrrp_instance,
  authentication,
  virtual_ipaddress,
  virtual_ipaddress_excluded,
  virtual_routes,
  virtual_rules,
  static_ipaddress,
  static_routes,
  static_rules,
  static_track_group,
  static_track_members,
  interface_delays,
  unicast_peer,
  tracked_interfaces,
  tracked_scripts,
  tracked_files,
  tracked_processes,
  vrrp_sync_group,
  group,
  virtual_server_group,
  ssl,
  virtual_server,
  real_server,
  http_get,
  ssl_get,
  url,
  tcp_check,
  smtp_check,
  smtp_host,
  dns_check,
  misc_check,
  ping_check,
  udp_check,
  file_check,
  bfd_instance,
  bfd_check,
  tracked_bfds,
  linkbeat_interfaces,
  auth_hmac,
  none,  ///< a keyword that opens no block
};
inline constexpr std::size_t kBlocks = static_cast<std::size_t>(Block::none);

/// What the words behind a keyword must look like.
struct Shape {
  enum class Kind : std::uint8_t {
    nothing,
    boolean,           ///< on|off|true|false|yes|no
    optional_boolean,  ///< the same; absent means on
    integer,           ///< min to max
    optional_integer,
    seconds,        ///< decimal; min to max nanoseconds
    whole_seconds,  ///< min to max seconds
    word,
    optional_word,
    words,  ///< one or more, up to max
    address,
    endpoint,  ///< address and optional port
    choice,    ///< one of `choices`
    weight,    ///< -max to max, then optionally `reverse`
    command,   ///< a command: its first word or quoted part is what runs; up to max more: user and group
    optional_command,
    free,  ///< the handler reads the words itself
  };
  Kind kind = Kind::nothing;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::span<const std::string_view> choices{};
  std::string_view wording{};  ///< what to say is expected, when the kind does not say it
  bool exact = false;          ///< keepalived complains of further words instead of passing them over
};

namespace takes {
constexpr Shape nothing() { return {}; }
constexpr Shape boolean() { return {.kind = Shape::Kind::boolean}; }
constexpr Shape optional_boolean() { return {.kind = Shape::Kind::optional_boolean}; }
constexpr Shape integer(std::int64_t min, std::int64_t max) {
  return {.kind = Shape::Kind::integer, .min = min, .max = max};
}
constexpr Shape optional_integer(std::int64_t min, std::int64_t max) {
  return {.kind = Shape::Kind::optional_integer, .min = min, .max = max};
}
constexpr Shape seconds(Duration min, Duration max) {
  return {.kind = Shape::Kind::seconds, .min = min.count(), .max = max.count()};
}
constexpr Shape whole_seconds(std::int64_t min, std::int64_t max) {
  return {.kind = Shape::Kind::whole_seconds, .min = min, .max = max};
}
constexpr Shape word(std::string_view wording) { return {.kind = Shape::Kind::word, .wording = wording}; }
constexpr Shape optional_word(std::string_view wording) {
  return {.kind = Shape::Kind::optional_word, .wording = wording};
}
constexpr Shape words(std::int64_t max, std::string_view wording) {
  return {.kind = Shape::Kind::words, .max = max, .wording = wording};
}
constexpr Shape address() { return {.kind = Shape::Kind::address}; }
constexpr Shape endpoint() { return {.kind = Shape::Kind::endpoint}; }
constexpr Shape choice(std::span<const std::string_view> choices) {
  return {.kind = Shape::Kind::choice, .choices = choices};
}
constexpr Shape weight(std::int64_t largest) { return {.kind = Shape::Kind::weight, .min = -largest, .max = largest}; }
constexpr Shape command() { return {.kind = Shape::Kind::command, .max = 2}; }
constexpr Shape command_without_user() { return {.kind = Shape::Kind::command}; }
constexpr Shape optional_command() { return {.kind = Shape::Kind::optional_command, .max = 2}; }
constexpr Shape free(std::string_view wording) { return {.kind = Shape::Kind::free, .wording = wording}; }
/// `shape`, of a keyword that keepalived refuses with more words.
constexpr Shape exactly(Shape shape) {
  shape.exact = true;
  return shape;
}
}  // namespace takes

/// The checked words of a statement. Only the members that the keyword's shape speaks of are set.
struct Arguments {
  std::string_view keyword;
  Spot spot;                    ///< of the keyword
  std::span<const Word> words;  ///< behind the keyword, as written
  std::int64_t number = 0;
  Duration time{0};
  bool given = false;  ///< an optional value is there
  bool flag = false;
  bool reverse = false;
  IpAddress address;
  std::uint16_t port = 0;  ///< 0: not written
  Command command;

  std::string_view word() const { return words.empty() ? std::string_view{} : words.front().text; }
  std::string text() const { return std::string{word()}; }
  Spot word_spot() const { return words.empty() ? spot : words.front().spot; }
};

/// Which statements of an instance the later passes ask for ("was it written, and where?").
enum class Mark : std::uint8_t {
  state,
  priority,
  version,
  advert_int,
  down_timer_adverts,
  nopreempt,
  preempt_delay,
  accept,
  strict_mode,
  garp_master_repeat,
  garp_master_delay,
  garp_master_refresh,
  garp_master_refresh_repeat,
  garp_lower_prio_repeat,
  garp_lower_prio_delay,
  lower_prio_no_advert,
  higher_prio_send_advert,
  authentication,
  auth_pass,
  vmac_xmit_base,
  v3_checksum_as_v2,
  owner_ignore_adverts,
  timer_expired_backup,
  check_unicast_source,
  notify_priority_changes,
  smtp_alert,
  unicast,
  unicast_ttl,
  virtual_ipaddress,
  none,
};
inline constexpr std::size_t kMarks = static_cast<std::size_t>(Mark::none);

/// What becomes of a statement. It may report errors of its own.
using Apply = void (*)(Model&, const Arguments&);

inline constexpr std::int64_t kLargestInt = 2147483647;
inline constexpr std::int64_t kLargestUnsigned = 4294967295;
/// Times that keepalived counts in microseconds, in 32 bits: health checks and delays.
inline constexpr Duration kShortestTime = std::chrono::microseconds{1};
inline constexpr Duration kLongestTime = std::chrono::microseconds{kLargestUnsigned};

/// `since` of what keepalived 2.2.7 does not know and a later release does, which one is not recorded.
inline constexpr std::string_view kNewer = "after 2.2.7";
/// `since` of what no keepalived knows.
inline constexpr std::string_view kVipdrift = "VIPdrift";

struct Keyword {
  std::string_view word;
  std::string_view meaning{};  ///< one sentence for the reference; the default in parentheses
  Shape shape{};
  Apply apply = nullptr;      ///< null: known to keepalived, not modelled here, unless it opens a block that is
  Block opens = Block::none;  ///< the block whose '{' must follow
  Mark mark = Mark::none;
  bool repeatable = false;  ///< several in one block are all used
  /// The first release of keepalived that has it; empty: 2.2.7 has it; or one of the two above.
  std::string_view since{};
  Apply judge = nullptr;  ///< of a keyword without effect: says what keepalived would say of the words
};

/// A row for what keepalived knows and this model leaves out.
constexpr Keyword known(std::string_view word, std::string_view meaning, Shape shape, std::string_view since = {}) {
  return {.word = word, .meaning = meaning, .shape = shape, .since = since};
}

/// The same, where keepalived has something to say about the words that their shape does not tell.
constexpr Keyword judged(std::string_view word, std::string_view meaning, Shape shape, Apply judge) {
  return {.word = word, .meaning = meaning, .shape = shape, .judge = judge};
}

/// Says that a later release than 2.2.7 reads `word`, which 2.2.7 refuses: "'0.5' for 'interval'".
void note_newer_value(Model& model, const Word& word, std::string_view keyword);

struct BlockRules {
  std::string_view name;                ///< as the author wrote it
  std::span<const Keyword> keywords{};  ///< sorted by word; empty for a block of values
  Apply line = nullptr;                 ///< for a block of values: one line of it, all words in Arguments::words
  std::string_view wording{};           ///< what a line must look like
  void (*end)(Model&) = nullptr;        ///< at the closing brace
  bool inert = false;                   ///< read and checked, but nothing in it has an effect
};

const BlockRules& rules_of(Block block);

/// Whether the keyword has an effect here; if not, it is one that keepalived alone acts on.
bool acted_upon(const Keyword& keyword);

/// The row of `word` in `block`; null when the block has no such keyword.
const Keyword* find_keyword(Block block, std::string_view word);

/// The names of the blocks that have the keyword `word`, "vrrp_instance or vrrp_sync_group"; empty when none has.
std::string blocks_with(std::string_view word);

/// The words that may stand in `block`.
std::vector<std::string_view> words_of(Block block);

/// Those of them that take a value.
std::vector<std::string_view> words_with_value(Block block);

/// Every keyword of the language, once.
const std::vector<std::string_view>& all_words();

/// Rows sorted for find_keyword(), at compile time.
template <std::size_t N>
constexpr std::array<Keyword, N> sorted(std::array<Keyword, N> rows) {
  std::sort(rows.begin(), rows.end(), [](const Keyword& a, const Keyword& b) { return a.word < b.word; });
  return rows;
}

/// Whether sorted rows have no word twice.
template <std::size_t N>
constexpr bool distinct(const std::array<Keyword, N>& rows) {
  return std::adjacent_find(rows.begin(), rows.end(),
                            [](const Keyword& a, const Keyword& b) { return a.word == b.word; }) == rows.end();
}

template <std::size_t A, std::size_t B>
constexpr std::array<Keyword, A + B> joined(const std::array<Keyword, A>& a, const std::array<Keyword, B>& b) {
  std::array<Keyword, A + B> rows{};
  std::copy(a.begin(), a.end(), rows.begin());
  std::copy(b.begin(), b.end(), rows.begin() + A);
  return rows;
}

// The tables, one file a subject.
std::span<const Keyword> root_keywords();
std::span<const Keyword> global_keywords();
std::span<const Keyword> script_keywords();
std::span<const Keyword> track_file_keywords();
std::span<const Keyword> track_process_keywords();
std::span<const Keyword> garp_group_keywords();
std::span<const Keyword> static_track_group_keywords();
std::span<const Keyword> instance_keywords();
std::span<const Keyword> authentication_keywords();
std::span<const Keyword> sync_group_keywords();
std::span<const Keyword> ssl_keywords();
std::span<const Keyword> virtual_server_keywords();
std::span<const Keyword> real_server_keywords();
std::span<const Keyword> checker_keywords(Block block);
std::span<const Keyword> bfd_keywords();
std::span<const Keyword> bfd_check_keywords();
std::span<const Keyword> hmac_keywords();

inline constexpr std::string_view kSyncDaemonLine =
    "INTERFACE [[inst] INSTANCE] [id NUMBER] [maxlen NUMBER] [port PORT] [ttl NUMBER] [group ADDRESS]";
inline constexpr std::string_view kExtraAnnouncements = "[all] SECONDS, from 0 to 86400";
inline constexpr std::string_view kTimeoutsLine = "[tcp SECONDS] [tcpfin SECONDS] [udp SECONDS]";

inline constexpr std::string_view kQuorumLine =
    "ADDRESS PORT [tcp|udp|sctp], fwmark NUMBER or group NAME, and [weight NUMBER [reverse]]";

// Lines of value blocks, and what happens at braces; defined beside the tables.
void read_email(Model& model, const Arguments& line);
void read_garp_interface(Model& model, const Arguments& line);
void read_virtual_address(Model& model, const Arguments& line);
void read_excluded_address(Model& model, const Arguments& line);
void read_virtual_route(Model& model, const Arguments& line);
void read_virtual_rule(Model& model, const Arguments& line);
void read_static_address(Model& model, const Arguments& line);
void read_static_route(Model& model, const Arguments& line);
void read_static_rule(Model& model, const Arguments& line);
void begin_static_track_group(Model& model, const Arguments& words);
void read_static_track_member(Model& model, const Arguments& line);
void read_interface_delays(Model& model, const Arguments& line);
void read_unicast_peer(Model& model, const Arguments& line);
void read_tracked_interface(Model& model, const Arguments& line);
void read_tracked_script(Model& model, const Arguments& line);
void read_tracked_file(Model& model, const Arguments& line);
void read_tracked_process(Model& model, const Arguments& line);
void add_tracked_quorum(Model& model, const Arguments& words);
void read_group_member(Model& model, const Arguments& line);
void end_script(Model& model);
void end_track_file(Model& model);
void end_track_process(Model& model);
void end_authentication(Model& model);
void begin_virtual_server(Model& model, const Arguments& words);
void begin_server_group(Model& model, const Arguments& words);
void read_server_group_line(Model& model, const Arguments& line);
void set_flush_on_stop(Model& model, const Arguments& words);
void set_sync_daemon(Model& model, const Arguments& words);
void set_lvs_timeouts(Model& model, const Arguments& words);
void begin_checker(Model& model, const Arguments& words);
void end_checker(Model& model);
void end_url(Model& model);
void end_host(Model& model);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_GRAMMAR_H_
