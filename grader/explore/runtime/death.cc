#include "grader/explore/runtime/death.h"

#include <signal.h>
#include <sys/syscall.h>

#include "grader/explore/runtime/raw.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/signals.h"
#include "grader/explore/runtime/trace.h"
#include "grader/explore/runtime/waits.h"

namespace kit::explore {

int random_victim() {
  int victims[kMaxProcesses];
  int count = 0;
  for (int i = 1; i < g_world->process_count; ++i) {
    if (g_world->processes[i].is_live) victims[count++] = g_world->processes[i].main_thread;
  }
  return count == 0 ? kNobody : victims[g_world->random.below(count)];
}

void release_locks_of(int thread) {
  for (int i = 0; i < g_world->object_count; ++i) {
    Object& object = g_world->objects[i];
    if (object.owner != thread || !object.is_robust) continue;
    object.owner = kNobody;
    object.depth = 0;
    object.owner_died = true;
    object.is_unusable = false;  // who was told and had not repaired it yet, is dead as well
    object.clock.join(g_world->threads[thread].clock, g_world->thread_count);
  }
}

void note_process_end(int process, int status) {
  Process& which = g_world->processes[process];
  which.is_live = false;
  check_child_signal(which.parent);
  note_output();  // its descriptors are closed
  which.status = status;
  for (int i = 0; i < g_world->thread_count; ++i) {
    Thread& thread = g_world->threads[i];
    if (thread.process != process || !thread.is_live) continue;
    thread.is_live = false;
    release_locks_of(i);
  }
}

void end_own_process(int status) {
  note_process_end(t_self->process, status);
  leave();
  t_self = nullptr;
}

void kill_process_of(int thread) {
  g_world->may_die = false;
  const int process = g_world->threads[thread].process;
  const bool is_own = process == t_self->process;
  record(Op::kProcessEnd, 0, thread);
  note_process_end(process, SIGKILL);
  if (is_own) leave();
  raw_syscall(SYS_kill, g_world->processes[process].pid, SIGKILL);
  while (is_own) raw_syscall(SYS_pause);
}

}  // namespace kit::explore
