#include "protocol/config/instance_words.h"

#include <algorithm>
#include <string>

#include "protocol/config/model.h"
#include "protocol/config/text.h"
#include "protocol/config/virtual_address.h"
#include "protocol/net/mac_address.h"

namespace vipdrift::config {
namespace {

bool looks_like_mac(std::string_view word) {
  return word.size() >= 5 && word.find(':') != std::string_view::npos &&
         word.find_first_not_of("0123456789abcdefABCDEF:") == std::string_view::npos;
}

/// Whether it is one that a virtual router has (RFC 9568, 7.3), which keepalived takes by itself.
bool is_of_a_virtual_router(const MacAddress& mac) {
  const auto& b = mac.bytes;
  return b[0] == 0 && b[1] == 0 && b[2] == 0x5e && b[3] == 0 && (b[4] == 1 || b[4] == 2);
}

/// Five pairs lack the last one, which is the virtual router id: it may be written later in the block.
void set_vmac_address(Model& m, const Word& word) {
  const bool short_form = std::count(word.text.begin(), word.text.end(), ':') == 4;
  const auto mac = MacAddress::parse(std::string{word.text} + (short_form ? ":00" : ""));
  if (!mac || mac->is_group()) {
    m.report.error(RuleId::bad_value, word.spot, in_quotes(word.text) + " is not the MAC address of one interface",
                   "five or six hexadecimal pairs with ':' between them");
  } else if (mac->is_zero()) {
    m.report.warning(RuleId::unexpected_word, word.spot,
                     in_quotes(word.text) + " has no effect: the MAC address is that of the virtual router");
  } else if (is_of_a_virtual_router(*mac)) {
    m.report.warning(RuleId::setting_ignored, word.spot,
                     "keepalived ignores " + in_quotes(word.text) + ", an address of RFC 9568: it takes its own one");
  } else {
    m.instance().vmac_address = *mac;
    m.instance_draft().vmac_address_lacks_vrid = short_form;
  }
}

void has_no_effect(Model& m, const Word& word, std::string_view keyword) {
  m.report.warning(RuleId::not_implemented, word.spot,
                   in_quotes(word.text) + " of " + in_quotes(keyword) +
                       " is known to keepalived, not modelled here: it has no effect");
}

/// Reads "[[name] INTERFACE] [group GROUP]" and leaves every other word to `other`, which says whether it knows it.
/// Calls `name` with what is the name of the interface.
template <class Name, class Other>
void read_interface_words(Model& m, const Arguments& w, Name name, Other other) {
  for (std::size_t i = 0; i < w.words.size(); ++i) {
    const Word& word = w.words[i];
    const bool more = i + 1 < w.words.size();
    if (word.text == "name" && more) {
      note_newer_value(m, word, w.keyword);
      name(w.words[++i]);
    } else if (word.text == "group" && more) {
      note_newer_value(m, word, w.keyword);
      has_no_effect(m, word, w.keyword);
      ++i;
    } else if (!other(word)) {
      name(word);
    }
  }
}

}  // namespace

bool fits_family(Model& m, const IpAddress& address, Spot spot) {
  InstanceDraft& draft = m.instance_draft();
  if (!draft.family) draft.family = address.family();
  if (*draft.family == address.family()) return true;
  const bool ipv4 = *draft.family == Family::ipv4;
  m.report.error(RuleId::family_mismatch, spot,
                 in_quotes(address.to_string()) + " is " + (ipv4 ? "IPv6" : "IPv4") + ", but " +
                     in_quotes(m.instance().name) + " is " + (ipv4 ? "IPv4" : "IPv6") + " by the addresses above",
                 ipv4 ? "an IPv4 address (others go into virtual_ipaddress_excluded)"
                      : "an IPv6 address (others go into virtual_ipaddress_excluded)");
  return false;
}

void set_use_vmac(Model& m, const Arguments& w) {
  m.instance().use_vmac = true;
  const auto name = [&](const Word& word) {
    if (valid_interface_name(word.text) && m.instance().vmac_name.empty()) {
      m.instance().vmac_name = word.text;
      return;
    }
    m.report.error(RuleId::bad_value, word.spot, in_quotes(word.text) + " is not valid for 'use_vmac'",
                   "the name of the virtual interface, at most 15 characters, and optionally a MAC address");
  };
  read_interface_words(m, w, name, [&](const Word& word) {
    if (word.text == "netlink_notify_msg") {
      note_newer_value(m, word, w.keyword);
      has_no_effect(m, word, w.keyword);
      return true;
    }
    if (looks_like_mac(word.text)) set_vmac_address(m, word);
    return looks_like_mac(word.text);
  });
}

void judge_ipvlan(Model& m, const Arguments& w) {
  bool named = false;
  m.instance_draft().ipvlan_without_address = w.spot;
  const auto name = [&](const Word& word) {
    if (named || !valid_interface_name(word.text)) {
      m.report.error(RuleId::bad_value, word.spot, in_quotes(word.text) + " is not valid for 'use_ipvlan'",
                     std::string{kIpvlanWords});
    }
    named = true;
  };
  read_interface_words(m, w, name, [&](const Word& word) {
    if (word.text == "bridge" || word.text == "private" || word.text == "vepa") return true;
    const bool is_address = IpAddress::parse(word.text.substr(0, word.text.find('/'))).has_value();
    if (is_address) m.instance_draft().ipvlan_without_address = {};
    return is_address;
  });
}

void judge_vrf(Model& m, const Arguments& w) {
  if (m.instance().interface.empty()) return;
  m.report.warning(RuleId::setting_ignored, w.spot, "keepalived ignores the vrf of an instance that has an interface");
}

void judge_unicast_checksum(Model& m, const Arguments& w) {
  if (!w.given || w.word() == "never") return;
  m.report.error(RuleId::bad_value, w.word_spot(), in_quotes(w.word()) + " is not valid for 'old_unicast_checksum'",
                 "never, or nothing");
}

}  // namespace vipdrift::config
