#include "backends/linux/packet_filter.h"

// The C library's own header of the internet first: the kernel's then leaves out what it has.
#include <netinet/in.h>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/icmp6.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <memory>

#include "backends/linux/netlink_socket.h"

namespace vipdrift::linux_backend {
namespace {

constexpr const char* kTable = "vipdrift";
constexpr const char* kChain = "input";
constexpr std::uint32_t kFamily = NFPROTO_INET;
/// Elements in one message: their attribute has 16 bits for its length.
constexpr std::size_t kElements = 1000;
constexpr std::size_t kBatchSize = 128 << 10;

/// A set of addresses: its name, its number within a batch, the type of nft(8) for its elements, where the destination
/// is in the IP header.
struct AddressSet {
  const char* name;
  std::uint32_t id;
  std::uint32_t type;
  std::uint32_t size;
  std::uint32_t offset;
};
constexpr AddressSet kIpv4{"refused4", 1, 7, 4, 16};
constexpr AddressSet kIpv6{"refused6", 2, 8, 16, 24};

struct Free {
  void operator()(nftnl_table* one) const { nftnl_table_free(one); }
  void operator()(nftnl_chain* one) const { nftnl_chain_free(one); }
  void operator()(nftnl_rule* one) const { nftnl_rule_free(one); }
  void operator()(nftnl_set* one) const { nftnl_set_free(one); }
};
template <class Thing>
using Owned = std::unique_ptr<Thing, Free>;

/// A transaction: all of its messages are carried out, or none.
class Transaction {
 public:
  Transaction() : buffer_(kBatchSize) {
    nftnl_batch_begin(next(), sequence_++);
    advance();
  }

  nlmsghdr* begin(std::uint16_t type, std::uint16_t flags) {
    return nftnl_nlmsg_build_hdr(next(), type, kFamily, flags, sequence_++);
  }
  void advance() { used_ += MNL_ALIGN(reinterpret_cast<const nlmsghdr*>(next())->nlmsg_len); }

  /// The first refusal, or 0.
  int commit(int socket) {
    nftnl_batch_end(next(), sequence_++);
    advance();
    if (send(socket, buffer_.data(), used_, 0) < 0) return errno;
    int refused = 0;
    while (true) {
      const ssize_t size = recv(socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return refused != 0 || errno == EAGAIN ? refused : errno;
      int left = static_cast<int>(size);
      const auto* message = reinterpret_cast<const nlmsghdr*>(buffer_.data());
      for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
        if (message->nlmsg_type != NLMSG_ERROR || refused != 0) continue;
        refused = -fixed_part<nlmsgerr>(*message).error;
      }
    }
  }

 private:
  char* next() { return buffer_.data() + used_; }

  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::uint32_t sequence_ = 0;
};

void put_table(Transaction& transaction, std::uint16_t type, std::uint16_t flags) {
  const Owned<nftnl_table> table(nftnl_table_alloc());
  nftnl_table_set_u32(table.get(), NFTNL_TABLE_FAMILY, kFamily);
  nftnl_table_set_str(table.get(), NFTNL_TABLE_NAME, kTable);
  nftnl_table_nlmsg_build_payload(transaction.begin(type, flags), table.get());
  transaction.advance();
}

void put_chain(Transaction& transaction) {
  const Owned<nftnl_chain> chain(nftnl_chain_alloc());
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TABLE, kTable);
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_NAME, kChain);
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TYPE, "filter");
  nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_HOOKNUM, NF_INET_LOCAL_IN);
  nftnl_chain_set_s32(chain.get(), NFTNL_CHAIN_PRIO, 0);
  nftnl_chain_nlmsg_build_payload(transaction.begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE), chain.get());
  transaction.advance();
}

Owned<nftnl_set> set_named(const AddressSet& which) {
  Owned<nftnl_set> set(nftnl_set_alloc());
  nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, kTable);
  nftnl_set_set_str(set.get(), NFTNL_SET_NAME, which.name);
  nftnl_set_set_u32(set.get(), NFTNL_SET_FAMILY, kFamily);
  return set;
}

void put_set(Transaction& transaction, const AddressSet& which) {
  const Owned<nftnl_set> set = set_named(which);
  nftnl_set_set_u32(set.get(), NFTNL_SET_ID, which.id);
  nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_TYPE, which.type);
  nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_LEN, which.size);
  nftnl_set_nlmsg_build_payload(transaction.begin(NFT_MSG_NEWSET, NLM_F_CREATE), set.get());
  transaction.advance();
}

