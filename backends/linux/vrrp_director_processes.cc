// What the stack wants of other processes: scripts, notifications, tracked files.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "backends/linux/file_descriptor.h"
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

// ---------------------------------------------------------------- scripts and notifications

void VrrpDirector::carry_out(const vrrp::RunScript& action) {
  const config::VrrpScript& script = configuration_->scripts[action.script.value];
  const int error = scripts_.start(action.script, script.command.argv);
  if (error == 0) return;
  log("Couldn't run script " + script.name + ": " + reason(error));
  step(vrrp::ScriptFinished{action.script, 127, false});  // as a shell says of a command that is not there
}

void VrrpDirector::carry_out(const vrrp::KillScript& action) { scripts_.kill(action.script, action.force); }

void VrrpDirector::carry_out(const vrrp::NotifyScript& action) {
  if (const int error = scripts_.notify(action.argv); error != 0 && !action.argv.empty()) {
    log("Couldn't run notify script " + action.argv.front() + ": " + reason(error));
  }
}

// A FIFO that nobody reads must not hold anything up.
void VrrpDirector::carry_out(const vrrp::NotifyFifo& action) {
  const std::string& path = configuration_->global.vrrp_notify_fifo.path;
  const FileDescriptor fifo(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  const std::string line = action.line + "\n";
  if (!fifo || write(fifo.get(), line.data(), line.size()) < 0) log("Couldn't write to " + path + ": " + reason(errno));
}

}  // namespace vipdrift::linux_backend
