#include "backends/linux/netlink_socket.h"

#include <libmnl/libmnl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace vipdrift::linux_backend {
namespace {

/// As much as the kernel puts into one part of a dump.
constexpr std::size_t kAnswer = 65536;

}  // namespace

NetlinkAttributes::NetlinkAttributes(const nlmsghdr& message, std::size_t fixed) {
  mnl_attr_parse(&message, static_cast<unsigned>(fixed), &NetlinkAttributes::collect, this);
}

NetlinkAttributes::NetlinkAttributes(const nlattr& nest) {
  mnl_attr_parse_nested(&nest, &NetlinkAttributes::collect, this);
}

int NetlinkAttributes::collect(const nlattr* attribute, void* self) {
  auto& found = static_cast<NetlinkAttributes*>(self)->found_;
  if (const std::uint16_t type = mnl_attr_get_type(attribute); type < found.size()) found[type] = attribute;
  return MNL_CB_OK;
}

NetlinkSocket::NetlinkSocket(int protocol) : answer_(std::make_unique_for_overwrite<std::uint8_t[]>(kAnswer)) {
  error_ = open(protocol);
}

int NetlinkSocket::open(int protocol) {
  socket_ = FileDescriptor(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!socket_) return errno;
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  socklen_t size = sizeof own;
  if (bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), size) != 0 ||
      getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0) {
    return errno;
  }
  port_ = own.nl_pid;
  // Words for errors, and answers without a copy of the request; old kernels do without.
  const int on = 1;
  setsockopt(socket_.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(socket_.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  return 0;
}

nlmsghdr* NetlinkSocket::begin(std::uint16_t type, std::uint16_t flags, const void* fixed, std::size_t size,
                               std::uint32_t mark) {
  close_last();
  if (batch_.size() < used_ + kLargestRequest) batch_.resize(std::max(2 * batch_.size(), used_ + kLargestRequest));
  nlmsghdr* const header = mnl_nlmsg_put_header(batch_.data() + used_);
  header->nlmsg_type = type;
  header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  header->nlmsg_seq = ((sequence_ + static_cast<std::uint32_t>(starts_.size())) & ~kMark) | mark;
  header->nlmsg_pid = port_;
  std::memcpy(mnl_nlmsg_put_extra_header(header, size), fixed, size);
  starts_.push_back(used_);
  return header;
}

// The length of a request is known when the next begins.
void NetlinkSocket::close_last() {
  if (starts_.empty()) return;
  nlmsghdr last{};
  std::memcpy(&last, batch_.data() + starts_.back(), sizeof last);
  used_ = starts_.back() + NLMSG_ALIGN(last.nlmsg_len);
}

std::vector<NetlinkSocket::Refusal> NetlinkSocket::flush() {
  std::vector<Refusal> refusals;
  close_last();
  for (std::size_t first = 0; first < starts_.size(); first += kAtOnce) {
    send(first, std::min(first + kAtOnce, starts_.size()), refusals);
  }
  sequence_ += static_cast<std::uint32_t>(starts_.size());
  starts_.clear();
  used_ = 0;
  return refusals;
}

// The kernel works on requests within sendmsg(2), and tells of refusals whether or not an acknowledgement was asked for
// (netlink(7), NLMSG_ERROR): silence afterwards is consent.
void NetlinkSocket::send(std::size_t first, std::size_t last, std::vector<Refusal>& refusals) {
  const std::size_t end = last < starts_.size() ? starts_[last] : used_;
  int error = 0;
  if (::send(socket_.get(), batch_.data() + starts_[first], end - starts_[first], 0) < 0) error = errno;
  const auto refused = [&](const nlmsghdr& message) {
    if (message.nlmsg_type != NLMSG_ERROR) return true;
    const auto& said = fixed_part<nlmsgerr>(message);
    const std::uint32_t position = (said.msg.nlmsg_seq - sequence_) & ~kMark;
    if (said.error == 0 || position >= last) return true;
    Refusal refusal{position, -said.error, {}};
    if ((message.nlmsg_flags & NLM_F_ACK_TLVS) != 0) {
      const NetlinkAttributes attributes(message, sizeof(nlmsgerr));
      if (const nlattr* text = attributes[NLMSGERR_ATTR_MSG]) refusal.text = mnl_attr_get_str(text);
    }
    refusals.push_back(std::move(refusal));
    return true;
  };
  while (error == 0) error = read_once(refused, false);
  if (error == EAGAIN) return;
  // Neither sent nor answered: nobody knows what was done.
  for (std::size_t position = first; position < last; ++position) refusals.push_back({position, error, {}});
}

int NetlinkSocket::dump(const std::function<void(const nlmsghdr&)>& sink) {
  close_last();
  int error = 0;
  if (::send(socket_.get(), batch_.data(), used_, 0) < 0) error = errno;
  bool more = true;
  int refused = 0;
  while (error == 0 && more) {
    error = read_once(
        [&](const nlmsghdr& message) {
          if (message.nlmsg_type == NLMSG_DONE) more = false;
          if (message.nlmsg_type == NLMSG_ERROR) refused = -fixed_part<nlmsgerr>(message).error;
          if ((message.nlmsg_flags & NLM_F_DUMP_INTR) != 0) refused = EINTR;
          more = more && message.nlmsg_type != NLMSG_ERROR;
          if (more) sink(message);
          return more;
        },
        true);
  }
  ++sequence_;
  starts_.clear();
  used_ = 0;
  return error != 0 ? error : refused;
}

/// One datagram, which may hold several messages, until `sink` has had enough of it. EAGAIN: there is none.
int NetlinkSocket::read_once(const std::function<bool(const nlmsghdr&)>& sink, bool wait) {
  const ssize_t size = recv(socket_.get(), answer_.get(), kAnswer, wait ? 0 : MSG_DONTWAIT);
  if (size < 0) return errno == EINTR ? 0 : errno;
  int left = static_cast<int>(size);
  const auto* message = reinterpret_cast<const nlmsghdr*>(answer_.get());
  while (mnl_nlmsg_ok(message, left) && sink(*message)) message = mnl_nlmsg_next(message, &left);
  return 0;
}

}  // namespace vipdrift::linux_backend
