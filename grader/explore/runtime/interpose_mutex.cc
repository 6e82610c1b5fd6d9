// Mutexes and spin locks. Who has one is kept in its object; the C library's own is never touched.
#include <errno.h>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/keys.h"
#include "grader/explore/runtime/locks.h"
#include "grader/explore/runtime/progress.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/shadow.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

// How glibc keeps a mutex's type; see nptl/pthreadP.h there.
constexpr int kTypeMask = 3;
constexpr int kRobustBit = 16;
constexpr int kSharedBit = 128;

int type_of(const pthread_mutex_t* mutex) { return mutex->__data.__kind & kTypeMask; }

void own(Object* object) {
  object->owner = self_id();
  object->depth = 1;
  object->taken_at = stack_of(*t_self);
  ++t_self->held;
  if (is_watched()) note_served();
  acquire(object->clock);
}

// The owner died and left what the mutex guards as it was: the next one is told.
int after_death(Object* object) {
  if (!object->owner_died) return 0;
  object->owner_died = false;
  object->is_unusable = true;
  return EOWNERDEAD;
}

}  // namespace

int take_lock(Object* object, const timespec* abstime, clockid_t clock) {
  Intent intent{.op = Op::kLock, .key = object->key, .wait = Wait::kFree, .object = object};
  if (abstime != nullptr) {
    intent.has_deadline = true;
    intent.deadline_ns = deadline_ns(*abstime, clock);
  }
  if (point(intent) == Why::kTimeout && object->owner != kNobody) return ETIMEDOUT;
  own(object);
  record(Op::kLock, object->key);
  return after_death(object);
}

void give_lock(Object* object) {
  check_object(object->key);
  release(object->clock);
  if (object->owner == self_id()) --t_self->held;
  object->owner = kNobody;
  object->depth = 0;
  record(Op::kUnlock, object->key);
}

// In private memory each process has an object of its own, and this never happens.
void check_processes(Object* object) {
  if (object->user == kNobody) object->user = t_self->process;
  if (object->user == t_self->process || !object->is_of_one_process) return;
  note_misuse(Verdict::kMisuse,
              "two processes use an object that was made for one (see PTHREAD_PROCESS_SHARED, or "
              "sem_init's second argument)");
}

Object* mutex_object(const pthread_mutex_t* mutex) {
  Object* object = object_at(key_of(mutex));
  object->is_robust = (mutex->__data.__kind & kRobustBit) != 0;
  object->is_of_one_process = (mutex->__data.__kind & kSharedBit) == 0;
  check_processes(object);
  return object;
}

int lock_mutex(pthread_mutex_t* mutex, const timespec* abstime, clockid_t clock) {
  Object* object = mutex_object(mutex);
  if (object->owner == self_id()) {
    if (type_of(mutex) == PTHREAD_MUTEX_RECURSIVE) return ++object->depth, 0;
    if (type_of(mutex) == PTHREAD_MUTEX_ERRORCHECK) return EDEADLK;
  }
  if (object->is_unusable && object->owner == kNobody) return ENOTRECOVERABLE;
  return take_lock(object, abstime, clock);
}

void note_kept_locks(bool with_process) {
  for (int i = 0; i < g_world->object_count; ++i) {
    const Object& object = g_world->objects[i];
    const bool has_it = object.owner == self_id() || object.reads[self_id()] > 0;
    if (!has_it || object.is_robust) continue;
    if (with_process && !is_shared_key(object.key)) continue;
    note_misuse(Verdict::kLockLeak, "a thread ends and keeps a lock that it took");
  }
}

static int try_lock(pthread_mutex_t* mutex) {
  Object* object = mutex_object(mutex);
  point({.op = Op::kTryLock, .key = object->key});
  record(Op::kTryLock, object->key, object->owner);
  if (object->owner == self_id() && type_of(mutex) == PTHREAD_MUTEX_RECURSIVE)
    return ++object->depth, 0;
  if (object->owner != kNobody) return EBUSY;
  if (object->is_unusable) return ENOTRECOVERABLE;
  own(object);
  return after_death(object);
}

