// What the interposed library was asked to do, and what it knows of the calling thread.
//
// The environment is read once, when the library is loaded:
//   KIT_PERTURB=<seed>:<max_us>   random delays of up to max_us at synchronisation and I/O calls
//   KIT_SHORT_IO=<percent>        so many of the reads and writes on stream sockets move less,
//                                 and with 100 no one moves more than a byte
//   KIT_EINTR=<percent>           so many blocking calls on stream sockets fail with EINTR first
//   KIT_WATCH_FD=<fd>             a pipe's writing end for events (watch.h)
//   KIT_WATCH_DELAYS=1            each delay is an event too (for this library's own tests)
//   KIT_WATCH_LOCKS=0             no events about what is done under a lock
//   KIT_CRASH_STOP=0              a fatal signal does not stop the process (crash.h)
// What is not set is not done. A value that is no number counts as not set.
//
// Thread-safety: the options do not change after loading. A thread's state is its own; threads
// share nothing, since a lock or an atomic counter of ours would order the very threads whose races
// we want to show.
#ifndef GRADER_HARNESS_INTERPOSE_STATE_H_
#define GRADER_HARNESS_INTERPOSE_STATE_H_

#include <cstdint>

namespace kit {

struct Options {
  bool perturb = false;
  std::uint64_t seed = 0;
  std::uint32_t max_delay_us = 0;
  std::uint32_t short_io_percent = 0;
  std::uint32_t eintr_percent = 0;
  bool watch_delays = false;
  bool watch_locks = true;
  bool crash_stop = true;
};

extern constinit Options options;

// A lock that this thread holds, and the line of the subject that took it.
struct HeldLock {
  const void* lock;
  const void* site;
};

struct ThreadState {
  std::uint64_t lineage = 0;   // which thread this is: see child_lineage()
  std::uint64_t children = 0;  // threads and processes it has started
  std::uint64_t random = 0;    // the generator's state; 0: not begun
  std::uint32_t delays = 0;
  std::uint32_t held_count = 0;  // may be more than are kept in `held`
  HeldLock held[16] = {};
  std::uint32_t inside = 0;  // > 0 while this library itself works: then nothing is watched
};

// Initial-exec: reaching it must not call the allocator, which is interposed.
extern thread_local constinit ThreadState thread_state __attribute__((tls_model("initial-exec")));

// While it lives, what this thread does is the library's own doing.
class Inside {
 public:
  Inside() { ++thread_state.inside; }
  ~Inside() { --thread_state.inside; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
};

// A thread's number is the path from the first thread down to it (its creator's number and how many
// that one had started before). So it is the same on every run, whatever order the threads come in,
// and needs no shared counter.
std::uint64_t child_lineage();

// The next number of this thread's own sequence (xorshift64*), which seed and lineage determine.
std::uint64_t next_random();

}  // namespace kit

#endif  // GRADER_HARNESS_INTERPOSE_STATE_H_
