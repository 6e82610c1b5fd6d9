// Who waits for what: whether a thread can go on, and how a run that stands still is told.
//
// Thread-safety: the baton's holder.
#ifndef GRADER_EXPLORE_RUNTIME_WAITS_H_
#define GRADER_EXPLORE_RUNTIME_WAITS_H_

#include "grader/explore/runtime/world.h"

namespace kit::explore {

// Whether what the thread waits for holds.
bool is_enabled(const Thread& thread);
inline bool is_enabled(int thread) {
  return g_world->threads[thread].is_live && is_enabled(g_world->threads[thread]);
}
// Whether the why applies to the thread as it stands.
bool applies(int thread, Why why);

// The thread with the earliest deadline, or kNobody.
int next_by_deadline();
// The same for a wait that may end though others could go on: a sleep, or one that is short. Who is
// willing to wait for seconds means "for ever, unless something is broken".
int next_by_early_deadline();

// How long what comes from outside of the run may take.
inline int outside_ms() { return g_channel->plan.is_hasty ? 20 : 300; }

// Waits in real time until a descriptor is ready that some thread of this process waits for. False
// when none became ready.
bool wait_for_fds(int timeout_ms);

// A thread of another process that waits for descriptors and has not looked at them since the last
// output: it is let go on to look. Or kNobody.
int next_to_ask();
// Something was written, or a process has ended: whoever waits for descriptors may look again.
void note_output();

// Ends the run if the calling thread's wait closes a cycle of locks and joins.
void end_if_cycle();
// Ends the run: nobody can go on.
[[noreturn]] void end_by_deadlock();
// Ends the run: it goes in circles. Starvation when others are served in the circle while one
// waits for its turn through all of it; else livelock.
[[noreturn]] void end_by_circle();

ThreadEnd end_of(int thread);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_WAITS_H_
