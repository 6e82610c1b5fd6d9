// Starting other programs, and being told of Ctrl-C while they run.
//
// Ownership: a Process kills (with its group, if it has one) and reaps its child when it goes away
// before the child has ended. SignalWatch blocks its signals while it lives, so that they arrive as
// something to read and never in the middle of a call; children get the old mask.
// Thread-safety: one thread.
// Errors: GraderError when a program cannot be started: it names the program and says why.
// Source: pidfd_open(2), signalfd(2), prctl(2) PR_SET_PDEATHSIG, execvp(3).
#ifndef GRADER_GRADE_PROCESS_H_
#define GRADER_GRADE_PROCESS_H_

#include <signal.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "grader/harness/fd.h"

namespace kit::grade {

struct SpawnOptions {
  std::string cwd;    // where it runs; empty: here
  int stdin_fd = -1;  // -1: ours
  int stdout_fd = -1;
  int stderr_fd = -1;
  bool has_own_group = false;  // Ctrl-C on the terminal does not reach it; we pass it on
};

class Process {
 public:
  static Process start(const std::vector<std::string>& argv, const SpawnOptions& options);
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  ~Process();

  // Readable once the child has ended.
  int exit_fd() const { return pidfd_.get(); }
  // The exit status, 128 + the signal's number for a death by signal, or nothing while it runs.
  std::optional<int> poll_exit();
  int wait();
  void send(int signal);

 private:
  Process(pid_t pid, bool has_own_group);
  void store(int status);

  pid_t pid_;
  bool has_own_group_;
  UniqueFd pidfd_;
  std::optional<int> exit_;
};

// What the program writes to its standard output, without the last newline; empty when it cannot be
// started, fails, or takes longer than a second or two.
std::string capture(const std::vector<std::string>& argv, const std::string& cwd);

class SignalWatch {
 public:
  explicit SignalWatch(const std::vector<int>& signals);
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch();

  int fd() const { return fd_.get(); }
  // Takes what has arrived; whether there was any.
  bool take();
  // Whether any has arrived since the watch began.
  bool has_fired() const { return has_fired_; }

 private:
  sigset_t old_mask_;
  UniqueFd fd_;
  bool has_fired_ = false;
};

}  // namespace kit::grade

#endif  // GRADER_GRADE_PROCESS_H_
