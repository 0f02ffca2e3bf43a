#include "backends/netns/port_filter.h"

#include <fcntl.h>
#include <nftables/libnftables.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace vipdrift::netns {
namespace {

/// libnftables keeps tables of its own that two threads must not use at a time.
std::mutex& library() {
  static std::mutex mutex;
  return mutex;
}

std::string refusal(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

/// In a thread of its own, which ends afterwards.
std::optional<std::string> run_there(int name_space, const std::string& commands) {
  if (setns(name_space, CLONE_NEWNET) != 0) return refusal("the namespace of the rules cannot be entered");
  // libnftables waits with select(2), which knows descriptors up to 1023 only, and worlds have more: here none is open.
  if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_UNSHARE) != 0) return refusal("descriptors cannot be put aside");
  const std::lock_guard<std::mutex> lock(library());
  const std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)> context(nft_ctx_new(NFT_CTX_DEFAULT), nft_ctx_free);
  if (!context) return "nftables cannot be used";
  nft_ctx_buffer_error(context.get());
  nft_ctx_buffer_output(context.get());
  if (nft_run_cmd_from_buffer(context.get(), commands.c_str()) == 0) return std::nullopt;
  return std::string("nftables refuses the rules: ") + nft_ctx_get_error_buffer(context.get());
}

}  // namespace

PortFilter::PortFilter(std::string family)
    : family_(std::move(family)), name_space_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {}

std::optional<std::string> PortFilter::replace(const std::string& chains) {
  // Added first, so that there is one to delete.
  const std::string table = "table " + family_ + " vipdrift";
  std::string commands = "add " + table + "\ndelete " + table + "\n";
  if (!chains.empty()) commands += table + " {\n" + chains + "}\n";
  std::optional<std::string> error;
  std::thread([&] { error = run_there(name_space_.get(), commands); }).join();
  return error;
}

}  // namespace vipdrift::netns
