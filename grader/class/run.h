// Grades a class, one submission after another or many at once, and can be stopped at any moment.
//
// What is graded, and how, comes from outside (GradeSome), so that this part is the same for Bazel
// and for a test. Each grade is in the store, with its report beside it, before anything else
// happens. One submission that brings the grader down is graded again alone, and if it does so
// again, it is the one that has no grade; the others have theirs.
//
// Thread-safety: one thread. Errors: GraderError when grades cannot be kept (a full disk).
#ifndef GRADER_CLASS_RUN_H_
#define GRADER_CLASS_RUN_H_

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "grader/class/store.h"
#include "grader/class/students.h"
#include "grader/grade/score.h"

namespace kit::grade {

// What became of one submission.
struct Graded {
  Outcome outcome = Outcome::kGraded;
  std::string message;  // why it was refused, or what the grader's trouble was
  Grade grade;          // empty when refused
};

using OnGraded = std::function<void(const Student&, const Graded&)>;

// Grades these, tells each as it is done, and leaves out what it was stopped at. May throw.
using GradeSome = std::function<void(const std::vector<Student>&, const OnGraded&)>;

struct ClassWork {
  Students students;
  std::string kit;                // fingerprint
  std::filesystem::path reports;  // the folder of the students' pages
  std::size_t at_once = 16;       // submissions that one call of `grade_some` gets
  GradeSome grade_some;
  std::function<bool()> is_stopped = [] { return false; };
  std::function<void(const std::string&)> say = [](const std::string&) {};
  std::function<double()> seconds = [] { return 0.0; };  // since the class began
};

struct ClassRun {
  int graded = 0;  // this time
  int known = 0;   // finished before
  bool was_stopped = false;
};

ClassRun run_class(GradeStore& store, const ClassWork& work);

// "about 12 min left", "less than a minute left"; nothing while there is nothing to go by.
std::string time_left(double seconds, int done, int open);

// Where a student's page is.
std::filesystem::path report_file(const std::filesystem::path& reports, const Student& student);

}  // namespace kit::grade

#endif  // GRADER_CLASS_RUN_H_
