// Condition variables. A wait is two operations: to give the mutex back and become a waiter, in one
// step; and, once woken, to take the mutex again like anybody else.
#include <errno.h>
#include <pthread.h>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/keys.h"
#include "grader/explore/runtime/locks.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

int wait(pthread_cond_t* cond, pthread_mutex_t* mutex, const timespec* abstime, clockid_t clock) {
  Object* waited = object_at(key_of(cond));
  Object* locked = mutex_object(mutex);
  point({.op = Op::kCondWait, .key = waited->key});
  if (locked->owner != self_id())
    note_misuse(Verdict::kMisuse, "a thread waits with a mutex that it does not hold");
  record(Op::kCondWait, waited->key);
  give_lock(locked);
  t_self->is_woken = false;
  Intent intent{.op = Op::kCondWait, .key = waited->key, .wait = Wait::kWoken, .object = waited};
  if (abstime != nullptr) {
    intent.has_deadline = true;
    intent.deadline_ns = deadline_ns(*abstime, clock);
  }
  const bool is_late = point(intent) == Why::kTimeout && !t_self->is_woken;
  t_self->is_woken = false;
  record(Op::kCondWoken, waited->key);
  const int result = take_lock(locked, nullptr, clock);
  return result != 0 ? result : is_late ? ETIMEDOUT : 0;
}

int signal(pthread_cond_t* cond) {
  Object* object = object_at(key_of(cond));
  point({.op = Op::kSignal, .key = object->key});
  const int woken = wake_one(object);
  object->lost_by = woken == kNobody ? self_id() : kNobody;
  object->lost_step = g_world->step;
  record(Op::kSignal, object->key, woken);
  return 0;
}

int broadcast(pthread_cond_t* cond) {
  Object* object = object_at(key_of(cond));
  point({.op = Op::kBroadcast, .key = object->key});
  const int woken = wake_all(object);
  object->lost_by = woken == 0 ? self_id() : kNobody;
  object->lost_step = g_world->step;
  record(Op::kBroadcast, object->key, woken);
  return 0;
}

}  // namespace
}  // namespace kit::explore

using kit::explore::Entry;
using kit::explore::is_explored;

extern "C" {

int pthread_cond_init(pthread_cond_t* cond, const pthread_condattr_t* attributes) {
  if (is_explored()) {
    Entry entry(KIT_PC);
    kit::explore::forget_objects(reinterpret_cast<std::uintptr_t>(cond), sizeof *cond);
  }
  return KIT_REAL_COND(pthread_cond_init)(cond, attributes);
}

int pthread_cond_destroy(pthread_cond_t* cond) {
  if (!is_explored()) return KIT_REAL_COND(pthread_cond_destroy)(cond);
  return 0;
}

int pthread_cond_wait(pthread_cond_t* cond, pthread_mutex_t* mutex) {
  if (!is_explored()) return KIT_REAL_COND(pthread_cond_wait)(cond, mutex);
  Entry entry(KIT_PC);
  return kit::explore::wait(cond, mutex, nullptr, CLOCK_REALTIME);
}

int pthread_cond_timedwait(pthread_cond_t* cond, pthread_mutex_t* mutex, const timespec* abstime) {
  if (!is_explored()) return KIT_REAL_COND(pthread_cond_timedwait)(cond, mutex, abstime);
  Entry entry(KIT_PC);
  // All clocks show the same virtual time: which one the attributes chose makes no difference.
  return kit::explore::wait(cond, mutex, abstime, CLOCK_REALTIME);
}

int pthread_cond_clockwait(pthread_cond_t* cond, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* abstime) {
  if (!is_explored()) return KIT_REAL(pthread_cond_clockwait)(cond, mutex, clock, abstime);
  Entry entry(KIT_PC);
  return kit::explore::wait(cond, mutex, abstime, clock);
}

int pthread_cond_signal(pthread_cond_t* cond) {
  if (!is_explored()) return KIT_REAL_COND(pthread_cond_signal)(cond);
  Entry entry(KIT_PC);
  return kit::explore::signal(cond);
}

int pthread_cond_broadcast(pthread_cond_t* cond) {
  if (!is_explored()) return KIT_REAL_COND(pthread_cond_broadcast)(cond);
  Entry entry(KIT_PC);
  return kit::explore::broadcast(cond);
}

}  // extern "C"
