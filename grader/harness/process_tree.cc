#include "grader/harness/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

#include "grader/harness/fd.h"
#include "grader/harness/jail.h"
#include "grader/submissions/bwrap.h"

namespace kit {
namespace {

constexpr int kLookEveryMs = 10;
constexpr int kMaxProcesses = 1500;
constexpr int kMaxInmates = 300;
// In a sandbox with so few others, many more can only be the subject's.
constexpr int kFew = 50;

struct Entry {
  pid_t parent = 0;
  pid_t group = 0;
  bool is_alive = false;
  bool is_stopped = false;
};
using Table = std::map<pid_t, Entry>;

// "17 (a (strange) name) S 1 17 ...": the name may hold anything, so what follows its last ')'
// counts.
bool read_entry(const char* pid, Entry& entry) {
  const UniqueFd file(open((std::string("/proc/") + pid + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  char text[512];
  const ssize_t length = file.valid() ? read(file.get(), text, sizeof text - 1) : -1;
  if (length <= 0) return false;
  text[length] = '\0';
  const char* name_end = std::strrchr(text, ')');
  char state = 0;
  if (name_end == nullptr) return false;
  if (std::sscanf(name_end + 1, " %c %d %d", &state, &entry.parent, &entry.group) != 3)
    return false;
  entry.is_stopped = state == 'T';
  entry.is_alive = state != 'Z' && state != 'X';
  return true;
}

Table read_table() {
  Table table;
  DIR* folder = opendir("/proc");
  if (folder == nullptr) return table;
  while (const dirent* name = readdir(folder)) {
    Entry entry;
    if (name->d_name[0] < '0' || name->d_name[0] > '9') continue;
    if (read_entry(name->d_name, entry)) table[std::atoi(name->d_name)] = entry;
  }
  closedir(folder);
  return table;
}

bool is_below(const Table& table, pid_t pid, pid_t top) {
  // The table was read while processes came and went: a circle of numbers used again must end, too.
  for (std::size_t steps = 0; steps <= table.size(); ++steps) {
    const auto entry = table.find(pid);
    if (entry == table.end()) return false;
    pid = entry->second.parent;
    if (pid == top) return true;
  }
  return false;
}

std::vector<pid_t> alive_below(const Table& table, pid_t top) {
  std::vector<pid_t> found;
  for (const auto& [pid, entry] : table) {
    if (entry.is_alive && is_below(table, pid, top)) found.push_back(pid);
  }
  return found;
}

// The process groups of this process and of those above it, which are not to be hit.
std::set<pid_t> groups_above(const Table& table) {
  std::set<pid_t> groups = {0, 1, getpgrp()};
  pid_t pid = getpid();
  for (std::size_t steps = 0; steps <= table.size() && table.count(pid) != 0; ++steps) {
    groups.insert(table.at(pid).group);
    pid = table.at(pid).parent;
  }
  return groups;
}

int count_processes() {
  DIR* folder = opendir("/proc");
  if (folder == nullptr) return 0;
  int count = 0;
  while (const dirent* name = readdir(folder))
    count += name->d_name[0] >= '0' && name->d_name[0] <= '9';
  closedir(folder);
  return count;
}

std::string read_name(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  std::getline(file, name);
  return name;
}

// Bazel's, and that of submissions (grader/submissions/room.cc).
bool is_sandbox(const std::string& name) { return name == "linux-sandbox" || name == "room"; }

// The first process of a jail, or the bubblewrap in front of it. No inmate can pass for either: it
// has two numbers, and number one is taken.
bool is_of_jail(pid_t pid) {
  const std::vector<pid_t> numbers = numbers_of(std::to_string(pid));
  if (numbers.size() == 2) return numbers[1] == 1;
  std::error_code error;
  const auto program =
      std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", error);
  return numbers.size() == 1 && program == kBwrap;
}

}  // namespace

std::vector<std::string> stat_fields(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string line((std::istreambuf_iterator<char>(file)), {});
  std::istringstream words(line.substr(std::min(line.rfind(')'), line.size() - 1) + 1));
  return {std::istream_iterator<std::string>(words), {}};
}

int max_processes() { return Jail::is_wanted() ? kMaxInmates : kMaxProcesses; }

bool is_stopped(pid_t pid) {
  Entry entry;
  return read_entry(std::to_string(pid).c_str(), entry) && entry.is_stopped;
}

std::vector<pid_t> descendants() {
  std::vector<pid_t> found = alive_below(read_table(), getpid());
  if (Jail::is_wanted()) std::erase_if(found, is_of_jail);
  return found;
}

std::vector<pid_t> numbers_of(const std::string& task) {
  std::ifstream file("/proc/" + task + "/status");
  std::vector<pid_t> numbers;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("NSpid:")) continue;
    std::istringstream words(line.substr(6));
    for (pid_t number = 0; words >> number;) numbers.push_back(number);
  }
  return numbers;
}

pid_t descendant_called(pid_t number) {
  for (const pid_t pid : descendants()) {
    const std::vector<pid_t> numbers = numbers_of(std::to_string(pid));
    if (!numbers.empty() && numbers.back() == number) return pid;
  }
  return -1;
}

// A signal to a group reaches all of it at once, and a fork under way in it fails: that alone ends
// what forks without end. What makes a group of its own each time is hit one by one, over and over,
// which is faster than it can fork.
bool kill_descendants(Deadline deadline) {
  while (!deadline.expired()) {
    const Table table = read_table();
    const std::vector<pid_t> found = alive_below(table, getpid());
    if (found.empty()) return true;
    std::set<pid_t> done = groups_above(table);
    for (const pid_t pid : found) {
      const pid_t group = table.at(pid).group;
      if (done.insert(group).second) kill(-group, SIGKILL);
    }
    for (const pid_t pid : found) kill(pid, SIGKILL);
  }
  return false;
}

void kill_descendants_at_once(Deadline deadline) {
  // -1: everybody but the first process of the namespace and this one (kill(2)).
  if (getppid() == 1 && is_sandbox(read_name(1))) kill(-1, SIGKILL);
  kill_descendants(deadline);
}

void reap_orphans(const std::set<pid_t>& awaited) {
  for (const auto& [pid, entry] : read_table()) {
    if (entry.parent == getpid() && !entry.is_alive && awaited.count(pid) == 0)
      waitpid(pid, nullptr, WNOHANG);
  }
}

ForkGuard::ForkGuard(int limit, std::function<void()> kill_all)
    : limit_(limit),
      others_(count_processes()),
      kill_all_(std::move(kill_all)),
      thread_([this] { watch(); }) {}

ForkGuard::~ForkGuard() {
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopping_.notify_all();
  thread_.join();
}

void ForkGuard::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, std::chrono::milliseconds(kLookEveryMs),
                             [this] { return is_stopping_; })) {
    // To count is cheap; to find out who they are is not, while a thousand processes want to run.
    if (count_processes() - others_ <= limit_) continue;
    if (others_ > kFew && static_cast<int>(descendants().size()) <= limit_) continue;
    has_killed_ = true;
    kill_all_();
    return;
  }
}

}  // namespace kit
