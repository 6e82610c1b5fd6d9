#include "daemon.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <stdexcept>

#include "labs/support/error.h"

namespace dipc {

//~ begin step 5: Functions of your own can stand here.
namespace {

// The first byte of a report.
constexpr char kReady = '+';
constexpr char kFailed = '-';

pid_t fork_process() {
  pid_t pid = ::fork();
  if (pid < 0) support::throw_errno("fork");
  return pid;
}

void wait_for_child(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0) {
    // ECHILD: we were started with SIGCHLD ignored. Then the kernel has asked about it for us.
    if (errno == ECHILD) return;
    if (errno != EINTR) support::throw_errno("waitpid");
  }
}

void point_standard_streams_nowhere() {
  support::UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) support::throw_errno("open /dev/null");
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::dup2(null.get(), stream) < 0) support::throw_errno("dup2");
  }
  // When a stream was closed, /dev/null may have got its number: then it stays.
  if (null.get() <= STDERR_FILENO) static_cast<void>(null.release());
}

void write_all(int fd, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    ssize_t count = ::write(fd, bytes.data() + sent, bytes.size() - sent);
    if (count < 0 && errno != EINTR) support::throw_errno("write the report");
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
}

std::string read_to_end(int fd) {
  std::string bytes;
  char buffer[1024];
  for (;;) {
    ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count == 0) return bytes;
    if (count < 0 && errno != EINTR) support::throw_errno("read the report");
    if (count > 0) bytes.append(buffer, static_cast<std::size_t>(count));
  }
}

// In the daemon, once it is one.
void leave_everything() {
  if (::chdir("/") < 0) support::throw_errno("chdir /");
  point_standard_streams_nowhere();
}

// In the process between, whose only use is to end: the daemon is then the child of init, which
// asks about it when it ends, so that no zombie is left.
void start_daemon_and_end() {
  if (::setsid() < 0) support::throw_errno("setsid");
  // _exit() and not exit(): what the program has prepared for its exit is the first process's.
  if (fork_process() > 0) ::_exit(0);
}

}  // namespace
//~ end

Launch Launch::detach() {
  //~ begin step 5: A pipe for the report; fork, setsid, fork; then leave the directory and the
  //~   standard streams. Each end of the pipe must be closed where it is not used, or nobody sees
  //~   the other end close.
  //~| throw std::logic_error("not implemented yet (step 5)");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) support::throw_errno("pipe");
  support::UniqueFd reading(ends[0]);
  support::UniqueFd writing(ends[1]);
  pid_t child = fork_process();
  if (child > 0) {
    wait_for_child(child);
    return Launch(false, std::move(reading));
  }
  Launch launch(true, std::move(writing));
  reading.reset();
  try {
    start_daemon_and_end();
    leave_everything();
  } catch (const std::exception& error) {
    // Two processes must not both go on as the one that was started.
    launch.report_failure(error.what());
    ::_exit(1);
  }
  return launch;
  //~ end
}

Launch::Report Launch::await_report() {
  //~ begin step 5: Read until the daemon closes its end.
  //~| return {false, "not implemented yet (step 5)"};
  std::string report = read_to_end(pipe_.get());
  if (report.empty()) return {false, "the daemon ended before it was ready"};
  return {report.front() == kReady, report.substr(1)};
  //~ end
}

void Launch::report_ready(const std::string& text) {
  //~ begin step 5: Write, and close.
  //~| (void)text;
  write_all(pipe_.get(), kReady + text);
  pipe_.reset();
  //~ end
}

void Launch::report_failure(const std::string& reason) {
  //~ begin step 5: Write, and close.
  //~| (void)reason;
  write_all(pipe_.get(), kFailed + reason);
  pipe_.reset();
  //~ end
}

}  // namespace dipc
