// C11's threads, mutexes and condition variables (<threads.h>): the same objects as POSIX's under
// other names. The C library calls its own functions behind them, past what stands in for those: so
// each is said here in terms of the POSIX one.
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <threads.h>
#include <time.h>

#include <cstdint>
#include <new>

#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/world.h"
#include "grader/harness/c11_threads.h"

namespace kit::explore {
namespace {

struct Begin {
  thrd_start_t function;
  void* argument;
};

void* run(void* raw) {
  const Begin begin = *static_cast<Begin*>(raw);
  free(raw);
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(begin.function(begin.argument)));
}

}  // namespace
}  // namespace kit::explore

using kit::as_pthread;
using kit::thrd_result;
using kit::explore::is_explored;
using kit::explore::OuterCall;

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  if (!is_explored()) return KIT_REAL(thrd_create)(thread, function, argument);
  const OuterCall outer(KIT_PC);
  void* memory = malloc(sizeof(kit::explore::Begin));
  if (memory == nullptr) return thrd_nomem;
  auto* begin = new (memory) kit::explore::Begin{function, argument};
  return thrd_result(pthread_create(thread, nullptr, kit::explore::run, begin));
}

int thrd_join(thrd_t thread, int* result) {
  if (!is_explored()) return KIT_REAL(thrd_join)(thread, result);
  const OuterCall outer(KIT_PC);
  void* value = nullptr;
  const int error = pthread_join(thread, &value);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
  return thrd_result(error);
}

void thrd_exit(int result) {
  pthread_exit(reinterpret_cast<void*>(static_cast<std::intptr_t>(result)));
}

void thrd_yield() {
  const OuterCall outer(KIT_PC);
  sched_yield();
}

int thrd_sleep(const timespec* time, timespec* left) {
  if (!is_explored()) return KIT_REAL(thrd_sleep)(time, left);
  const OuterCall outer(KIT_PC);
  return nanosleep(time, left);
}

int mtx_init(mtx_t* mutex, int type) {
  if (!is_explored()) return KIT_REAL(mtx_init)(mutex, type);
  const OuterCall outer(KIT_PC);
  return thrd_result(kit::make_mutex(mutex, type));
}

int mtx_lock(mtx_t* mutex) {
  if (!is_explored()) return KIT_REAL(mtx_lock)(mutex);
  const OuterCall outer(KIT_PC);
  return thrd_result(pthread_mutex_lock(as_pthread(mutex)));
}

int mtx_trylock(mtx_t* mutex) {
  if (!is_explored()) return KIT_REAL(mtx_trylock)(mutex);
  const OuterCall outer(KIT_PC);
  return thrd_result(pthread_mutex_trylock(as_pthread(mutex)));
}

int mtx_timedlock(mtx_t* __restrict mutex, const timespec* __restrict abstime) {
  if (!is_explored()) return KIT_REAL(mtx_timedlock)(mutex, abstime);
  const OuterCall outer(KIT_PC);
  return thrd_result(pthread_mutex_timedlock(as_pthread(mutex), abstime));
}

int mtx_unlock(mtx_t* mutex) {
  if (!is_explored()) return KIT_REAL(mtx_unlock)(mutex);
  const OuterCall outer(KIT_PC);
  return thrd_result(pthread_mutex_unlock(as_pthread(mutex)));
}

void mtx_destroy(mtx_t* mutex) {
  if (!is_explored()) return KIT_REAL(mtx_destroy)(mutex);
  const OuterCall outer(KIT_PC);
  pthread_mutex_destroy(as_pthread(mutex));
}

int cnd_init(cnd_t* cond) {
  if (!is_explored()) return KIT_REAL(cnd_init)(cond);
  const OuterCall outer(KIT_PC);
  return thrd_result(pthread_cond_init(as_pthread(cond), nullptr));
}

int cnd_wait(cnd_t* cond, mtx_t* mutex) {
  if (!is_explored()) return KIT_REAL(cnd_wait)(cond, mutex);
  const OuterCall outer(KIT_PC);
  return thrd_result(pthread_cond_wait(as_pthread(cond), as_pthread(mutex)));
}

int cnd_timedwait(cnd_t* __restrict cond, mtx_t* __restrict mutex,
                  const timespec* __restrict abstime) {
  if (!is_explored()) return KIT_REAL(cnd_timedwait)(cond, mutex, abstime);
  const OuterCall outer(KIT_PC);
  return thrd_result(pthread_cond_timedwait(as_pthread(cond), as_pthread(mutex), abstime));
}

int cnd_signal(cnd_t* cond) {
  if (!is_explored()) return KIT_REAL(cnd_signal)(cond);
  const OuterCall outer(KIT_PC);
  return thrd_result(pthread_cond_signal(as_pthread(cond)));
}

int cnd_broadcast(cnd_t* cond) {
  if (!is_explored()) return KIT_REAL(cnd_broadcast)(cond);
  const OuterCall outer(KIT_PC);
  return thrd_result(pthread_cond_broadcast(as_pthread(cond)));
}

void cnd_destroy(cnd_t* cond) {
  if (!is_explored()) return KIT_REAL(cnd_destroy)(cond);
  const OuterCall outer(KIT_PC);
  pthread_cond_destroy(as_pthread(cond));
}

void call_once(once_flag* flag, void (*function)()) { pthread_once(as_pthread(flag), function); }

}  // extern "C"
