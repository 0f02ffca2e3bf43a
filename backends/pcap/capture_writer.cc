#include "backends/pcap/capture_writer.h"

#include <pcap/pcap.h>

#include <cerrno>
#include <cstring>

namespace vipdrift::capture {
namespace {

/// As many bytes of a frame as are kept: all of any Ethernet frame.
constexpr int kSnapLength = 65535;

struct CloseHandle {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
struct CloseDumper {
  void operator()(pcap_dumper_t* dumper) const { pcap_dump_close(dumper); }
};

}  // namespace

struct CaptureWriter::File {
  std::unique_ptr<pcap_t, CloseHandle> handle{
      pcap_open_dead_with_tstamp_precision(DLT_EN10MB, kSnapLength, PCAP_TSTAMP_PRECISION_NANO)};
  std::unique_ptr<pcap_dumper_t, CloseDumper> dumper;  // after the handle, so that it goes first
};

CaptureWriter::CaptureWriter(const std::string& path) : path_(path), file_(std::make_unique<File>()) {
  file_->dumper.reset(pcap_dump_open(file_->handle.get(), path.c_str()));
  if (file_->dumper) return;
  error_ = std::string{"cannot write the capture: "} + pcap_geterr(file_->handle.get());
  file_.reset();
}

CaptureWriter::~CaptureWriter() = default;

void CaptureWriter::write(Duration at, std::span<const std::uint8_t> frame) {
  if (file_ == nullptr) return;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  pcap_pkthdr header{};
  header.ts.tv_sec = seconds.count();
  header.ts.tv_usec = (at - seconds).count();  // nanoseconds, as the file's precision says
  header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
  pcap_dump(reinterpret_cast<u_char*>(file_->dumper.get()), &header, frame.data());
}

std::optional<std::string> CaptureWriter::close() {
  if (file_ == nullptr) return error_;
  // pcap_dump() says nothing about what it could not write: the stream remembers.
  const bool flushed = pcap_dump_flush(file_->dumper.get()) == 0;
  const int reason = errno;
  if (!flushed || std::ferror(pcap_dump_file(file_->dumper.get())) != 0) {
    error_ = "cannot write the capture: " + path_ + ": " + std::strerror(reason);
  }
  file_.reset();
  return error_;
}

}  // namespace vipdrift::capture
