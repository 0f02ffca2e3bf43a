#include "backends/netns/port_filter.h"

#include <nftables/libnftables.h>

#include <mutex>

namespace vipdrift::netns {
namespace {

/// libnftables keeps tables of its own that two threads must not use at a time.
std::mutex& library() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

void PortFilter::Free::operator()(nft_ctx* context) const {
  const std::lock_guard<std::mutex> lock(library());
  nft_ctx_free(context);
}

PortFilter::PortFilter(std::string family) : family_(std::move(family)) {
  const std::lock_guard<std::mutex> lock(library());
  context_.reset(nft_ctx_new(NFT_CTX_DEFAULT));
  if (context_) {
    nft_ctx_buffer_error(context_.get());
    nft_ctx_buffer_output(context_.get());
  }
}

std::optional<std::string> PortFilter::replace(const std::string& chains) {
  const std::lock_guard<std::mutex> lock(library());
  if (!context_) return "nftables cannot be used";
  // Added first, so that there is one to delete.
  const std::string table = "table " + family_ + " vipdrift";
  std::string commands = "add " + table + "\ndelete " + table + "\n";
  if (!chains.empty()) commands += table + " {\n" + chains + "}\n";
  if (nft_run_cmd_from_buffer(context_.get(), commands.c_str()) == 0) return std::nullopt;
  return std::string("nftables refuses the rules: ") + nft_ctx_get_error_buffer(context_.get());
}

}  // namespace vipdrift::netns
