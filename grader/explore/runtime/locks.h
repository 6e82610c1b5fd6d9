// What the interposers of different objects share: taking and giving back a lock, and deadlines.
//
// Thread-safety: the baton's holder.
#ifndef GRADER_EXPLORE_RUNTIME_LOCKS_H_
#define GRADER_EXPLORE_RUNTIME_LOCKS_H_

#include <pthread.h>
#include <time.h>

#include "grader/explore/runtime/world.h"

namespace kit::explore {

// Waits for the lock and takes it. `abstime` may be null. 0, ETIMEDOUT, or what a robust mutex
// says.
int take_lock(Object* object, const timespec* abstime, clockid_t clock);
// Gives a lock back that the calling thread holds.
void give_lock(Object* object);

// The mutex as an object, with what its type says.
Object* mutex_object(const pthread_mutex_t* mutex);
// pthread_mutex_lock() without its entry; for condition variables too.
int lock_mutex(pthread_mutex_t* mutex, const timespec* abstime, clockid_t clock);

// Tells when an object that was made for one process is used by a second one.
void check_processes(Object* object);

// Tells of the locks that the calling thread still holds, now that it ends. With its process, only
// those that others could wait for.
void note_kept_locks(bool with_process);

// The virtual time of a clock.
std::uint64_t clock_now_ns(clockid_t clock);
// When the deadline comes, in virtual time.
std::uint64_t deadline_ns(const timespec& abstime, clockid_t clock);
std::uint64_t to_ns(const timespec& time);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_LOCKS_H_
