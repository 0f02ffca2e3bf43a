#include "tools/vipdrift/uml/uml_worlds.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "scenarios/durations.h"
#include "tools/vipdrift/uml/shared_files.h"
#include "tools/vipdrift/worlds.h"

namespace vipdrift::tools {
namespace {

namespace fs = std::filesystem;

scenarios::RunResult not_run(std::string why) {
  scenarios::RunResult result;
  result.error = scenarios::WorldError{{}, std::move(why)};
  return result;
}

std::optional<std::string> bring_home(const std::string& capture, const std::string& wanted) {
  std::error_code code;
  fs::copy_file(capture, wanted, fs::copy_options::overwrite_existing, code);
  return code ? std::optional{"cannot write " + wanted + ": " + code.message()} : std::nullopt;
}

}  // namespace

std::unique_ptr<UmlWorlds> UmlWorlds::start(const Options& options, std::string& error) {
  const std::optional<uml::Installation> installation = uml::find_installation(options.program, error);
  std::error_code code;
  const fs::path self = fs::read_symlink("/proc/self/exe", code);
  if (!installation) return nullptr;
  std::unique_ptr<UmlWorlds> worlds(new UmlWorlds(options.around));
  for (std::size_t i = 0; i < options.machines; ++i) {
    std::unique_ptr<uml::Machine> machine = uml::Machine::start({*installation, self.string()}, error);
    if (!machine) return nullptr;
    worlds->guests_.push_back(std::make_unique<Guest>(Guest{std::move(machine)}));
  }
  return worlds;
}

UmlWorlds::~UmlWorlds() {
  for (const std::unique_ptr<Guest>& guest : guests_) guest->machine->end();
}

std::optional<std::string> UmlWorlds::wait_until_ready() {
  for (const std::unique_ptr<Guest>& guest : guests_) {
    if (std::optional<std::string> error = guest->machine->wait_until_ready()) return error;
  }
  for (const std::unique_ptr<Guest>& guest : guests_) {
    guest->listener = std::jthread([this, &guest = *guest] { listen(guest); });
  }
  return std::nullopt;
}

void UmlWorlds::listen(Guest& guest) {
  const auto answer = [&](const std::string& line, const char* word, bool failed) {
    if (!line.starts_with(word)) return;
    const std::string rest = line.substr(std::string_view{word}.size());
    const std::size_t blank = std::min(rest.find(' '), rest.size());
    const std::lock_guard lock(mutex_);
    guest.answers[rest.substr(0, blank)] = failed ? "User-Mode Linux:" + rest.substr(blank) : "";
    changed_.notify_all();
  };
  while (const std::optional<std::string> line = guest.machine->hear()) {
    answer(*line, kDoneWord, false);
    answer(*line, kFailedWord, true);
  }
  std::string how = guest.machine->last_words();
  const std::lock_guard lock(mutex_);
  guest.ended = std::move(how);
  changed_.notify_all();
}

UmlWorlds::Guest* UmlWorlds::least_busy() {
  Guest* found = nullptr;
  for (const std::unique_ptr<Guest>& guest : guests_) {
    if (!guest->ended && (found == nullptr || guest->runs < found->runs)) found = guest.get();
  }
  return found;
}

scenarios::RunResult UmlWorlds::run(const RunOrder& order, Duration length) {
  Guest* guest = nullptr;
  std::string number;
  {
    const std::lock_guard lock(mutex_);
    guest = least_busy();
    if (guest == nullptr) return not_run("User-Mode Linux has ended: " + *guests_.front()->ended);
    ++guest->runs;
    number = std::to_string(++last_number_);
  }
  const std::string& place = guest->machine->place();
  RunOrder inside = order;
  if (!order.pcap_file.empty()) inside.pcap_file = capture_file(place, number);
  std::optional<std::string> error;
  if (!write_whole(order_file(place, number), to_bytes(inside))) {
    error = "cannot write to " + place;
  } else {
    error = carry_out(*guest, number, kAttempts * (length + around_));
  }
  std::optional<scenarios::RunResult> result;
  if (!error) {
    std::optional<std::string> bytes = read_whole(result_file(place, number));
    result = bytes ? result_from(std::move(*bytes)) : std::nullopt;
    if (!result) error = "the result that User-Mode Linux left cannot be read";
  }
  if (result && !result->error && !order.pcap_file.empty()) error = bring_home(inside.pcap_file, order.pcap_file);
  const std::lock_guard lock(mutex_);
  --guest->runs;
  return error ? not_run(std::move(*error)) : std::move(*result);
}

std::optional<std::string> UmlWorlds::carry_out(Guest& guest, const std::string& number, Duration patience) {
  guest.machine->tell(kRunWord + number);
  const auto over = [&] { return guest.ended.has_value() || guest.answers.contains(number); };
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, patience, over)) {
    guest.machine->end();
    return "User-Mode Linux did not come to an end within " + scenarios::to_text(patience);
  }
  if (const auto answer = guest.answers.find(number); answer != guest.answers.end()) {
    return answer->second.empty() ? std::nullopt : std::optional{answer->second};
  }
  return "User-Mode Linux has ended: " + *guest.ended;
}

}  // namespace vipdrift::tools
