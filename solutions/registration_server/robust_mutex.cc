#include "robust_mutex.h"

#include <cerrno>
#include <ctime>

#include "labs/support/error.h"

namespace registration {

//~ begin step 1: Functions of your own can stand here.
namespace {

void check(int error, const char* call) {
  if (error != 0) support::throw_error(error, call);
}

// After pthread_mutex_lock() or one of its like. True when the mutex is had; false when it is
// somebody else's. is_after_death says whether its last owner died with it.
bool has_locked(pthread_mutex_t* mutex, int error, bool& is_after_death) {
  is_after_death = error == EOWNERDEAD;
  if (error == EBUSY || error == ETIMEDOUT) return false;
  // Usable again. Should we die before we have repaired what it guards, the next one is told, too.
  if (is_after_death) error = ::pthread_mutex_consistent(mutex);
  check(error, "pthread_mutex_lock");
  return true;
}

}  // namespace
//~ end

void init_robust(pthread_mutex_t* mutex) {
  //~ begin step 1: A mutex is for one process, and not robust, unless its attributes say otherwise.
  //~| (void)mutex;
  pthread_mutexattr_t attributes;
  check(::pthread_mutexattr_init(&attributes), "pthread_mutexattr_init");
  int error = ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  if (error == 0) error = ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  if (error == 0) error = ::pthread_mutex_init(mutex, &attributes);
  static_cast<void>(::pthread_mutexattr_destroy(&attributes));
  check(error, "pthread_mutex_init");
  //~ end
}

bool try_lock(pthread_mutex_t* mutex) {
  //~ begin step 1: Without waiting; and it may be a dead one's.
  //~| (void)mutex;
  //~| return false;
  bool is_after_death;
  return has_locked(mutex, ::pthread_mutex_trylock(mutex), is_after_death);
  //~ end
}

bool try_lock(pthread_mutex_t* mutex, support::Deadline deadline) {
  //~ begin step 1: The same with some waiting.
  //~| (void)mutex;
  //~| (void)deadline;
  //~| return false;
  bool is_after_death;
  timespec at = deadline.at();
  return has_locked(mutex, ::pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &at), is_after_death);
  //~ end
}

void unlock(pthread_mutex_t* mutex) {
  //~ begin step 1: It must be ours.
  //~| (void)mutex;
  check(::pthread_mutex_unlock(mutex), "pthread_mutex_unlock");
  //~ end
}

bool is_held(pthread_mutex_t* mutex) {
  //~ begin step 1: A mutex that can be had is held by nobody. Do not keep it.
  //~| (void)mutex;
  //~| return false;
  if (!try_lock(mutex)) return true;
  unlock(mutex);
  return false;
  //~ end
}

MutexLock::MutexLock(pthread_mutex_t* mutex, support::Deadline deadline) {
  //~ begin step 1: Wait for the mutex, and find out whether somebody died with it.
  //~| (void)mutex;
  //~| (void)deadline;
  timespec at = deadline.at();
  int error = ::pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &at);
  if (has_locked(mutex, error, is_after_death_)) mutex_ = mutex;
  //~ end
}

MutexLock::~MutexLock() {
  //~ begin step 1: Unlock it, if it was had.
  if (mutex_ != nullptr) static_cast<void>(::pthread_mutex_unlock(mutex_));
  //~ end
}

}  // namespace registration
