// Tracked files: made, read and reported.
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "backends/linux/vrrp_director.h"

namespace vipdrift::linux_backend {
namespace {

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
  const std::string& path = configuration_->track_files[position].path;
  step(vrrp::FileChanged{FileId{static_cast<std::uint32_t>(position)}, read_tracked_file(path)});
}

}  // namespace vipdrift::linux_backend
