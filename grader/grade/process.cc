#include "grader/grade/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "grader/grade/errors.h"
#include "grader/harness/deadline.h"

namespace kit::grade {
namespace {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Pipe make_pipe() {
  std::array<int, 2> fds;
  if (pipe2(fds.data(), O_CLOEXEC) != 0) throw_errno("pipe2");
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

void set_mask(int how, const sigset_t* set, sigset_t* old) {
  if (sigprocmask(how, set, old) != 0) throw_errno("sigprocmask");
}

// From here to exec only calls that are safe after a fork.
bool become(const SpawnOptions& options, pid_t parent) {
  if (options.has_own_group && setpgid(0, 0) != 0) return false;
  // A grader that is killed leaves no build running. It may have died before the call.
  if (prctl(PR_SET_PDEATHSIG, SIGINT) != 0 || getppid() != parent) return false;
  if (!options.cwd.empty() && chdir(options.cwd.c_str()) != 0) return false;
  const std::array<int, 3> fds = {options.stdin_fd, options.stdout_fd, options.stderr_fd};
  for (int i = 0; i < 3; ++i) {
    if (fds[i] >= 0 && dup2(fds[i], i) < 0) return false;
  }
  sigset_t none;
  sigemptyset(&none);
  for (int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT}) signal(number, SIG_DFL);
  return sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

[[noreturn]] void run_child(char* const* argv, const SpawnOptions& options, pid_t parent,
                            int error_fd) {
  if (become(options, parent)) execvp(argv[0], argv);
  const int error = errno;
  // Nobody is left to tell when even this fails; the exit status says that something did.
  static_cast<void>(!write(error_fd, &error, sizeof error));
  _exit(127);
}

// The errno with which the child failed to become the program, or 0.
int read_start_error(int fd) {
  int error = 0;
  ssize_t got = 0;
  do {
    got = read(fd, &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  return got == sizeof error ? error : 0;
}

// Appends what is there to read; false at the end of the stream.
bool read_some(int fd, std::string& out) {
  std::array<char, 4096> buffer;
  const ssize_t got = read(fd, buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  out.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

}  // namespace

Process Process::start(const std::vector<std::string>& argv, const SpawnOptions& options) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  Pipe errors = make_pipe();
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) throw_errno("cannot start " + argv.front() + ": fork");
  if (pid == 0) run_child(arguments.data(), options, parent, errors.write_end.get());
  Process process(pid, options.has_own_group);
  errors.write_end.reset();
  const int error = read_start_error(errors.read_end.get());
  if (error == 0) return process;
  errno = error;
  throw_errno("cannot start " + argv.front());
}

Process::Process(pid_t pid, bool has_own_group)
    : pid_(pid),
      has_own_group_(has_own_group),
      pidfd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {
  if (!pidfd_.valid()) throw_errno("pidfd_open");
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      has_own_group_(other.has_own_group_),
      pidfd_(std::move(other.pidfd_)),
      exit_(other.exit_) {}

Process::~Process() {
  if (pid_ < 0 || poll_exit()) return;
  send(SIGKILL);
  wait();
}

void Process::store(int status) {
  exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::optional<int> Process::poll_exit() {
  int status = 0;
  if (!exit_ && waitpid(pid_, &status, WNOHANG) == pid_) store(status);
  return exit_;
}

int Process::wait() {
  int status = 0;
  while (!exit_) {
    if (waitpid(pid_, &status, 0) == pid_) {
      store(status);
    } else if (errno != EINTR) {
      exit_ = 127;  // reaped by somebody else: the status is lost
    }
  }
  return *exit_;
}

void Process::send(int signal) {
  // It may have ended a moment ago: ESRCH is no error here. Until it is reaped the number is its
  // own.
  if (!exit_) static_cast<void>(kill(has_own_group_ ? -pid_ : pid_, signal));
}

std::string capture(const std::vector<std::string>& argv, const std::string& cwd) try {
  Pipe out = make_pipe();
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  Process process = Process::start(
      argv, {cwd, null.get(), out.write_end.get(), null.get(), /*has_own_group=*/true});
  out.write_end.reset();
  const Deadline deadline = Deadline::after_ms(2000);
  std::string text;
  pollfd readable = {out.read_end.get(), POLLIN, 0};
  do {
    if (poll(&readable, 1, deadline.remaining_ms()) == 0) return "";
  } while (read_some(readable.fd, text));
  while (text.ends_with('\n')) text.pop_back();
  return process.wait() == 0 ? text : "";
} catch (const GraderError&) {
  return "";
}

SignalWatch::SignalWatch(const std::vector<int>& signals) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : signals) sigaddset(&set, signal);
  set_mask(SIG_BLOCK, &set, &old_mask_);
  fd_.reset(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_.valid()) throw_errno("signalfd");
}

SignalWatch::~SignalWatch() {
  while (take()) {
  }
  static_cast<void>(sigprocmask(SIG_SETMASK, &old_mask_, nullptr));
}

bool SignalWatch::take() {
  signalfd_siginfo info;
  const bool is_there = read(fd_.get(), &info, sizeof info) == sizeof info;
  has_fired_ = has_fired_ || is_there;
  return is_there;
}

}  // namespace kit::grade
