// Makes a failing schedule simpler: fewer preemptions, and still the same failure.
//
// A person follows a story in which each thread does what it can and is interrupted only where it
// matters. So preemptions are taken out, many at once first and then single ones (delta debugging):
// the thread goes on in place of being interrupted, and the others come when it has to stop. What
// was left out is filled up by the runtime; the schedule of that run, if it fails, is the new one.
//
// The result was run and failed. Thread-safety: none. Errors: SubjectGone goes through.
// Source: Zeller, Hildebrandt: Simplifying and isolating failure-inducing input, TSE 28(2) (2002);
// Musuvathi, Qadeer: Iterative context bounding (PLDI 2007), on why few preemptions are enough.
#ifndef GRADER_EXPLORE_DRIVER_REDUCE_H_
#define GRADER_EXPLORE_DRIVER_REDUCE_H_

#include <functional>

#include "grader/explore/driver/subject.h"

namespace kit::explore {

Schedule reduce(Subject& subject, Schedule schedule,
                const std::function<bool(const Outcome&)>& fails);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_DRIVER_REDUCE_H_
