// Finds in a stream what the interposed library prints before it stops a process on a fatal signal:
// "kit: fatal signal 11 in process 4711".
//
// Thread-safety: none.
#ifndef GRADER_HARNESS_CRASH_LINE_H_
#define GRADER_HARNESS_CRASH_LINE_H_

#include <sys/types.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace kit {

inline constexpr std::string_view kCrashMark = "kit: fatal signal ";

struct Crash {
  pid_t pid = 0;
  int signal = 0;
};

class CrashLines {
 public:
  // The crashes whose lines have ended within `bytes`, which may come in any pieces.
  std::vector<Crash> feed(std::string_view bytes) {
    std::vector<Crash> found;
    pending_ += bytes;
    for (std::size_t end = 0; (end = pending_.find('\n')) != std::string::npos;) {
      // A program may have printed the beginning of a line of its own.
      const std::size_t mark = pending_.rfind(kCrashMark, end);
      Crash crash;
      if (mark != std::string::npos &&
          std::sscanf(pending_.c_str() + mark + kCrashMark.size(), "%d in process %d",
                      &crash.signal, &crash.pid) == 2) {
        found.push_back(crash);
      }
      pending_.erase(0, end + 1);
    }
    pending_.erase(0, pending_.size() - std::min(pending_.size(), kLongest));
    return found;
  }

 private:
  static constexpr std::size_t kLongest = 100;  // what cannot be the beginning of such a line goes
  std::string pending_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_CRASH_LINE_H_
