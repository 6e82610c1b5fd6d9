// What ThreadSanitizer of GCC 12 does not know of, and would accuse correct programs for.
//
// It sees that a mutex was locked by standing in for the function that locks it. For some functions
// it does not: those of <threads.h>, and those that take the clock as an argument (which is what
// std::timed_mutex::try_lock_for() and std::shared_timed_mutex use). Here they are made from the
// ones that it knows. A moment on another clock is translated once: the clock being set meanwhile
// matters to no check.
//
// A fence orders nothing in its eyes. Here each fence comes after all that were made before it, by
// whomever: that may hide a race of a program with fences, and accuses no fence that meets a fence.
//
// std::atomic<std::shared_ptr> of GCC 12 gives its lock back without saying so (GCC bug 101761).
// What is seen inside of it is held against nobody.
//
// Linked into the programs of the mode tsan, as the configuration's malloc (modes.bzl).
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <threads.h>
#include <time.h>

#include <cstdint>
#include <new>

#include "grader/harness/c11_threads.h"

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

std::int64_t ns_of(const timespec& time) { return time.tv_sec * kSecondNs + time.tv_nsec; }

std::int64_t now_ns(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return ns_of(now);
}

// The same moment by the time of day, which the older functions go by.
timespec by_day(clockid_t clock, const timespec& moment) {
  const bool is_valid = moment.tv_nsec >= 0 && moment.tv_nsec < kSecondNs;
  constexpr std::int64_t kFarS = std::int64_t{1} << 32;
  if (clock == CLOCK_REALTIME || !is_valid || moment.tv_sec > kFarS) return moment;
  std::int64_t at_ns = ns_of(moment) - now_ns(clock) + now_ns(CLOCK_REALTIME);
  if (at_ns < 0) at_ns = 0;
  return {at_ns / kSecondNs, at_ns % kSecondNs};
}

struct Start {
  thrd_start_t function;
  void* argument;
};

void* run(void* data) {
  const Start start = *static_cast<Start*>(data);
  delete static_cast<Start*>(data);
  return reinterpret_cast<void*>(std::intptr_t{start.function(start.argument)});
}

}  // namespace

using kit::as_pthread;
using kit::thrd_result;

extern "C" {

void __tsan_acquire(void* address);
void __tsan_release(void* address);

// What GCC makes of std::atomic_thread_fence().
void __tsan_atomic_thread_fence(int order) {
  static char all_fences;
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (order != __ATOMIC_RELEASE) __tsan_acquire(&all_fences);
  if (order != __ATOMIC_ACQUIRE && order != __ATOMIC_CONSUME) __tsan_release(&all_fences);
}

const char* __tsan_default_suppressions() { return "race:std::_Sp_atomic\n"; }

int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
  const timespec at = by_day(clock, *until);
  return pthread_mutex_timedlock(mutex, &at);
}

int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* until) {
  const timespec at = by_day(clock, *until);
  return pthread_rwlock_timedrdlock(lock, &at);
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* until) {
  const timespec at = by_day(clock, *until);
  return pthread_rwlock_timedwrlock(lock, &at);
}

int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* until) {
  const timespec at = by_day(clock, *until);
  return sem_timedwait(semaphore, &at);
}

int mtx_init(mtx_t* mutex, int type) { return thrd_result(kit::make_mutex(mutex, type)); }
void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy(as_pthread(mutex)); }
int mtx_lock(mtx_t* mutex) { return thrd_result(pthread_mutex_lock(as_pthread(mutex))); }
int mtx_trylock(mtx_t* mutex) { return thrd_result(pthread_mutex_trylock(as_pthread(mutex))); }
int mtx_unlock(mtx_t* mutex) { return thrd_result(pthread_mutex_unlock(as_pthread(mutex))); }
int mtx_timedlock(mtx_t* mutex, const timespec* until) {
  return thrd_result(pthread_mutex_timedlock(as_pthread(mutex), until));
}

int cnd_init(cnd_t* condition) {
  return thrd_result(pthread_cond_init(as_pthread(condition), nullptr));
}
void cnd_destroy(cnd_t* condition) { pthread_cond_destroy(as_pthread(condition)); }
int cnd_signal(cnd_t* condition) { return thrd_result(pthread_cond_signal(as_pthread(condition))); }
int cnd_broadcast(cnd_t* condition) {
  return thrd_result(pthread_cond_broadcast(as_pthread(condition)));
}
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return thrd_result(pthread_cond_wait(as_pthread(condition), as_pthread(mutex)));
}
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return thrd_result(pthread_cond_timedwait(as_pthread(condition), as_pthread(mutex), until));
}

void call_once(once_flag* flag, void (*function)()) { pthread_once(as_pthread(flag), function); }

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto* start = new (std::nothrow) Start{function, argument};
  if (start == nullptr) return thrd_nomem;
  const int error = pthread_create(thread, nullptr, run, start);
  if (error != 0) delete start;
  return error == EAGAIN ? thrd_nomem : thrd_result(error);
}
int thrd_detach(thrd_t thread) { return thrd_result(pthread_detach(thread)); }
int thrd_join(thrd_t thread, int* result) {
  void* value = nullptr;
  const int error = pthread_join(thread, &value);
  if (error == 0 && result != nullptr)
    *result = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
  return thrd_result(error);
}
[[noreturn]] void thrd_exit(int result) {
  pthread_exit(reinterpret_cast<void*>(std::intptr_t{result}));
}

}  // extern "C"
