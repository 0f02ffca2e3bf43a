// Probes by datagrams under way: UDP_CHECK, DNS_CHECK, PING_CHECK.
#ifndef VIPDRIFT_BACKENDS_LINUX_DATAGRAM_PROBES_H_
#define VIPDRIFT_BACKENDS_LINUX_DATAGRAM_PROBES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/linux/file_descriptor.h"
#include "backends/linux/probe_socket.h"
#include "backends/linux/stream_probes.h"
#include "protocol/check/probe.h"

namespace vipdrift::linux_backend {

/// A query of one question (RFC 1035, 4.1), recursion desired. nullopt: `name` is none.
std::optional<std::vector<std::uint8_t>> dns_query(std::uint16_t id, const std::string& name, std::uint16_t type);
/// The error code of the answer to the query `id`; nullopt: it is none.
std::optional<int> dns_answer_code(std::span<const std::uint8_t> message, std::uint16_t id);

// As the kinds of stream_probes.h.

class UdpRun {
 public:
  explicit UdpRun(const check::UdpProbe& probe) : probe_(probe) {}
  ProbeProgress begin(ProbeTools& tools);
  ProbeProgress on_ready(std::uint32_t events, ProbeTools& tools);
  check::ProbeResult on_time_out() const;
  int descriptor() const { return socket_.get(); }

 private:
  check::ProbeResult judged(std::span<const std::uint8_t> reply) const;

  const check::UdpProbe& probe_;
  FileDescriptor socket_;
};

class DnsRun {
 public:
  explicit DnsRun(const check::DnsProbe& probe) : probe_(probe) {}
  ProbeProgress begin(ProbeTools& tools);
  ProbeProgress on_ready(std::uint32_t events, ProbeTools& tools);
  check::ProbeResult on_time_out() const;
  int descriptor() const { return socket_.get(); }

 private:
  const check::DnsProbe& probe_;
  FileDescriptor socket_;
  std::uint16_t id_ = 0;
};

/// Through a socket for ICMP echo where the system lets this group have one (net.ipv4.ping_group_range), else through a
/// raw one, which needs CAP_NET_RAW.
class PingRun {
 public:
  explicit PingRun(const check::PingProbe& probe) : probe_(probe) {}
  ProbeProgress begin(ProbeTools& tools);
  ProbeProgress on_ready(std::uint32_t events, ProbeTools& tools);
  check::ProbeResult on_time_out() const;
  int descriptor() const { return socket_.get(); }

 private:
  ProbeProgress open();
  bool is_the_reply(std::span<const std::uint8_t> datagram) const;

  const check::PingProbe& probe_;
  FileDescriptor socket_;
  bool raw_ = false;
  std::uint16_t id_ = 0;
  std::uint16_t sequence_ = 0;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_DATAGRAM_PROBES_H_
