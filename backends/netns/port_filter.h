// The rules by which a bridge drops frames (nftables, through its own library).
#ifndef VIPDRIFT_BACKENDS_NETNS_PORT_FILTER_H_
#define VIPDRIFT_BACKENDS_NETNS_PORT_FILTER_H_

#include <optional>
#include <string>

#include "backends/linux/file_descriptor.h"

namespace vipdrift::netns {

/// One table of the network namespace in which it was made. Its rules go with the namespace.
class PortFilter {
 public:
  /// `family` as nft(8) calls it.
  explicit PortFilter(std::string family = "bridge");

  /// Replaces all rules in one transaction. `chains`: what stands between the braces of "table FAMILY vipdrift"
  /// (nft(8)); empty: no rules.
  std::optional<std::string> replace(const std::string& chains);

 private:
  std::string family_;
  linux_backend::FileDescriptor name_space_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_PORT_FILTER_H_
