// Processes: a forked child is one more thing to schedule. Its memory is a copy, and so is what the
// runtime knows of that memory: private locks are copied with it, those in shared memory are not.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/explore/runtime/death.h"
#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/keys.h"
#include "grader/explore/runtime/locks.h"
#include "grader/explore/runtime/processes.h"
#include "grader/explore/runtime/raw.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/shadow.h"
#include "grader/explore/runtime/threads.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

constexpr Key kAddressMask = (Key{1} << 48) - 1;
constexpr int kNoReason = 0;

// The first process ends the run, whoever else is still there; any other hands the baton over.
void on_exit_of_process() {
  if (t_self == nullptr) return;
  t_inside = true;
  record(Op::kProcessEnd, 0);
  if (t_self->process == 0) {
    point({.op = Op::kProcessEnd});  // until now, the other threads go on
    record_ends();
    return;
  }
  note_kept_locks(/*with_process=*/true);
  end_own_process(kNoReason);
}

// What the parent's private objects were is what the child's are. A lock that the forking thread
// holds, the child's thread holds; one that another thread holds, nobody in the child will ever
// give back.
void copy_objects(int parent, const Thread& child) {
  const int self = self_id();
  const int count = g_world->object_count;
  for (int i = 0; i < count; ++i) {
    const Object& original = g_world->objects[i];
    if (is_shared_key(original.key) || original.key >> 48 != static_cast<Key>(parent)) continue;
    Object* copy = object_at(Key(child.process) << 48 | (original.key & kAddressMask));
    const Key key = copy->key;
    *copy = original;
    copy->key = key;
    copy->user = kNobody;
    if (original.owner == self) copy->owner = static_cast<int>(&child - g_world->threads);
  }
}

Thread* add_process() {
  if (g_world->process_count == kMaxProcesses)
    finish_unsupported("more processes than the explorer keeps");
  const int id = g_world->process_count++;
  Thread* thread = add_thread(id);
  thread->pending.op = Op::kStart;
  thread->handle = t_self->handle;
  thread->stack_low = t_self->stack_low;
  thread->stack_high = t_self->stack_high;
  thread->depth = t_self->depth;
  thread->blocked = t_self->blocked;
  for (int i = 0; i < kMaxDepth; ++i) thread->frames[i] = t_self->frames[i];
  g_world->processes[id] = {
      0, t_self->process, true, false, static_cast<int>(thread - g_world->threads), 0, 0, {}};
  for (int i = 0; i <= 64; ++i) {
    g_world->processes[id].dispositions[i] = g_world->processes[t_self->process].dispositions[i];
  }
  g_world->may_die = true;
  copy_objects(t_self->process, *thread);
  return thread;
}

pid_t fork_here() {
  make_shared_shadow();  // inherited: later, each process would make its own
  point({.op = Op::kFork});
  Thread* thread = add_process();
  const int id = static_cast<int>(thread - g_world->threads);
  const pid_t child = KIT_REAL(fork)();
  if (child == 0) {
    t_self = thread;
    wait_for_baton();
    record(Op::kStart, 0);
    return 0;
  }
  if (child < 0) note_process_end(thread->process, kNoReason);
  g_world->processes[thread->process].pid = child;
  note_new_thread(id, self_id());
  record(Op::kFork, 0, id);
  point({.op = Op::kFork});
  return child;
}

int process_of(pid_t pid) {
  for (int i = 1; i < g_world->process_count; ++i) {
    if (g_world->processes[i].pid == pid) return i;
  }
  return kNobody;
}

void note_reaped(pid_t pid) {
  const int process = process_of(pid);
  if (process == kNobody) return;
  Process& which = g_world->processes[process];
  which.is_reaped = true;
  acquire(g_world->threads[which.main_thread].clock);
}

int ended_child(pid_t wanted) {
  for (int i = 1; i < g_world->process_count; ++i) {
    const Process& process = g_world->processes[i];
    const bool fits = process.parent == t_self->process && (wanted <= 0 || process.pid == wanted);
    if (fits && !process.is_live && !process.is_reaped) return i;
  }
  return kNobody;
}

