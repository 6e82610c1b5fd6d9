#include "grader/submissions/limited.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "grader/harness/fd.h"

namespace kit {
namespace {

constexpr std::size_t kMaxOutput = 128 << 10;

[[noreturn]] void throw_errno(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

void set_limit(int resource, std::int64_t most) {
  if (most <= 0) return;
  rlimit limit = {};
  if (getrlimit(resource, &limit) != 0) return;
  const auto wanted = static_cast<rlim_t>(most);
  limit.rlim_max = std::min(limit.rlim_max, wanted);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(resource, &limit);
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& string : strings) out.push_back(string.data());
  out.push_back(nullptr);
  return out;
}

// After fork(2), before exec(2). 127 is what a shell says, too, when a program cannot be run.
[[noreturn]] void become(char* const* argv, char* const* env, const char* folder, int output,
                         const Limits& limits) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setsid();
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const bool is_ok = dup2(null, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2 &&
                     (*folder == '\0' || chdir(folder) == 0);
  set_limit(RLIMIT_CPU, limits.cpu_seconds);
  set_limit(RLIMIT_FSIZE, limits.file_bytes);
  set_limit(RLIMIT_AS, limits.memory_bytes);
  set_limit(RLIMIT_NPROC, limits.processes);
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (is_ok) execve(argv[0], argv, env);
  _exit(127);
}

// Reads until the end; what is more than kMaxOutput is read and dropped, so that nobody waits.
bool read_all(int fd, std::string& out, Deadline deadline) {
  std::array<char, 16384> buffer;
  while (true) {
    pollfd entry = {fd, POLLIN, 0};
    const int ready = poll(&entry, 1, deadline.remaining_ms());
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    const std::size_t room = kMaxOutput - std::min(kMaxOutput, out.size());
    out.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
  }
}

int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

Ended run_limited(const std::vector<std::string>& command, const std::string& folder,
                  const std::vector<std::string>& more_env, const Limits& limits,
                  Deadline deadline) {
  std::vector<std::string> argv = command;
  std::vector<std::string> env = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"};
  env.insert(env.end(), more_env.begin(), more_env.end());
  const std::vector<char*> argv_pointers = pointers(argv);
  const std::vector<char*> env_pointers = pointers(env);
  std::array<int, 2> fds;
  if (pipe2(fds.data(), O_CLOEXEC) != 0) throw_errno("pipe2");
  const UniqueFd read_end(fds[0]);
  UniqueFd write_end(fds[1]);
  const pid_t pid = fork();
  if (pid < 0) throw_errno("fork");
  if (pid == 0) {
    become(argv_pointers.data(), env_pointers.data(), folder.c_str(), write_end.get(), limits);
  }
  write_end.reset();
  Ended ended;
  ended.is_late = !read_all(read_end.get(), ended.output, deadline);
  // The session of its own; in a box the rest goes with the box's first process.
  kill(-pid, SIGKILL);
  ended.status = wait_for(pid);
  return ended;
}

}  // namespace kit
