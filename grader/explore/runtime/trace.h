// What happened, step by step: for the picture, and as a hash that tells two runs apart.
//
// Thread-safety: the baton's holder.
#ifndef GRADER_EXPLORE_RUNTIME_TRACE_H_
#define GRADER_EXPLORE_RUNTIME_TRACE_H_

#include "grader/explore/runtime/world.h"

namespace kit::explore {

// Where a thread stands: the place of its operation, then its callers.
Stack stack_of(const Thread& thread);
// The same for the calling thread, only as deep as race reports need.
void store_stack(std::uint32_t* frames, int count);

// The calling thread's operation was called from a library: finds the place in the program from
// which the library was.
void find_call_in_program();

// Adds an event of the calling thread; `detail` as in channel.h.
void record(Op op, Key key, int detail = kNobody);

// Something worth switching at, kept for the runs to come.
void learn(Key key);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_TRACE_H_
