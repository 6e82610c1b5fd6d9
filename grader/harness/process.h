// A running program of the subject, seen from outside.
//
// Ownership: a Process is owned by the box that started it. Its destructor kills what still runs.
// Output is read as it comes, by a thread of its own, and bounded: the first and the last part are
// kept, what lies between is counted. A program that prints without end is killed at kFloodBytes.
// Thread-safety: the member functions may be called from any thread.
// Errors: what cannot be done because of this machine throws std::system_error.
#ifndef GRADER_HARNESS_PROCESS_H_
#define GRADER_HARNESS_PROCESS_H_

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "grader/harness/crash_line.h"
#include "grader/harness/deadline.h"
#include "grader/harness/fd.h"

namespace kit {

class Jail;

// What is run. `argv[0]` is the path of the program.
struct Launch {
  std::string name;  // as a person calls it: "ring_server"
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;  // the whole environment
  std::string folder;                      // its working directory
  std::vector<int> inherited_fds;          // descriptors that it gets, under the same numbers
  int cpu = -1;                            // the only processor it may use; -1: any
  int descriptors = 0;                     // how many it may have open (RLIMIT_NOFILE); 0: many
  const Jail* jail = nullptr;              // what it runs in; null: this machine
  bool stop_first = false;                 // stops itself before its first instruction: for gdb
  // Called on a thread of the harness when the program, or one that it started, has stopped itself
  // on a fatal signal (see interpose/), so that its stacks can be taken; it is killed afterwards.
  // May be empty.
  std::function<void(pid_t)> on_crash;
};

// How a program ended.
struct Exit {
  int status = 0;  // exit status, when signal is 0
  int signal = 0;
  bool clean() const { return signal == 0 && status == 0; }
};
// "exit status 3", "signal 11 (Segmentation fault)".
std::string render(const Exit& exit);

// What a process holds at this moment.
struct Holdings {
  int descriptors = 0;
  int threads = 0;
  std::int64_t memory_kb = 0;  // resident
  int mappings = 0;  // of memory: a thread that ended and was not joined keeps its stack mapped
};

inline constexpr std::size_t kFloodBytes = std::size_t{64} << 20;

class Process {
 public:
  explicit Process(Launch launch);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  const std::string& name() const { return launch_.name; }
  const Launch& launch() const { return launch_; }
  pid_t pid() const { return pid_; }

  // What it printed so far.
  std::string out() const;
  std::string err() const;

  // Waits until `text` stands in what it printed on standard output (or error). False when the
  // deadline passed or the program ended without it.
  bool wait_for_out(const std::string& text, Deadline deadline);
  bool wait_for_err(const std::string& text, Deadline deadline);

  // The number after the first "<word>" line start on standard output, as in "listening on 4711".
  // std::nullopt like the above.
  std::optional<int> wait_for_number(const std::string& word, Deadline deadline);

  // Standard input. write_in() returns false when the program reads no more.
  bool write_in(const std::string& text, Deadline deadline);
  void close_in();

  // Sends a signal; nothing when it has ended.
  void signal(int number);
  // To it and to all of its process group.
  void signal_group(int number);

  // How it ended, once it has; std::nullopt when the deadline passes first. What stopped itself on
  // a fatal signal, and was then killed, counts as ended by that signal.
  std::optional<Exit> wait(Deadline deadline);
  bool running();

  // What died of a fatal signal: this program, and those that it started.
  std::vector<Crash> crashes();

  // True when it printed more than kFloodBytes.
  bool flooded() const;

  // Ends it: SIGKILL to its whole process group, and reaps it.
  void kill();

  // std::nullopt when it has ended.
  std::optional<Holdings> holdings() const;

 private:
  class Output;

  void start();
  void settle_in_jail(pid_t inmate);
  void reap();
  void end_crashed(const Crash& crash);

  const Launch launch_;
  pid_t pid_ = -1;
  UniqueFd in_;
  std::unique_ptr<Output> output_;
  std::mutex mutex_;  // guards what follows, and that no signal goes to a pid that was reaped
  std::condition_variable ended_;
  std::optional<Exit> exit_;
  std::vector<Crash> crashes_;
  std::thread reaper_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_PROCESS_H_
