// The scheduler: one thread runs at a time, and at each scheduling point it is decided who goes on.
//
// Threads are real threads of the system. The one that runs holds the baton; to hand it over is to
// set another thread's futex word and to sleep on one's own. A thread comes to a scheduling point
// before each operation that others could notice and says what it is about to do, and what must
// hold for it to be able to (Pending). A thread is enabled when that holds: so a chosen thread
// never has to wait, and nobody keeps lists of who is to be woken. When no thread is enabled,
// virtual time goes on to the next deadline; when there is none either, the run has come to a
// deadlock.
//
// Thread-safety: point() is called by the thread that holds the baton, and returns when it has it
// again. Errors: a run that cannot go on ends by finish.h.
// Sources: CHESS (Musuvathi et al., OSDI 2008) for scheduling points and bounded preemption;
// tsan11rec (Lidbury and Donaldson, PLDI 2019) for controlling a real program from TSan's
// instrumentation.
#ifndef GRADER_EXPLORE_RUNTIME_SCHEDULER_H_
#define GRADER_EXPLORE_RUNTIME_SCHEDULER_H_

#include "grader/explore/runtime/world.h"

namespace kit::explore {

// What is about to be done. `object` is null for plain memory and for what is no object.
struct Intent {
  Op op;
  Key key = 0;
  bool writes = true;
  Wait wait = Wait::kNothing;
  Object* object = nullptr;
  int other = kNobody;
  bool has_deadline = false;
  std::uint64_t deadline_ns = 0;
  pollfd* fds = nullptr;
  int fd_count = 0;
};

// A scheduling point. Counts as an operation of the thread. Returns why the thread goes on.
Why point(const Intent& intent);
// The same for an access to memory, which was counted before.
Why point_at_memory(const Intent& intent, bool must_stop);

// So many accesses to memory a thread makes at most without a scheduling point: who waits for a
// value in a loop is interrupted, even where nobody has seen that the memory is shared.
inline constexpr std::uint32_t kQuantum = 10'000;

// Counts an access to memory. True when the thread has to stop here: the schedule that is replayed
// says so, or it has computed for long.
inline bool count_access() { return ++t_self->ops == g_world->stop_at; }

// The calling thread has ended: hands the baton over and comes back.
void leave();
// A new thread's first act: waits until it is chosen.
void wait_for_baton();

// A choice among `count` that is not about threads: who of the waiters is woken, how short a read
// is.
int pick(int count);

// Wakes one thread that waits to be woken at the object, or all. Returns the one, or kNobody.
int wake_one(const Object* object);
int wake_all(const Object* object);

// Tells the strategy of a thread that was made.
void note_new_thread(int thread, int creator);

// Prepares the run: the strategy that the plan names.
void start_scheduler();

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_SCHEDULER_H_