/// Expressions of one rule, in the words of nft --debug=netlink.
class Rule {
 public:
  Rule() : rule_(nftnl_rule_alloc()) {
    nftnl_rule_set_str(rule_.get(), NFTNL_RULE_TABLE, kTable);
    nftnl_rule_set_str(rule_.get(), NFTNL_RULE_CHAIN, kChain);
    nftnl_rule_set_u32(rule_.get(), NFTNL_RULE_FAMILY, kFamily);
  }
  Rule& meta(std::uint32_t key) {
    nftnl_expr* const one = nftnl_expr_alloc("meta");
    nftnl_expr_set_u32(one, NFTNL_EXPR_META_KEY, key);
    nftnl_expr_set_u32(one, NFTNL_EXPR_META_DREG, NFT_REG_1);
    return add(one);
  }
  Rule& payload(std::uint32_t header, std::uint32_t offset, std::uint32_t size) {
    nftnl_expr* const one = nftnl_expr_alloc("payload");
    nftnl_expr_set_u32(one, NFTNL_EXPR_PAYLOAD_BASE, header);
    nftnl_expr_set_u32(one, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
    nftnl_expr_set_u32(one, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
    nftnl_expr_set_u32(one, NFTNL_EXPR_PAYLOAD_LEN, size);
    return add(one);
  }
  Rule& compare(std::uint32_t operation, std::uint8_t value) {
    nftnl_expr* const one = nftnl_expr_alloc("cmp");
    nftnl_expr_set_u32(one, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
    nftnl_expr_set_u32(one, NFTNL_EXPR_CMP_OP, operation);
    nftnl_expr_set(one, NFTNL_EXPR_CMP_DATA, &value, sizeof value);
    return add(one);
  }
  Rule& in(const AddressSet& set) {
    nftnl_expr* const one = nftnl_expr_alloc("lookup");
    nftnl_expr_set_u32(one, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
    nftnl_expr_set_str(one, NFTNL_EXPR_LOOKUP_SET, set.name);
    nftnl_expr_set_u32(one, NFTNL_EXPR_LOOKUP_SET_ID, set.id);
    return add(one);
  }
  Rule& verdict(std::uint32_t verdict) {
    nftnl_expr* const one = nftnl_expr_alloc("immediate");
    nftnl_expr_set_u32(one, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
    nftnl_expr_set_u32(one, NFTNL_EXPR_IMM_VERDICT, verdict);
    return add(one);
  }
  void put(Transaction& transaction) {
    nftnl_rule_nlmsg_build_payload(transaction.begin(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND), rule_.get());
    transaction.advance();
  }

 private:
  Rule& add(nftnl_expr* expression) {
    nftnl_rule_add_expr(rule_.get(), expression);
    return *this;
  }

  Owned<nftnl_rule> rule_;
};

void put_rules(Transaction& transaction) {
  Rule()
      .meta(NFT_META_L4PROTO)
      .compare(NFT_CMP_EQ, IPPROTO_ICMPV6)
      .payload(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1)
      .compare(NFT_CMP_GTE, ND_NEIGHBOR_SOLICIT)
      .compare(NFT_CMP_LTE, ND_NEIGHBOR_ADVERT)
      .verdict(NF_ACCEPT)
      .put(transaction);
  for (const AddressSet& set : {kIpv4, kIpv6}) {
    Rule()
        .meta(NFT_META_NFPROTO)
        .compare(NFT_CMP_EQ, set.id == kIpv4.id ? NFPROTO_IPV4 : NFPROTO_IPV6)
        .payload(NFT_PAYLOAD_NETWORK_HEADER, set.offset, set.size)
        .in(set)
        .verdict(NF_DROP)
        .put(transaction);
  }
}

FileDescriptor netfilter_socket() {
  return FileDescriptor(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
}

}  // namespace

// Asking would load the kernel's module on a machine that has no use for it.
void PacketFilter::remove_leftovers() {
  if (!std::filesystem::exists("/proc/net/netfilter")) return;
  const FileDescriptor socket = netfilter_socket();
  Transaction transaction;
  put_table(transaction, NFT_MSG_DELTABLE, 0);
  if (socket) transaction.commit(socket.get());  // refused: there was none
}

PacketFilter::~PacketFilter() {
  if (!socket_) return;
  Transaction transaction;
  put_table(transaction, NFT_MSG_DELTABLE, 0);
  transaction.commit(socket_.get());
}

int PacketFilter::open() {
  if (socket_) return 0;
  socket_ = netfilter_socket();
  if (!socket_) return errno;
  const int error = make_table();
  if (error != 0) socket_ = {};
  return error;
}

// Made, removed and made again: whatever was in it is gone, and there is always one to remove.
int PacketFilter::make_table() {
  Transaction transaction;
  put_table(transaction, NFT_MSG_NEWTABLE, NLM_F_CREATE);
  put_table(transaction, NFT_MSG_DELTABLE, 0);
  put_table(transaction, NFT_MSG_NEWTABLE, NLM_F_CREATE);
  put_chain(transaction);
  put_set(transaction, kIpv4);
  put_set(transaction, kIpv6);
  put_rules(transaction);
  return transaction.commit(socket_.get());
}

int PacketFilter::refuse(std::span<const IpAddress> addresses) {
  if (addresses.empty()) return 0;
  if (const int error = open(); error != 0) return error;
  return edit(addresses, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
}

// One by one when they do not go together: one that was not refused must not keep the others in.
int PacketFilter::accept(std::span<const IpAddress> addresses) {
  if (addresses.empty() || !socket_) return 0;
  int error = edit(addresses, NFT_MSG_DELSETELEM, 0);
  if (error != ENOENT) return error;
  error = 0;
  for (const IpAddress& address : addresses) {
    const int result = edit(std::span(&address, 1), NFT_MSG_DELSETELEM, 0);
    if (result != 0 && result != ENOENT) error = result;
  }
  return error;
}

int PacketFilter::edit(std::span<const IpAddress> addresses, std::uint16_t type, std::uint16_t flags) {
  for (std::size_t first = 0; first < addresses.size(); first += kElements) {
    Transaction transaction;
    for (const AddressSet& which : {kIpv4, kIpv6}) {
      const Owned<nftnl_set> set = set_named(which);
      bool any = false;
      for (const IpAddress& address : addresses.subspan(first, std::min(kElements, addresses.size() - first))) {
        if (address.bytes().size() != which.size) continue;
        nftnl_set_elem* const element = nftnl_set_elem_alloc();
        nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, address.bytes().data(), which.size);
        nftnl_set_elem_add(set.get(), element);
        any = true;
      }
      if (!any) continue;
      nftnl_set_elems_nlmsg_build_payload(transaction.begin(type, flags), set.get());
      transaction.advance();
    }
    if (const int error = transaction.commit(socket_.get()); error != 0) return error;
  }
  return 0;
}

}  // namespace vipdrift::linux_backend
