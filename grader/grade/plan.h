// Which Bazel targets have to be built for what was asked. A job is one of them: the findings of
// one step in one mode, on one subject.
//
// Thread-safety: plain values.
#ifndef GRADER_GRADE_PLAN_H_
#define GRADER_GRADE_PLAN_H_

#include <optional>
#include <string>
#include <vector>

#include "grader/grade/manifest.h"
#include "grader/grade/subject.h"

namespace kit::grade {

struct Job {
  int step = 0;
  std::string mode;
  std::string target;  // "//grader/x:lab_step1_plain"
};

// What is left out is not asked for.
struct Selection {
  std::optional<int> step;
  std::string mode;
};

std::string job_target(const Subject& subject, int step, const std::string& mode);

// Each step's quickest mode for all steps first, then the next mode: Bazel takes targets roughly in
// the order in which they are named. Throws UsageError for a step or a mode that the lab has not.
std::vector<Job> plan_jobs(const Manifest& manifest, const Subject& subject,
                           const Selection& selection);

}  // namespace kit::grade

#endif  // GRADER_GRADE_PLAN_H_
