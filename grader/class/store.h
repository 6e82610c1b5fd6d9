// The grades of a class, in one SQLite file: every grade that was ever given to somebody, so that a
// change can be shown, and the checks behind each.
//
//     grades: one row each time that somebody was graded     checks: the rows of each grade
//
// A grade gets in with all of its checks or not at all, and once put() has returned a kill -9 does
// not take it away.
//
// Thread-safety: one thread; other processes may read. Errors: GraderError with SQLite's words.
#ifndef GRADER_CLASS_STORE_H_
#define GRADER_CLASS_STORE_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "grader/class/database.h"
#include "grader/grade/score.h"

namespace kit::grade {

enum class Outcome {
  kGraded,
  kRefused,  // there was nothing to grade: the message says why
  kFailed,   // the grader's own fault, in part or whole: it is tried again the next time
};

struct CheckGrade {
  int step = 0;
  std::string check;
  std::string mode;
  std::string status;  // as in the JSON report
  double points = 0;
  double worth = 0;
};

struct StudentGrade {
  std::string student;
  std::string submission;  // fingerprint of what was handed in
  std::string kit;         // fingerprint of what graded it
  Outcome outcome = Outcome::kFailed;
  std::string message;
  double score = 0;
  double max_score = 0;
  double seconds = 0;
  std::vector<CheckGrade> checks;

  // What is still to be graded differs from this, or failed.
  bool is_finished(const std::string& submission_now, const std::string& kit_now) const {
    return outcome != Outcome::kFailed && submission == submission_now && kit == kit_now;
  }
};

// The rows of a grade, as the store keeps them.
std::vector<CheckGrade> checks_of(const Grade& grade);

class GradeStore {
 public:
  // Makes the file when it is not there. A file of another lab is refused with UsageError.
  GradeStore(const std::filesystem::path& file, const std::string& lab);

  void put(const StudentGrade& grade);
  // The last grade of a student, and the one before that which was no fault of the grader's.
  std::optional<StudentGrade> latest(const std::string& student) const;
  std::optional<StudentGrade> previous(const std::string& student) const;

 private:
  Database database_;
};

}  // namespace kit::grade

#endif  // GRADER_CLASS_STORE_H_
