#include "grader/harness/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "grader/harness/jail.h"
#include "grader/harness/pipe.h"
#include "grader/harness/process_output.h"
#include "grader/harness/process_tree.h"

namespace kit {
namespace {

// Threads and processes of this user, all together: far more than a lab and a desktop need, and few
// enough for the machine to live when a program forks without end. It does not hold for root, and
// the box's guard comes first (process_tree.h).
constexpr rlim_t kMaxTasks = 10'000;

// No lab writes such a file; a program that writes without end does, and takes the disk.
constexpr rlim_t kMaxFileBytes = rlim_t{1} << 30;

// Between what a program prints on a fatal signal and its stop there are a few instructions.
constexpr int kStopMs = 1000;

[[noreturn]] void throw_errno(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

// Waits until the child has closed its end. A child that enters a jail sends another one in its
// place, and has written that one's number before.
pid_t wait_for_end(int fd) {
  pid_t told = 0;
  ssize_t got = 0;
  while ((got = read(fd, &told, sizeof told)) != 0) {
    if (got < 0 && errno != EINTR) break;
  }
  return told;
}

int count_entries(const std::string& folder) {
  DIR* dir = opendir(folder.c_str());
  if (dir == nullptr) return 0;
  int count = 0;
  while (const dirent* entry = readdir(dir)) count += entry->d_name[0] != '.';
  closedir(dir);
  return count;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& string : strings) out.push_back(string.data());
  out.push_back(nullptr);
  return out;
}

void lower_limit(int resource, rlim_t most) {
  rlimit limit = {};
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur <= most) return;
  limit.rlim_cur = most;
  setrlimit(resource, &limit);
}

// What the child does between fork and exec: async-signal-safe calls only, since the driver has
// threads. 127 is what a shell says, too, when a program cannot be run.
struct ChildSetup {
  const Launch& launch;
  std::array<int, 3> standard;  // becomes 0, 1, 2
  char* const* argv;
  char* const* env;
  int ready;  // closed when the process has a group of its own

  [[noreturn]] void run() const {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    signal(SIGPIPE, SIG_DFL);
    // A group of its own, to be signalled; and a session of its own, since the kernel shares the
    // processors between sessions (sched(7), autogroup): the harness gets its part, however many
    // processes there come to be.
    if (launch.jail != nullptr) launch.jail->enter(ready);
    setsid();
    close(ready);
    bool ok = launch.folder.empty() || chdir(launch.folder.c_str()) == 0;
    for (int fd = 0; fd < 3; ++fd) ok = ok && dup2(standard[fd], fd) == fd;
    for (const int fd : launch.inherited_fds) ok = ok && fcntl(fd, F_SETFD, 0) == 0;
    if (launch.cpu >= 0) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(launch.cpu, &set);
      sched_setaffinity(0, sizeof set, &set);  // a machine with fewer processors: no pinning
    }
    lower_limit(RLIMIT_NPROC, kMaxTasks);
    lower_limit(RLIMIT_FSIZE, kMaxFileBytes);
    lower_limit(RLIMIT_CORE, 0);  // the stacks are taken before it dies
    ok = ok && (launch.jail == nullptr || launch.jail->renounce());
    if (launch.descriptors > 0) {
      // Both limits, unlike above: the labs' programs raise theirs as far as they may.
      const auto most = static_cast<rlim_t>(launch.descriptors);
      const rlimit limit = {most, most};
      ok = ok && setrlimit(RLIMIT_NOFILE, &limit) == 0;
    }
    if (launch.stop_first) {
      prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);  // gdb is not its parent; survives execve
      raise(SIGSTOP);
    }
    if (ok) execve(argv[0], argv, env);
    _exit(127);
  }
};

}  // namespace

std::string render(const Exit& exit) {
  if (exit.signal == 0) return "exit status " + std::to_string(exit.status);
  return "signal " + std::to_string(exit.signal) + " (" + strsignal(exit.signal) + ")";
}

Process::Process(Launch launch) : launch_(std::move(launch)) { start(); }

Process::~Process() { kill(); }

void Process::start() {
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  Pipe ready = make_pipe();
  std::vector<std::string> argv = launch_.argv;
  std::vector<std::string> env;
  for (const auto& [key, value] : launch_.env) env.push_back(key + "=" + value);
  const std::vector<char*> argv_pointers = pointers(argv);
  const std::vector<char*> env_pointers = pointers(env);
  const ChildSetup setup{launch_,
                         {in.read_end.get(), out.write_end.get(), err.write_end.get()},
                         argv_pointers.data(),
                         env_pointers.data(),
                         ready.write_end.get()};
  pid_ = fork();
  if (pid_ < 0) throw_errno("fork");
  if (pid_ == 0) setup.run();
  ready.write_end.reset();
  const pid_t told = wait_for_end(ready.read_end.get());
  if (launch_.jail != nullptr) settle_in_jail(told);
  in_ = std::move(in.write_end);
  output_ = std::make_unique<Output>(
      std::move(out.read_end), std::move(err.read_end), [this] { signal_group(SIGKILL); },
      [this](const Crash& crash) { end_crashed(crash); });
  reaper_ = std::thread([this] { reap(); });
}

void Process::settle_in_jail(pid_t inmate) {
  if (inmate != pid_) waitpid(pid_, nullptr, 0);
  pid_ = inmate > 0 ? inmate : -1;
  if (pid_ < 0) throw std::runtime_error("the box of the submission cannot be entered");
}

