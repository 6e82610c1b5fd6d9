// Looking again and again, for what nobody tells: what /proc says of another process, a port that
// becomes free.
//
// Where there is something to wait for (a line, an end, a connection), wait for that instead.
//
// Thread-safety: any thread.
// Source: usleep(3).
#ifndef GRADER_HARNESS_POLL_H_
#define GRADER_HARNESS_POLL_H_

#include <unistd.h>

#include "grader/harness/deadline.h"

namespace kit {

// Looks until `has_happened()`, every millisecond or two. False when the deadline passed first.
template <typename Condition>
bool poll_until(Deadline deadline, Condition has_happened) {
  constexpr int kLookAgainUs = 1500;
  while (!has_happened()) {
    if (deadline.expired()) return false;
    static_cast<void>(usleep(kLookAgainUs));  // that a signal cut it short does no harm
  }
  return true;
}

}  // namespace kit

#endif  // GRADER_HARNESS_POLL_H_
