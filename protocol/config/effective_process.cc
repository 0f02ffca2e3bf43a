// Settings of the daemon as a program.
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/config/effective_rooms.h"

namespace vipdrift::config {
namespace {

class ProcessTeller {
 public:
  ProcessTeller(const ProcessSettings& settings, EffectiveBlock& block) : settings_{settings}, block_{block} {}

  void tell() {
    name("process_name", settings_.name);
    block_.flag("process_names", settings_.names);
    const bool has_mask = settings_.umask.has_value();
    block_.set_unless(!has_mask, "umask", has_mask ? octal(*settings_.umask) : std::string{}, "IWGRP | IWOTH");
    awaited("startup_script", "startup_script_timeout", settings_.startup);
    awaited("shutdown_script", "shutdown_script_timeout", settings_.shutdown);
    process({"vrrp_process_name", "vrrp_priority", "vrrp_rt_priority", "vrrp_no_swap", "vrrp_cpu_affinity"},
            settings_.vrrp);
    process(
        {"checker_process_name", "checker_priority", "checker_rt_priority", "checker_no_swap", "checker_cpu_affinity"},
        settings_.checker);
  }

 private:
  struct Keywords {
    std::string_view name;
    std::string_view nice;
    std::string_view real_time;
    std::string_view no_swap;
    std::string_view processors;
  };

  static std::string octal(std::uint16_t mask) {
    std::string text{"0"};
    for (const unsigned shift : {6U, 3U, 0U}) text += static_cast<char>('0' + (mask >> shift & 7U));
    return text;
  }

  void name(std::string_view keyword, const std::string& value) {
    block_.set_unless(value.empty(), keyword, value.empty() ? std::string{} : quoted_word(value),
                      settings_.names ? "of its own" : "the program's");
  }

  void number(std::string_view keyword, const std::optional<int>& value, std::string standard) {
    block_.set_unless(!value, keyword, value ? std::to_string(*value) : std::string{}, std::move(standard));
  }

  void awaited(std::string_view keyword, std::string_view timeout_keyword, const AwaitedCommand& awaited) {
    const bool none = awaited.command.empty();
    block_.set_unless(none, keyword, none ? std::string{} : quoted_command(awaited.command), "none");
    block_.number(timeout_keyword, awaited.timeout.count());
  }

  void process(const Keywords& keywords, const ProcessTuning& tuning) {
    name(keywords.name, tuning.name);
    number(keywords.nice, tuning.nice, "0");
    number(keywords.real_time, tuning.real_time_priority, "none");
    block_.flag(keywords.no_swap, tuning.no_swap);
    std::string processors;
    for (const std::uint16_t processor : tuning.processors) {
      processors += (processors.empty() ? "" : " ") + std::to_string(processor);
    }
    block_.set_unless(processors.empty(), keywords.processors, processors, "all");
  }

  const ProcessSettings& settings_;
  EffectiveBlock& block_;
};

void tell_at_root(std::string_view keyword, std::string value, const EffectiveOptions& options, const Tell& tell) {
  EffectiveStatement statement;
  statement.keyword = keyword;
  statement.value = std::move(value);
  if (options.written != nullptr) statement.origination = Origination::written;
  const std::vector<const WrittenStatement*> sources = root_blocks(options, keyword);
  if (!sources.empty()) statement.written = sources.back();
  tell(std::move(statement));
}

}  // namespace

void tell_processes(const ProcessSettings& settings, EffectiveBlock& block) { ProcessTeller{settings, block}.tell(); }

void tell_residence(const ProcessSettings& settings, const EffectiveOptions& options, const Tell& tell) {
  if (!settings.name_space.empty()) tell_at_root("net_namespace", quoted_word(settings.name_space), options, tell);
  if (!settings.instance.empty()) tell_at_root("instance", quoted_word(settings.instance), options, tell);
  if (settings.use_pid_dir) tell_at_root("use_pid_dir", {}, options, tell);
  if (settings.child_wait_time.count() != 0) {
    tell_at_root("child_wait_time", std::to_string(settings.child_wait_time.count()), options, tell);
  }
}

}  // namespace vipdrift::config
