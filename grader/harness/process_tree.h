// The processes below this one, whoever of them started them.
//
// A process counts as below this one as long as the chain of its parents leads here; daemons do so
// too when this process is a subreaper (prctl(2)). Zombies do not count: they do nothing any more.
//
// Thread-safety: the functions may be called from any thread. Errors: none; what ends while it is
// looked at is left out.
// Source: proc(5), "/proc/[pid]/stat".
#ifndef GRADER_HARNESS_PROCESS_TREE_H_
#define GRADER_HARNESS_PROCESS_TREE_H_

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "grader/harness/deadline.h"

namespace kit {

// All living processes below this one.
std::vector<pid_t> descendants();

// Whether a signal has stopped it.
bool is_stopped(pid_t pid);

// Kills them and what they start meanwhile, until none lives. False when the deadline came first.
bool kill_descendants(Deadline deadline);

// More processes than any program of a lab needs, and few enough for a small machine to bear.
inline constexpr int kMaxProcesses = 1500;

// A thread that looks every few milliseconds how many processes there are below this one, and kills
// them all when there are more than kMaxProcesses: what forks without end is ended. A limit of the
// kernel's would do it better, but RLIMIT_NPROC does not hold for root.
class ForkGuard {
 public:
  ForkGuard();
  ~ForkGuard();
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;

  // Whether it had to.
  bool has_killed() const { return has_killed_; }

 private:
  void watch();

  std::atomic<bool> has_killed_ = false;
  std::mutex mutex_;  // guards is_stopping_
  std::condition_variable stopping_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_PROCESS_TREE_H_
