#include "labs/support/deadline.h"

#include <poll.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "labs/support/error.h"

namespace support {
namespace {

std::int64_t now_ms() {
  timespec now;
  if (::clock_gettime(CLOCK_MONOTONIC, &now) < 0) throw_errno("clock_gettime");
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

}  // namespace

Deadline Deadline::after_ms(std::int64_t timeout_ms) { return Deadline(now_ms() + timeout_ms); }

int Deadline::left_ms() const {
  if (is_never()) return -1;
  std::int64_t left_ms = at_ms_ - now_ms();
  return static_cast<int>(std::clamp<std::int64_t>(left_ms, 0, INT_MAX));
}

timespec Deadline::at() const {
  return {static_cast<time_t>(at_ms_ / 1000), static_cast<long>(at_ms_ % 1000 * 1000000)};
}

bool wait_for(int fd, short events, Deadline deadline) {
  pollfd entry{fd, events, 0};
  for (;;) {
    int ready = ::poll(&entry, 1, deadline.left_ms());
    if (ready > 0) return true;
    if (ready == 0) return false;
    // A signal came: poll again, for what is left of the time.
    if (errno != EINTR) throw_errno("poll");
  }
}

}  // namespace support
