#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "backends/netns/lab.h"
#include "backends/netns/netns_testbed.h"
#include "backends/netns/subject.h"
#include "scenarios/loader.h"
#include "scenarios/report_text.h"
#include "tools/vipdrift/casting.h"
#include "tools/vipdrift/lab/lab_commands.h"
#include "tools/vipdrift/lab/lab_place.h"
#include "tools/vipdrift/lab/lab_server.h"
#include "tools/vipdrift/scenario_files.h"
#include "tools/vipdrift/terminal.h"
#include "tools/vipdrift/worlds.h"

namespace vipdrift::tools {
namespace {

/// Everything that the processes of a laboratory are born with.
struct Birth {
  LabPlace place;
  scenarios::Scenario scenario;
  std::vector<std::string> subjects;
  std::string vipdriftd;
  OpenFile listener;
  OpenFile ready;  ///< "ok" or what went wrong is written here, and a newline
};

void report(const OpenFile& ready, std::string text) {
  text += '\n';
  if (write(ready.number(), text.data(), text.size()) < 0) _exit(1);
}

// ------------------------------------------------------------------ inside

/// The reason, for people, when the laboratory did not come up or came to a bad end.
std::optional<std::string> run_inside(Birth& birth, pid_t laboratory) {
  netns::NetnsOptions options;
  options.facilities = netns::probe_facilities();
  for (const std::string& word : birth.subjects) {
    std::optional<netns::Subject> subject = netns::subject_named(word, birth.vipdriftd);
    if (!subject) return netns::why_no_subject(word);
    options.subjects.push_back(std::move(*subject));
  }
  netns::NetnsTestbed world(std::move(options));
  LabView view;
  view.name = birth.place.name();
  view.cluster = birth.scenario.file;
  view.process = laboratory;
  view.subjects = birth.subjects;
  LabServer server(
      birth.scenario, world, [&world](const std::string& node) { return world.init_of(node); }, std::move(view));
  if (const auto error = server.start()) return error->message;
  report(birth.ready, "ok");
  birth.ready = OpenFile();
  return server.serve(birth.listener);
}

/// The process that enters the laboratory's namespaces and dies with `laboratory`.
[[noreturn]] void enter_and_run(Birth& birth, pid_t laboratory) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != laboratory) _exit(1);
  std::optional<std::string> error = netns::enter_lab();
  if (!error) error = run_inside(birth, laboratory);
  if (error && birth.ready) report(birth.ready, *error);
  if (error) fmt::print(stderr, "vipdrift: lab {}: {}\n", birth.place.name(), *error);
  std::fflush(stderr);
  _exit(error ? 1 : 0);
}

// ------------------------------------------------------------------ in the background

void redirect_standard_streams(const std::string& log) {
  const OpenFile nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const OpenFile written(open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (nothing) dup2(nothing.number(), STDIN_FILENO);
  if (written) dup2(written.number(), STDOUT_FILENO);
  if (written) dup2(written.number(), STDERR_FILENO);
}

/// Watches over the one inside, ends it when asked to end, and leaves no file behind.
[[noreturn]] void watch_over(Birth& birth) {
  setsid();
  redirect_standard_streams(birth.place.log());
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&awaited, number);
  sigprocmask(SIG_BLOCK, &awaited, nullptr);
  const pid_t laboratory = getpid();
  const pid_t inside = fork();
  if (inside == 0) enter_and_run(birth, laboratory);
  birth.ready = OpenFile();
  birth.listener = OpenFile();
  int status = 0;
  while (inside > 0 && waitpid(inside, &status, WNOHANG) == 0) {
    const int got = sigwaitinfo(&awaited, nullptr);
    if (got == SIGTERM || got == SIGINT) kill(inside, SIGKILL);
  }
  birth.place.remove();
  _exit(0);
}

// ------------------------------------------------------------------ in front

/// Prepares everything that can be said to be wrong in front of the user.
std::optional<ExitStatus> prepare(const LabArguments& arguments, Birth& birth) {
  Castings castings = parse_castings(arguments.subjects);
  if (castings.error.empty() && castings.castings.size() > 1) castings.error = "a lab has one casting";
  if (!castings.error.empty()) {
    fmt::print(stderr, "vipdrift: --subject: {}\n", castings.error);
    return ExitStatus::wrong_input;
  }
  scenarios::LoadResult loaded = is_cluster_file(arguments.cluster)
                                     ? scenarios::load_cluster_file(arguments.cluster)
                                     : scenarios::load_file(arguments.cluster);
  fmt::print(stderr, "{}", scenarios::render_diagnostics(loaded.diagnostics, {}));
  if (!loaded.scenario) return ExitStatus::wrong_input;
  birth.scenario = std::move(*loaded.scenario);
  std::optional<Casting> casting;
  if (!castings.castings.empty()) casting = castings.castings.front();
  birth.subjects = subjects_of(birth.scenario, casting);
  birth.vipdriftd = arguments.vipdriftd.empty() ? vipdriftd_beside_this() : arguments.vipdriftd;
  return std::nullopt;
}

/// Takes the lab's name: its directory and its socket. What a dead lab left there goes.
std::optional<std::string> take_place(Birth& birth) {
  if (connect_to(birth.place.socket())) {
    return fmt::format("lab {0} is up already; vipdrift down --lab {0} takes it down", birth.place.name());
  }
  birth.place.remove();
  if (std::optional<std::string> error = birth.place.make()) return error;
  std::string error;
  birth.listener = listen_at(birth.place.socket(), error);
  if (birth.listener) return std::nullopt;
  birth.place.remove();
  return error;
}

/// Up to the newline; the other end stays open in the process that waits for the laboratory.
std::string read_line(const OpenFile& file) {
  std::string text;
  for (char letter = 0;;) {
    const ssize_t got = read(file.number(), &letter, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || letter == '\n') return text;
    text += letter;
  }
}

}  // namespace

ExitStatus up_command(const LabArguments& arguments) {
  Birth birth{LabPlace(arguments.lab), {}, {}, {}, OpenFile(), OpenFile()};
  if (const std::optional<ExitStatus> wrong = prepare(arguments, birth)) return *wrong;
  if (const std::optional<std::string> error = take_place(birth)) {
    fmt::print(stderr, "vipdrift: {}\n", *error);
    return ExitStatus::no_world;
  }
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return ExitStatus::no_world;
  const OpenFile told(ends[0]);
  birth.ready = OpenFile(ends[1]);
  std::fflush(nullptr);
  const pid_t laboratory = fork();
  if (laboratory == 0) watch_over(birth);
  birth.ready = OpenFile();
  const std::string outcome = laboratory < 0 ? "no process could be made" : read_line(told);
  if (outcome == "ok") {
    fmt::print("lab {} is up: {}\n", arguments.lab, fmt::join(birth.subjects, ", "));
    return ExitStatus::held;
  }
  if (laboratory > 0) waitpid(laboratory, nullptr, 0);
  birth.place.remove();
  fmt::print(stderr, "vipdrift: lab {} did not come up: {}\n", arguments.lab,
             outcome.empty() ? "its process ended" : outcome);
  return ExitStatus::no_world;
}

}  // namespace vipdrift::tools
