// Whether a run still gets anywhere.
//
// A run that is long is not a run that goes in circles. From the moment a run is watched, three
// things are looked at before each step: what its thread is about to do, what lies on the thread's
// stack, and how the program's memory has changed. Together they are a state. When for many steps
// no state comes up that was not there before, though everybody had their turn, the run goes in
// circles. A loop that counts, or that reads a clock, makes new states and is left alone.
//
// Thread-safety: the baton's holder. Errors: none; a table that is full says "it gets somewhere".
// Source: liveness checking by fair schedules and cycles of states, as in Musuvathi and Qadeer:
// Fair stateless model checking (PLDI 2008).
#ifndef GRADER_EXPLORE_RUNTIME_PROGRESS_H_
#define GRADER_EXPLORE_RUNTIME_PROGRESS_H_

#include <cstddef>
#include <cstdint>

#include "grader/explore/runtime/world.h"

namespace kit::explore {

inline bool is_watched() { return g_world->progress.is_watched; }

// From now on. Forgets what it knew.
void watch_progress();

// The calling thread is about to write there.
void note_write(std::uintptr_t address, std::size_t bytes);

// The calling thread is about to make a step that counts for `weight`. True: the run goes in
// circles.
bool goes_in_circles(std::uint32_t weight);

// A lock, a semaphore... was given to a thread; a thread gave way to others by itself.
void note_served();
void note_gave_way();

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_PROGRESS_H_
