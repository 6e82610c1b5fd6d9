#include "grader/harness/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>

#include "grader/harness/fd.h"

namespace kit {
namespace {

constexpr int kLookEveryMs = 10;
// So many tasks more on the machine are worth a look at who they are.
constexpr int kSuspicious = 300;
constexpr int kKillLimitMs = 20'000;

struct Entry {
  pid_t parent = 0;
  pid_t group = 0;
  bool is_alive = false;
  bool is_stopped = false;
};
using Table = std::map<pid_t, Entry>;

// "17 (a (strange) name) S 1 17 ...": the name may hold anything, so what follows its last ')' counts.
bool read_entry(const char* pid, Entry& entry) {
  const UniqueFd file(open((std::string("/proc/") + pid + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  char text[512];
  const ssize_t length = file.valid() ? read(file.get(), text, sizeof text - 1) : -1;
  if (length <= 0) return false;
  text[length] = '\0';
  const char* name_end = std::strrchr(text, ')');
  char state = 0;
  if (name_end == nullptr) return false;
  if (std::sscanf(name_end + 1, " %c %d %d", &state, &entry.parent, &entry.group) != 3) return false;
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

}  // namespace

bool is_stopped(pid_t pid) {
  Entry entry;
  return read_entry(std::to_string(pid).c_str(), entry) && entry.is_stopped;
}

std::vector<pid_t> descendants() { return alive_below(read_table(), getpid()); }

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

ForkGuard::ForkGuard() : thread_([this] { watch(); }) {}

ForkGuard::~ForkGuard() {
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopping_.notify_all();
  thread_.join();
}

void ForkGuard::watch() {
  struct sysinfo info = {};
  int known = sysinfo(&info) == 0 ? info.procs : 0;
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, std::chrono::milliseconds(kLookEveryMs), [this] { return is_stopping_; })) {
    // One cheap call for the whole machine first: reading /proc takes milliseconds.
    if (sysinfo(&info) != 0) continue;
    const bool is_suspicious = info.procs >= known + kSuspicious;
    known = is_suspicious ? info.procs : std::min<int>(known, info.procs);
    if (!is_suspicious) continue;
    if (descendants().size() <= std::size_t{kMaxProcesses}) continue;
    has_killed_ = true;
    kill_descendants(Deadline::after_ms(kKillLimitMs));
  }
}

}  // namespace kit
