// The notify_* keywords, which instances and sync groups share.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_NOTIFY_KEYWORDS_H_
#define VIPDRIFT_PROTOCOL_CONFIG_NOTIFY_KEYWORDS_H_

#include <array>

#include "protocol/config/grammar.h"
#include "protocol/config/model.h"

namespace vipdrift::config {

enum class NotifyOwner : std::uint8_t { instance, group };

template <NotifyOwner owner, Command Notifies::*member>
void set_notify(Model& model, const Arguments& words) {
  Boxed<Notifies>& notifies = owner == NotifyOwner::instance ? model.instance().notifies : model.group().notifies;
  notifies.edit().*member = words.command;
}

template <NotifyOwner owner, Command Notifies::*member>
constexpr Keyword notify_keyword(std::string_view word, std::string_view meaning, std::string_view since = {}) {
  return {
      .word = word, .meaning = meaning, .shape = takes::command(), .apply = set_notify<owner, member>, .since = since};
}

template <NotifyOwner owner>
void set_notify_deleted(Model& model, const Arguments& words) {
  set_notify<owner, &Notifies::deleted>(model, words);
  Boxed<Notifies>& notifies = owner == NotifyOwner::instance ? model.instance().notifies : model.group().notifies;
  notifies.edit().deleted.place = model.report.place(words.spot);
}

template <NotifyOwner owner>
inline constexpr std::array<Keyword, 6> kNotifyKeywords{
    notify_keyword<owner, &Notifies::master>("notify_master", "A command that is run on the way to MASTER."),
    notify_keyword<owner, &Notifies::backup>("notify_backup", "A command that is run on the way to BACKUP."),
    notify_keyword<owner, &Notifies::fault>("notify_fault", "A command that is run on the way to FAULT."),
    notify_keyword<owner, &Notifies::stop>("notify_stop", "A command that is run when the daemon ends."),
    Keyword{.word = "notify_deleted",
            .meaning = "When a reload removes it, notifications say DELETED instead of FAULT; the command is run.",
            .shape = takes::optional_command(),
            .apply = set_notify_deleted<owner>,
            .since = owner == NotifyOwner::group ? kNewer : std::string_view{}},
    notify_keyword<owner, &Notifies::generic>("notify",
                                              "A command that is run at each change, with INSTANCE or GROUP, name, "
                                              "state and priority behind its own arguments."),
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_NOTIFY_KEYWORDS_H_
