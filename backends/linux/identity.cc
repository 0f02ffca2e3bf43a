#include "backends/linux/identity.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace vipdrift::linux_backend {
namespace {

constexpr const char* kUserOfScripts = "keepalived_script";

std::optional<unsigned> number(const std::string& word) {
  const bool digits = !word.empty() && word.size() < 10 &&
                      std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!digits) return std::nullopt;
  return static_cast<unsigned>(std::stoul(word));
}

const passwd* entry_of(const std::string& user) {
  if (const passwd* found = getpwnam(user.c_str())) return found;
  const auto id = number(user);
  return id ? getpwuid(*id) : nullptr;
}

/// The supplementary groups of a user are always set, so that ":GROUP", which asks for them, is GROUP.
std::string without_colon(const std::string& group) { return group.starts_with(':') ? group.substr(1) : group; }

std::optional<gid_t> group_of(const std::string& group) {
  if (const ::group* found = getgrnam(group.c_str())) return found->gr_gid;
  return number(group);
}

}  // namespace

Identity own_identity() {
  Identity own{geteuid(), getegid(), {}};
  own.groups.resize(static_cast<std::size_t>(std::max(0, getgroups(0, nullptr))));
  const int count = getgroups(static_cast<int>(own.groups.size()), own.groups.data());
  own.groups.resize(static_cast<std::size_t>(std::max(0, count)));
  return own;
}

std::optional<Identity> find_identity(const std::string& user, const std::string& group) {
  const passwd* const entry = entry_of(user);
  if (entry == nullptr) return std::nullopt;
  Identity found{entry->pw_uid, entry->pw_gid, {}};
  const std::string user_name = entry->pw_name;
  if (const std::string name = without_colon(group); !name.empty()) {
    const std::optional<gid_t> id = group_of(name);
    if (!id) return std::nullopt;
    found.group = *id;
  }
  int count = 16;
  do {
    found.groups.resize(static_cast<std::size_t>(count));
  } while (getgrouplist(user_name.c_str(), found.group, found.groups.data(), &count) < 0);
  found.groups.resize(static_cast<std::size_t>(count));
  return found;
}

Identities::Identities(std::string default_user, std::string default_group)
    : default_user_(std::move(default_user)), default_group_(std::move(default_group)) {
  // Only root can be somebody else; everybody else's scripts are their own.
  if (default_user_.empty() && geteuid() == 0 && getpwnam(kUserOfScripts) != nullptr) default_user_ = kUserOfScripts;
}

const Identity* Identities::find(const std::string& user, const std::string& group) {
  const auto [found, added] = known_.try_emplace({user, group});
  if (added) {
    if (!user.empty()) {
      found->second = find_identity(user, group);
    } else if (!default_user_.empty()) {
      found->second = find_identity(default_user_, default_group_);
    } else {
      found->second = own_identity();
    }
  }
  return found->second ? &*found->second : nullptr;
}

}  // namespace vipdrift::linux_backend
