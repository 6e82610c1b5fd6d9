// Threads: made, joined, ended.
//
// A thread's end is the last iteration of the destructors of thread-specific data: C++'s
// thread-local destructors have run by then, and other keys' too. What the C library does after
// that concerns nobody.
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>

#include <new>

#include "grader/explore/runtime/arena.h"
#include "grader/explore/runtime/death.h"
#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/keys.h"
#include "grader/explore/runtime/locks.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/signals.h"
#include "grader/explore/runtime/threads.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

constexpr std::size_t kAboveFrame =
    4096;  // what lies between a thread's first frame and its stack's end

constexpr std::size_t kMostStackBytes = std::size_t{16} << 20;  // where nobody asked for a size

pthread_key_t end_key;

struct Begin {
  void* (*function)(void*);
  void* argument;
  Thread* thread;
};

// The value counts the iterations, from 1.
void on_thread_end(void* value) {
  const auto iteration = reinterpret_cast<std::uintptr_t>(value);
  if (t_self == nullptr) return;
  if (iteration < PTHREAD_DESTRUCTOR_ITERATIONS) {
    KIT_REAL(pthread_setspecific)(end_key, reinterpret_cast<void*>(iteration + 1));
    return;
  }
  t_inside = true;
  note_kept_locks(/*with_process=*/false);
  release_locks_of(self_id());
  record(Op::kEnd, 0);
  release(t_self->clock);
  t_self->is_live = false;
  leave();
  t_self = nullptr;
  t_inside = false;
}

void* run_thread(void* raw) {
  auto* begin = static_cast<Begin*>(raw);
  void* (*const function)(void*) = begin->function;
  void* const argument = begin->argument;
  t_self = begin->thread;
  t_inside = true;
  wait_for_baton();
  arena_free(begin);
  watch_thread_end();
  record(Op::kStart, 0);
  t_inside = false;
  return function(argument);
}

std::size_t stack_bytes(const pthread_attr_t* attributes) {
  std::size_t bytes = 0;
  if (attributes != nullptr && pthread_attr_getstacksize(attributes, &bytes) == 0) return bytes;
  pthread_attr_t standard;
  pthread_getattr_default_np(&standard);
  pthread_attr_getstacksize(&standard, &bytes);
  pthread_attr_destroy(&standard);
  return bytes < kMostStackBytes ? bytes : kMostStackBytes;
}

// The thread's attributes with a stack of ours. The caller's own stack, if it has one, is not used.
bool set_stack(pthread_attr_t& attributes, Thread* thread, std::size_t bytes) {
  void* stack = arena_stack(static_cast<int>(thread - g_world->threads), bytes);
  if (stack == nullptr || pthread_attr_setstack(&attributes, stack, bytes) != 0) return false;
  thread->stack_low = reinterpret_cast<std::uintptr_t>(stack);
  thread->stack_high = thread->stack_low + bytes;
  return true;
}

int create(pthread_t* handle, const pthread_attr_t* attributes, void* (*function)(void*),
           void* argument) {
  point({.op = Op::kCreate});
  Thread* thread = add_thread(t_self->process);
  const int id = static_cast<int>(thread - g_world->threads);
  thread->pending.op = Op::kStart;
  thread->blocked = t_self->blocked;
  auto* begin = new (arena_allocate(sizeof(Begin))) Begin{function, argument, thread};
  pthread_attr_t with_stack;
  pthread_attr_init(&with_stack);
  if (attributes != nullptr) with_stack = *attributes;
  if (!set_stack(with_stack, thread, stack_bytes(attributes)))
    finish_unsupported("a thread's stack of that size");
  const int error = KIT_REAL(pthread_create)(handle, &with_stack, run_thread, begin);
  if (error != 0) {
    thread->is_live = false;
    return error;
  }
  thread->handle = *handle;
  note_new_thread(id, self_id());
  record(Op::kCreate, 0, id);
  point({.op = Op::kCreate});
  return 0;
}

