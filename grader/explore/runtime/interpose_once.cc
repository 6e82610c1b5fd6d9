// What happens once, and what happens together: pthread_once (std::call_once), the initialisation
// of function-local statics, and barriers.
#include <pthread.h>

#include <cstdint>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/keys.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

constexpr int kOnceDone = 2;  // as glibc keeps it

// Waits until nobody is at it. True: it has been done. False: the caller does it.
bool wait_until_done(Object* object, const volatile char* done) {
  point({.op = Op::kOnce, .key = object->key, .wait = Wait::kFree, .object = object});
  record(Op::kOnce, object->key);
  acquire(object->clock);
  if (*done != 0) return true;
  object->owner = self_id();
  return false;
}

void give_up(Object* object) {
  release(object->clock);
  object->owner = kNobody;
}

// If the function throws, somebody else gets to do it.
class Doing {
 public:
  explicit Doing(Object* object) : object_(object) {}
  ~Doing() { give_up(object_); }
  Doing(const Doing&) = delete;
  Doing& operator=(const Doing&) = delete;

 private:
  Object* object_;
};

int once(pthread_once_t* control, void (*function)(), void* pc) {
  char done = 0;
  Object* object = nullptr;
  {
    Entry entry(pc);
    object = object_at(key_of(control));
    point({.op = Op::kOnce, .key = object->key, .wait = Wait::kFree, .object = object});
    record(Op::kOnce, object->key);
    acquire(object->clock);
    done = *control == kOnceDone;
    if (!done) object->owner = self_id();
  }
  if (done) return 0;
  const Doing doing(object);
  function();
  *control = kOnceDone;
  return 0;
}

int wait_at_barrier(pthread_barrier_t* barrier) {
  Object* object = object_at(key_of(barrier));
  point({.op = Op::kBarrier, .key = object->key});
  record(Op::kBarrier, object->key);
  release(object->clock);
  if (++object->arrived >= object->value) {
    object->arrived = 0;
    wake_all(object);
    acquire(object->clock);
    return PTHREAD_BARRIER_SERIAL_THREAD;
  }
  t_self->is_woken = false;
  point({.op = Op::kBarrier, .key = object->key, .wait = Wait::kWoken, .object = object});
  acquire(object->clock);
  return 0;
}

}  // namespace
}  // namespace kit::explore

using kit::explore::Entry;
using kit::explore::is_explored;

extern "C" {

int __cxa_guard_acquire(std::uint64_t*);
void __cxa_guard_release(std::uint64_t*);
void __cxa_guard_abort(std::uint64_t*);

int pthread_once(pthread_once_t* control, void (*function)()) {
  if (!is_explored()) return KIT_REAL(pthread_once)(control, function);
  return kit::explore::once(control, function, KIT_PC);
}

int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
                         unsigned count) {
  if (is_explored() && count > 0) {
    Entry entry(KIT_PC);
    kit::explore::forget_objects(reinterpret_cast<std::uintptr_t>(barrier), sizeof *barrier);
    kit::explore::object_at(kit::explore::key_of(barrier))->value = count;
  }
  return KIT_REAL(pthread_barrier_init)(barrier, attributes, count);
}

int pthread_barrier_wait(pthread_barrier_t* barrier) {
  if (!is_explored()) return KIT_REAL(pthread_barrier_wait)(barrier);
  Entry entry(KIT_PC);
  return kit::explore::wait_at_barrier(barrier);
}

int pthread_barrier_destroy(pthread_barrier_t* barrier) {
  if (!is_explored()) return KIT_REAL(pthread_barrier_destroy)(barrier);
  return 0;
}

// The guard's first byte says whether the static is initialised: the compiler looks at it itself.
int __cxa_guard_acquire(std::uint64_t* guard) {
  if (!is_explored()) return KIT_REAL(__cxa_guard_acquire)(guard);
  const volatile char* done = reinterpret_cast<volatile char*>(guard);
  Entry entry(KIT_PC);
  return !kit::explore::wait_until_done(kit::explore::object_at(kit::explore::key_of(guard)), done);
}

void __cxa_guard_release(std::uint64_t* guard) {
  if (!is_explored()) return KIT_REAL(__cxa_guard_release)(guard);
  *reinterpret_cast<volatile char*>(guard) = 1;
  Entry entry(KIT_PC);
  kit::explore::give_up(kit::explore::object_at(kit::explore::key_of(guard)));
}

void __cxa_guard_abort(std::uint64_t* guard) {
  if (!is_explored()) return KIT_REAL(__cxa_guard_abort)(guard);
  Entry entry(KIT_PC);
  kit::explore::give_up(kit::explore::object_at(kit::explore::key_of(guard)));
}

}  // extern "C"
