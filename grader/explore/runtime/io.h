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

#include <cstddef>
#include <cstdint>

#include "grader/explore/runtime/world.h"

namespace kit::explore {

inline constexpr Key kIoKey = 8;  // no address: all input and output conflict with each other

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

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_IO_H_
