// Makes a failing scenario as small as it can be and still fail: a person reads three calls of two
// threads, not thirty of ten.
//
// Whole threads go first, then stretches of calls, then single ones (delta debugging), then the
// arguments become simpler: shorter text, smaller numbers. This is repeated until nothing more can
// be left out (then `minimal` is true) or the budget is spent. The setup stays as it is, since it
// says what is being tested.
//
// `fails` runs a scenario and says whether it shows the failure in question. If that happens only
// sometimes, `fails` is what repeats it. A scenario is never asked about twice. The same answers
// give the same result.
//
// Errors: what `fails` throws goes through to the caller.
// Thread-safety: no state outside the call.
// Source: Zeller, Hildebrandt: Simplifying and isolating failure-inducing input, TSE 28(2) (2002).
#ifndef GRADER_HARNESS_SHRINK_H_
#define GRADER_HARNESS_SHRINK_H_

#include <functional>

#include "grader/harness/deadline.h"
#include "grader/harness/scenario.h"

namespace kit {

struct ShrinkBudget {
  int runs;           // calls of `fails`
  Deadline deadline;  // no further call after it; the one in hand is not broken off
};

struct ShrinkResult {
  Scenario scenario;  // fails: it is the given one, or `fails` said so
  int runs = 0;
  bool minimal = false;
};

// Whether a scenario may be blamed on the code under test. One that has lost the call that takes a
// lock fails with any lock.
using MakesSense = std::function<bool(const Scenario&)>;

// `scenario` is known to fail. Smaller ones that make no sense are not tried; empty: all do.
ShrinkResult shrink(const Scenario& scenario, const std::function<bool(const Scenario&)>& fails,
                    ShrinkBudget budget, const MakesSense& makes_sense = {});

}  // namespace kit

#endif  // GRADER_HARNESS_SHRINK_H_
