// What an instructor wants to know of a class: who has how much, how that is distributed, which
// step and which check how many failed, whose grade moved, and who handed in nearly the same.
//
// Thread-safety: pure functions of plain values.
#ifndef GRADER_CLASS_SUMMARY_H_
#define GRADER_CLASS_SUMMARY_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "grader/class/rules.h"
#include "grader/class/store.h"
#include "grader/class/students.h"
#include "grader/grade/manifest.h"

namespace kit::grade {

struct StepShare {
  int number = 0;
  double points = 0;
  double worth = 0;  // without what the grader could not judge
  double percent() const { return worth > 0 ? 100 * points / worth : 0; }
};

// A line of the list.
struct ClassRow {
  Student student;
  std::optional<StudentGrade> grade;  // none yet: grading was ended before
  std::vector<StepShare> steps;
  double percent = 0;  // of the steps by their weights
  int days_charged = 0;
  double final_percent = 0;  // after what lateness costs
};

struct CheckFailures {
  int step = 0;
  std::string check;
  int failed = 0;   // students who did not pass it in some mode
  int skipped = 0;  // and those whom an earlier failure kept from it
};

struct StepSummary {
  int number = 0;
  std::string title;
  double mean_percent = 0;
  int complete = 0;  // students with all of its points
  std::vector<CheckFailures>
      checks;  // the one that most failed first; those that nobody failed last
};

struct Move {
  Student student;
  double before = 0;  // points
  double after = 0;
  std::vector<std::string> checks;  // "Suite.Name (mode): failed, now passed"
};

struct Likeness {
  std::string first;
  std::string second;
  int percent = 0;  // how much of the first is in the second
};

struct ClassSummary {
  std::string lab;
  std::string title;
  std::vector<ClassRow> rows;
  std::vector<StepSummary> steps;
  std::array<int, 10> distribution = {};  // by final_percent: 0 to 9, ..., 90 to 100
  double mean_percent = 0;
  double median_percent = 0;
  std::vector<Move> moves;
  std::vector<Likeness> alike;
  std::vector<std::string> notes;

  int count(Outcome outcome) const;
  int count_missing() const;
};

ClassSummary summarize(const Manifest& manifest, const Students& students, const GradeStore& store,
                       const Rules& rules);

// Nothing when no point and no check changed, or when another submission was graded.
std::optional<Move> move_of(const Student& student, const StudentGrade& before,
                            const StudentGrade& after);

}  // namespace kit::grade

#endif  // GRADER_CLASS_SUMMARY_H_
