#include "grader/explore/runtime/waits.h"

#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/raw.h"
#include "grader/explore/runtime/signals.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

long poll_now(pollfd* fds, int count, int timeout_ms) {
  timespec time{timeout_ms / 1000, timeout_ms % 1000 * 1'000'000};
  return raw_syscall(SYS_ppoll, fds, count, &time, nullptr, 8);
}

// Only the process that has a descriptor can ask about it. A thread of another process is let go on
// to ask for itself, and comes back here if it asked in vain.
bool fds_ready(const Thread& thread) {
  if (thread.process != t_self->process) return thread.is_woken;
  return poll_now(thread.pending.fds, thread.pending.fd_count, 0) != 0;
}

bool has_ended_child(const Thread& thread) {
  bool has_child = false;
  for (int i = 1; i < g_world->process_count; ++i) {
    const Process& process = g_world->processes[i];
    if (process.parent != thread.process || process.is_reaped) continue;
    if (thread.pending.other != kNobody && thread.pending.other != i) continue;
    if (!process.is_live) return true;
    has_child = true;
  }
  return !has_child;
}

// Who has the lock that the thread waits for; of several readers, one.
int holder_of(const Thread& thread) {
  const Object& object = *thread.pending.object;
  if (object.owner != kNobody || thread.pending.wait != Wait::kWritable) return object.owner;
  for (int i = 0; i < g_world->thread_count; ++i) {
    if (object.reads[i] > 0) return i;
  }
  return kNobody;
}

bool has_writer_to_come(const Object* object) {
  if (!g_world->is_fair) return false;
  for (int i = 0; i < g_world->thread_count; ++i) {
    const Thread& thread = g_world->threads[i];
    if (thread.is_live && thread.pending.wait == Wait::kWritable && thread.pending.object == object)
      return true;
  }
  return false;
}

// Whom the thread waits for, when that is one thread that has not ended.
int waits_for(const Thread& thread) {
  if (thread.pending.has_deadline || is_enabled(thread)) return kNobody;
  switch (thread.pending.wait) {
    case Wait::kFree:
    case Wait::kReadable:
    case Wait::kWritable:
      return holder_of(thread);
    case Wait::kEnded:
      return thread.pending.other;
    default:
      return kNobody;
  }
}

bool waits_for_signal(const ThreadEnd& end) {
  return end.is_live && end.is_waiting && end.op == Op::kCondWait && end.lost_by != kNobody;
}

}  // namespace

bool is_enabled(const Thread& thread) {
  const Pending& pending = thread.pending;
  switch (pending.wait) {
    case Wait::kNothing:
      return true;
    case Wait::kFree:
      return pending.object->owner == kNobody;
    case Wait::kReadable:
      return pending.object->owner == kNobody && !has_writer_to_come(pending.object);
    case Wait::kWritable:
      return pending.object->owner == kNobody && pending.object->readers == 0;
    case Wait::kPositive:
      return pending.object->value > 0;
    case Wait::kWoken:
      return thread.is_woken;
    case Wait::kEnded:
      return !g_world->threads[pending.other].is_live;
    case Wait::kFds:
      return fds_ready(thread);
    case Wait::kProcess:
      return has_ended_child(thread);
    case Wait::kSignal:
      return has_signal(thread);
    case Wait::kNever:
      return false;
  }
  return false;
}

bool applies(int thread, Why why) {
  const Thread& which = g_world->threads[thread];
  if (thread >= g_world->thread_count || !which.is_live) return false;
  if (why == Why::kTimeout) return which.pending.has_deadline;
  if (why == Why::kSpurious)
    return which.pending.op == Op::kCondWait && which.pending.wait == Wait::kWoken;
  if (why == Why::kDeath) return which.process != 0;
  return is_enabled(which);
}

template <typename Applies>
static int next_deadline(Applies applies) {
  int next = kNobody;
  for (int i = 0; i < g_world->thread_count; ++i) {
    const Thread& thread = g_world->threads[i];
    if (!thread.is_live || !thread.pending.has_deadline || !applies(thread.pending)) continue;
    const bool is_earlier =
        next == kNobody || thread.pending.deadline_ns < g_world->threads[next].pending.deadline_ns;
    if (is_earlier) next = i;
  }
  return next;
}

int next_by_deadline() {
  return next_deadline([](const Pending&) { return true; });
}

int next_by_early_deadline() {
  constexpr std::uint64_t kShortNs = 1'000'000'000;
  return next_deadline([](const Pending& pending) {
    return pending.wait == Wait::kNever || pending.deadline_ns < g_world->now_ns + kShortNs;
  });
}

