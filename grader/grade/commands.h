// The commands that do not grade the code at hand: pack, handout, autograder, class.
//
// Thread-safety: one thread. Errors: UsageError, GraderError.
#ifndef GRADER_GRADE_COMMANDS_H_
#define GRADER_GRADE_COMMANDS_H_

#include "grader/grade/bazel.h"
#include "grader/grade/manifest.h"
#include "grader/grade/options.h"

namespace kit::grade {

// Each gives the exit status.
int run_pack(const Options& options, const Bazel& bazel, const Manifest& manifest);
int run_handout(const Options& options, const Bazel& bazel, const Manifest& manifest);
int run_autograder(const Options& options, const Bazel& bazel, const Manifest& manifest);
int run_class_of(const Options& options, const Bazel& bazel, const Manifest& manifest);

}  // namespace kit::grade

#endif  // GRADER_GRADE_COMMANDS_H_
