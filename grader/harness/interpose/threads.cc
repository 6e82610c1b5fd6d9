// The calls by which threads wait for each other: a delay before and after each, and, for the
// locks, which of them this thread holds.
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

#include <cstdint>

#include "grader/harness/interpose/crash.h"
#include "grader/harness/interpose/perturb.h"
#include "grader/harness/interpose/real.h"
#include "grader/harness/interpose/state.h"
#include "grader/harness/interpose/syscall.h"
#include "grader/harness/interpose/watch.h"

namespace kit {
namespace {

// EOWNERDEAD gives the lock too: of a robust mutex whose holder died.
int note_taken(int error, const void* lock, const void* caller) {
  if (error == 0 || error == EOWNERDEAD) lock_taken(lock, caller);
  return error;
}

struct Start {
  void* (*function)(void*);
  void* argument;
  std::uint64_t lineage;
};

void* start_thread(void* start) {
  Start own = {};
  {
    const Inside inside;
    own = *static_cast<Start*>(start);
    free(start);
    thread_state.lineage = own.lineage;
    give_signal_stack();
  }
  delay();
  return own.function(own.argument);
}

}  // namespace
}  // namespace kit

// Each with its parameters, and what is handed on.
#define KIT_DELAYED(name, params, arguments) \
  KIT_INTERPOSE(int, name, params) {         \
    const kit::Delayed delayed;              \
    return KIT_REAL(name) arguments;         \
  }

#define KIT_TAKES(name, params, arguments)                                               \
  KIT_INTERPOSE(int, name, params) {                                                     \
    const kit::Delayed delayed;                                                          \
    return kit::note_taken(KIT_REAL(name) arguments, lock, __builtin_return_address(0)); \
  }

#define KIT_RELEASES(name, params)            \
  KIT_INTERPOSE(int, name, params) {          \
    const kit::Delayed delayed;               \
    const int error = KIT_REAL(name)(lock);   \
    if (error == 0) kit::lock_released(lock); \
    return error;                             \
  }

KIT_TAKES(pthread_mutex_lock, (pthread_mutex_t * lock), (lock))
KIT_TAKES(pthread_mutex_trylock, (pthread_mutex_t * lock), (lock))
KIT_TAKES(pthread_mutex_timedlock, (pthread_mutex_t * lock, const timespec* until), (lock, until))
KIT_TAKES(pthread_mutex_clocklock, (pthread_mutex_t * lock, clockid_t clock, const timespec* until),
          (lock, clock, until))
KIT_RELEASES(pthread_mutex_unlock, (pthread_mutex_t * lock))

KIT_TAKES(pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock))
KIT_TAKES(pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock))
KIT_TAKES(pthread_rwlock_tryrdlock, (pthread_rwlock_t * lock), (lock))
KIT_TAKES(pthread_rwlock_trywrlock, (pthread_rwlock_t * lock), (lock))
KIT_TAKES(pthread_rwlock_timedrdlock, (pthread_rwlock_t * lock, const timespec* until),
          (lock, until))
KIT_TAKES(pthread_rwlock_timedwrlock, (pthread_rwlock_t * lock, const timespec* until),
          (lock, until))
KIT_TAKES(pthread_rwlock_clockrdlock,
          (pthread_rwlock_t * lock, clockid_t clock, const timespec* until), (lock, clock, until))
KIT_TAKES(pthread_rwlock_clockwrlock,
          (pthread_rwlock_t * lock, clockid_t clock, const timespec* until), (lock, clock, until))
KIT_RELEASES(pthread_rwlock_unlock, (pthread_rwlock_t * lock))

// A wait gives its mutex back and takes it again before it returns: what this thread holds is the
// same before and after, and in between it does nothing that could be watched.
KIT_DELAYED(pthread_cond_wait, (pthread_cond_t * condition, pthread_mutex_t* lock),
            (condition, lock))
KIT_DELAYED(pthread_cond_timedwait,
            (pthread_cond_t * condition, pthread_mutex_t* lock, const timespec* until),
            (condition, lock, until))
KIT_DELAYED(pthread_cond_clockwait,
            (pthread_cond_t * condition, pthread_mutex_t* lock, clockid_t clock,
             const timespec* until),
            (condition, lock, clock, until))
KIT_DELAYED(pthread_cond_signal, (pthread_cond_t * condition), (condition))
KIT_DELAYED(pthread_cond_broadcast, (pthread_cond_t * condition), (condition))
KIT_DELAYED(pthread_barrier_wait, (pthread_barrier_t * barrier), (barrier))

KIT_DELAYED(sem_wait, (sem_t * semaphore), (semaphore))
KIT_DELAYED(sem_trywait, (sem_t * semaphore), (semaphore))
KIT_DELAYED(sem_timedwait, (sem_t * semaphore, const timespec* until), (semaphore, until))
KIT_DELAYED(sem_clockwait, (sem_t * semaphore, clockid_t clock, const timespec* until),
            (semaphore, clock, until))
KIT_DELAYED(sem_post, (sem_t * semaphore), (semaphore))

KIT_DELAYED(pthread_join, (pthread_t thread, void** result), (thread, result))

KIT_INTERPOSE(int, pthread_create,
              (pthread_t * thread, const pthread_attr_t* attributes, void* (*function)(void*),
               void* argument)) {
  const kit::Delayed delayed;
  kit::Start* start = nullptr;
  {
    const kit::Inside inside;
    start = static_cast<kit::Start*>(malloc(sizeof(kit::Start)));
  }
  if (start == nullptr) return EAGAIN;
  *start = {function, argument, kit::child_lineage()};
  const int error = KIT_REAL(pthread_create)(thread, attributes, kit::start_thread, start);
  if (error != 0) {
    const kit::Inside inside;
    free(start);
  }
  return error;
}

// std::atomic::wait, semaphores, latches and barriers of C++20 reach the kernel by this door.
// Reading six arguments where fewer were passed gives values that the kernel does not look at.
KIT_INTERPOSE(long, syscall, (long number, ...)) {
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  const auto call = [&] {
    return KIT_REAL(syscall)(number, arguments[0], arguments[1], arguments[2], arguments[3],
                             arguments[4], arguments[5]);
  };
  if (number != SYS_futex) return call();
  const kit::Delayed delayed;
  return call();
}

namespace kit {

long system_call(long number, long a, long b, long c, long d, long e, long f) {
  return KIT_REAL(syscall)(number, a, b, c, d, e, f);
}

}  // namespace kit
