#include "grader/grade/bazel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>

#include "grader/grade/errors.h"
#include "grader/grade/files.h"
#include "grader/harness/deadline.h"

namespace kit::grade {
namespace {

constexpr int kTick_ms = 200;
// How long Bazel may take to stop before it is asked again, and before it is killed.
constexpr int kAskAgain_ms = 10'000;
constexpr int kKill_ms = 30'000;
constexpr std::size_t kMaxLog = 256 * 1024;

// Reads a file that another process appends to, a line at a time.
class LineTail {
 public:
  explicit LineTail(const std::filesystem::path& file)
      : fd_(open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600)) {
    if (!fd_.valid()) throw_errno("cannot write " + file.string());
  }

  // Calls `take` for each whole line that has come since the last call.
  template <typename Take>
  void read_lines(Take take) {
    std::array<char, 65536> buffer;
    for (ssize_t got; (got = read(fd_.get(), buffer.data(), buffer.size())) != 0;) {
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw_errno("cannot read Bazel's event stream");
      pending_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    std::size_t begin = 0;
    for (std::size_t end; (end = pending_.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      take(std::string_view(pending_).substr(begin, end - begin));
    }
    pending_.erase(0, begin);
  }

 private:
  UniqueFd fd_;
  std::string pending_;
};

UniqueFd watch_file(const std::filesystem::path& file) {
  UniqueFd fd(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd.valid() || inotify_add_watch(fd.get(), file.c_str(), IN_MODIFY) < 0) {
    throw_errno("inotify on " + file.string());
  }
  return fd;
}

void drain(int fd) {
  std::array<char, 4096> buffer;
  while (read(fd, buffer.data(), buffer.size()) > 0) {
  }
}

class Build {
 public:
  Build(const Bazel& bazel, const std::vector<std::string>& targets, SignalWatch& signals,
        const BuildHooks& hooks);
  BuildResult run();

 private:
  std::vector<std::string> command_line(const Bazel& bazel,
                                        const std::vector<std::string>& targets) const;
  Process start(const Bazel& bazel, const std::vector<std::string>& targets);
  void wait_for_news();
  void read_events();
  void read_log();
  void stop();
  void press();
  std::string notice() const;

  SignalWatch& signals_;
  const BuildHooks& hooks_;
  TempDir folder_;
  LineTail events_;
  UniqueFd events_changed_;
  UniqueFd log_;
  Process process_;
  BepReader reader_;
  BuildResult result_;
  bool has_events_ = false;
  std::optional<Deadline> ask_again_;  // set once Bazel has been asked to stop
  std::optional<Deadline> kill_;
};

Build::Build(const Bazel& bazel, const std::vector<std::string>& targets, SignalWatch& signals,
             const BuildHooks& hooks)
    : signals_(signals),
      hooks_(hooks),
      events_(folder_.path() / "events.json"),
      events_changed_(watch_file(folder_.path() / "events.json")),
      process_(start(bazel, targets)) {}

std::vector<std::string> Build::command_line(const Bazel& bazel,
                                             const std::vector<std::string>& targets) const {
  std::vector<std::string> argv = bazel.command;
  for (const char* argument : {"build", "--keep_going", "--color=no", "--curses=no",
                               "--noshow_progress", "--show_result=0"}) {
    argv.push_back(argument);
  }
  argv.insert(argv.end(), bazel.options.begin(), bazel.options.end());
  argv.push_back("--build_event_json_file=" + (folder_.path() / "events.json").string());
  argv.push_back("--");
  argv.insert(argv.end(), targets.begin(), targets.end());
  return argv;
}

Process Build::start(const Bazel& bazel, const std::vector<std::string>& targets) {
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  std::array<int, 2> fds;
  if (!null.valid() || pipe2(fds.data(), O_CLOEXEC) != 0) throw_errno("pipe2");
  log_.reset(fds[0]);
  const UniqueFd write_end(fds[1]);
  if (fcntl(log_.get(), F_SETFL, O_NONBLOCK) != 0) throw_errno("fcntl");
  return Process::start(command_line(bazel, targets), {bazel.workspace, null.get(), write_end.get(),
                                                       write_end.get(), /*has_own_group=*/true});
}

BuildResult Build::run() {
  while (!process_.poll_exit()) wait_for_news();
  read_log();
  read_events();
  result_.exit_code = process_.wait();
  result_.exec_root = reader_.exec_root();
  result_.bazel_version = reader_.bazel_version();
  return result_;
}

void Build::wait_for_news() {
  std::array<pollfd, 5> fds = {{{signals_.fd(), POLLIN, 0},
                                {process_.exit_fd(), POLLIN, 0},
                                {log_.get(), POLLIN, 0},
                                {events_changed_.get(), POLLIN, 0},
                                {result_.was_outdated ? -1 : hooks_.wake_fd, POLLIN, 0}}};
  if (poll(fds.data(), fds.size(), kTick_ms) < 0 && errno != EINTR) throw_errno("poll");
  if (fds[0].revents != 0 && signals_.take()) {
    if (result_.was_interrupted) press();  // somebody is in a hurry
    result_.was_interrupted = true;
  }
  if (fds[2].revents != 0) read_log();
  drain(events_changed_.get());
  read_events();
  if (fds[4].revents != 0 && hooks_.is_outdated()) result_.was_outdated = true;
  if (result_.was_interrupted || result_.was_outdated) stop();
  hooks_.on_tick(notice());
}

void Build::read_events() {
  events_.read_lines([this](std::string_view line) {
    has_events_ = true;
    for (const TargetOutcome& outcome : reader_.read_line(line)) {
      // What a stopped build leaves undone is no verdict on anything.
      if (outcome.is_built || !(result_.was_interrupted || result_.was_outdated)) {
        hooks_.on_target(outcome);
      }
    }
  });
}

void Build::read_log() {
  std::array<char, 4096> buffer;
  ssize_t got = 0;
  while ((got = read(log_.get(), buffer.data(), buffer.size())) > 0) {
    result_.log.append(buffer.data(), static_cast<std::size_t>(got));
  }
  // The stream may end before the process does: poll() would report that over and over.
  if (got == 0) log_.reset();
  if (result_.log.size() > kMaxLog) result_.log.erase(0, result_.log.size() - kMaxLog);
}

void Build::stop() {
  if (!kill_) {
    press();
    kill_ = Deadline::after_ms(kKill_ms);
  } else if (ask_again_->expired()) {
    press();
  }
  if (kill_->expired()) process_.send(SIGKILL);
}

void Build::press() {
  process_.send(SIGINT);
  ask_again_ = Deadline::after_ms(kAskAgain_ms);
}

std::string Build::notice() const {
  const bool is_waiting = !has_events_ && result_.log.find("Another command") != std::string::npos;
  return is_waiting ? "waiting for another Bazel command to finish" : "";
}

}  // namespace

Bazel find_bazel(const std::string& argv0) {
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (workspace == nullptr) {
    throw GraderError(
        "the grader does not know where the workspace is; start it by `bazel run //grader -- ...` "
        "from within the kit");
  }
  const char* program = std::getenv("BAZEL");
  Bazel bazel = {{program != nullptr && *program != '\0' ? program : "bazel"}, workspace};
  const std::size_t exec_root = argv0.find("/execroot/");
  if (argv0.starts_with('/') && exec_root != std::string::npos) {
    bazel.command.push_back("--output_base=" + argv0.substr(0, exec_root));
  }
  return bazel;
}

BuildResult build(const Bazel& bazel, const std::vector<std::string>& targets, SignalWatch& signals,
                  const BuildHooks& hooks) try {
  return Build(bazel, targets, signals, hooks).run();
} catch (const GraderError& error) {
  if (std::string(error.what()).starts_with("cannot start ")) {
    throw GraderError(std::string(error.what()) +
                      ". Bazel does the building: grader/setup installs it, or BAZEL in the "
                      "environment names it");
  }
  throw;
}

}  // namespace kit::grade