// Waits in the schedule first; the C library then has something to give at once.
pid_t wait_here(pid_t wanted, int* status, int options) {
  const int other = wanted > 0 ? process_of(wanted) : kNobody;
  const bool blocks = (options & WNOHANG) == 0;
  point({.op = Op::kWaitProcess,
         .writes = false,
         .wait = blocks ? Wait::kProcess : Wait::kNothing,
         .other = other});
  record(Op::kWaitProcess, 0);
  const int ended = ended_child(wanted);
  if (ended == kNobody) return KIT_REAL(waitpid)(wanted, status, options | WNOHANG);
  const pid_t pid = KIT_REAL(waitpid)(g_world->processes[ended].pid, status, 0);
  if (pid > 0) note_reaped(pid);
  return pid;
}

int waitid_here(idtype_t type, id_t id, siginfo_t* about, int options) {
  if (type != P_PID && type != P_ALL) finish_unsupported("waitid() for a group of processes");
  const int other = type == P_PID ? process_of(static_cast<pid_t>(id)) : kNobody;
  point({.op = Op::kWaitProcess,
         .writes = false,
         .wait = (options & WNOHANG) == 0 ? Wait::kProcess : Wait::kNothing,
         .other = other});
  record(Op::kWaitProcess, 0);
  const int ended = ended_child(type == P_PID ? static_cast<pid_t>(id) : -1);
  if (ended == kNobody) return KIT_REAL(waitid)(type, id, about, options | WNOHANG);
  const auto pid = static_cast<id_t>(g_world->processes[ended].pid);
  const int result = KIT_REAL(waitid)(P_PID, pid, about, options & ~WNOHANG);
  if (result == 0 && (options & WNOWAIT) == 0) note_reaped(static_cast<pid_t>(pid));
  return result;
}

}  // namespace

void note_first_process() { atexit(on_exit_of_process); }

}  // namespace kit::explore

using kit::explore::Entry;
using kit::explore::is_explored;

namespace {

// A result of the C library's, with its errno, past the end of an Entry.
template <typename Call>
auto with_errno(void* pc, Call call) {
  int error = 0;
  decltype(call()) result;
  {
    Entry entry(pc);
    result = call();
    error = errno;
  }
  if (result == decltype(result)(-1)) errno = error;
  return result;
}

}  // namespace

extern "C" {

pid_t fork() {
  if (!is_explored()) return KIT_REAL(fork)();
  return with_errno(KIT_PC, [] { return kit::explore::fork_here(); });
}

pid_t vfork() { return fork(); }

pid_t waitpid(pid_t pid, int* status, int options) {
  if (!is_explored()) return KIT_REAL(waitpid)(pid, status, options);
  return with_errno(KIT_PC, [&] { return kit::explore::wait_here(pid, status, options); });
}

pid_t wait4(pid_t pid, int* status, int options, rusage* usage) {
  if (!is_explored()) return KIT_REAL(wait4)(pid, status, options, usage);
  if (usage != nullptr) *usage = {};
  const kit::explore::OuterCall outer(KIT_PC);
  return waitpid(pid, status, options);
}

pid_t wait3(int* status, int options, rusage* usage) { return wait4(-1, status, options, usage); }

int waitid(idtype_t type, id_t id, siginfo_t* about, int options) {
  if (!is_explored()) return KIT_REAL(waitid)(type, id, about, options);
  return with_errno(KIT_PC, [&] { return kit::explore::waitid_here(type, id, about, options); });
}

pid_t wait(int* status) {
  const kit::explore::OuterCall outer(KIT_PC);
  return waitpid(-1, status, 0);
}

void _exit(int status) {
  if (is_explored()) kit::explore::on_exit_of_process();
  while (true) KIT_REAL(syscall)(SYS_exit_group, status);
}

void _Exit(int status) { _exit(status); }

void* mmap(void* wanted, size_t bytes, int protection, int flags, int fd, off_t offset) {
  void* memory = KIT_REAL(mmap)(wanted, bytes, protection, flags, fd, offset);
  if (memory == MAP_FAILED || !is_explored() || (flags & MAP_SHARED) == 0) return memory;
  Entry entry(KIT_PC);
  kit::explore::add_mapping(memory, bytes, (flags & MAP_ANONYMOUS) != 0 ? -1 : fd, offset);
  return memory;
}

void* mmap64(void* wanted, size_t bytes, int protection, int flags, int fd, off_t offset) {
  return mmap(wanted, bytes, protection, flags, fd, offset);
}

int munmap(void* memory, size_t bytes) {
  if (is_explored()) {
    Entry entry(KIT_PC);
    kit::explore::remove_mapping(memory);
  }
  return KIT_REAL(munmap)(memory, bytes);
}

}  // extern "C"
