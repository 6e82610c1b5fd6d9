#include "grader/harness/interpose/perturb.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include <cstdint>

#include "grader/harness/interpose/state.h"
#include "grader/harness/interpose/syscall.h"
#include "grader/harness/interpose/watch.h"

namespace kit {
namespace {

class KeptErrno {
 public:
  KeptErrno() : value_(errno) {}
  ~KeptErrno() { errno = value_; }
  KeptErrno(const KeptErrno&) = delete;
  KeptErrno& operator=(const KeptErrno&) = delete;

 private:
  int value_;
};

// Half of the points do nothing, so that threads also meet at full speed; the others yield, or
// sleep: mostly for a short time, rarely for the longest, since windows come in all sizes.
// Returns -1 for nothing, 0 for a yield, else microseconds.
int choose_delay_us() {
  const std::uint64_t random = next_random();
  const std::uint32_t kind = (random >> 32) & 15;
  if (kind < 8) return -1;
  if (kind < 11 || options.max_delay_us == 0) return 0;
  const std::uint32_t longest = (options.max_delay_us >> ((kind - 11) & 3)) | 1;
  return static_cast<int>(1 + static_cast<std::uint32_t>(random) % longest);
}

// By system call: nanosleep(3) would be a cancellation point where the program has none.
void sleep_us(int time_us) {
  timespec time = {0, time_us * 1'000L};
  system_call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, reinterpret_cast<long>(&time), 0);
}

bool is_stream_socket(int fd) {
  const KeptErrno kept;
  int type = 0;
  socklen_t length = sizeof(type);
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
}

bool may_block(int fd, int flags) {
  const KeptErrno kept;
  const int status = fcntl(fd, F_GETFL);
  return (flags & MSG_DONTWAIT) == 0 && status >= 0 && (status & O_NONBLOCK) == 0;
}

bool by_chance(std::uint32_t percent) { return (next_random() >> 32) % 100 < percent; }

}  // namespace

void delay() {
  if (!options.perturb || thread_state.inside > 0) return;
  const KeptErrno kept;
  const Inside inside;
  const int time_us = choose_delay_us();
  ++thread_state.delays;
  if (options.watch_delays) report_delay(time_us);
  if (time_us == 0) {
    static_cast<void>(sched_yield());
  } else if (time_us > 0) {
    sleep_us(time_us);
  }
}

std::size_t allowed_bytes(int fd, std::size_t bytes, int flags) {
  if (options.short_io_percent == 0 || bytes < 2 || (flags & MSG_WAITALL) != 0) return bytes;
  if (thread_state.inside > 0 || !is_stream_socket(fd)) return bytes;
  if (!by_chance(options.short_io_percent)) return bytes;
  // One byte only, as often as any other part: that is what finds the most. And always, where no
  // transfer may be whole: there a test wants to be sure.
  if (options.short_io_percent >= 100) return 1;
  const std::uint64_t random = next_random() >> 16;
  return random % 2 == 0 ? 1 : 1 + (random >> 1) % (bytes - 1);
}

bool interrupted(int fd, int flags) {
  if (options.eintr_percent == 0 || thread_state.inside > 0) return false;
  if (!may_block(fd, flags) || !is_stream_socket(fd)) return false;
  if (!by_chance(options.eintr_percent)) return false;
  errno = EINTR;
  return true;
}

}  // namespace kit
