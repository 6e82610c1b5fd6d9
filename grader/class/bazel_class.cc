#include "grader/class/bazel_class.h"

#include <fmt/format.h>

#include "grader/class/digest.h"
#include "grader/grade/files.h"
#include "grader/grade/grading.h"
#include "grader/grade/plan.h"
#include "grader/grade/submission.h"

namespace kit::grade {
namespace {

// The steps and modes of one submission are told to nobody: a class has hundreds of them.
Terminal nowhere() { return {/*fd=*/-1, /*is_terminal=*/false, /*has_colour=*/false, 100}; }

struct Staged {
  Student student;
  LaidOut laid_out;
};

double seconds_of(const Grade& grade) {
  double seconds = 0;
  for (const StepGrade& step : grade.steps) {
    for (const Row& row : step.rows) seconds += row.finding.seconds;
  }
  return seconds;
}

class Batch {
 public:
  Batch(const BazelClass& setup, const OnGraded& on_graded)
      : setup_(setup), on_graded_(on_graded) {}

  void grade(const std::vector<Student>& students);

 private:
  void stage(const Student& student);
  void tell(const Staged& staged, Grade grade);

  const BazelClass& setup_;
  const OnGraded& on_graded_;
  const TempDir root_;
  std::vector<Staged> staged_;
};

void Batch::stage(const Student& student) try {
  staged_.push_back({student, lay_out_submission(setup_.manifest, student.path, root_.path())});
} catch (const IntakeError& error) {
  on_graded_(student, {Outcome::kRefused, error.what(), {}});
}

void Batch::tell(const Staged& staged, Grade grade) {
  add_submission_facts(grade, staged.laid_out, staged.student.name, setup_.missing_sandbox);
  grade.seconds = seconds_of(grade);
  const int unjudged = grade.count_not_gradable();
  const Outcome outcome = unjudged == 0 ? Outcome::kGraded : Outcome::kFailed;
  const std::string message =
      unjudged == 0 ? "" : fmt::format("{} runs of checks could not be judged", unjudged);
  on_graded_(staged.student, {outcome, message, std::move(grade)});
}

void Batch::grade(const std::vector<Student>& students) {
  for (const Student& student : students) stage(student);
  if (staged_.empty()) return;
  std::vector<GradeRequest> requests;
  for (const Staged& staged : staged_) {
    const Subject& subject = staged.laid_out.subject;
    requests.push_back({setup_.manifest, subject, plan_jobs(setup_.manifest, subject, {}), {}});
  }
  Progress quiet(nowhere());
  run_grades(with_submissions(setup_.bazel, root_.path()), requests, setup_.signals, quiet,
             [this](std::size_t index, const Grade& grade) { tell(staged_[index], grade); });
}

}  // namespace

ClassGrader bazel_grader(const BazelClass& setup, const std::filesystem::path& starter) {
  ClassGrader grader;
  grader.kit = digest_of_kit(setup.bazel.workspace, setup.manifest.solution_package);
  // An instructor's own checks, a seed.
  for (const std::string& option : setup.bazel.options) grader.kit += " " + option;
  grader.starter = starter;
  grader.grade_some = [&setup](const std::vector<Student>& students, const OnGraded& on_graded) {
    Batch(setup, on_graded).grade(students);
  };
  grader.is_stopped = [&setup] { return setup.signals.has_fired(); };
  grader.say = [&setup](const std::string& line) { setup.progress.say(line); };
  return grader;
}

}  // namespace kit::grade
