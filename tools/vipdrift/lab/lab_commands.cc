#include "tools/vipdrift/lab/lab_commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "scenarios/report_text.h"
#include "tools/vipdrift/lab/lab_channel.h"
#include "tools/vipdrift/lab/lab_place.h"
#include "tools/vipdrift/lab/lab_status.h"
#include "tools/vipdrift/lab/lab_request.h"
#include "tools/vipdrift/terminal.h"

namespace vipdrift::tools {
namespace {

/// The answer to "status", or nothing after saying why there is none.
std::optional<std::string> ask_status(const LabPlace& place) {
  LabAnswer answer = ask_lab(place, "status");
  if (answer.error.empty()) return std::move(answer.text);
  fmt::print(stderr, "vipdrift: {}\n", answer.error);
  return std::nullopt;
}

/// Draws over the last picture on a terminal, one after the other elsewhere. Ends when the lab does, or is interrupted.
ExitStatus watch(const LabPlace& place, const LabArguments& arguments) {
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  for (;;) {
    const std::optional<std::string> status = ask_status(place);
    if (!status) return ExitStatus::no_world;
    if (arguments.json) {
      fmt::print("{}\n", *status);
    } else {
      fmt::print("{}{}\n", terminal ? "\033[H\033[2J" : "", render_lab_status(*status, standard_output_style()));
    }
    std::fflush(stdout);
    std::this_thread::sleep_for(std::chrono::seconds{1});
  }
}

}  // namespace

ExitStatus status_command(const LabArguments& arguments) {
  const LabPlace place(arguments.lab);
  if (arguments.watch) return watch(place, arguments);
  const std::optional<std::string> status = ask_status(place);
  if (!status) return ExitStatus::no_world;
  fmt::print("{}{}", arguments.json ? *status : render_lab_status(*status, standard_output_style()),
             arguments.json ? "\n" : "");
  return ExitStatus::held;
}

ExitStatus down_command(const LabArguments& arguments) {
  constexpr auto kPatience = std::chrono::seconds{20};
  const LabPlace place(arguments.lab);
  const LabAnswer answer = ask_lab(place, "down");
  if (!answer.error.empty()) {
    fmt::print(stderr, "vipdrift: {}\n", answer.error);
    return ExitStatus::no_world;
  }
  // The process outside removes the place as its last deed, when everything inside has ended.
  const auto began = std::chrono::steady_clock::now();
  while (access(place.directory().c_str(), F_OK) == 0) {
    if (std::chrono::steady_clock::now() - began > kPatience) {
      fmt::print(stderr, "vipdrift: lab {} does not end\n", arguments.lab);
      return ExitStatus::no_world;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  fmt::print("lab {} is down\n", arguments.lab);
  return ExitStatus::held;
}

}  // namespace vipdrift::tools
