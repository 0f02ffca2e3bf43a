#include "backends/linux/real_server_setup.h"

#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "backends/linux/netlink.h"
#include "backends/linux/netlink_socket.h"

namespace vipdrift::linux_backend {
namespace {

constexpr const char* kLoopback = "lo";
constexpr int kSilent = 1;    ///< arp_ignore: answers for addresses of the interface that was asked
constexpr int kModest = 2;    ///< arp_announce: names the best address of the interface that speaks
constexpr std::array kSettings{std::pair{"arp_ignore", kSilent}, std::pair{"arp_announce", kModest}};

std::uint8_t host_length(Family family) { return family == Family::ipv4 ? 32 : 128; }
std::uint8_t number_of(Family family) { return family == Family::ipv4 ? AF_INET : AF_INET6; }

std::string setting_name(const std::string& interface, const char* setting) {
  return "net/ipv4/conf/" + interface + "/" + setting;
}

std::string dotted(std::string name) {
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

std::optional<int> read_setting(const std::string& name) {
  std::ifstream file("/proc/sys/" + name);
  int value = 0;
  if (file >> value) return value;
  return std::nullopt;
}

/// 0 or an errno value.
int write_setting(const std::string& name, int value) {
  errno = 0;
  std::ofstream file("/proc/sys/" + name);
  file << value << std::flush;
  if (file.good()) return 0;
  return errno != 0 ? errno : EACCES;
}

bool any_ipv4(std::span<const IpAddress> addresses) {
  return std::any_of(addresses.begin(), addresses.end(),
                     [](const IpAddress& one) { return one.family() == Family::ipv4; });
}

/// Requests about lo; errors are errno values.
class Loopback {
 public:
  int error() const { return requests_.error(); }

  bool is_up() {
    ifinfomsg question{};
    question.ifi_index = index_;
    requests_.begin(RTM_GETLINK, NLM_F_ACK, question);
    bool up = false;
    requests_.dump([&up](const nlmsghdr& message) { up = (fixed_part<ifinfomsg>(message).ifi_flags & IFF_UP) != 0; });
    return up;
  }
  int set_up(bool up) {
    ifinfomsg link{};
    link.ifi_index = index_;
    link.ifi_flags = up ? IFF_UP : 0;
    link.ifi_change = IFF_UP;
    requests_.begin(RTM_NEWLINK, 0, link);
    return send();
  }
  int change_address(std::uint16_t type, std::uint16_t flags, const IpAddress& address) {
    ifaddrmsg told{};
    told.ifa_family = number_of(address.family());
    told.ifa_prefixlen = host_length(address.family());
    // Of IPv6 addresses: other machines have this one too, on purpose, and it is taken at once.
    told.ifa_flags = IFA_F_NODAD;
    told.ifa_index = static_cast<unsigned>(index_);
    nlmsghdr* const message = requests_.begin(type, flags, told);
    put(message, IFA_LOCAL, address);
    put(message, IFA_ADDRESS, address);
    return send();
  }
  int change_route(std::uint16_t type, std::uint16_t flags, const IpAddress& address) {
    rtmsg told{};
    told.rtm_family = number_of(address.family());
    told.rtm_dst_len = host_length(address.family());
    told.rtm_table = RT_TABLE_MAIN;
    told.rtm_protocol = RTPROT_STATIC;
    told.rtm_scope = address.family() == Family::ipv4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    told.rtm_type = RTN_UNICAST;
    nlmsghdr* const message = requests_.begin(type, flags, told);
    put(message, RTA_DST, address);
    mnl_attr_put_u32(message, RTA_OIF, static_cast<std::uint32_t>(index_));
    return send();
  }
  /// Whether the main table has that route.
  bool has_route(const IpAddress& address) {
    rtmsg question{};
    question.rtm_family = number_of(address.family());
    requests_.begin(RTM_GETROUTE, NLM_F_DUMP, question);
    bool found = false;
    requests_.dump([&](const nlmsghdr& message) {
      const auto& told = fixed_part<rtmsg>(message);
      if (told.rtm_table != RT_TABLE_MAIN || told.rtm_dst_len != host_length(address.family())) return;
      const NetlinkAttributes said(message, sizeof told);
      const nlattr* const to = said[RTA_DST];
      const nlattr* const through = said[RTA_OIF];
      if (to == nullptr || through == nullptr) return;
      if (mnl_attr_get_u32(through) != static_cast<std::uint32_t>(index_)) return;
      found = found || (mnl_attr_get_payload_len(to) == address.bytes().size() &&
                        std::memcmp(mnl_attr_get_payload(to), address.bytes().data(), address.bytes().size()) == 0);
    });
    return found;
  }

 private:
  static void put(nlmsghdr* message, std::uint16_t type, const IpAddress& address) {
    mnl_attr_put(message, type, address.bytes().size(), address.bytes().data());
  }
  int send() {
    const std::vector<NetlinkSocket::Refusal> refused = requests_.flush();
    return refused.empty() ? 0 : refused.front().error;
  }

  NetlinkSocket requests_{NETLINK_ROUTE};
  int index_ = static_cast<int>(if_nametoindex(kLoopback));
};

/// Makes one change; `done` tells whether it was ours to make.
class Maker {
 public:
  explicit Maker(Loopback& loopback) : loopback_(loopback) {}
  bool done = true;

  int operator()(const KernelSetting& change) { return write_setting(change.name, change.wanted); }
  int operator()(const LoopbackUp&) { return loopback_.set_up(true); }
  int operator()(const LoopbackAddress& change) {
    return unless_there(loopback_.change_address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, change.address));
  }
  int operator()(const HostRoute& change) {
    return unless_there(loopback_.change_route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, change.address));
  }

