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
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "grader/harness/deadline.h"

namespace kit {

// The fields of a process's stat file behind its name, which may hold anything: state, parent,
// group, session, terminal, ... Empty when it is gone.
std::vector<std::string> stat_fields(pid_t pid);

// All living processes below this one, but for those that a jail consists of (jail.h).
std::vector<pid_t> descendants();

// The numbers of a process, or of a thread (`task` is "4711/task/4712"), in each PID namespace from
// this one inwards: a process in a jail has two. Empty when it is gone.
std::vector<pid_t> numbers_of(const std::string& task);

// The living process below this one that calls itself `number`, in its own PID namespace; -1 for
// none.
pid_t descendant_called(pid_t number);

// Whether a signal has stopped it.
bool is_stopped(pid_t pid);

// Kills all below this one, and what they start meanwhile, until none lives. False when the
// deadline came first.
bool kill_descendants(Deadline deadline);

// The same at one stroke, where that is possible: in a PID namespace of Bazel's sandbox, which
// holds this process, what is above it and what is below it, and nobody else's. Hits this process's
// own helpers as well as the subject's.
void kill_descendants_at_once(Deadline deadline);

// Takes in the zombies among this process's own children, except those that somebody waits for.
void reap_orphans(const std::set<pid_t>& awaited);

// More processes than any program of a lab needs, and few enough for a small machine to bear. For a
// submission, which may be a bomb, fewer: each may have a session of its own, and so as large a
// share of the processors as the harness.
int max_processes();

// A thread that looks every few milliseconds how many processes there are below this one, and calls
// `kill_all`, once, when there are more than `limit`: what forks without end is ended. A limit of
// the kernel's does it better, but RLIMIT_NPROC does not hold for root.
class ForkGuard {
 public:
  ForkGuard(int limit, std::function<void()> kill_all);
  ~ForkGuard();
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;

  // Whether it had to.
  bool has_killed() const { return has_killed_; }

 private:
  void watch();

  const int limit_;
  const int others_;  // processes that were there before, counted in the constructor
  const std::function<void()> kill_all_;
  std::atomic<bool> has_killed_ = false;
  std::mutex mutex_;  // guards is_stopping_
  std::condition_variable stopping_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_PROCESS_TREE_H_
