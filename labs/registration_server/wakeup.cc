#include "wakeup.h"

#include <cerrno>
#include <ctime>

#include "labs/support/error.h"

namespace registration {

void init_semaphore(sem_t* semaphore) {
  // TODO(step 1): For threads of several processes.
  (void)semaphore;
}

void post(sem_t* semaphore) noexcept {
  // TODO(step 1): One wake-up.
  (void)semaphore;
}

bool wait(sem_t* semaphore, support::Deadline deadline) {
  // TODO(step 1): Until a post or the deadline. A signal is neither.
  (void)semaphore;
  (void)deadline;
  return false;
}

}  // namespace registration
