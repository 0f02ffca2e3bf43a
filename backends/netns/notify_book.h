// Which notification a recorded run of a script was.
#ifndef VIPDRIFT_BACKENDS_NETNS_NOTIFY_BOOK_H_
#define VIPDRIFT_BACKENDS_NETNS_NOTIFY_BOOK_H_

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/configuration.h"
#include "protocol/vrrp/action.h"
#include "scenarios/timeline.h"

namespace vipdrift::netns {

/// The text of a program that, put where a notification script is expected, writes a line with its own name and
/// arguments to kNotesPath: words separated by the character 0x1f.
std::string notify_recorder();
/// The words of such a line.
std::vector<std::string> recorded_words(std::string_view line);

/// Paths of the scripts that `configuration` notifies, as far as a recorder can stand in for them: absolute ones, and
/// none of the system's own programs.
std::vector<std::string> scripts_to_record(const config::Configuration& configuration);

/// The script of a virtual or real server that these words are; of several with the same words the first.
std::optional<scenarios::ServerNotification> server_notification(const config::Configuration& configuration,
                                                                 const std::vector<std::string>& argv);

/// Two instances may notify the same script with the same words. The book remembers which changes of state the log has
/// told, and which notifications each of them owes; a run settles the oldest debt with its words. A run may come before
/// the log tells what it is about.
class NotifyBook {
 public:
  void entered(const config::Configuration& configuration, bool group, const std::string& name,
               vrrp::NotifyState state, int priority);
  /// The debt that the run settles, or what its words say by themselves; nullopt: no known change owes it (yet).
  std::optional<scenarios::NotificationRun> settle(const std::vector<std::string>& argv);
  /// What the run may have been by the configuration alone; one that is not there has no name.
  static scenarios::NotificationRun look_up(const config::Configuration& configuration,
                                            const std::vector<std::string>& argv);
  void clear() { owed_.clear(); }

 private:
  std::deque<vrrp::NotifyScript> owed_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_NOTIFY_BOOK_H_
