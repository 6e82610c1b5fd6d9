#include "wakeup.h"

#include <cerrno>
#include <ctime>

#include "labs/support/error.h"

namespace registration {

void init_semaphore(sem_t* semaphore) {
  //~ begin step 1: For threads of several processes.
  //~| (void)semaphore;
  if (::sem_init(semaphore, /*pshared=*/1, 0) < 0) support::throw_errno("sem_init");
  //~ end
}

void post(sem_t* semaphore) noexcept {
  //~ begin step 1: One wake-up.
  //~| (void)semaphore;
  static_cast<void>(::sem_post(semaphore));  // EOVERFLOW: see the header
  //~ end
}

bool wait(sem_t* semaphore, support::Deadline deadline) {
  //~ begin step 1: Until a post or the deadline. A signal is neither.
  //~| (void)semaphore;
  //~| (void)deadline;
  //~| return false;
  timespec at = deadline.at();
  // Without a deadline, the kernel need not set a timer.
  while ((deadline.is_never() ? ::sem_wait(semaphore)
                              : ::sem_clockwait(semaphore, CLOCK_MONOTONIC, &at)) < 0) {
    if (errno == ETIMEDOUT) return false;
    if (errno != EINTR) support::throw_errno("sem_clockwait");
  }
  return true;
  //~ end
}

}  // namespace registration