 private:
  int unless_there(int error) {
    done = error != EEXIST;
    return done ? error : 0;
  }
  Loopback& loopback_;
};

/// Takes one change back, and says what is not as it was left.
class Undoer {
 public:
  explicit Undoer(Loopback& loopback) : loopback_(loopback) {}

  std::string operator()(const KernelSetting& change) {
    const std::optional<int> now = read_setting(change.name);
    if (now != change.wanted) {
      return fmt::format("{} is {} now, not {} as it was left: it stays", dotted(change.name),
                         now ? std::to_string(*now) : "unreadable", change.wanted);
    }
    const int error = write_setting(change.name, change.before);
    return error == 0 ? "" : fmt::format("{}: {}", dotted(change.name), std::strerror(error));
  }
  std::string operator()(const LoopbackUp&) { return {}; }  // others may have come to need it
  std::string operator()(const LoopbackAddress& change) {
    const int error = loopback_.change_address(RTM_DELADDR, 0, change.address);
    if (error == 0) return {};
    if (error == EADDRNOTAVAIL) return fmt::format("{} was not on lo any more", change.address.to_string());
    return fmt::format("{} on lo: {}", change.address.to_string(), std::strerror(error));
  }
  std::string operator()(const HostRoute& change) {
    const int error = loopback_.change_route(RTM_DELROUTE, 0, change.address);
    if (error == 0 || error == ESRCH) return {};  // the kernel takes it away with the address
    return fmt::format("route to {}: {}", change.address.to_string(), std::strerror(error));
  }

 private:
  Loopback& loopback_;
};

}  // namespace

std::string to_string(const RealServerChange& change) {
  struct Words {
    std::string operator()(const KernelSetting& one) const {
      return fmt::format("{} {} -> {}", dotted(one.name), one.before, one.wanted);
    }
    std::string operator()(const LoopbackUp&) const { return "lo up"; }
    std::string operator()(const LoopbackAddress& one) const {
      return fmt::format("{}/{} on lo", one.address.to_string(), host_length(one.address.family()));
    }
    std::string operator()(const HostRoute& one) const {
      return fmt::format("route to {} through lo", one.address.to_string());
    }
  };
  return std::visit(Words{}, change);
}

std::vector<RealServerChange> plan_real_server(std::span<const IpAddress> virtual_addresses) {
  std::vector<RealServerChange> plan;
  if (any_ipv4(virtual_addresses)) {
    for (const char* const interface : {"all", kLoopback}) {
      for (const auto& [setting, wanted] : kSettings) {
        const std::string name = setting_name(interface, setting);
        const std::optional<int> before = read_setting(name);
        if (before != wanted) plan.emplace_back(KernelSetting{name, before.value_or(0), wanted});
      }
    }
  }
  Loopback loopback;
  if (!loopback.is_up()) plan.emplace_back(LoopbackUp{});
  NetlinkSocket requests(NETLINK_ROUTE);
  const Netlink table(requests);
  const auto lo = table.interfaces().find(table.index_of(kLoopback));
  for (const IpAddress& address : virtual_addresses) {
    const IpPrefix host{address, host_length(address.family())};
    if (lo == table.interfaces().end() || !lo->second.addresses.contains(host)) {
      plan.emplace_back(LoopbackAddress{address});
    }
    if (!loopback.has_route(address)) plan.emplace_back(HostRoute{address});
  }
  return plan;
}

