// Reader-writer locks: many readers or one writer. Whom a released lock goes to is the scheduler's
// choice, so that neither readers nor writers are preferred. Under the fair scheduler, a writer
// that waits keeps new readers out: nobody is to be blamed for what an unkind lock would do.
#include <errno.h>
#include <pthread.h>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/keys.h"
#include "grader/explore/runtime/locks.h"
#include "grader/explore/runtime/progress.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

Intent with_deadline(Intent intent, const timespec* abstime, clockid_t clock) {
  if (abstime == nullptr) return intent;
  intent.has_deadline = true;
  intent.deadline_ns = deadline_ns(*abstime, clock);
  return intent;
}

void begin_reading(Object* object) {
  ++object->readers;
  ++object->reads[self_id()];
  if (object->reads[self_id()] == 1) ++t_self->held;
  object->taken_at = stack_of(*t_self);
  if (is_watched()) note_served();
  acquire(object->clock);
}

void begin_writing(Object* object) {
  object->owner = self_id();
  object->taken_at = stack_of(*t_self);
  ++t_self->held;
  if (is_watched()) note_served();
  acquire(object->clock);
}

int read_lock(pthread_rwlock_t* lock, const timespec* abstime, clockid_t clock) {
  Object* object = object_at(key_of(lock));
  if (object->owner == self_id()) return EDEADLK;
  // Who reads already may read once more, whoever waits.
  const Wait wait = object->reads[self_id()] > 0 ? Wait::kFree : Wait::kReadable;
  const Intent intent{.op = Op::kReadLock, .key = object->key, .wait = wait, .object = object};
  if (point(with_deadline(intent, abstime, clock)) == Why::kTimeout && object->owner != kNobody)
    return ETIMEDOUT;
  begin_reading(object);
  record(Op::kReadLock, object->key);
  return 0;
}

int write_lock(pthread_rwlock_t* lock, const timespec* abstime, clockid_t clock) {
  Object* object = object_at(key_of(lock));
  if (object->owner == self_id()) return EDEADLK;
  const Intent intent{
      .op = Op::kLock, .key = object->key, .wait = Wait::kWritable, .object = object};
  const Why why = point(with_deadline(intent, abstime, clock));
  if (why == Why::kTimeout && (object->owner != kNobody || object->readers > 0)) return ETIMEDOUT;
  begin_writing(object);
  record(Op::kLock, object->key);
  return 0;
}

int try_read_lock(pthread_rwlock_t* lock) {
  Object* object = object_at(key_of(lock));
  point({.op = Op::kTryLock, .key = object->key});
  record(Op::kTryLock, object->key, object->owner);
  if (object->owner != kNobody) return EBUSY;
  begin_reading(object);
  return 0;
}

int try_write_lock(pthread_rwlock_t* lock) {
  Object* object = object_at(key_of(lock));
  point({.op = Op::kTryLock, .key = object->key});
  record(Op::kTryLock, object->key, object->owner);
  if (object->owner != kNobody || object->readers > 0) return EBUSY;
  begin_writing(object);
  return 0;
}

int unlock(pthread_rwlock_t* lock) {
  Object* object = object_at(key_of(lock));
  if (object->owner == self_id()) return give_lock(object), 0;
  if (object->readers == 0) {
    note_misuse(Verdict::kMisuse,
                "a reader-writer lock is unlocked that this thread does not hold");
    return EPERM;
  }
  --object->readers;
  if (object->reads[self_id()] > 0 && --object->reads[self_id()] == 0) --t_self->held;
  release(object->clock);
  record(Op::kUnlock, object->key);
  return 0;
}

}  // namespace
}  // namespace kit::explore

using kit::explore::Entry;
using kit::explore::is_explored;

extern "C" {

int pthread_rwlock_init(pthread_rwlock_t* lock, const pthread_rwlockattr_t* attributes) {
  if (is_explored()) {
    Entry entry(KIT_PC);
    kit::explore::forget_objects(reinterpret_cast<std::uintptr_t>(lock), sizeof *lock);
  }
  return KIT_REAL(pthread_rwlock_init)(lock, attributes);
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) {
  if (!is_explored()) return KIT_REAL(pthread_rwlock_rdlock)(lock);
  Entry entry(KIT_PC);
  return kit::explore::read_lock(lock, nullptr, CLOCK_REALTIME);
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock, const timespec* abstime) {
  if (!is_explored()) return KIT_REAL(pthread_rwlock_timedrdlock)(lock, abstime);
  Entry entry(KIT_PC);
  return kit::explore::read_lock(lock, abstime, CLOCK_REALTIME);
}

int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* abstime) {
  if (!is_explored()) return KIT_REAL(pthread_rwlock_clockrdlock)(lock, clock, abstime);
  Entry entry(KIT_PC);
  return kit::explore::read_lock(lock, abstime, clock);
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) {
  if (!is_explored()) return KIT_REAL(pthread_rwlock_wrlock)(lock);
  Entry entry(KIT_PC);
  return kit::explore::write_lock(lock, nullptr, CLOCK_REALTIME);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock, const timespec* abstime) {
  if (!is_explored()) return KIT_REAL(pthread_rwlock_timedwrlock)(lock, abstime);
  Entry entry(KIT_PC);
  return kit::explore::write_lock(lock, abstime, CLOCK_REALTIME);
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* abstime) {
  if (!is_explored()) return KIT_REAL(pthread_rwlock_clockwrlock)(lock, clock, abstime);
  Entry entry(KIT_PC);
  return kit::explore::write_lock(lock, abstime, clock);
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) {
  if (!is_explored()) return KIT_REAL(pthread_rwlock_tryrdlock)(lock);
  Entry entry(KIT_PC);
  return kit::explore::try_read_lock(lock);
}

int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) {
  if (!is_explored()) return KIT_REAL(pthread_rwlock_trywrlock)(lock);
  Entry entry(KIT_PC);
  return kit::explore::try_write_lock(lock);
}

int pthread_rwlock_unlock(pthread_rwlock_t* lock) {
  if (!is_explored()) return KIT_REAL(pthread_rwlock_unlock)(lock);
  Entry entry(KIT_PC);
  return kit::explore::unlock(lock);
}

}  // extern "C"