static int unlock(pthread_mutex_t* mutex) {
  Object* object = mutex_object(mutex);
  if (object->owner != self_id()) {
    if (object->is_robust || type_of(mutex) == PTHREAD_MUTEX_ERRORCHECK ||
        type_of(mutex) == PTHREAD_MUTEX_RECURSIVE)
      return EPERM;
    note_misuse(Verdict::kMisuse, object->owner == kNobody
                                      ? "a mutex is unlocked that nobody holds"
                                      : "a mutex is unlocked that another thread holds");
  }
  if (--object->depth > 0) return 0;
  give_lock(object);
  return 0;
}

static int destroy(pthread_mutex_t* mutex) {
  Object* object = mutex_object(mutex);
  if (object->owner != kNobody)
    note_misuse(Verdict::kMisuse, "a mutex is destroyed that is locked");
  object->owner = kNobody;
  object->is_unusable = object->owner_died = false;
  return 0;
}

}  // namespace kit::explore

using kit::explore::Entry;
using kit::explore::is_explored;

extern "C" {

int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) {
  if (is_explored()) {
    Entry entry(KIT_PC);
    kit::explore::forget_objects(reinterpret_cast<std::uintptr_t>(mutex), sizeof *mutex);
  }
  return KIT_REAL(pthread_mutex_init)(mutex, attributes);
}

int pthread_mutex_destroy(pthread_mutex_t* mutex) {
  if (!is_explored()) return KIT_REAL(pthread_mutex_destroy)(mutex);
  Entry entry(KIT_PC);
  return kit::explore::destroy(mutex);
}

int pthread_mutex_lock(pthread_mutex_t* mutex) {
  if (!is_explored()) return KIT_REAL(pthread_mutex_lock)(mutex);
  Entry entry(KIT_PC);
  return kit::explore::lock_mutex(mutex, nullptr, CLOCK_REALTIME);
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) {
  if (!is_explored()) return KIT_REAL(pthread_mutex_trylock)(mutex);
  Entry entry(KIT_PC);
  return kit::explore::try_lock(mutex);
}

int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* abstime) {
  if (!is_explored()) return KIT_REAL(pthread_mutex_timedlock)(mutex, abstime);
  Entry entry(KIT_PC);
  return kit::explore::lock_mutex(mutex, abstime, CLOCK_REALTIME);
}

int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* abstime) {
  if (!is_explored()) return KIT_REAL(pthread_mutex_clocklock)(mutex, clock, abstime);
  Entry entry(KIT_PC);
  return kit::explore::lock_mutex(mutex, abstime, clock);
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) {
  if (!is_explored()) return KIT_REAL(pthread_mutex_unlock)(mutex);
  Entry entry(KIT_PC);
  return kit::explore::unlock(mutex);
}

int pthread_mutex_consistent(pthread_mutex_t* mutex) {
  if (!is_explored()) return KIT_REAL(pthread_mutex_consistent)(mutex);
  Entry entry(KIT_PC);
  kit::explore::mutex_object(mutex)->is_unusable = false;
  return 0;
}

int pthread_spin_init(pthread_spinlock_t* lock, int shared) {
  if (is_explored()) {
    Entry entry(KIT_PC);
    kit::explore::forget_objects(reinterpret_cast<std::uintptr_t>(lock), sizeof *lock);
  }
  return KIT_REAL(pthread_spin_init)(lock, shared);
}

int pthread_spin_lock(pthread_spinlock_t* lock) {
  if (!is_explored()) return KIT_REAL(pthread_spin_lock)(lock);
  Entry entry(KIT_PC);
  return kit::explore::take_lock(kit::explore::object_at(kit::explore::key_of(lock)), nullptr,
                                 CLOCK_REALTIME);
}

int pthread_spin_trylock(pthread_spinlock_t* lock) {
  if (!is_explored()) return KIT_REAL(pthread_spin_trylock)(lock);
  Entry entry(KIT_PC);
  kit::explore::Object* object = kit::explore::object_at(kit::explore::key_of(lock));
  kit::explore::point({.op = kit::explore::Op::kTryLock, .key = object->key});
  kit::explore::record(kit::explore::Op::kTryLock, object->key, object->owner);
  if (object->owner != kit::explore::kNobody) return EBUSY;
  kit::explore::own(object);
  return 0;
}

int pthread_spin_unlock(pthread_spinlock_t* lock) {
  if (!is_explored()) return KIT_REAL(pthread_spin_unlock)(lock);
  Entry entry(KIT_PC);
  kit::explore::give_lock(kit::explore::object_at(kit::explore::key_of(lock)));
  return 0;
}

}  // extern "C"
