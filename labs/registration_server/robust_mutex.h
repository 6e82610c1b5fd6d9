// A mutex in shared memory whose owner may be killed.
//
// An ordinary mutex of a dead process stays locked for ever. A robust one is given free by the
// kernel, and the next one who locks it is told: pthread_mutex_lock() returns EOWNERDEAD. He has
// the mutex then, and two duties: to put right what the dead one may have left half done, and to
// say so (pthread_mutex_consistent(3)). If he unlocks it without that, it is unusable for good.
//
//     MutexLock lock(&memory->mutex, deadline);
//     if (!lock) ...                    // the deadline passed
//     if (lock.is_after_death()) ...    // repair what the mutex guards
//
// A mutex also tells whether somebody lives. Who holds one for as long as he lives needs no other
// sign: is_held() is true as long as he does.
//
// Ownership: the memory is the caller's, and so is the mutex in it. A mutex belongs to the thread
// that locked it; it must be unlocked before its memory is unmapped, since the C library keeps a
// list of a thread's robust mutexes, for the kernel.
// Thread-safety: that is what they are for.
// Errors: std::system_error of a call that cannot fail in a correct program.
// Source: pthread_mutexattr_setrobust(3), pthread_mutexattr_setpshared(3), get_robust_list(2).
#ifndef REGISTRATION_ROBUST_MUTEX_H_
#define REGISTRATION_ROBUST_MUTEX_H_

#include <pthread.h>

#include "labs/support/deadline.h"

namespace registration {

// Makes a mutex that is robust and shared by processes, and is free.
void init_robust(pthread_mutex_t* mutex);

// Locks it if that needs no waiting. After a death it is made consistent: a mutex that says only
// that somebody lives guards nothing that could need repair.
[[nodiscard]] bool try_lock(pthread_mutex_t* mutex);

// The same, and waits until the deadline if somebody has it.
[[nodiscard]] bool try_lock(pthread_mutex_t* mutex, support::Deadline deadline);

void unlock(pthread_mutex_t* mutex);

// Whether a living thread has it, at this moment.
[[nodiscard]] bool is_held(pthread_mutex_t* mutex);

// The mutex, while it is held. Unlocks it when it is destroyed.
class MutexLock {
 public:
  // Waits until the mutex is had or the deadline has passed.
  MutexLock(pthread_mutex_t* mutex, support::Deadline deadline);
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  ~MutexLock();

  explicit operator bool() const { return mutex_ != nullptr; }

  // Whether the one who had it before has died with it.
  bool is_after_death() const { return is_after_death_; }

 private:
  pthread_mutex_t* mutex_ = nullptr;  // nullptr: not had
  bool is_after_death_ = false;
};

}  // namespace registration

#endif  // REGISTRATION_ROBUST_MUTEX_H_
