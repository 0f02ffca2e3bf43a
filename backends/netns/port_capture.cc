#include "backends/netns/port_capture.h"

#include <pcap/pcap.h>

#include <array>

namespace vipdrift::netns {
namespace {

constexpr int kSnapshot = 2048;
/// Room for some hundred frames; the world reads many times a second.
constexpr int kBuffer = 512 * 1024;
constexpr int kAtATime = 256;

struct Reading {
  const PortCapture::Frame& frame;
  std::uint64_t count = 0;
};

void on_frame(unsigned char* user, const pcap_pkthdr* header, const unsigned char* bytes) {
  auto& reading = *reinterpret_cast<Reading*>(user);
  ++reading.count;
  // With PCAP_TSTAMP_PRECISION_NANO the field of microseconds holds nanoseconds.
  const Duration at = std::chrono::seconds{header->ts.tv_sec} + Duration{header->ts.tv_usec};
  reading.frame(at, {bytes, header->caplen});
}

}  // namespace

void PortCapture::Close::operator()(pcap* handle) const { pcap_close(handle); }

std::unique_ptr<PortCapture> PortCapture::open(const std::string& interface, Direction direction,
                                               const std::string& filter, std::string& error) {
  std::array<char, PCAP_ERRBUF_SIZE> reason{};
  std::unique_ptr<PortCapture> capture(new PortCapture);
  capture->handle_.reset(pcap_create(interface.c_str(), reason.data()));
  pcap* const handle = capture->handle_.get();
  if (handle == nullptr) {
    error = "cannot capture on " + interface + ": " + reason.data();
    return nullptr;
  }
  pcap_set_snaplen(handle, kSnapshot);
  pcap_set_promisc(handle, 0);
  pcap_set_immediate_mode(handle, 1);
  pcap_set_buffer_size(handle, kBuffer);
  pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
  bpf_program program{};
  const bool good = pcap_activate(handle) >= 0 &&
                    pcap_setdirection(handle, direction == Direction::entering ? PCAP_D_IN : PCAP_D_OUT) == 0 &&
                    pcap_compile(handle, &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0 &&
                    pcap_setfilter(handle, &program) == 0 && pcap_setnonblock(handle, 1, reason.data()) == 0;
  pcap_freecode(&program);
  if (good) return capture;
  error = "cannot capture on " + interface + ": " + pcap_geterr(handle);
  return nullptr;
}

int PortCapture::descriptor() const { return pcap_get_selectable_fd(handle_.get()); }

void PortCapture::read(const Frame& frame) {
  Reading reading{frame};
  while (pcap_dispatch(handle_.get(), kAtATime, on_frame, reinterpret_cast<unsigned char*>(&reading)) > 0) {
  }
  frames_ += reading.count;
}

}  // namespace vipdrift::netns
