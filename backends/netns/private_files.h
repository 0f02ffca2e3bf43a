// The file system of one node: the machine's own, read-only, with private places that may be written.
#ifndef VIPDRIFT_BACKENDS_NETNS_PRIVATE_FILES_H_
#define VIPDRIFT_BACKENDS_NETNS_PRIVATE_FILES_H_

#include <optional>
#include <string>
#include <vector>

namespace vipdrift::netns {

/// Where recorders of notifications write; see notify_recorder().
inline constexpr const char* kNotesPath = "/run/vipdrift/notes";

/// The directory of `path`; "/" for "/down".
std::string directory_of(const std::string& path);
/// Whether files may be put into `directory`: it is absolute, has no "..", and is not the root directory itself.
bool can_be_private(const std::string& directory);

/// Rearranges the mounts of this process, which must be the init of new mount and process namespaces:
/// everything becomes read-only; /run, /tmp, /var/tmp and /etc/keepalived are empty and private; each of `directories`
/// may be written too, and shows what it showed before; there is no user keepalived_script, so that scripts run as root
/// by default; /proc is that of the process namespace. `programs` stay
/// reachable: the result's paths are theirs, which differ where a private place hides them.
/// Nothing and a reason in `error` when the machine refuses.
std::optional<std::vector<std::string>> make_files_private(const std::vector<std::string>& directories,
                                                           const std::vector<std::string>& programs,
                                                           std::string& error);

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_PRIVATE_FILES_H_
