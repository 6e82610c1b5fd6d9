#include "grader/harness/debugger.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace kit {
namespace {

std::vector<std::string> command(pid_t pid, int execs) {
  std::vector<std::string> argv = {"/usr/bin/gdb", "-q", "-p", std::to_string(pid)};
  const auto add = [&argv](const char* line) { argv.insert(argv.end(), {"-ex", line}); };
  // Until then it is still the check's own program, whose symbols nobody wants.
  argv.insert(argv.begin() + 1, {"-iex", "set auto-solib-add off"});
  add("set pagination off");
  add("set breakpoint pending on");
  add("handle SIGSTOP nostop noprint nopass");  // the one by which it waits for us
  add("catch exec");
  for (int i = 0; i < execs; ++i) add("continue");
  add("set confirm off");
  add("delete");
  add("set confirm on");
  add("set auto-solib-add on");
  add("tbreak main");
  add("continue");
  add("handle SIGSTOP stop print pass");
  add("set pagination on");
  return argv;
}

[[noreturn]] void become_gdb(std::vector<std::string> argv) {
  signal(SIGINT, SIG_DFL);
  std::vector<char*> pointers;
  for (std::string& arg : argv) pointers.push_back(arg.data());
  pointers.push_back(nullptr);
  execv(pointers[0], pointers.data());
  std::perror("gdb cannot be started (grader/setup installs it)");
  _exit(127);
}

pid_t start_gdb(const std::vector<std::string>& argv, const std::map<std::string, std::string>& env,
                const std::vector<int>& inherited_fds) {
  const pid_t gdb = fork();
  if (gdb < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (gdb > 0) return gdb;
  for (const auto& [name, value] : env) setenv(name.c_str(), value.c_str(), 1);
  for (const int fd : inherited_fds) fcntl(fd, F_SETFD, 0);
  become_gdb(argv);
}

void wait_for_end(pid_t pid) {
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

void run_gdb(const std::vector<std::string>& argv, const std::map<std::string, std::string>& env,
             const std::vector<int>& inherited_fds) {
  wait_for_end(start_gdb(argv, env, inherited_fds));
}

Debugger::Debugger(pid_t pid, int execs, std::function<void()> on_end) {
  std::printf(
      "gdb takes over at main(). Set a breakpoint, then `continue`; `quit` lets the check end.\n");
  std::fflush(stdout);
  const pid_t gdb = start_gdb(command(pid, execs), {}, {});
  waiter_ = std::thread([gdb, on_end = std::move(on_end)] {
    wait_for_end(gdb);
    on_end();
  });
}

void Debugger::wait() {
  if (waiter_.joinable()) waiter_.join();
}

}  // namespace kit
