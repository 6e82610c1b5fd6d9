// class LAB DIR: from a folder of submissions to grades.sqlite, grades.csv, index.html and a report
// for each student, in a folder beside DIR (or the one of --output).
//
// Thread-safety: one thread. Errors: UsageError for a folder, rules or a file of grades that make
// no sense; GraderError when results cannot be kept, or another `class` is at work on them.
#ifndef GRADER_CLASS_COMMAND_H_
#define GRADER_CLASS_COMMAND_H_

#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "grader/class/run.h"
#include "grader/grade/manifest.h"

namespace kit::grade {

struct ClassOptions {
  std::filesystem::path submissions;
  std::filesystem::path results;  // empty: beside `submissions`
  std::filesystem::path rules;    // empty: none
};

// What grades, and what it depends on; a test brings its own.
struct ClassGrader {
  std::string kit;                // fingerprint
  std::filesystem::path starter;  // what all have; for the comparison of submissions
  GradeSome grade_some;
  std::function<bool()> is_stopped;
  std::function<void(const std::string&)> say;
};

// The exit status: 0, or 3 when it was stopped or something could not be judged.
int run_class_command(const Manifest& manifest, const ClassOptions& options,
                      const ClassGrader& grader);

}  // namespace kit::grade

#endif  // GRADER_CLASS_COMMAND_H_
