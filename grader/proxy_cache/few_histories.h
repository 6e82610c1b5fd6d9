// check_histories() for scenarios that take long when they are taken apart: those of processes, and
// those in which one thread waits until another one is known to wait. In plain mode a few of them
// are run, and a wrong one is shown as it is.
//
// Thread-safety: for the check's thread. Errors: as check_histories().
#ifndef GRADER_PROXY_CACHE_FEW_HISTORIES_H_
#define GRADER_PROXY_CACHE_FEW_HISTORIES_H_

#include <string>

#include "grader/harness/rounds.h"

namespace kit::proxy_cache_lab {

void check_few_histories(const std::string& probe, const std::string& expected,
                         const MakeScenario& make, const Judge& judge, const CheckOptions& options);

// So many scenarios, so many schedules of each, in the mode explore.
CheckOptions effort(int scenarios, int schedules);

}  // namespace kit::proxy_cache_lab

#endif  // GRADER_PROXY_CACHE_FEW_HISTORIES_H_
