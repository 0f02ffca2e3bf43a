#include "backends/linux/virtual_macs.h"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

namespace vipdrift::linux_backend {
namespace {

const std::string kIpv4 = "/proc/sys/net/ipv4/conf/";
const std::string kIpv6 = "/proc/sys/net/ipv6/conf/";
constexpr int kReplyOnlyForOwn = 1;  ///< arp_ignore: answer for addresses of the asked interface alone
constexpr int kAskAsOneself = 2;     ///< arp_announce: ask with an address of the asking interface alone
constexpr int kNoAddresses = 1;      ///< addr_gen_mode: none by itself

std::optional<int> read_number(const std::string& path) {
  std::ifstream in(path);
  int value = 0;
  if (in >> value) return value;
  return std::nullopt;
}

}  // namespace

VirtualMacs::VirtualMacs(NetlinkSocket& requests, Netlink& table, Log log)
    : requests_(requests), table_(table), log_(std::move(log)) {}

int VirtualMacs::add(InterfaceId base, const MacAddress& mac, const std::string& name) {
  if (!table_.interfaces().contains(base.value)) return ENODEV;
  if (table_.adopted(base, mac) != 0) return 0;
  std::uint32_t index = table_.leased_leftover(base, mac, name);
  if (index == 0) {
    if (const int error = remove_leftovers(base, mac, name); error != 0) return error;
    if (const int error = make(base, mac, name); error != 0) return error;
    index = if_nametoindex(name.c_str());
    if (index == 0) return errno;
  }
  table_.adopt(index, base, mac);
  prepare(base, name);
  ifinfomsg up{};
  up.ifi_index = static_cast<int>(index);
  up.ifi_flags = IFF_UP;
  up.ifi_change = IFF_UP;
  mnl_attr_put_u32(requests_.begin(RTM_NEWLINK, 0, up), IFLA_GROUP, requests_.port());
  return flush();
}

// The number of this daemon's socket marks its macvlans as a group, which can be removed with one request.
int VirtualMacs::make(InterfaceId base, const MacAddress& mac, const std::string& name) {
  nlmsghdr* const message = requests_.begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{});
  mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
  mnl_attr_put_u32(message, IFLA_LINK, base.value);
  mnl_attr_put(message, IFLA_ADDRESS, mac.bytes.size(), mac.bytes.data());
  mnl_attr_put_u32(message, IFLA_GROUP, requests_.port());
  nlattr* const info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "macvlan");
  nlattr* const data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  mnl_attr_put_u32(message, IFLA_MACVLAN_MODE, MACVLAN_MODE_VEPA);
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, info);
  return flush();
}

// Of another name, or of keepalived, it would be in the way: a MAC address can be up once on an interface.
int VirtualMacs::remove_leftovers(InterfaceId base, const MacAddress& mac, const std::string& name) {
  for (const auto& [index, interface] : table_.interfaces()) {
    if (!interface.is_macvlan || interface.mac != mac || interface.below != base.value) continue;
    log_("removing the macvlan " + interface.name + ", which an earlier run has left (vmac " + name + ")");
    ifinfomsg which{};
    which.ifi_index = static_cast<int>(index);
    requests_.begin(RTM_DELLINK, 0, which);
    if (const int error = flush(); error != 0 && error != ENODEV) return error;
  }
  return 0;
}

// Only the macvlan answers for what is on it, and nothing comes to be there by itself. Packets from hosts of the
// interface below are welcome on it, whatever the routing table says.
void VirtualMacs::prepare(InterfaceId base, const std::string& name) {
  spare_from_strict_filters();
  bool done = write(kIpv4 + name + "/arp_ignore", kReplyOnlyForOwn);
  done = write(kIpv4 + name + "/promote_secondaries", 1) && done;
  done = write(kIpv4 + name + "/rp_filter", 0) && done;
  if (std::filesystem::exists(kIpv6)) {
    done = write(kIpv6 + name + "/addr_gen_mode", kNoAddresses) && done;
    done = write(kIpv6 + name + "/accept_ra", 0) && done;
    done = write(kIpv6 + name + "/autoconf", 0) && done;
  }
  done = prepare_below(base) && done;
  if (!done) log_("cannot set all of /proc/sys/net for " + name + ": " + std::strerror(errno));
}

// Otherwise the interface below answers for a virtual address with its own MAC address, and whoever it asks for theirs
// on behalf of a virtual address learns its own MAC address for it (RFC 9568, 8.1.2).
bool VirtualMacs::prepare_below(InterfaceId base) {
  const auto [changed, is_new] = changed_below_.try_emplace(base);
  bool done = true;
  for (const auto& [setting, wanted] : {std::pair{"arp_ignore", kReplyOnlyForOwn}, {"arp_announce", kAskAsOneself}}) {
    const std::string path = kIpv4 + table_.interfaces().at(base.value).name + "/" + setting;
    const std::optional<int> before = read_number(path);
    if (!is_new || !before || *before >= wanted) continue;
    changed->second.emplace_back(setting, *before);
    done = write(path, wanted) && done;
  }
  return done;
}

void VirtualMacs::restore_below(InterfaceId base) {
  const auto interface = table_.interfaces().find(base.value);
  if (interface == table_.interfaces().end()) return;
  for (const auto& [setting, before] : changed_below_[base]) {
    write(kIpv4 + interface->second.name + "/" + setting, before);
  }
}

// rp_filter is the larger of `all` and the interface's own: a strict `all` would drop what the virtual MAC receives.
void VirtualMacs::spare_from_strict_filters() {
  constexpr int kStrict = 1;
  if (read_number(kIpv4 + "all/rp_filter") != kStrict) return;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(kIpv4, error)) {
    const std::string path = entry.path().string() + "/rp_filter";
    if (entry.path().filename() != "all" && read_number(path) == 0) write(path, kStrict);
  }
  if (write(kIpv4 + "all/rp_filter", 0)) {
    log_(
        "net.ipv4.conf.all.rp_filter was 1, which drops what virtual MACs receive: set on each other interface "
        "instead");
  }
}

bool VirtualMacs::write(const std::string& path, int value) {
  std::ofstream out(path);
  out << value;
  return static_cast<bool>(out.flush());
}

int VirtualMacs::remove(const std::vector<std::pair<InterfaceId, MacAddress>>& which) {
  std::vector<std::uint32_t> indices;
  for (const auto& [base, mac] : which) {
    if (const std::uint32_t index = table_.adopted(base, mac); index != 0) indices.push_back(index);
  }
  if (indices.empty()) return 0;
  const bool all = indices.size() == table_.number_adopted();
  for (const std::uint32_t index : indices) table_.disown(index);
  ifinfomsg one{};
  if (all) {
    mnl_attr_put_u32(requests_.begin(RTM_DELLINK, 0, one), IFLA_GROUP, requests_.port());
  } else {
    for (const std::uint32_t index : indices) {
      one.ifi_index = static_cast<int>(index);
      requests_.begin(RTM_DELLINK, 0, one);
    }
  }
  const int error = flush();
  for (auto base = changed_below_.begin(); base != changed_below_.end();) {
    if (table_.has_adopted(base->first)) {
      ++base;
      continue;
    }
    restore_below(base->first);
    base = changed_below_.erase(base);
  }
  return error == ENODEV ? 0 : error;
}

int VirtualMacs::flush() {
  const auto refusals = requests_.flush();
  if (refusals.empty()) return 0;
  if (!refusals.front().text.empty()) log_("the kernel on virtual MACs: " + refusals.front().text);
  return refusals.front().error;
}

}  // namespace vipdrift::linux_backend
