// Who a process is: user, group and supplementary groups.
#ifndef VIPDRIFT_BACKENDS_LINUX_IDENTITY_H_
#define VIPDRIFT_BACKENDS_LINUX_IDENTITY_H_

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vipdrift::linux_backend {

struct Identity {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;  ///< supplementary

  friend bool operator==(const Identity&, const Identity&) = default;
};

/// Who this process is, effectively.
Identity own_identity();
/// The identity of `user` (a name or a number), with `group` instead of the user's own unless it is empty or ":".
/// nullopt: there is no such user or group. Asks the name service, which may take its time.
std::optional<Identity> find_identity(const std::string& user, const std::string& group);

/// The identities of a configuration's commands, looked up once, so that running one never waits for a name service.
/// Commands that name nobody belong to `script_user`, else to the user keepalived_script if there is one, else to us
/// (keepalived.conf(5), script_user).
class Identities {
 public:
  Identities() = default;
  Identities(std::string default_user, std::string default_group);

  /// nullptr: there is no such user or group.
  const Identity* find(const std::string& user, const std::string& group);

 private:
  std::string default_user_;
  std::string default_group_;
  std::map<std::pair<std::string, std::string>, std::optional<Identity>> known_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_IDENTITY_H_
