// Deadline: the moment until which something may take.
//
// A deadline is better than a timeout for anything that takes more than one call. A peer that sends
// one byte a second never runs into a timeout of two seconds per read, but it does run into a
// deadline: every call gets what is left of the whole.
//
//     Deadline deadline = Deadline::after_ms(5000);
//     while (!complete) read_some(buffer, deadline);   // five seconds for all of them together
//
// It counts on CLOCK_MONOTONIC, which does not jump when somebody sets the time (clock_gettime(2)).
// Thread-safety: a plain value.
#ifndef LABS_SUPPORT_DEADLINE_H_
#define LABS_SUPPORT_DEADLINE_H_

#include <time.h>

#include <cstdint>

namespace support {

class Deadline {
 public:
  static Deadline never() { return Deadline(INT64_MAX); }
  static Deadline after_ms(std::int64_t timeout_ms);

  bool is_never() const { return at_ms_ == INT64_MAX; }
  bool has_passed() const { return left_ms() == 0; }

  // What is left, as poll(2) wants it: -1 for ever, 0 when the deadline has passed.
  int left_ms() const;

  // The moment itself, on CLOCK_MONOTONIC, for calls that want a moment (sem_clockwait(3)). For
  // never it is one that will not come.
  timespec at() const;

  // Which of two comes first.
  friend bool operator<(Deadline left, Deadline right) { return left.at_ms_ < right.at_ms_; }

 private:
  explicit Deadline(std::int64_t at_ms) : at_ms_(at_ms) {}

  std::int64_t at_ms_;
};

// Waits with poll(2) until one of `events` (POLLIN, POLLOUT) is there for `fd`, or it has failed or
// was shut down: then the next call on it says what happened. False when the deadline passed first.
bool wait_for(int fd, short events, Deadline deadline);

}  // namespace support

#endif  // LABS_SUPPORT_DEADLINE_H_
