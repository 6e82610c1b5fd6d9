// What a program prints, read as it comes by a thread of its own. For process.h, which is its only
// user.
//
// Ownership: owns the reading ends of the program's two streams.
// Thread-safety: the member functions may be called from any thread, the destructor and stop() by
// one. The callbacks come on the reading thread, without a lock held.
// Errors: std::system_error when there is no pipe or thread to be had.
#ifndef GRADER_HARNESS_PROCESS_OUTPUT_H_
#define GRADER_HARNESS_PROCESS_OUTPUT_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "grader/harness/crash_line.h"
#include "grader/harness/deadline.h"
#include "grader/harness/fd.h"
#include "grader/harness/output_buffer.h"
#include "grader/harness/pipe.h"
#include "grader/harness/process.h"

namespace kit {

// Reads both streams until they end.
class Process::Output {
 public:
  // `on_flood` is called when one of them is longer than kFloodBytes.
  Output(UniqueFd out, UniqueFd err, std::function<void()> on_flood,
         std::function<void(const Crash&)> on_crash);
  ~Output() { stop(); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Reads what is there, and no more.
  void stop();

  // 0 is standard output, 1 standard error.
  std::string text(int stream) const;
  bool flooded() const;

  // Waits until all that is in the pipes by now has been read: a program that has ended has said
  // everything, and what it said must be there for whoever asks next.
  void catch_up(Deadline deadline);

  // Waits until `done(text)`, or both streams have ended.
  bool wait(int stream, const std::function<bool(const std::string&)>& done, Deadline deadline);

 private:
  bool has_input(int stream) const;
  void read_all();
  bool read_some(int stream);

  const std::function<void()> on_flood_;
  const std::function<void(const Crash&)> on_crash_;
  CrashLines crash_lines_;  // of the reading thread
  UniqueFd fds_[2];
  Pipe wake_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  OutputBuffer buffers_[2];
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_PROCESS_OUTPUT_H_
