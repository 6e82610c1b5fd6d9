// Who waits for whom: whether threads that hang wait for each other in a circle.
//
// A thread that waits for a mutex sits in futex(2) with the address of that mutex, and glibc keeps
// the holder's thread id beside it; pthread_join() waits on the other thread's id itself. Both are
// read from outside, so that a program needs nothing built in.
//
// Thread-safety: none needed, nothing is kept. Errors: what cannot be read is no edge.
// Sources: proc(5) on /proc/[pid]/task/[tid]/syscall; futex(2); glibc's struct __pthread_mutex_s
// (bits/struct_mutex.h).
#ifndef GRADER_HARNESS_WAITS_H_
#define GRADER_HARNESS_WAITS_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

#include "grader/harness/stacks.h"

namespace kit {

// What a thread waits for at this moment.
struct Wait {
  std::uintptr_t address = 0;  // of the futex
  pid_t holder = 0;            // of a mutex at that address
  pid_t joined = 0;            // the thread whose end is waited for there
  bool operator==(const Wait& other) const {
    return address == other.address && holder == other.holder && joined == other.joined;
  }
};
using Waits = std::map<pid_t, Wait>;  // by thread id

// Of all threads of a process that are in futex(2).
Waits read_waits(pid_t pid);

// The circle in words, "" when there is none:
//     thread 2 waits in Counter::add (counter.cc:8) for a mutex that thread 4 holds
// `before` and `after` were read before and after the stacks: an edge counts when it stayed.
struct Deadlock {
  std::string circle;
  std::string place;  // where one of them waits
};
Deadlock find_deadlock(const Stacks& stacks, const Waits& before, const Waits& after);

}  // namespace kit

#endif  // GRADER_HARNESS_WAITS_H_
