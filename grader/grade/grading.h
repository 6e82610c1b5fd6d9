// From jobs to a grade: runs the build, turns each target's outcome into findings as it comes,
// tells the progress, and scores at the end.
//
// The findings files are the only word on a check. A target that was not built speaks for all of
// its checks at once; a target of which Bazel said nothing is the grader's own trouble.
//
// Thread-safety: one thread. Errors: UsageError for a subject that Bazel does not know; GraderError
// when Bazel cannot be started.
#ifndef GRADER_GRADE_GRADING_H_
#define GRADER_GRADE_GRADING_H_

#include <functional>
#include <string>
#include <vector>

#include "grader/grade/bazel.h"
#include "grader/grade/progress.h"
#include "grader/grade/score.h"

namespace kit::grade {

struct GradeRequest {
  const Manifest& manifest;
  Subject subject;
  std::vector<Job> jobs;
  // When set: what is known so far, each time that a job is done.
  std::function<void(const Grade&)> on_partial = {};
};

struct GradeRun {
  Grade grade;
  bool was_outdated = false;  // the files changed meanwhile (BuildHooks::is_outdated)
};

// `hooks` gives wake_fd and is_outdated; the rest of it is set here.
GradeRun run_grade(const Bazel& bazel, const GradeRequest& request, SignalWatch& signals,
                   Progress& progress, BuildHooks hooks = {});

// Several subjects in one build, so that Bazel keeps the machine busy. `on_grade` gets each grade
// with its place in `requests`, as soon as nothing is left to run for it; what was stopped before
// its end is left out. Errors of one request are the others' too: UsageError for a subject that
// Bazel does not know. Returns whether a signal ended it.
using OnGrade = std::function<void(std::size_t index, const Grade&)>;
bool run_grades(const Bazel& bazel, const std::vector<GradeRequest>& requests, SignalWatch& signals,
                Progress& progress, const OnGrade& on_grade);

// The findings of a target that was built. Never throws: what cannot be read is not gradable.
JobResult read_findings(const Job& job, const std::string& lab, const TargetOutcome& outcome);

}  // namespace kit::grade

#endif  // GRADER_GRADE_GRADING_H_
