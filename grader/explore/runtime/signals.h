// Signals in the schedule.
//
// A signal that a thread sends to itself arrives before the call returns: that is decided by
// nobody, and the handler runs as any other code does. One that is blocked wherever it could arrive
// waits in the world until a thread asks for it (sigwait) or lets it in. One that ends a process,
// ends it at this step. All others would arrive at another thread, at a moment that no schedule
// decides: a run in which one of those is sent ends there and says so. Handlers that are never
// called hinder nobody.
//
// Thread-safety: the baton's holder.
#ifndef GRADER_EXPLORE_RUNTIME_SIGNALS_H_
#define GRADER_EXPLORE_RUNTIME_SIGNALS_H_

#include <signal.h>

#include "grader/explore/runtime/world.h"

namespace kit::explore {

using SignalSet = std::uint64_t;  // a bit for each signal

constexpr SignalSet bit_of(int signal) { return SignalSet{1} << ((signal - 1) % 64); }
SignalSet set_of(const sigset_t& signals);

// Takes over what the calling thread blocks.
void note_mask();
// What the program does about a signal from now on, in the calling thread's process.
void note_disposition(int signal, const struct sigaction& action);

// A process of the run has ended: its parent is sent SIGCHLD, which must not arrive by itself.
void check_child_signal(int parent);

// What becomes of a signal.
enum class Fate {
  kArrives,    // at the calling thread: the caller raises it now
  kNothing,    // ignored, or kept until somebody asks for it
  kEndsOther,  // the process has ended by it
};
// For one of the calling thread's process: `to_thread`, or, for kNobody, any of its threads.
Fate send_to_own(int signal, int to_thread);
// For another process of the run.
Fate send_to_process(int signal, int process);

// One of the signals in the set that is kept for the calling thread, taken out; 0: none.
int take_signal(SignalSet wanted);
bool has_signal(const Thread& thread);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_SIGNALS_H_
