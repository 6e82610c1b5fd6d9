#include "robust_mutex.h"

#include <cerrno>
#include <ctime>

#include "labs/support/error.h"

namespace registration {

// TODO(step 1): Functions of your own can stand here.

void init_robust(pthread_mutex_t* mutex) {
  // TODO(step 1): A mutex is for one process, and not robust, unless its attributes say otherwise.
  (void)mutex;
}

bool try_lock(pthread_mutex_t* mutex) {
  // TODO(step 1): Without waiting; and it may be a dead one's.
  (void)mutex;
  return false;
}

bool try_lock(pthread_mutex_t* mutex, support::Deadline deadline) {
  // TODO(step 1): The same with some waiting.
  (void)mutex;
  (void)deadline;
  return false;
}

void unlock(pthread_mutex_t* mutex) {
  // TODO(step 1): It must be ours.
  (void)mutex;
}

bool is_held(pthread_mutex_t* mutex) {
  // TODO(step 1): A mutex that can be had is held by nobody. Do not keep it.
  (void)mutex;
  return false;
}

MutexLock::MutexLock(pthread_mutex_t* mutex, support::Deadline deadline) {
  // TODO(step 1): Wait for the mutex, and find out whether somebody died with it.
  (void)mutex;
  (void)deadline;
}

MutexLock::~MutexLock() {
  // TODO(step 1): Unlock it, if it was had.
}

}  // namespace registration
