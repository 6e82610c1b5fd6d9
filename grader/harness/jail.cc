#include "grader/harness/jail.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "grader/harness/deadline.h"
#include "grader/harness/pipe.h"
#include "grader/submissions/bwrap.h"

namespace kit {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPidKey = "\"child-pid\":";  // in what bubblewrap writes to --info-fd
constexpr char kReady = 'r';                            // from box_init.cc
constexpr int kStartMs = 60'000;
// Processes and threads. More than the box's guard allows (process_tree.h), which ends all of them
// then: at this limit a bomb would only be stuck, and use up the time of the check.
constexpr rlim_t kMaxTasks = 1500;
constexpr rlim_t kMaxFiles = 8192;
constexpr rlim_t kMaxFileBytes = rlim_t{256} << 20;
constexpr rlim_t kMaxCpuSeconds = 300;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

void set_owner(const std::string& path, const std::optional<uid_t>& uid) {
  if (uid && lchown(path.c_str(), *uid, *uid) != 0) throw_errno(path.c_str());
}

bool limit(int resource, rlim_t most) {
  rlimit value = {};
  if (getrlimit(resource, &value) != 0) return false;
  if (value.rlim_max > most) value.rlim_max = most;
  if (value.rlim_cur > value.rlim_max) value.rlim_cur = value.rlim_max;
  return setrlimit(resource, &value) == 0;
}

// Reads until `last` comes.
std::string read_to(char last, int fd, Deadline deadline) {
  std::string out;
  while (out.empty() || out.back() != last) {
    pollfd entry = {fd, POLLIN, 0};
    const int ready = poll(&entry, 1, deadline.remaining_ms());
    if (ready < 0 && errno == EINTR) continue;
    char byte = 0;
    const ssize_t got = ready > 0 ? read(fd, &byte, 1) : 0;
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw std::runtime_error("bubblewrap does not make the box");
    out += byte;
  }
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& string : strings) out.push_back(string.data());
  out.push_back(nullptr);
  return out;
}

void start_command(std::vector<std::string> command, int info, int ready) {
  const std::vector<char*> argv = pointers(command);
  char* const env[] = {nullptr};
  const pid_t pid = fork();
  if (pid < 0) throw_errno("fork");
  if (pid > 0) return;
  setsid();
  if (fcntl(info, F_SETFD, 0) == 0 && dup2(ready, 1) == 1) execve(argv[0], argv.data(), env);
  _exit(127);
}

}  // namespace

bool Jail::is_wanted() { return !variable("KIT_BOX_INIT").empty(); }

std::string Jail::describe() {
  const std::string box = variable("KIT_BOX_FOLDER").empty() ? "no box" : "a box";
  if (!variable("KIT_BOX_UID").empty()) return box + ", a user of its own";
  return box + (geteuid() == 0 ? ", as root" : ", the user who grades");
}

Jail::Jail(std::vector<std::string> programs, const std::string& folder)
    : programs_(std::move(programs)) {
  const std::string room = variable("KIT_BOX_FOLDER"), uid = variable("KIT_BOX_UID");
  if (!uid.empty()) uid_ = static_cast<uid_t>(std::strtoul(uid.c_str(), nullptr, 10));
  open_groups();
  make_folders(room.empty() ? folder : room);
  room.empty() ? copy_programs(folder) : start_box();
}

