// gdb on the terminal of who asked for it: `reproduce --gdb`, and the schedule explorer by itself.
//
// run_gdb() is for a program that gdb starts. A Debugger is for one that a check has started: it
// stopped itself before its first instruction (Launch::stop_first); gdb takes it
// from there to its main() and gives the student the prompt, while the check goes on and waits for
// the program's answers as ever.
//
// Ownership: waits for gdb's end when it goes away. Thread-safety: none.
// Errors: std::system_error when gdb cannot be started.
#ifndef GRADER_HARNESS_DEBUGGER_H_
#define GRADER_HARNESS_DEBUGGER_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace kit {

// Runs gdb in the foreground until the student has left it. `argv` is its whole command line, `env`
// is added to this process's own; the descriptors are inherited under their numbers.
void run_gdb(const std::vector<std::string>& argv, const std::map<std::string, std::string>& env,
             const std::vector<int>& inherited_fds);

class Debugger {
 public:
  // `execs`: how many programs the process becomes until it is the one that is looked for. `on_end`
  // is called on another thread when the student has left gdb. It must let the process go on: gdb
  // found it stopped, and leaves it so.
  Debugger(pid_t pid, int execs, std::function<void()> on_end);
  ~Debugger() { wait(); }
  Debugger(const Debugger&) = delete;
  Debugger& operator=(const Debugger&) = delete;

  // Until the student has left gdb.
  void wait();

 private:
  std::thread waiter_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_DEBUGGER_H_
