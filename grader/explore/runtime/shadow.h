// What is known about each word of memory: who touched it last, and whether that was in order.
//
// Two accesses to the same bytes are a race when one of them writes, at least one is not atomic,
// and neither is ordered before the other by what the threads synchronised (vector clocks). A race
// is a verdict of its own: it is noted, and the run goes on, since what comes of it says more.
//
// Words that more than one thread touches and somebody writes are worth a scheduling point. What
// was learnt in one run is known from the start in the next.
//
// Freed memory is kept in quarantine for a while (interpose_heap.cc); to touch it is use after
// free.
//
// Ownership: a table for private memory, which fork() copies as it copies the memory, and one for
// shared memory, which all processes of the run see. Thread-safety: the baton's holder. Source:
// Flanagan, Freund: FastTrack (PLDI 2009); Serebryany, Iskhodzhanov: ThreadSanitizer (WBIA 2009).
#ifndef GRADER_EXPLORE_RUNTIME_SHADOW_H_
#define GRADER_EXPLORE_RUNTIME_SHADOW_H_

#include "grader/explore/runtime/world.h"

namespace kit::explore {

enum class Touch : std::uint8_t { kRead, kWrite };

// Prepares the tables of a run and takes in what was learnt.
void make_shadow();

// Before there is memory that processes share: the table for it. Most programs never need it.
void make_shared_shadow();

// An access of the calling thread, counted before: a scheduling point if it is worth one, then
// checked and remembered. `must_stop`: the schedule that is replayed stops here.
void access(std::uintptr_t address, std::size_t bytes, Touch touch, bool must_stop);

// What a function touches that the compiler's instrumentation does not see, memcpy() for one or the
// kernel: by an explored thread that is not inside the runtime. `pc`: where it was called.
void touch_range(const void* memory, std::size_t bytes, Touch touch, void* pc);

// The same for an atomic operation, which was a scheduling point already.
void access_atomically(std::uintptr_t address, std::size_t bytes, Touch touch);

// An operation on an object that lies there: nobody may make one after the memory was freed.
void check_object(Key key);

// The memory is new: what was known of it is about something else.
void forget(std::uintptr_t address, std::size_t bytes);
// The memory was freed: a write to all of it, after which nobody may touch it. False: it was freed
// before.
bool mark_freed(std::uintptr_t address, std::size_t bytes);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_SHADOW_H_
