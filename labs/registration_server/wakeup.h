// Semaphores in shared memory, to wake one another (sem_overview(7)).
//
// Why no condition variable? One in memory that is shared with a process that may be killed can
// hang whoever signals it, for ever: a waiter that dies never says that it has left, and glibc
// (2.36) waits for it to. A semaphore is a number: who dies while he waits for it leaves nothing.
//
// A wake-up says "look", and nothing more: posts can be left over, or taken by somebody who then
// died. So the caller always waits in a loop, for something he can see.
//
// Ownership: the memory is the caller's.
// Thread-safety: that is what they are for.
// Errors: std::system_error of a call that cannot fail in a correct program.
// Source: sem_init(3), sem_clockwait(3).
#ifndef REGISTRATION_WAKEUP_H_
#define REGISTRATION_WAKEUP_H_

#include <semaphore.h>

#include "labs/support/deadline.h"

namespace registration {

// Makes a semaphore that processes share, with the value 0.
void init_semaphore(sem_t* semaphore);

// Wakes one who waits, or the next one who comes. One that was posted 2^31 times too often, by
// somebody who means harm, is left as it is: it wakes whoever waits, and that is all we want.
void post(sem_t* semaphore) noexcept;

// Waits for a post. False when the deadline passed first.
[[nodiscard]] bool wait(sem_t* semaphore, support::Deadline deadline);

}  // namespace registration

#endif  // REGISTRATION_WAKEUP_H_
