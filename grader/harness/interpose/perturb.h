// Random delays, short reads and writes, and interruptions: all of them things that a machine under
// load, a slow network or a signal may do at any time, so a correct program is correct under them.
//
// Each choice comes from the calling thread's own sequence, which the seed determines (state.h).
// errno is left as it was.
#ifndef GRADER_HARNESS_INTERPOSE_PERTURB_H_
#define GRADER_HARNESS_INTERPOSE_PERTURB_H_

#include <cstddef>

namespace kit {

// Does nothing, yields, or sleeps a little. Not a cancellation point.
void delay();

// A delay before what is done in its scope, and one after.
class Delayed {
 public:
  Delayed() { delay(); }
  ~Delayed() { delay(); }
  Delayed(const Delayed&) = delete;
  Delayed& operator=(const Delayed&) = delete;
};

// How many of `bytes` this call may move: all, or by chance at least 1 and fewer. `flags` are those
// of recv or send; what must stay whole (datagrams, MSG_WAITALL, what is no socket) does.
std::size_t allowed_bytes(int fd, std::size_t bytes, int flags);

// By chance, for a call that could block on a socket: true with errno set to EINTR. The caller then
// returns -1 and has done nothing.
bool interrupted(int fd, int flags);

}  // namespace kit

#endif  // GRADER_HARNESS_INTERPOSE_PERTURB_H_
