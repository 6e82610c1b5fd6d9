// Whether a mode's instrumentation is really in the programs under test, and works on this machine.
#ifndef GRADER_HARNESS_MODE_TEST_H_
#define GRADER_HARNESS_MODE_TEST_H_

#include <string>

#include "grader/harness/run_config.h"

namespace kit {

// Runs the self-test program (self_test.cc), which the mode must accuse, and looks for the
// sanitizer's calls in each program of the subject. Returns what is missing, as a sentence; "" when
// all is well, or the mode has no instrumentation.
std::string missing_instrumentation(const RunConfig& config);

}  // namespace kit

#endif  // GRADER_HARNESS_MODE_TEST_H_
