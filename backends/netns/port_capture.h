// Frames at one port of a switch, as they enter or leave it (libpcap).
#ifndef VIPDRIFT_BACKENDS_NETNS_PORT_CAPTURE_H_
#define VIPDRIFT_BACKENDS_NETNS_PORT_CAPTURE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "protocol/base/time.h"

struct pcap;

namespace vipdrift::netns {

class PortCapture {
 public:
  enum class Direction { entering, leaving };
  /// `at` is the kernel's stamp: time since the beginning of 1970.
  using Frame = std::function<void(Duration at, std::span<const std::uint8_t> bytes)>;

  /// On `interface` of the namespace in which the thread is now, with a filter as in pcap-filter(7). Null, with a
  /// reason in `error`, when that cannot be.
  static std::unique_ptr<PortCapture> open(const std::string& interface, Direction direction,
                                           const std::string& filter, std::string& error);

  /// Readable when frames wait.
  int descriptor() const;
  /// Hands over what waits.
  void read(const Frame& frame);
  std::uint64_t frames() const { return frames_; }

 private:
  struct Close {
    void operator()(pcap* handle) const;
  };

  PortCapture() = default;

  std::unique_ptr<pcap, Close> handle_;
  std::uint64_t frames_ = 0;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_PORT_CAPTURE_H_
