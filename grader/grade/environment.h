// On what a grade came about: whoever compares two grades of the same code wants to know.
//
// Thread-safety: one thread. Errors: none; what is not known is left out.
#ifndef GRADER_GRADE_ENVIRONMENT_H_
#define GRADER_GRADE_ENVIRONMENT_H_

#include <string>
#include <utility>
#include <vector>

#include "grader/grade/bazel.h"

namespace kit::grade {

// "kit" (its commit), "bazel", "compiler", "kernel", "machine", "cpus", "isolation" (what the boxes
// of the checks could give), "time" (of the grade, UTC), in this order.
std::vector<std::pair<std::string, std::string>> describe_environment(
    const Bazel& bazel, const std::string& bazel_version,
    const std::vector<std::string>& isolations);

}  // namespace kit::grade

#endif  // GRADER_GRADE_ENVIRONMENT_H_
