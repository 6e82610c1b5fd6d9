// --checks DIR: an instructor's own checks, beside the lab's or in their place.
//
// The folder has a manifest.bzl and drivers and probes in the same form as the kit's. Bazel makes a
// package of it (grader/bazel/hidden_checks.bzl), and the manifest that comes out of it is the one
// to grade by.
//
// Thread-safety: one thread. Errors: UsageError when the folder is none, or is another lab's;
// GraderError, with Bazel's words, when its manifest makes no sense.
#ifndef GRADER_GRADE_OWN_CHECKS_H_
#define GRADER_GRADE_OWN_CHECKS_H_

#include "grader/grade/bazel.h"
#include "grader/grade/manifest.h"
#include "grader/grade/options.h"
#include "grader/grade/process.h"

namespace kit::grade {

// What to grade with in place of what there was.
struct Checks {
  Bazel bazel;
  Manifest manifest;
};

// The lab's where no folder is named.
Checks chosen_checks(const Options& options, const Bazel& bazel, const Manifest& lab,
                     SignalWatch& signals);

}  // namespace kit::grade

#endif  // GRADER_GRADE_OWN_CHECKS_H_
