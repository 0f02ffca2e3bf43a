// Blocks of a vrrp_instance that are not about tracking: authentication, auth_hmac, addresses and unicast_peer.
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "protocol/config/grammar.h"
#include "protocol/config/instance_words.h"
#include "protocol/config/model.h"
#include "protocol/config/text.h"
#include "protocol/config/virtual_address.h"

namespace vipdrift::config {
namespace {

constexpr std::size_t kPasswordLength = 8;
constexpr std::array<std::string_view, 2> kAuthTypes{"PASS", "AH"};

void set_auth_type(Model& m, const Arguments& w) {
  const bool pass = w.word() == "PASS";
  m.instance().auth_type = pass ? vrrp::AuthType::pass : vrrp::AuthType::ah;
  if (!pass) {
    m.report.warning(RuleId::not_implemented, w.word_spot(),
                     "authentication headers (AH) are known to keepalived, not modelled here: "
                     "advertisements go without one");
  }
}

void set_auth_pass(Model& m, const Arguments& w) {
  std::string password = w.text();
  if (password.size() > kPasswordLength) {
    m.cut_passwords.push_back({m.instance().name, password});
    password.resize(kPasswordLength);
    m.report.warning(RuleId::password_cut, w.word_spot(),
                     "the password is cut to 8 characters: " + in_quotes(password));
  }
  m.instance().auth_pass = std::move(password);
}

constexpr auto kAuthentication = sorted(std::array{
    Keyword{.word = "auth_type",
            .meaning = "PASS: a password in each advertisement, for all to read. AH: an authentication header.",
            .shape = takes::choice(kAuthTypes),
            .apply = set_auth_type},
    Keyword{.word = "auth_pass",
            .meaning = "The password, of which 8 characters count.",
            .shape = takes::word("a password of up to 8 characters"),
            .apply = set_auth_pass,
            .mark = Mark::auth_pass},
});

constexpr std::array<std::string_view, 2> kReplayModes{"time", "monotonic"};
constexpr std::array<std::string_view, 3> kHmacModes{"enforce", "permissive", "receive-only"};

constexpr auto kHmac = sorted(std::array{
    Keyword{.word = "key",
            .meaning = "A key with its number: text, hex: or file: in front of it.",
            .shape = takes::words(2, "a number from 1 to 255 and a key"),
            .repeatable = true,
            .since = "2.4"},
    known("active_key", "The number of the key to sign with.", takes::integer(1, 255), "2.4"),
    known("anti_replay", "How old advertisements are told: by time, or by numbers that grow.",
          takes::choice(kReplayModes), "2.4"),
    known("time_window", "How old an advertisement may be.", takes::whole_seconds(1, 300), "2.4"),
    known("mode", "Whether advertisements without a signature are taken.", takes::choice(kHmacModes), "2.4"),
});
static_assert(distinct(kHmac));

}  // namespace

std::span<const Keyword> authentication_keywords() { return kAuthentication; }
std::span<const Keyword> hmac_keywords() { return kHmac; }

void end_authentication(Model& model) {
  VrrpInstance& instance = model.instance();
  const InstanceDraft& draft = model.instance_draft();
  if (instance.auth_type == vrrp::AuthType::none) {
    model.report.warning(RuleId::authentication_incomplete, draft.mark(Mark::authentication),
                         "no auth_type: keepalived runs " + in_quotes(instance.name) + " without authentication",
                         "'auth_type PASS' in the block");
    instance.auth_pass.clear();
  } else if (instance.auth_pass.empty()) {
    model.report.warning(RuleId::authentication_incomplete, draft.mark(Mark::authentication),
                         "no auth_pass: keepalived runs " + in_quotes(instance.name) + " without authentication",
                         "'auth_pass PASSWORD' in the block");
    instance.auth_type = vrrp::AuthType::none;
  }
}

namespace {

/// `track_group` is for addresses that do not move.
bool moves(Model& model, const VirtualAddress& address, const Arguments& line) {
  if (address.track_group.empty()) return true;
  model.report.error(RuleId::misplaced_keyword, line.word_spot(),
                     "'track_group' has no meaning in a line of an instance", "'no_track'");
  return false;
}

}  // namespace

void read_virtual_address(Model& model, const Arguments& line) {
  const auto address = read_virtual_address(line.words, model.report);
  if (!address || !moves(model, *address, line) || !fits_family(model, address->address, line.word_spot())) return;
  model.instance().virtual_addresses.push_back(*address);
  model.instance_draft().addresses.push_back(line.word_spot());
}

void read_excluded_address(Model& model, const Arguments& line) {
  const auto address = read_virtual_address(line.words, model.report);
  if (address && moves(model, *address, line)) model.instance().excluded_addresses.push_back(*address);
}

void read_unicast_peer(Model& model, const Arguments& line) {
  const auto address = IpAddress::parse(line.word());
  if (!address) {
    model.report.error(RuleId::bad_value, line.word_spot(), in_quotes(line.word()) + " is not an address",
                       "an IPv4 or IPv6 address");
    return;
  }
  UnicastPeer peer{.address = *address};
  for (std::size_t i = 1; i < line.words.size(); i += 2) {
    const Word& option = line.words[i];
    const bool least = option.text == "min_ttl";
    if (!least && option.text != "max_ttl") {
      model.report.error(RuleId::unknown_option, option.spot,
                         in_quotes(option.text) + " is not valid in a line of unicast_peer",
                         "min_ttl or max_ttl and a number from 0 to 255");
      return;
    }
    const auto value = i + 1 < line.words.size() ? parse_integer(line.words[i + 1].text) : std::nullopt;
    if (!value || *value < 0 || *value > 255) {
      model.report.error(RuleId::missing_value, option.spot, in_quotes(option.text) + " needs a value",
                         "a number from 0 to 255");
      return;
    }
    (least ? peer.min_ttl : peer.max_ttl) = static_cast<std::uint8_t>(*value);
    model.instance().check_unicast_source = true;
  }
  if (fits_family(model, *address, line.word_spot())) model.instance().unicast_peers.push_back(peer);
}

}  // namespace vipdrift::config
