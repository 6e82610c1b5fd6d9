// Waiting for descriptors in the schedule, and what every call on one has in common.
//
// A call that would block waits in the schedule until the descriptor is ready, and is then carried
// out at once. What one thread sends, another receives: that orders them, here as one order for all
// descriptors. Reads and writes on streams may be short, where the plan says so.
//
// Thread-safety: the baton's holder.
#ifndef GRADER_EXPLORE_RUNTIME_IO_H_
#define GRADER_EXPLORE_RUNTIME_IO_H_

#include <errno.h>
#include <poll.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/world.h"

namespace kit::explore {

inline constexpr Key kIoKey = 8;  // no address: all input and output conflict with each other

// Once in a run: the descriptors that the program was started with are somebody else's.
void note_first_descriptors();

// Whether a call on the descriptor is the explorer's business: it may block, and the run is
// explored.
bool is_mine(int fd);

bool is_nonblocking(int fd);

// Waits until one of the descriptors is ready. `limit_ns` 0: for ever. False: the time is over.
bool wait_until_ready(Op op, pollfd* fds, int count, std::uint64_t limit_ns);

// Before a call on one descriptor: waits as the call would. False: the descriptor's own time limit
// is over.
bool prepare_call(int fd, Op op);

// How many bytes of a call's are asked for: sometimes fewer than the program does.
std::size_t shortened(int fd, Op op, std::size_t bytes);

// While one of these lives, calls on the descriptor do not block.
class NonBlocking {
 public:
  explicit NonBlocking(int fd);
  ~NonBlocking();
  NonBlocking(const NonBlocking&) = delete;
  NonBlocking& operator=(const NonBlocking&) = delete;

 private:
  int fd_;
  int flags_;
};

// After a call: it is recorded, it orders threads, and who waits for descriptors may look again.
void note_call(int fd, Op op);

// Carries a call out. `call` gets how many bytes it may ask for.
template <typename Call>
auto carry_out(int fd, Op op, std::size_t bytes, void* pc, Call call) {
  decltype(call(bytes)) result = -1;
  int error = EAGAIN;
  {
    Entry entry(pc);
    if (prepare_call(fd, op)) {
      result = call(shortened(fd, op, bytes));
      error = errno;
      note_call(fd, op);
    }
  }
  if (result < 0) errno = error;
  return result;
}

// The same for a call that does not wait by itself.
template <typename Call>
ssize_t carry_out_now(int fd, Op op, void* pc, Call call) {
  ssize_t result = -1;
  int error = 0;
  {
    Entry entry(pc);
    point({.op = op, .key = kIoKey});
    result = call();
    error = errno;
    note_call(fd, op);
  }
  if (result < 0) errno = error;
  return result;
}

// The same for output that is made whole before the call returns: what the system does not take at
// once waits in the schedule for room. `call` gets how much was taken already, and how many bytes
// it may give; a schedule with short writes ends it early.
template <typename Call>
ssize_t carry_out_whole(int fd, std::size_t bytes, void* pc, Call call) {
  if (is_nonblocking(fd))
    return carry_out(fd, Op::kIoWrite, bytes, pc, [&](std::size_t n) { return call(0, n); });
  std::size_t done = 0;
  int error = EAGAIN;
  {
    Entry entry(pc);
    std::size_t wanted = bytes;
    do {
      if (!prepare_call(fd, Op::kIoWrite)) break;
      if (done == 0) wanted = shortened(fd, Op::kIoWrite, bytes);
      const NonBlocking now(fd);
      const ssize_t taken = call(done, wanted - done);
      error = errno;
      note_call(fd, Op::kIoWrite);
      if (taken < 0 && error != EAGAIN) break;
      if (taken > 0) done += static_cast<std::size_t>(taken);
      if (taken >= 0) error = 0;
    } while (done < wanted);
  }
  if (done > 0 || error == 0) return static_cast<ssize_t>(done);
  errno = error;
  return -1;
}

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_IO_H_