std::string Process::out() const { return output_->text(0); }
std::string Process::err() const { return output_->text(1); }

bool Process::flooded() const { return output_->flooded(); }

bool Process::wait_for_out(const std::string& text, Deadline deadline) {
  const auto found = [&](const std::string& all) { return all.find(text) != std::string::npos; };
  return output_->wait(0, found, deadline);
}

bool Process::wait_for_err(const std::string& text, Deadline deadline) {
  const auto found = [&](const std::string& all) { return all.find(text) != std::string::npos; };
  return output_->wait(1, found, deadline);
}

std::optional<int> Process::wait_for_number(const std::string& word, Deadline deadline) {
  std::optional<int> number;
  const auto found = [&](const std::string& all) {
    std::size_t at = all.find(word);
    while (at != std::string::npos && at != 0 && all[at - 1] != '\n') at = all.find(word, at + 1);
    if (at == std::string::npos) return false;
    const std::size_t end = all.find('\n', at);
    if (end == std::string::npos) return false;
    number = std::atoi(all.substr(at + word.size(), end - at - word.size()).c_str());
    return true;
  };
  output_->wait(0, found, deadline);
  return number;
}

bool Process::write_in(const std::string& text, Deadline deadline) {
  std::size_t done = 0;
  while (done < text.size()) {
    pollfd fd = {in_.get(), POLLOUT, 0};
    const int ready = poll(&fd, 1, deadline.remaining_ms());
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0 || (fd.revents & POLLERR) != 0) return false;
    // At most PIPE_BUF: poll() promised that much without blocking (pipe(7)).
    const std::size_t chunk = std::min<std::size_t>(text.size() - done, 4096);
    const ssize_t written = write(in_.get(), text.data() + done, chunk);
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) done += written;
  }
  return true;
}

void Process::close_in() { in_.reset(); }

void Process::signal(int number) {
  std::lock_guard lock(mutex_);
  if (!exit_) ::kill(pid_, number);
}

void Process::signal_group(int number) {
  std::lock_guard lock(mutex_);
  // While the leader is not reaped, its number and so its group's cannot be another's.
  if (!exit_) ::kill(-pid_, number);
}

// The line may be the subject's own and name any process: only those below this one are touched.
void Process::end_crashed(const Crash& told) {
  Crash crash = told;
  crash.pid = descendant_called(told.pid);
  if (crash.pid < 0) return;
  const Deadline deadline = Deadline::after_ms(kStopMs);
  while (!is_stopped(crash.pid) && !deadline.expired()) sched_yield();
  if (launch_.on_crash) launch_.on_crash(crash.pid);
  std::lock_guard lock(mutex_);
  crashes_.push_back(crash);
  if (crash.pid != pid_ || !exit_) ::kill(crash.pid, SIGKILL);
}

std::vector<Crash> Process::crashes() {
  std::lock_guard lock(mutex_);
  return crashes_;
}

// Waits for the end without reaping first: the pid stays ours until exit_ says that it is gone.
void Process::reap() {
  while (true) {
    siginfo_t info = {};
    if (waitid(P_PID, pid_, &info, WEXITED | WSTOPPED | WNOWAIT) != 0 && errno == EINTR) continue;
    if (info.si_code == CLD_STOPPED || info.si_code == CLD_TRAPPED) {
      waitid(P_PID, pid_, &info, WSTOPPED);  // end_crashed() knows whether it is for good
      continue;
    }
    output_->catch_up(Deadline::after_ms(1'000));
    std::lock_guard lock(mutex_);
    int status = 0;
    waitpid(pid_, &status, 0);
    exit_ = WIFEXITED(status) ? Exit{WEXITSTATUS(status), 0} : Exit{0, WTERMSIG(status)};
    for (const Crash& crash : crashes_) {
      if (crash.pid == pid_) exit_ = Exit{0, crash.signal};
    }
    ended_.notify_all();
    return;
  }
}

std::optional<Exit> Process::wait(Deadline deadline) {
  std::unique_lock lock(mutex_);
  while (!exit_ && !deadline.expired()) {
    ended_.wait_for(lock, std::chrono::milliseconds(std::max(1, deadline.remaining_ms())));
  }
  return exit_;
}

bool Process::running() {
  std::lock_guard lock(mutex_);
  return !exit_;
}

void Process::kill() {
  if (pid_ < 0) return;
  signal_group(SIGKILL);
  if (reaper_.joinable()) reaper_.join();
  if (output_) output_->stop();
}

std::optional<Holdings> Process::holdings() const {
  const std::string proc = "/proc/" + std::to_string(pid_);
  Holdings holdings;
  holdings.descriptors = count_entries(proc + "/fd");
  holdings.threads = count_entries(proc + "/task");
  std::ifstream status(proc + "/statm");
  std::int64_t pages = 0;
  if (!(status >> pages >> pages)) return std::nullopt;
  holdings.memory_kb = pages * sysconf(_SC_PAGESIZE) / 1024;
  std::ifstream maps(proc + "/maps");
  holdings.mappings = static_cast<int>(
      std::count(std::istreambuf_iterator<char>(maps), std::istreambuf_iterator<char>(), '\n'));
  return holdings;
}

}  // namespace kit
