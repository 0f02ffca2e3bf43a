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
constexpr Keyword notify_keyword(std::string_view word) {
  return {.word = word, .shape = takes::command(), .apply = set_notify<owner, member>};
}

template <NotifyOwner owner>
inline constexpr std::array<Keyword, 7> kNotifyKeywords{
    notify_keyword<owner, &Notifies::master>("notify_master"),
    notify_keyword<owner, &Notifies::backup>("notify_backup"),
    notify_keyword<owner, &Notifies::fault>("notify_fault"),
    notify_keyword<owner, &Notifies::stop>("notify_stop"),
    notify_keyword<owner, &Notifies::deleted>("notify_deleted"),
    notify_keyword<owner, &Notifies::master_rx_lower_priority>("notify_master_rx_lower_pri"),
    notify_keyword<owner, &Notifies::generic>("notify"),
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_NOTIFY_KEYWORDS_H_
