// Turns: a schedule that is fair and as unlucky as it can be.
//
// Threads go one after the other, and the turn of each ends when it is back where the turn began,
// or when it has to wait. Who tries and gives up and tries again, in step with another who does the
// same, does so for ever; and readers who come and go one after the other keep out a writer that
// waits for all of them to be gone. A random schedule is kinder: somebody gets through by chance.
//
// Everybody has their turn. So what goes on for ever here, is livelock or starvation.
// Thread-safety: the baton's holder.
#ifndef GRADER_EXPLORE_RUNTIME_TURNS_H_
#define GRADER_EXPLORE_RUNTIME_TURNS_H_

#include "grader/explore/runtime/strategy.h"

namespace kit::explore {

// The place in `options` of the thread whose turn it is. `count` is at least 1.
int choose_by_turns(const Option* options, int count);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_TURNS_H_
