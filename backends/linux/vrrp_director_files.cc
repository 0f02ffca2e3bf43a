// Tracked files: made, read and reported.
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "backends/linux/vrrp_director.h"
#include "protocol/track/tracked_file.h"

namespace vipdrift::linux_backend {
namespace {

/// Bytes of a tracked file that are looked at for its number.
constexpr std::size_t kMostOfATrackedFile = 128;

std::string reason(int error) { return std::strerror(error); }

}  // namespace

// Made before they are watched: what the daemon does itself is no news.
void VrrpDirector::watch_files() {
  files_.forget_all();
  for (const config::TrackFile& file : configuration_->track_files) {
    const bool there = access(file.path.c_str(), F_OK) == 0;
    if (file.init_file == config::InitFile::overwrite || (file.init_file == config::InitFile::create && !there)) {
      std::ofstream out(file.path);
      out << file.init_value << '\n';
      if (!out.flush()) log("cannot write the tracked file " + file.path);
    }
    if (const int error = files_.watch(file.path); error != 0) {
      log("cannot watch the tracked file " + file.path + ": " + reason(error));
    }
  }
}

void VrrpDirector::report_file(std::size_t position) {
  vrrp::FileChanged change{FileId{static_cast<std::uint32_t>(position)}, std::nullopt};
  if (std::ifstream in(configuration_->track_files[position].path); in) {
    std::string contents(kMostOfATrackedFile, '\0');
    in.read(contents.data(), static_cast<std::streamsize>(contents.size()));
    contents.resize(static_cast<std::size_t>(in.gcount()));
    change.value = track::tracked_value(contents);
  }
  step(change);
}

}  // namespace vipdrift::linux_backend
