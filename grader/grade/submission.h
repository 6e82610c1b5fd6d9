// A submission as a subject: what was taken in is laid out for the repository rule that makes a
// package of it (grader/bazel/submissions.bzl), and then graded as any other code is, in a box.
//
// A submission's name follows from the lab's name and its contents, and so do its targets: the same
// code is never compiled or run twice, whoever handed it in.
//
// Ownership: the folder `root` is the caller's; it must be there as long as Bazel runs.
// Thread-safety: one thread. Errors: IntakeError (a UsageError) when there is nothing to grade;
// GraderError when it cannot be written, or when a whole box was asked for and cannot be had.
#ifndef GRADER_GRADE_SUBMISSION_H_
#define GRADER_GRADE_SUBMISSION_H_

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "grader/grade/bazel.h"
#include "grader/grade/manifest.h"
#include "grader/grade/score.h"
#include "grader/grade/subject.h"
#include "grader/submissions/intake.h"

namespace kit::grade {

struct LaidOut {
  Subject subject;
  Submission taken;
  std::string name;  // 16 hexadecimal digits; equal for equal code
};

// Takes in `path` and writes it to <root>/<lab>/<name>/.
LaidOut lay_out_submission(const Manifest& manifest, const std::filesystem::path& path,
                           const std::filesystem::path& root);

// Bazel, told where the submissions are. One call of Bazel may grade any number of them.
Bazel with_submissions(Bazel bazel, const std::filesystem::path& root);

// What a box lacks on this machine, a sentence each. Throws GraderError when there is such a thing
// and `is_required`.
std::vector<std::string> look_at_sandbox(bool is_required);

// For the report: what was taken, missing, ignored and refused, and what the box lacked.
void add_submission_facts(Grade& grade, const LaidOut& submission, const std::string& shown_name,
                          const std::vector<std::string>& missing_sandbox);

}  // namespace kit::grade

#endif  // GRADER_GRADE_SUBMISSION_H_
