// Semaphores, named and unnamed. The value is kept in the object; at first sight it is read from
// the semaphore itself, which somebody may have initialised before the run.
#include <errno.h>
#include <semaphore.h>

#include "grader/explore/runtime/keys.h"
#include "grader/explore/runtime/locks.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

Object* semaphore(sem_t* sem) {
  Object* object = object_at(key_of(sem));
  check_processes(object);
  if (object->is_known) return object;
  int value = 0;
  KIT_REAL(sem_getvalue)(sem, &value);
  object->value = value;
  object->is_known = true;
  return object;
}

int fail_with(int error) {
  errno = error;
  return -1;
}

int wait(sem_t* sem, const timespec* abstime, clockid_t clock) {
  Object* object = semaphore(sem);
  Intent intent{.op = Op::kSemWait, .key = object->key, .wait = Wait::kPositive, .object = object};
  if (abstime != nullptr) {
    intent.has_deadline = true;
    intent.deadline_ns = deadline_ns(*abstime, clock);
  }
  if (point(intent) == Why::kTimeout && object->value <= 0) return ETIMEDOUT;
  --object->value;
  acquire(object->clock);
  record(Op::kSemWait, object->key);
  return 0;
}

bool try_wait(sem_t* sem) {
  Object* object = semaphore(sem);
  point({.op = Op::kSemWait, .key = object->key});
  const bool is_free = object->value > 0;
  record(Op::kSemWait, object->key, is_free ? kNobody : 0);
  if (!is_free) return false;
  --object->value;
  acquire(object->clock);
  return true;
}

void post(sem_t* sem) {
  Object* object = semaphore(sem);
  point({.op = Op::kSemPost, .key = object->key});
  release(object->clock);
  ++object->value;
  record(Op::kSemPost, object->key);
}

void init(sem_t* sem, bool is_shared, unsigned value) {
  forget_objects(reinterpret_cast<std::uintptr_t>(sem), sizeof *sem);
  Object* object = object_at(key_of(sem));
  object->value = value;
  object->is_known = true;
  object->is_of_one_process = !is_shared;
}

}  // namespace
}  // namespace kit::explore

using kit::explore::Entry;
using kit::explore::is_explored;

extern "C" {

int sem_init(sem_t* sem, int shared, unsigned value) {
  const int result = KIT_REAL(sem_init)(sem, shared, value);
  if (!is_explored() || result != 0) return result;
  Entry entry(KIT_PC);
  kit::explore::init(sem, shared != 0, value);
  return 0;
}

int sem_destroy(sem_t* sem) {
  if (!is_explored()) return KIT_REAL(sem_destroy)(sem);
  return 0;
}

int sem_wait(sem_t* sem) {
  if (!is_explored()) return KIT_REAL(sem_wait)(sem);
  Entry entry(KIT_PC);
  return kit::explore::wait(sem, nullptr, CLOCK_REALTIME);
}

int sem_trywait(sem_t* sem) {
  if (!is_explored()) return KIT_REAL(sem_trywait)(sem);
  bool got = false;
  {
    Entry entry(KIT_PC);
    got = kit::explore::try_wait(sem);
  }
  return got ? 0 : kit::explore::fail_with(EAGAIN);
}

int sem_timedwait(sem_t* sem, const timespec* abstime) {
  if (!is_explored()) return KIT_REAL(sem_timedwait)(sem, abstime);
  int error = 0;
  {
    Entry entry(KIT_PC);
    error = kit::explore::wait(sem, abstime, CLOCK_REALTIME);
  }
  return error == 0 ? 0 : kit::explore::fail_with(error);
}

int sem_clockwait(sem_t* sem, clockid_t clock, const timespec* abstime) {
  if (!is_explored()) return KIT_REAL(sem_clockwait)(sem, clock, abstime);
  int error = 0;
  {
    Entry entry(KIT_PC);
    error = kit::explore::wait(sem, abstime, clock);
  }
  return error == 0 ? 0 : kit::explore::fail_with(error);
}

int sem_post(sem_t* sem) {
  if (!is_explored()) return KIT_REAL(sem_post)(sem);
  Entry entry(KIT_PC);
  kit::explore::post(sem);
  return 0;
}

int sem_getvalue(sem_t* sem, int* value) {
  if (!is_explored()) return KIT_REAL(sem_getvalue)(sem, value);
  Entry entry(KIT_PC);
  kit::explore::Object* object = kit::explore::semaphore(sem);
  kit::explore::point({.op = kit::explore::Op::kAtomicRead, .key = object->key, .writes = false});
  *value = static_cast<int>(object->value);
  return 0;
}

}  // extern "C"
