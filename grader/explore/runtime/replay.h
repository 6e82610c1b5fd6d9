// Follows a schedule that was recorded, or one that the driver made from it by leaving switches
// out.
//
// As long as it is followed exactly, each switch comes at its count and to a thread that can go on.
// A schedule from which something was left out no longer fits everywhere: what does not fit is
// skipped, the running thread goes on as long as it can, and `diverged` in the outcome says so.
//
// Thread-safety: the baton's holder.
#ifndef GRADER_EXPLORE_RUNTIME_REPLAY_H_
#define GRADER_EXPLORE_RUNTIME_REPLAY_H_

#include "grader/explore/runtime/world.h"

namespace kit::explore {

struct Choice {
  int thread;
  Why why;
};

// Before the first step, and after each switch that was followed.
void set_next_stop();

// Who goes on. kNobody: nobody is enabled.
Choice next_by_replay();

// The next recorded choice among `count`.
int pick_by_replay(int count);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_REPLAY_H_
