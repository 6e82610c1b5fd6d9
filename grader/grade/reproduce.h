// Runs the check of one finding again, in the mode, with the seed, on the subject that its token
// names, and lets its driver speak to the person at the terminal. With --submission the subject is
// what somebody handed in, in its box.
//
// Thread-safety: one thread. Errors: UsageError for a token that means nothing here; GraderError
// when the driver cannot be run.
#ifndef GRADER_GRADE_REPRODUCE_H_
#define GRADER_GRADE_REPRODUCE_H_

#include <vector>

#include "grader/grade/bazel.h"
#include "grader/grade/manifest.h"
#include "grader/grade/options.h"

namespace kit::grade {

// The exit status: 0 the check passed, 1 the failure was seen again, 3 the grader could not tell.
int run_reproduce(const Bazel& bazel, const std::vector<Manifest>& labs, const Options& options);

}  // namespace kit::grade

#endif  // GRADER_GRADE_REPRODUCE_H_
