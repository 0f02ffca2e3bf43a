// The rules by which a bridge drops frames (nftables, through its own library).
#ifndef VIPDRIFT_BACKENDS_NETNS_PORT_FILTER_H_
#define VIPDRIFT_BACKENDS_NETNS_PORT_FILTER_H_

#include <memory>
#include <optional>
#include <string>

struct nft_ctx;

namespace vipdrift::netns {

/// One table of the namespace in which it was made.
class PortFilter {
 public:
  /// `family` as nft(8) calls it.
  explicit PortFilter(std::string family = "bridge");

  /// Replaces all rules in one transaction. `chains`: what stands between the braces of "table FAMILY vipdrift"
  /// (nft(8)); empty: no rules.
  std::optional<std::string> replace(const std::string& chains);

 private:
  struct Free {
    void operator()(nft_ctx* context) const;
  };
  std::string family_;
  std::unique_ptr<nft_ctx, Free> context_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_PORT_FILTER_H_
