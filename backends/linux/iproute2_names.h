// Names that ip(8) knows for numbers: /etc/iproute2/rt_tables and its neighbours.
#ifndef VIPDRIFT_BACKENDS_LINUX_IPROUTE2_NAMES_H_
#define VIPDRIFT_BACKENDS_LINUX_IPROUTE2_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vipdrift::linux_backend {

/// Looks into the files at each call: they are asked when a configuration is acted on, not while it runs.
class Iproute2Names {
 public:
  /// `directories`: searched in this order.
  explicit Iproute2Names(std::vector<std::string> directories = {"/etc/iproute2", "/usr/share/iproute2",
                                                                 "/usr/lib/iproute2"});

  /// `text` as a number (decimal or 0x...), or what `file` ("rt_tables") and the *.conf files of `file`.d call so.
  std::optional<std::uint32_t> number(const std::string& file, std::string_view text) const;
  /// REALM or FROM/TO as RTA_FLOW of rtnetlink(7) has it.
  std::optional<std::uint32_t> realms(std::string_view text) const;

 private:
  std::vector<std::string> directories_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_IPROUTE2_NAMES_H_
