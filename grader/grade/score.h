// Findings times rubric: the grade.
//
// A row is one check in one mode. It earns its points when it passed. A row that is not gradable is
// taken out of both sums, so that a fault of the grader costs nothing.
//
// Thread-safety: pure functions on plain values.
#ifndef GRADER_GRADE_SCORE_H_
#define GRADER_GRADE_SCORE_H_

#include <string>
#include <utility>
#include <vector>

#include "grader/grade/manifest.h"
#include "grader/grade/plan.h"
#include "grader/grade/subject.h"
#include "grader/harness/finding.h"

namespace kit::grade {

// What became of one job.
struct JobResult {
  Job job;
  bool is_done = false;           // false: grading was ended before
  std::vector<Finding> findings;  // empty when `blanket` speaks for all checks
  Finding blanket;  // no check's name: code that does not compile, a fault of the grader
  std::string isolation;
};

struct Row {
  Finding finding;
  std::string mode;
  double points = 0;
  double max_points = 0;
  double worth = 0;       // what the manifest gives for it, whatever became of it
  bool was_run = true;    // false: grading was ended before this row's turn
  std::string reproduce;  // the whole command, for the student
  std::string replay;     // the same for who has graded it, with --submission and --checks
  bool is_own = false;    // of an instructor's own checks

  bool has_passed() const { return finding.status == Status::kPassed; }
  bool is_gradable() const { return finding.status != Status::kNotGradable; }
};

struct StepGrade {
  int number = 0;
  std::string title;
  std::string anchor;
  double score = 0;
  double max_score = 0;
  std::vector<Row> rows;  // mode by mode, the quickest first, each in the order of the manifest
};

struct Grade {
  std::string lab;
  std::string title;
  std::string page;
  std::string subject;
  double score = 0;
  double max_score = 0;
  std::vector<StepGrade> steps;  // those that were asked for
  std::vector<std::pair<std::string, std::string>> environment;
  bool was_interrupted = false;
  double seconds = 0;

  // Rows that the grader could not judge, and rows that Ctrl-C left out.
  int count_not_gradable() const;
  int count_not_run() const;
  // 100 when nothing is to be had.
  double percent() const;
  // From 0 to 1, for systems that know one sum and have no word for what was left out: what the
  // grader could not judge is taken to be as good as the rest; what was not run earns nothing,
  // since a program that hangs must not gain by it. 0 when nothing could be judged.
  double share() const;
};

// The row to work on first: of the first step that has one, the first that failed. Where the same
// check failed in the mode explore too, that row: it shows how it came about, and can be seen again
// for sure. Null when none failed.
const Row* first_failure(const Grade& grade, const StepGrade** step);

Grade score(const Manifest& manifest, const Subject& subject,
            const std::vector<JobResult>& results);

// "2", "2.5"
std::string points_text(double points);

}  // namespace kit::grade

#endif  // GRADER_GRADE_SCORE_H_