bool wait_for_fds(int timeout_ms) {
  pollfd fds[kMaxThreads];
  int count = 0;
  for (int i = 0; i < g_world->thread_count; ++i) {
    const Thread& thread = g_world->threads[i];
    if (!thread.is_live || thread.pending.wait != Wait::kFds) continue;
    if (thread.process != t_self->process) continue;
    for (int k = 0; k < thread.pending.fd_count && count < kMaxThreads; ++k) {
      fds[count++] = thread.pending.fds[k];
    }
  }
  return count > 0 && poll_now(fds, count, timeout_ms) > 0;
}

int next_to_ask() {
  for (int i = 0; i < g_world->thread_count; ++i) {
    Thread& thread = g_world->threads[i];
    const bool waits = thread.is_live && thread.pending.wait == Wait::kFds;
    if (!waits || thread.process == t_self->process || thread.asked_at > g_world->io_count)
      continue;
    thread.asked_at = g_world->io_count + 1;
    thread.is_woken = true;
    return i;
  }
  return kNobody;
}

void note_output() {
  ++g_world->io_count;
  for (int i = 0; i < g_world->thread_count; ++i) {
    Thread& thread = g_world->threads[i];
    if (thread.is_live && thread.pending.wait == Wait::kFds) thread.is_woken = true;
  }
}

void end_if_cycle() {
  int next = waits_for(*t_self);
  for (int hops = 0; next != kNobody && hops < kMaxThreads; ++hops) {
    if (!g_world->threads[next].is_live) return;
    if (next == self_id()) {
      finish(Verdict::kDeadlock,
             hops == 0 ? "a thread waits for itself" : "threads wait for each other in a cycle");
    }
    next = waits_for(g_world->threads[next]);
  }
}

void end_by_deadlock() {
  for (int i = 0; i < g_world->thread_count; ++i) {
    if (waits_for_signal(end_of(i)))
      finish(Verdict::kLostWakeup, "a thread waits for a signal that came when nobody waited");
  }
  finish(Verdict::kDeadlock, "no thread can go on");
}

// The thread that has waited through the whole circle, or was woken and had to wait again, while
// others were given what they wanted. Or kNobody.
static int starved_thread() {
  const Progress& progress = g_world->progress;
  for (int i = 0; i < g_world->thread_count; ++i) {
    const Thread& thread = g_world->threads[i];
    const Op op = thread.pending.op;
    const bool waits = op == Op::kLock || op == Op::kReadLock || op == Op::kCondWait ||
                       op == Op::kSemWait || op == Op::kFutexWait;
    const bool never_woken =
        waits && !is_enabled(thread) && thread.since_step < progress.circle_began;
    const bool waits_again = thread.cond_step >= progress.circle_began;
    if (thread.is_live && (never_woken || waits_again)) return i;
  }
  return kNobody;
}

void end_by_circle() {
  const Progress& progress = g_world->progress;
  const std::uint32_t steps = g_world->step - progress.circle_began;
  const int starved = progress.served == 0 ? kNobody : starved_thread();
  char text[200];
  if (starved == kNobody) {
    snprintf(text, sizeof text,
             "threads run and get nowhere: each of them has had its turn, over and over, and for "
             "%u steps nothing came up that was not there before",
             steps);
    finish(Verdict::kLivelock, text);
  }
  snprintf(text, sizeof text,
           "a thread waits since step %u, and while it waited the others were served %u times in "
           "the last %u steps alone, with no end to it",
           g_world->threads[starved].since_step, progress.served, steps);
  finish_about(starved, Verdict::kStarvation, text);
}

ThreadEnd end_of(int id) {
  const Thread& thread = g_world->threads[id];
  ThreadEnd end{};
  std::copy(thread.name, thread.name + kNameBytes, end.name);
  end.is_live = thread.is_live;
  end.process = static_cast<std::uint16_t>(thread.process);
  end.holder = end.lost_by = kNobody;
  if (!thread.is_live) return end;
  const Pending& pending = thread.pending;
  end.is_waiting = pending.wait != Wait::kNothing && !is_enabled(thread);
  end.op = pending.op;
  end.object = pending.key;
  end.since_step = thread.since_step;
  end.stack = stack_of(thread);
  if (pending.wait == Wait::kEnded) end.holder = pending.other;
  if (pending.object == nullptr) return end;
  if (pending.wait == Wait::kFree || pending.wait == Wait::kReadable ||
      pending.wait == Wait::kWritable)
    end.holder = holder_of(thread);
  end.lost_by = pending.object->lost_by;
  end.lost_step = pending.object->lost_step;
  return end;
}

}  // namespace kit::explore
