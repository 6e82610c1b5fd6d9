// A moment at which waiting ends. Every wait of the harness takes one.
//
// A deadline is made once and handed through all calls that share it, so that ten waits of one step
// do not add up to ten times its limit. It also remembers how long it was given, since a message
// that says "within 500 ms" is the same on every run, and one with the time really spent is not.
//
// Thread-safety: an unchanging value.
// Source: clock_gettime(2), CLOCK_MONOTONIC: the clock that nobody sets.
#ifndef GRADER_HARNESS_DEADLINE_H_
#define GRADER_HARNESS_DEADLINE_H_

#include <time.h>

#include <algorithm>
#include <climits>
#include <cstdint>

namespace kit {

// Nanoseconds on the clock of deadlines and histories.
inline std::int64_t monotonic_ns() {
  timespec now = {};
  // Fails only for an unknown clock or a bad pointer, and this has neither.
  static_cast<void>(clock_gettime(CLOCK_MONOTONIC, &now));
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

class Deadline {
 public:
  static Deadline after_ms(std::int64_t limit_ms) {
    return Deadline(monotonic_ns() + limit_ms * 1'000'000, limit_ms);
  }

  // What is left, rounded up, so that poll(2) does not return just before the end and spin; 0 when
  // it has passed.
  int remaining_ms() const {
    const std::int64_t left_ns = end_ns_ - monotonic_ns();
    if (left_ns <= 0) return 0;
    return static_cast<int>(std::min<std::int64_t>((left_ns + 999'999) / 1'000'000, INT_MAX));
  }

  bool expired() const { return monotonic_ns() >= end_ns_; }

  // How long it was when it was made.
  std::int64_t limit_ms() const { return limit_ms_; }

  // The earlier of this one and a fresh one: for a short wait inside a longer one.
  Deadline but_at_most_ms(std::int64_t limit_ms) const {
    const Deadline other = after_ms(limit_ms);
    return other.end_ns_ < end_ns_ ? other : *this;
  }

 private:
  Deadline(std::int64_t end_ns, std::int64_t limit_ms) : end_ns_(end_ns), limit_ms_(limit_ms) {}

  std::int64_t end_ns_;
  std::int64_t limit_ms_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_DEADLINE_H_
