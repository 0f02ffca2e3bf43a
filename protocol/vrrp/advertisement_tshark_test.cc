// Frames of every combination of version, family, authentication and checksum form, judged by Wireshark's dissector.
#include <gtest/gtest.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "protocol/net/internet_checksum.h"
#include "protocol/net/mac_address.h"
#include "protocol/vrrp/advertisement.h"
#include "protocol/vrrp/advertisement_sample.h"

namespace vipdrift::vrrp {
namespace {

void append(Bytes& frame, std::span<const std::uint8_t> bytes) {
  frame.insert(frame.end(), bytes.begin(), bytes.end());
}

Bytes ethernet_frame(const Sample& made, const Bytes& message) {
  const bool v4 = made.content.family == Family::ipv4;
  const MacAddress to = made.content.destination.is_multicast() ? multicast_mac(made.content.destination)
                                                                : MacAddress{{2, 0, 0, 0, 0, 6}};
  Bytes frame;
  append(frame, to.bytes);
  append(frame, virtual_router_mac(made.content.family, made.content.vrid).bytes);
  const auto high = static_cast<std::uint8_t>((message.size() + (v4 ? 20 : 0)) >> 8U);
  const auto low = static_cast<std::uint8_t>((message.size() + (v4 ? 20 : 0)) & 0xffU);
  if (v4) {
    append(frame, Bytes{0x08, 0x00});
    Bytes header{0x45, 0xc0, high, low, 0, 1, 0, 0, 255, 112, 0, 0};
    append(header, made.content.source.bytes());
    append(header, made.content.destination.bytes());
    const std::uint16_t checksum = finish_checksum(internet_sum(header));
    header[10] = static_cast<std::uint8_t>(checksum >> 8U);
    header[11] = static_cast<std::uint8_t>(checksum & 0xffU);
    append(frame, header);
  } else {
    append(frame, Bytes{0x86, 0xdd, 0x6c, 0, 0, 0, high, low, 112, 255});
    append(frame, made.content.source.bytes());
    append(frame, made.content.destination.bytes());
  }
  append(frame, message);
  return frame;
}

/// A capture file that goes when the test ends.
class CaptureFile {
 public:
  explicit CaptureFile(const std::vector<Sample>& samples)
      : path_(std::filesystem::temp_directory_path() /
              ("advertisement_tshark_test." + std::to_string(getpid()) + ".pcap")) {
    pcap_t* const pcap = pcap_open_dead(DLT_EN10MB, 65535);
    pcap_dumper_t* const dumper = pcap_dump_open(pcap, path_.c_str());
    EXPECT_NE(dumper, nullptr) << pcap_geterr(pcap);
    for (const Sample& made : samples) {
      const Bytes frame = ethernet_frame(made, made.message());
      pcap_pkthdr header{};
      header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
      pcap_dump(reinterpret_cast<u_char*>(dumper), &header, frame.data());
    }
    pcap_dump_close(dumper);
    pcap_close(pcap);
  }
  CaptureFile(const CaptureFile&) = delete;
  CaptureFile& operator=(const CaptureFile&) = delete;
  ~CaptureFile() { std::filesystem::remove(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

const std::array<std::string, 14> kFields = {"vrrp.checksum.status", "_ws.malformed",
                                             "vrrp.version",         "vrrp.type",
                                             "vrrp.virt_rtr_id",     "vrrp.prio",
                                             "vrrp.addr_count",      "vrrp.auth_type",
                                             "vrrp.adver_int",       "vrrp.short_adver_int",
                                             "vrrp.ip_addr",         "vrrp.ipv6_addr",
                                             "vrrp.auth_string",     "_ws.expert"};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

/// One row of kFields per frame. `as_in_v2`: Wireshark's preference for the IPv4 checksum of version 3.
std::vector<std::vector<std::string>> dissect(const std::vector<Sample>& samples, bool as_in_v2) {
  const CaptureFile capture(samples);
  std::string command = "tshark -r " + capture.path().string() +
                        " -o vrrp.v3_checksum_as_in_v2:" + (as_in_v2 ? "TRUE" : "FALSE") +
                        " -T fields -E separator='|' -E occurrence=a -E aggregator=,";
  for (const std::string& field : kFields) command += " -e " + field;
  command += " 2>/dev/null";
  std::string output;
  std::FILE* const pipe = popen(command.c_str(), "r");
  std::array<char, 4096> chunk{};
  for (std::size_t got = 0; (got = std::fread(chunk.data(), 1, chunk.size(), pipe)) != 0;) {
    output.append(chunk.data(), got);
  }
  EXPECT_EQ(pclose(pipe), 0) << "tshark is required: " << command;
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : split(output, '\n')) {
    rows.push_back(split(line, '|'));
    rows.back().resize(kFields.size());
  }
  return rows;
}

std::string joined(const std::vector<IpAddress>& addresses) {
  std::string text;
  for (const IpAddress& address : addresses) text += (text.empty() ? "" : ",") + address.to_string();
  return text;
}

/// The row that Wireshark should print for a good advertisement.
std::vector<std::string> expected_row(const Sample& made) {
  const AdvertisementContent& content = made.content;
  const bool v2 = content.version == Version::v2;
  const bool v4 = content.family == Family::ipv4;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(content.interval).count();
  const auto ticks = std::chrono::duration_cast<Centiseconds>(content.interval).count();
  return {"1",
          "",
          v2 ? "2" : "3",
          "1",
          std::to_string(content.vrid),
          std::to_string(content.priority),
          std::to_string(made.addresses.size()),
          v2 ? std::to_string(static_cast<int>(content.auth_type)) : "",
          v2 ? std::to_string(seconds) : "",
          v2 ? "" : std::to_string(ticks),
          v4 ? joined(made.addresses) : "",
          v4 ? "" : joined(made.addresses),
          content.auth_type == AuthType::pass ? "frSAmesX" : "",
          ""};
}

/// Both versions, families, authentication types, few and many addresses, group and peer, several priorities.
std::vector<Sample> all_combinations(Ipv4Checksum form) {
  std::vector<Sample> all;
  for (const Version version : {Version::v2, Version::v3}) {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      for (const AuthType auth_type : {AuthType::none, AuthType::pass}) {
        if (version == Version::v3 && auth_type != AuthType::none) continue;
        for (const std::size_t count : {1U, 2U, 6U, 80U}) {
          for (const bool unicast : {false, true}) {
            Sample made = sample(version, family, count);
            made.content.auth_type = auth_type;
            made.content.ipv4_checksum = form;
            made.content.priority = static_cast<std::uint8_t>(all.size() * 37 % 256);
            made.content.vrid = static_cast<std::uint8_t>(1 + all.size());
            made.content.interval = version == Version::v2
                                        ? Duration{std::chrono::seconds{1 + all.size()}}
                                        : Duration{Centiseconds{1 + static_cast<int>(all.size()) * 61}};
            if (unicast) made.content.destination = family == Family::ipv4 ? ip("10.1.10.6") : ip("fe80::6");
            all.push_back(made);
          }
        }
      }
    }
  }
  return all;
}

class Wireshark : public testing::TestWithParam<Ipv4Checksum> {
 protected:
  static bool as_in_v2() { return GetParam() == Ipv4Checksum::message_only; }
};

TEST_P(Wireshark, FindsEveryFieldAndAGoodChecksum) {
  const std::vector<Sample> samples = all_combinations(GetParam());
  const auto rows = dissect(samples, as_in_v2());
  ASSERT_EQ(rows.size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) EXPECT_EQ(rows[i], expected_row(samples[i])) << "frame " << i + 1;
}

TEST_P(Wireshark, WouldHaveSeenABadChecksum) {
  std::vector<Sample> samples = all_combinations(GetParam());
  for (Sample& made : samples) {
    made.spoil_unrepaired = [](Bytes& bytes) { bytes[7] ^= 1; };
  }
  const auto rows = dissect(samples, as_in_v2());
  ASSERT_EQ(rows.size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) EXPECT_EQ(rows[i][0], "0") << "frame " << i + 1;
}

TEST_P(Wireshark, TakesOnlyTheFormItIsToldForVersion3OverIpv4) {
  const std::vector<Sample> samples = all_combinations(GetParam());
  const auto rows = dissect(samples, !as_in_v2());
  ASSERT_EQ(rows.size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const AdvertisementContent& content = samples[i].content;
    const bool depends = content.version == Version::v3 && content.family == Family::ipv4;
    EXPECT_EQ(rows[i][0], depends ? "0" : "1") << "frame " << i + 1;
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, Wireshark,
                         testing::Values(Ipv4Checksum::with_pseudo_header, Ipv4Checksum::message_only),
                         [](const auto& form) {
                           return std::string(form.param == Ipv4Checksum::message_only ? "message_only"
                                                                                       : "pseudo_header");
                         });

TEST(WiresharkMalformed, WouldHaveBeenSeen) {
  Sample made = sample(Version::v2, Family::ipv4, 2);
  made.spoil = [](Bytes& bytes) { bytes.resize(12); };
  const auto rows = dissect({made}, false);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_NE(rows[0][1], "") << "a cut message must be called malformed";
}

}  // namespace
}  // namespace vipdrift::vrrp
