// What the VRRP process and the check process tell each other: the newest value of each of a few things.
#ifndef VIPDRIFT_BACKENDS_LINUX_SIBLING_LINK_H_
#define VIPDRIFT_BACKENDS_LINUX_SIBLING_LINK_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "backends/linux/file_descriptor.h"

namespace vipdrift::linux_backend {

/// A pair of connected sockets that the parent makes before it starts its children and keeps, so that whoever replaces
/// a child that died finds the line open.
struct SiblingSockets {
  FileDescriptor vrrp;
  FileDescriptor check;
};
/// Nothing when the kernel refuses; errno says why.
std::optional<SiblingSockets> make_sibling_sockets();

/// One end. A value that is told arrives once the other process lives, perhaps twice; of values that had to wait, the
/// newest. A process that begins hears everything that holds. Never blocks. Keys and values together have at
/// most 4,000 bytes and no '\0'.
class SiblingLink {
 public:
  using Told = std::function<void(const std::string& key, const std::string& value)>;

  /// `socket` stays open, and is used until this object is gone.
  SiblingLink(boost::asio::io_context& context, const FileDescriptor& socket, Told told);
  SiblingLink(const SiblingLink&) = delete;
  SiblingLink& operator=(const SiblingLink&) = delete;

  void tell(const std::string& key, const std::string& value);
  /// A process that joins later does not hear of it.
  void forget(const std::string& key);

 private:
  void wait_for_input();
  void read_all();
  void flush();

  boost::asio::posix::stream_descriptor socket_;
  Told told_;
  std::map<std::string, std::string> values_;
  std::set<std::string> unsent_;
  bool asks_ = true;  ///< the other process has not been asked for all it has
  bool waits_to_write_ = false;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_SIBLING_LINK_H_