// False: the deadline came first.
bool wait_for_end(int id, const timespec* abstime, clockid_t clock) {
  Intent intent{.op = Op::kJoin, .writes = false, .wait = Wait::kEnded, .other = id};
  if (abstime != nullptr) {
    intent.has_deadline = true;
    intent.deadline_ns = deadline_ns(*abstime, clock);
  }
  if (point(intent) == Why::kTimeout && g_world->threads[id].is_live) return false;
  acquire(g_world->threads[id].clock);
  record(Op::kJoin, 0, id);
  return true;
}

int join(pthread_t handle, void** result, const timespec* abstime, clockid_t clock) {
  const int id = find_thread(handle);
  if (id != kNobody && !wait_for_end(id, abstime, clock)) return ETIMEDOUT;
  return KIT_REAL(pthread_join)(handle, result);
}

}  // namespace

// Handles are used again, so the latest thread is looked for first.
int find_thread(pthread_t handle) {
  for (int i = g_world->thread_count - 1; i >= 0; --i) {
    const Thread& thread = g_world->threads[i];
    if (thread.process == t_self->process && thread.handle == handle) return i;
  }
  return kNobody;
}

void watch_thread_end() { KIT_REAL(pthread_setspecific)(end_key, reinterpret_cast<void*>(1)); }

void start_threads() {
  KIT_REAL(pthread_key_create)(&end_key, on_thread_end);
  t_self->handle = pthread_self();
  note_mask();
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  t_self->stack_high = here + (std::uintptr_t{1} << 20);
  t_self->stack_low = here - stack_bytes(nullptr);
}

}  // namespace kit::explore

using kit::explore::Entry;
using kit::explore::is_explored;

extern "C" {

int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*function)(void*),
                   void* argument) {
  if (!is_explored()) return KIT_REAL(pthread_create)(handle, attributes, function, argument);
  Entry entry(KIT_PC);
  return kit::explore::create(handle, attributes, function, argument);
}

int pthread_join(pthread_t handle, void** result) {
  if (!is_explored()) return KIT_REAL(pthread_join)(handle, result);
  Entry entry(KIT_PC);
  return kit::explore::join(handle, result, nullptr, CLOCK_REALTIME);
}

int pthread_timedjoin_np(pthread_t handle, void** result, const timespec* abstime) {
  if (!is_explored()) return KIT_REAL(pthread_timedjoin_np)(handle, result, abstime);
  Entry entry(KIT_PC);
  return kit::explore::join(handle, result, abstime, CLOCK_REALTIME);
}

int pthread_clockjoin_np(pthread_t handle, void** result, clockid_t clock,
                         const timespec* abstime) {
  if (!is_explored()) return KIT_REAL(pthread_clockjoin_np)(handle, result, clock, abstime);
  Entry entry(KIT_PC);
  return kit::explore::join(handle, result, abstime, clock);
}

int pthread_tryjoin_np(pthread_t handle, void** result) {
  if (!is_explored()) return KIT_REAL(pthread_tryjoin_np)(handle, result);
  Entry entry(KIT_PC);
  const int id = kit::explore::find_thread(handle);
  kit::explore::point({.op = kit::explore::Op::kJoin, .writes = false});
  if (id != kit::explore::kNobody && kit::explore::g_world->threads[id].is_live) return EBUSY;
  return kit::explore::join(handle, result, nullptr, CLOCK_REALTIME);
}

// The main thread's end is that of the program, unless it ends so.
void pthread_exit(void* result) {
  if (is_explored()) kit::explore::watch_thread_end();
  KIT_REAL(pthread_exit)(result);
  __builtin_unreachable();
}

int pthread_cancel(pthread_t handle) {
  if (!is_explored()) return KIT_REAL(pthread_cancel)(handle);
  kit::explore::finish_unsupported("pthread_cancel()");
}

int sched_yield() {
  if (!is_explored()) return KIT_REAL(sched_yield)();
  Entry entry(KIT_PC);
  kit::explore::point({.op = kit::explore::Op::kYield});
  return 0;
}

}  // extern "C"