std::optional<std::string> make_real_server(std::span<const RealServerChange> plan,
                                            std::vector<RealServerChange>& made) {
  made.clear();
  Loopback loopback;
  if (loopback.error() != 0) return std::string("netlink: ") + std::strerror(loopback.error());
  for (const RealServerChange& change : plan) {
    Maker maker(loopback);
    if (const int error = std::visit(maker, change); error != 0) {
      take_back(made);
      made.clear();
      return fmt::format("{}: {}", to_string(change), std::strerror(error));
    }
    if (maker.done) made.push_back(change);
  }
  return std::nullopt;
}

// Addresses go before the settings that keep them silent.
std::vector<std::string> take_back(std::span<const RealServerChange> made) {
  Loopback loopback;
  std::vector<std::string> remarks;
  for (auto change = made.rbegin(); change != made.rend(); ++change) {
    Undoer undoer(loopback);
    if (std::string remark = std::visit(undoer, *change); !remark.empty()) remarks.push_back(std::move(remark));
  }
  return remarks;
}

// ---------------------------------------------------------------- prepared by somebody else

namespace {

/// The kernel goes by the larger of the values of `all` and the interface (ip-sysctl).
int effective(const std::string& interface, const char* setting) {
  return std::max(read_setting(setting_name("all", setting)).value_or(0),
                  read_setting(setting_name(interface, setting)).value_or(0));
}

/// The published recipe that writes arp_announce twice, and arp_ignore never.
bool looks_like_the_slip() {
  const auto both_are = [](const char* setting, int value) {
    return read_setting(setting_name("all", setting)) == value && read_setting(setting_name("lo", setting)) == value;
  };
  return both_are("arp_ignore", 0) && both_are("arp_announce", 1);
}

void find_arp_faults(const Netlink& table, std::vector<std::string>& faults) {
  constexpr std::array kGoodIgnore{1, 2, 8};
  for (const auto& [index, interface] : table.interfaces()) {
    if (interface.name == kLoopback) continue;
    const int ignore = effective(interface.name, "arp_ignore");
    if (std::find(kGoodIgnore.begin(), kGoodIgnore.end(), ignore) == kGoodIgnore.end()) {
      faults.push_back(fmt::format("{} answers ARP for the virtual addresses: arp_ignore is {} there (the larger of "
                                   "all and {}), expected 1; sysctl -w net.ipv4.conf.all.arp_ignore=1",
                                   interface.name, ignore, interface.name));
    }
    const int announce = effective(interface.name, "arp_announce");
    if (announce != kModest) {
      faults.push_back(fmt::format("{} may ask its neighbours in the name of the virtual addresses: arp_announce is "
                                   "{} there (the larger of all and {}), expected 2; "
                                   "sysctl -w net.ipv4.conf.all.arp_announce=2",
                                   interface.name, announce, interface.name));
    }
  }
  if (!faults.empty() && looks_like_the_slip()) {
    faults.emplace_back("arp_announce is 1 and arp_ignore 0 on all and lo: whoever prepared this wrote arp_announce "
                        "twice, 2 and then 1; the second pair was meant for arp_ignore");
  }
}

void find_address_faults(const Netlink& table, const IpAddress& address, std::vector<std::string>& faults) {
  const std::uint8_t length = host_length(address.family());
  bool on_loopback = false;
  for (const auto& [index, interface] : table.interfaces()) {
    for (const auto& [prefix, held] : interface.addresses) {
      if (prefix.address != address) continue;
      const std::string where = fmt::format("{}/{}", address.to_string(), prefix.length);
      if (interface.name != kLoopback) {
        faults.push_back(fmt::format("{} is on {}, where it is answered for, expected on lo alone; "
                                     "ip address del {} dev {}",
                                     where, interface.name, where, interface.name));
      } else if (prefix.length != length) {
        faults.push_back(fmt::format("{} on lo makes this machine take the whole network for itself, expected /{}; "
                                     "ip address del {} dev lo",
                                     where, length, where));
      } else {
        on_loopback = true;
      }
    }
  }
  if (on_loopback) return;
  faults.push_back(fmt::format("{}/{} is not on lo: packets for it are not taken; ip address add {}/{} dev lo",
                               address.to_string(), length, address.to_string(), length));
}

}  // namespace

std::vector<std::string> real_server_faults(std::span<const IpAddress> virtual_addresses) {
  std::vector<std::string> faults;
  NetlinkSocket requests(NETLINK_ROUTE);
  const Netlink table(requests);
  if (table.error() != 0) return {std::string("netlink: ") + std::strerror(table.error())};
  if (any_ipv4(virtual_addresses)) find_arp_faults(table, faults);
  if (!Loopback().is_up()) {
    faults.emplace_back("lo is down: packets for its addresses are not taken; ip link set lo up");
  }
  for (const IpAddress& address : virtual_addresses) find_address_faults(table, address, faults);
  return faults;
}

}  // namespace vipdrift::linux_backend
