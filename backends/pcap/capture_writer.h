// Writes Ethernet frames to a capture file that Wireshark and tcpdump open.
#ifndef VIPDRIFT_BACKENDS_PCAP_CAPTURE_WRITER_H_
#define VIPDRIFT_BACKENDS_PCAP_CAPTURE_WRITER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "protocol/base/time.h"

namespace vipdrift::capture {

/// A classic pcap file of link type Ethernet with time stamps of a nanosecond (pcap-savefile(5)).
///
/// Errors are sentences for people, with the file and the system's reason; the first one stays, and nothing is written
/// after it. Not copyable.
class CaptureWriter {
 public:
  /// Creates or empties `path` ("-" is standard output).
  explicit CaptureWriter(const std::string& path);
  CaptureWriter(const CaptureWriter&) = delete;
  CaptureWriter& operator=(const CaptureWriter&) = delete;
  ~CaptureWriter();

  /// One frame, from destination address to payload. `at` is the time since the beginning of the scenario and becomes
  /// that time since the beginning of 1970; it must not be negative.
  void write(Duration at, std::span<const std::uint8_t> frame);

  /// Completes the file; write() must not be called again. Returns the first error of all since the constructor.
  std::optional<std::string> close();

 private:
  struct File;

  std::string path_;
  std::unique_ptr<File> file_;  ///< null once closed or failed
  std::optional<std::string> error_;
};

}  // namespace vipdrift::capture

#endif  // VIPDRIFT_BACKENDS_PCAP_CAPTURE_WRITER_H_
