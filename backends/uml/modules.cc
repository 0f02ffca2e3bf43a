#include "backends/uml/modules.h"

#include <libkmod.h>
#include <sys/utsname.h>

#include <array>
#include <memory>

namespace vipdrift::uml {
namespace {

constexpr std::array kWanted{
    // wires and cables, what directors put on them, and what hosts speak
    "bridge", "veth", "macvlan", "dummy", "8021q", "ipv6", "af_packet", "packet_diag",
    // partitions and loss; no_accept of daemons
    "nf_tables", "nft_numgen", "nf_conntrack_bridge", "nft_meta_bridge", "br_netfilter", "iptable_filter",
    "ip6table_filter", "ip_set",
    // delay and what else a wire can do
    "sch_netem", "sch_ingress", "cls_matchall", "cls_u32", "act_mirred", "ifb",
    // the load balancer: its schedulers, its tunnels
    "ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_lc", "ip_vs_wlc", "ip_vs_lblc", "ip_vs_lblcr", "ip_vs_sh", "ip_vs_dh",
    "ip_vs_sed", "ip_vs_nq", "ip_vs_mh", "ip_vs_fo", "ip_vs_ovf", "ip_vs_twos", "ip_vs_ftp", "xt_ipvs", "ipip", "sit",
    "ip6_tunnel", "ip_gre", "fou", "nf_nat", "iptable_nat", "xt_mark", "iptable_mangle",
    // process events
    "cn"};

struct Release {
  void operator()(kmod_ctx* context) const { kmod_unref(context); }
  void operator()(kmod_list* list) const { kmod_module_unref_list(list); }
  void operator()(kmod_module* module) const { kmod_module_unref(module); }
};

bool load(kmod_ctx* context, const char* name) {
  kmod_list* found = nullptr;
  if (kmod_module_new_from_lookup(context, name, &found) < 0 || found == nullptr) return false;
  const std::unique_ptr<kmod_list, Release> owned(found);
  bool loaded = false;
  kmod_list* entry = nullptr;
  kmod_list_foreach(entry, found) {
    const std::unique_ptr<kmod_module, Release> module(kmod_module_get_module(entry));
    loaded = kmod_module_probe_insert_module(module.get(), 0, nullptr, nullptr, nullptr, nullptr) >= 0 || loaded;
  }
  return loaded;
}

}  // namespace

std::span<const char* const> wanted_modules() { return kWanted; }

std::size_t load_modules(const std::string& directory, std::span<const char* const> names) {
  utsname kernel{};
  uname(&kernel);
  // The host's /etc/modprobe.d is about the host's kernel.
  const char* const no_configuration = nullptr;
  const std::unique_ptr<kmod_ctx, Release> context(
      kmod_new((directory + "/" + kernel.release).c_str(), &no_configuration));
  if (!context) return 0;
  kmod_set_log_priority(context.get(), 0);
  kmod_load_resources(context.get());
  std::size_t loaded = 0;
  for (const char* name : names) loaded += load(context.get(), name) ? 1U : 0U;
  return loaded;
}

}  // namespace vipdrift::uml
