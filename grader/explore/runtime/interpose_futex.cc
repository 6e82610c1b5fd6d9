// Futexes. What C++20 builds on them arrives here: atomic wait and notify, counting_semaphore,
// latch, barrier, futures.
#include <errno.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/keys.h"
#include "grader/explore/runtime/locks.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

// 0 or an error.
int futex_wait(const int* word, int expected, int operation, const timespec* time) {
  Object* object = object_at(key_of(word));
  point({.op = Op::kFutexWait, .key = object->key});
  record(Op::kFutexWait, object->key);
  if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != expected) return EAGAIN;
  // Libstdc++ 12's counting_semaphore waits for a value that is older than its last look (GCC's bug
  // 104928), and can sleep though it should not. That is not the program's mistake; a futex may
  // return without reason, and then the semaphore looks again.
  if (t_self->seen_at == word && t_self->seen != static_cast<std::uint32_t>(expected))
    return EAGAIN;
  t_self->is_woken = false;
  Intent intent{.op = Op::kFutexWait, .key = object->key, .wait = Wait::kWoken, .object = object};
  if (time != nullptr) {
    const bool is_relative = (operation & FUTEX_CMD_MASK) == FUTEX_WAIT;
    const clockid_t clock =
        (operation & FUTEX_CLOCK_REALTIME) != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    intent.has_deadline = true;
    intent.deadline_ns = is_relative ? g_world->now_ns + to_ns(*time) : deadline_ns(*time, clock);
  }
  const bool is_late = point(intent) == Why::kTimeout && !t_self->is_woken;
  t_self->is_woken = false;
  return is_late ? ETIMEDOUT : 0;
}

long futex_wake(const int* word, int count) {
  Object* object = object_at(key_of(word));
  point({.op = Op::kFutexWake, .key = object->key});
  long woken = 0;
  int last = kNobody;
  while (woken < count) {
    const int thread = wake_one(object);
    if (thread == kNobody) break;
    last = thread;
    ++woken;
  }
  record(Op::kFutexWake, object->key, last);
  return woken;
}

long futex(const int* word, int operation, int value, const timespec* time, int* error) {
  switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
      *error = futex_wait(word, value, operation, time);
      return *error == 0 ? 0 : -1;
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
      return futex_wake(word, value);
    default:
      finish_unsupported("a futex operation other than wait and wake");
  }
}

}  // namespace
}  // namespace kit::explore

extern "C" long syscall(long number, ...) {
  va_list more;
  va_start(more, number);
  long a[6];
  for (long& each : a) each = va_arg(more, long);
  va_end(more);
  if (!kit::explore::is_explored() || number != SYS_futex) {
    return KIT_REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  }
  int error = 0;
  long result = 0;
  {
    kit::explore::Entry entry(KIT_PC);
    result = kit::explore::futex(reinterpret_cast<const int*>(a[0]), static_cast<int>(a[1]),
                                 static_cast<int>(a[2]), reinterpret_cast<const timespec*>(a[3]),
                                 &error);
  }
  if (result < 0) errno = error;
  return result;
}