void Jail::open_groups() {
  std::istringstream paths(variable("KIT_BOX_CGROUPS"));
  for (std::string path; std::getline(paths, path, ':');) {
    groups_.emplace_back(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  }
}

// One check at a time has a box: what the one before left is in nobody's way.
void Jail::make_folders(const std::string& folder) {
  top_ = folder + "/jail";
  folder_ = top_ + "/box";
  fs::remove_all(top_);
  if (chmod(folder.c_str(), 0711) != 0) throw_errno("chmod");
  fs::create_directory(top_);
  for (const char* name : {"/box", "/reports", "/tmp"}) {
    fs::create_directory(top_ + name);
    set_owner(top_ + name, uid_);
  }
}

void Jail::copy_programs(const std::string& folder) {
  const std::string bin = folder + "/bin";
  fs::create_directory(bin);
  for (const std::string& path : programs_) {
    const std::string copy =
        bin + "/" + std::to_string(copies_.size()) + "_" + fs::path(path).filename().string();
    if (copies_.emplace(path, copy).second) fs::copy_file(path, copy);
  }
}

void Jail::start_box() {
  make_etc(top_ + "/etc");
  BoxPlan plan;
  plan.folder = "/";
  plan.has_own_network = false;
  plan.ends_with_parent = false;
  plan.writable = {{folder_, folder_},
                   {top_ + "/reports", top_ + "/reports"},
                   {top_ + "/tmp", "/tmp"},
                   {"/dev/shm", "/dev/shm"}};
  if (fs::is_directory("/dev/mqueue")) plan.writable.emplace_back("/dev/mqueue", "/dev/mqueue");
  const std::string init = variable("KIT_BOX_INIT");
  plan.read_only = {{top_ + "/etc", "/etc"}, {init, "/box_init"}};
  for (const std::string& path : programs_) plan.read_only.emplace_back(path, path);
  if (fs::is_directory("/etc/alternatives")) {
    plan.read_only.emplace_back("/etc/alternatives", "/etc/alternatives");
  }
  Pipe info = make_pipe(), ready = make_pipe();
  plan.more = {"--as-pid-1", "--cap-drop", "ALL", "--info-fd",
               std::to_string(info.write_end.get())};
  std::vector<std::string> command = bwrap_command(plan);
  command.push_back("/box_init");
  start_command(command, info.write_end.get(), ready.write_end.get());
  info.write_end.reset();
  ready.write_end.reset();
  const Deadline deadline = Deadline::after_ms(kStartMs);
  const std::string text = read_to('}', info.read_end.get(), deadline);
  read_to(kReady, ready.read_end.get(), deadline);
  const std::size_t at = text.find(kPidKey);
  const int pid = at == std::string::npos ? -1 : std::atoi(text.c_str() + at + kPidKey.size());
  first_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!first_.valid()) throw_errno("the box does not begin: pidfd_open");
}

void Jail::hand_over() {
  if (!uid_) return;
  // The driver is root, and everything else in there is the inmates' already.
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    struct stat status = {};
    if (lstat(entry.path().c_str(), &status) != 0 || status.st_uid != 0) continue;
    // A file with a second name might be another one's.
    if (S_ISDIR(status.st_mode) || status.st_nlink == 1) set_owner(entry.path(), uid_);
  }
}

// When the first process of a PID namespace ends, the kernel kills all others (pid_namespaces(7)).
void Jail::kill_all() {
  if (first_.valid()) syscall(SYS_pidfd_send_signal, first_.get(), SIGKILL, nullptr, 0);
}

std::string Jail::path_of(const std::string& program) const {
  const auto copy = copies_.find(program);
  return copy == copies_.end() ? program : copy->second;
}

void Jail::enter(int fd) const {
  if (!first_.valid()) {
    const pid_t self = getpid();
    if (write(fd, &self, sizeof self) != sizeof self) _exit(127);
    return;
  }
  // Until exec(2) this is the driver's memory.
  prctl(PR_SET_DUMPABLE, 0);
  const int user = uid_ ? 0 : CLONE_NEWUSER;
  if (setns(first_.get(), user | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS) != 0) _exit(127);
  // A process never changes its own PID namespace; its children are born in the new one.
  const auto pid = static_cast<pid_t>(syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0));
  if (pid == 0) return;
  const bool is_told = pid > 0 && write(fd, &pid, sizeof pid) == sizeof pid;
  _exit(is_told ? 0 : 127);
}

bool Jail::renounce() const {
  for (const UniqueFd& group : groups_) {
    if (group.valid() && write(group.get(), "0", 1) != 1) return false;
  }
  // When memory runs out it is theirs that is taken, and not the driver's. Where nobody may say so,
  // the kernel's own choice has to do.
  const UniqueFd file(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (file.valid()) static_cast<void>(!write(file.get(), "500", 3));
  const bool is_limited = limit(RLIMIT_NPROC, kMaxTasks) && limit(RLIMIT_NOFILE, kMaxFiles) &&
                          limit(RLIMIT_FSIZE, kMaxFileBytes) && limit(RLIMIT_CPU, kMaxCpuSeconds);
  if (!is_limited || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  if (!uid_) return true;
  // By the system calls: glibc's functions would tell all threads, of which a child has but one.
  return syscall(SYS_setgroups, 0, nullptr) == 0 &&
         syscall(SYS_setresgid, *uid_, *uid_, *uid_) == 0 &&
         syscall(SYS_setresuid, *uid_, *uid_, *uid_) == 0;
}

}  // namespace kit
