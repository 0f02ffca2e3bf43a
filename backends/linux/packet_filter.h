// no_accept: packets to virtual addresses that this machine holds but does not serve (nftables).
#ifndef VIPDRIFT_BACKENDS_LINUX_PACKET_FILTER_H_
#define VIPDRIFT_BACKENDS_LINUX_PACKET_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backends/linux/file_descriptor.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::linux_backend {

/// A table `vipdrift` of the family inet with a chain on the input hook and two sets of addresses. What is sent to an
/// address in them is dropped, except neighbour discovery; ARP never comes that way. The table is there while an
/// address was refused. Errors are errno values; 0 means done.
class PacketFilter {
 public:
  PacketFilter() = default;
  ~PacketFilter();
  PacketFilter(const PacketFilter&) = delete;
  PacketFilter& operator=(const PacketFilter&) = delete;

  /// Removes the table that a killed daemon has left, if the kernel has any tables at all.
  static void remove_leftovers();

  /// Drops packets to all of `addresses`, or, when the kernel refuses, to none of them.
  int refuse(std::span<const IpAddress> addresses);
  /// Lets them pass again. Addresses that were not refused are passed over.
  int accept(std::span<const IpAddress> addresses);

 private:
  int open();
  int make_table();
  int edit(std::span<const IpAddress> addresses, std::uint16_t type, std::uint16_t flags);

  FileDescriptor socket_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_PACKET_FILTER_H_
