// The death of a process as a choice of the scheduler: at any scheduling point, a process other
// than the first may be killed, once in a run. Its robust mutexes then have an owner that died.
//
// Thread-safety: the baton's holder.
#ifndef GRADER_EXPLORE_RUNTIME_DEATH_H_
#define GRADER_EXPLORE_RUNTIME_DEATH_H_

#include "grader/explore/runtime/world.h"

namespace kit::explore {

// A live thread of a process that may die, or kNobody.
int random_victim();

// Kills the process of that thread. The calling thread's own process may be the one: then this
// hands the baton over and does not return.
void kill_process_of(int thread);

// The robust mutexes of a thread that has ended have an owner that died.
void release_locks_of(int thread);

// The calling thread's process ends here, and the others go on.
void end_own_process(int status);

// What the end of a process means to the others, however it came: its threads have ended, its
// private locks are gone, its robust ones are marked.
void note_process_end(int process, int status);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_DEATH_H_
