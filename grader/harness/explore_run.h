// A probe under controlled schedules: the mode explore.
//
// The probe is started once and carries out the scenario anew for each schedule; every history goes
// to the judge. The first that fails ends the check: the scenario is shrunk, then the schedule, and
// the finding shows the interleaving. How it works: docs/explorer.md.
//
// Errors: as probe_run.h. What the explorer does not control makes the check not gradable.
// Thread-safety: for the check's thread.
#ifndef GRADER_HARNESS_EXPLORE_RUN_H_
#define GRADER_HARNESS_EXPLORE_RUN_H_

#include <string>

#include "grader/harness/rounds.h"

namespace kit {

// check_histories() in this mode.
void explore_histories(const std::string& probe, const std::string& expected,
                       const MakeScenario& make, const Judge& judge, const CheckOptions& options);

}  // namespace kit

#endif  // GRADER_HARNESS_EXPLORE_RUN_H_
