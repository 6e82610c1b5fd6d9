// The receiving end of the interposed library's events (interpose/watch.h): what a history cannot
// show, such as an allocation while a lock is held, or which line made the shared memory that was
// left behind.
//
//   WatchPipe pipe;
//   launch.env["KIT_WATCH_FD"] = std::to_string(pipe.child_fd());
//   launch.inherited_fd = pipe.child_fd();
//   ... the program runs and ends ...
//   for (const WatchEvent& event : pipe.finish()) ...
//
// Ownership: WatchPipe owns both ends and the thread that empties the pipe, so that the subject
// never finds it full.
// Thread-safety: events() from any thread; finish() once.
// Errors: std::system_error when there is no pipe to be had. A line that is none is left out: the
// subject could write into the pipe too.
#ifndef GRADER_HARNESS_WATCH_EVENTS_H_
#define GRADER_HARNESS_WATCH_EVENTS_H_

#include <sys/types.h>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "grader/harness/fd.h"

namespace kit {

// A place in the code: a program or library, and from the innermost frame outwards the calls in it.
struct WatchSite {
  std::string file;
  std::vector<std::string> offsets;  // "0x1a2b", as addr2line reads them
};

struct WatchEvent {
  std::string kind;   // "alloc-under-lock", "send-under-lock", "shm_open", "delay", ...
  std::string value;  // bytes, descriptor, or the object's name
  WatchSite site;
  WatchSite lock_site;            // of the "-under-lock" kinds: where the lock was taken
  std::vector<std::string> rest;  // of "delay": its number and lineage
  pid_t pid = 0;
  pid_t tid = 0;
  std::int64_t time_ns = 0;  // the clock of histories
};

// std::nullopt for a line that is no event.
std::optional<WatchEvent> parse_watch_event(std::string_view line);

// The lines of a site, "file:line" in full, innermost first, with what was inlined; what is unknown
// is left out. Asks addr2line(1).
std::vector<std::string> lines_of(const WatchSite& site);

class WatchPipe {
 public:
  WatchPipe();
  ~WatchPipe();
  WatchPipe(const WatchPipe&) = delete;
  WatchPipe& operator=(const WatchPipe&) = delete;

  // The end that the subject inherits, under the same number.
  int child_fd() const { return write_end_.get(); }

  // What has come so far.
  std::vector<WatchEvent> events();

  // Everything, once the subject has ended. What a process that outlived it writes later is lost.
  std::vector<WatchEvent> finish();

 private:
  void read_all();
  void stop();

  UniqueFd read_end_;
  UniqueFd write_end_;
  UniqueFd wake_;
  std::mutex mutex_;  // guards text_
  std::string text_;
  std::thread reader_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_WATCH_EVENTS_H_
