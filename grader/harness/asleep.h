// Whether all threads of a program sleep at the same moment. Then nothing more comes of them by
// itself: what has not happened by then does not happen, however slow the machine is, unless
// somebody from outside does something.
//
//     while (!are_asleep(pid)) pause();
//     // it has done all that it will do about what it was sent
//
// A single look is not enough, since one thread can be woken by another while a third is looked at.
// So each is looked at twice, and the kernel's count of how often it was taken off a processor says
// whether it ran in between. One that has been woken and did not get a processor yet does not count
// as asleep, and that is the difference from a fixed pause.
//
// A thread that sleeps for a fixed time, or looks again and again, is asleep while it does.
//
// Who looks must hold no lock that they could be waiting for.
//
// Thread-safety: nothing is kept. Errors: what cannot be read is not asleep; what has ended is.
// Source: proc(5), /proc/[pid]/task/[tid]/status.
#ifndef GRADER_HARNESS_ASLEEP_H_
#define GRADER_HARNESS_ASLEEP_H_

#include <dirent.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

namespace kit {

// What a look found: how often each thread was taken off a processor.
struct Sleepers {
  bool all = true;
  std::map<pid_t, std::string> switches;

  bool operator==(const Sleepers& other) const {
    return all == other.all && switches == other.switches;
  }
};

// Looks at one thread.
inline void look_at(const std::string& task, pid_t tid, Sleepers& sleepers) {
  std::FILE* file = std::fopen((task + "/" + std::to_string(tid) + "/status").c_str(), "re");
  if (file == nullptr) {
    sleepers.all &= errno == ENOENT || errno == ESRCH;  // it has ended
    return;
  }
  std::string& switches = sleepers.switches[tid];
  char line[256];
  while (std::fgets(line, sizeof line, file) != nullptr) {
    // "State:\tS (sleeping)"; Z and X have ended.
    if (std::strncmp(line, "State:\t", 7) == 0)
      sleepers.all &= std::strchr("SZX", line[7]) != nullptr;
    if (std::strstr(line, "ctxt_switches") != nullptr) switches += line;
  }
  static_cast<void>(std::fclose(file));
}

// Looks at all threads of a process except one.
inline Sleepers look_at_all(pid_t pid, pid_t except) {
  Sleepers sleepers;
  const std::string task = "/proc/" + std::to_string(pid) + "/task";
  DIR* folder = ::opendir(task.c_str());
  if (folder == nullptr) {
    sleepers.all = errno == ENOENT;
    return sleepers;
  }
  while (const dirent* entry = ::readdir(folder)) {
    const pid_t tid = std::atoi(entry->d_name);
    if (tid > 0 && tid != except) look_at(task, tid, sleepers);
  }
  static_cast<void>(::closedir(folder));
  return sleepers;
}

// Whether all threads of the process slept at one moment of this call; `except` is not looked at.
inline bool are_asleep(pid_t pid, pid_t except = 0) {
  const Sleepers before = look_at_all(pid, except);
  return before.all && look_at_all(pid, except) == before;
}

// The same for the threads of two processes that may wake each other.
inline bool are_both_asleep(pid_t a, pid_t b) {
  const Sleepers in_a = look_at_all(a, 0);
  const Sleepers in_b = look_at_all(b, 0);
  return in_a.all && in_b.all && look_at_all(a, 0) == in_a && look_at_all(b, 0) == in_b;
}

// The same for a single thread of this process.
inline bool is_asleep(pid_t tid) {
  Sleepers before, after;
  look_at("/proc/self/task", tid, before);
  if (!before.all) return false;
  look_at("/proc/self/task", tid, after);
  return after == before;
}

}  // namespace kit

#endif  // GRADER_HARNESS_ASLEEP_H_
