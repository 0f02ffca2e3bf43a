// Messages between a laboratory and the commands that ask it: a text and open files, over a socket of the file system.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_CHANNEL_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_CHANNEL_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vipdrift::tools {

/// Closes the file that it holds.
class OpenFile {
 public:
  explicit OpenFile(int number = -1) : number_(number) {}
  OpenFile(OpenFile&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  OpenFile& operator=(OpenFile&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

struct Message {
  std::string text;
  std::vector<OpenFile> files;  ///< at most kMostFiles
};

inline constexpr std::size_t kMostFiles = 8;

/// A listening socket at `path`. An invalid file and the reason in `error` when there is none.
OpenFile listen_at(const std::string& path, std::string& error);
/// A connection to the socket at `path`; invalid when nobody listens there.
OpenFile connect_to(const std::string& path);
/// The next connection; waits up to `milliseconds`. Invalid when nobody came.
OpenFile accept_within(const OpenFile& listener, int milliseconds);

bool send_message(const OpenFile& connection, const std::string& text, const std::vector<OpenFile>& files = {});
/// nullopt when the other end is gone or silent for five seconds.
std::optional<Message> receive_message(const OpenFile& connection);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_CHANNEL_H_
