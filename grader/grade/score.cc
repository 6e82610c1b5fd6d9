#include "grader/grade/score.h"

#include <fmt/format.h>

#include <algorithm>

#include "grader/grade/build_failure.h"
#include "grader/grade/paths.h"

namespace kit::grade {
namespace {

Finding not_run() {
  Finding finding;
  finding.status = Status::kNotGradable;
  finding.observed = "Grading was ended before its turn.";
  finding.hint = "Grade again: what has been judged already is remembered.";
  return finding;
}

Finding silent_driver() {
  return not_gradable("The grader's driver said nothing about this check.", "");
}

const Finding* find_check(const std::vector<Finding>& findings, const std::string& name) {
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [&](const Finding& finding) { return finding.check == name; });
  return found != findings.end() ? &*found : nullptr;
}

Finding finding_for(const JobResult& result, const std::string& check) {
  Finding finding;
  if (!result.is_done) {
    finding = not_run();
  } else if (result.findings.empty()) {
    finding = result.blanket;
  } else {
    const Finding* found = find_check(result.findings, check);
    finding = found != nullptr ? *found : silent_driver();
  }
  finding.check = check;
  return finding;
}

// What a submission is not in labs/ for, and a student does not have.
std::string replay_options(const Manifest& manifest, const Subject& subject) {
  std::string options;
  if (!subject.submission.empty()) options += " --submission " + subject.submission;
  if (!manifest.own_checks.empty()) options += " --checks " + typed_path(manifest.own_checks);
  return options;
}

Row make_row(const Manifest& manifest, const Subject& subject, const JobResult& result,
             Finding finding, double points) {
  Row row;
  row.finding = std::move(finding);
  row.mode = result.job.mode;
  row.was_run = result.is_done;
  row.worth = points;
  row.max_points = row.is_gradable() ? points : 0;
  row.points = row.has_passed() ? points : 0;
  row.reproduce =
      reproduce_command({manifest.lab, subject.word, result.job.step, row.mode, row.finding.check,
                         row.finding.seed, row.finding.interleaving});
  row.replay = row.reproduce + replay_options(manifest, subject);
  return row;
}

// What the driver says beyond the manifest's checks (a self-test of the mode that failed) is shown
// and weighs nothing.
bool is_extra(const Step& step, const std::string& mode, const Finding& finding) {
  return finding.status != Status::kPassed &&
         std::none_of(step.checks.begin(), step.checks.end(), [&](const Check& check) {
           return check.name == finding.check && check.points.count(mode) != 0;
         });
}

void add_rows(const Manifest& manifest, const Subject& subject, const Step& step,
              const JobResult& result, StepGrade& grade) {
  for (const Check& check : step.checks) {
    const auto points = check.points.find(result.job.mode);
    if (points == check.points.end()) continue;
    grade.rows.push_back(
        make_row(manifest, subject, result, finding_for(result, check.name), points->second));
    grade.rows.back().is_own = check.is_own;
  }
  for (const Finding& finding : result.findings) {
    if (is_extra(step, result.job.mode, finding)) {
      grade.rows.push_back(make_row(manifest, subject, result, finding, 0));
    }
  }
}

StepGrade score_step(const Manifest& manifest, const Subject& subject, const Step& step,
                     const std::vector<JobResult>& results) {
  StepGrade grade;
  grade.number = step.number;
  grade.title = step.title;
  grade.anchor = step.anchor;
  for (const std::string& mode : step.modes) {
    for (const JobResult& result : results) {
      if (result.job.step == step.number && result.job.mode == mode) {
        add_rows(manifest, subject, step, result, grade);
      }
    }
  }
  for (const Row& row : grade.rows) {
    grade.score += row.points;
    grade.max_score += row.max_points;
  }
  return grade;
}

int count_rows(const Grade& grade, bool (*wanted)(const Row&)) {
  int count = 0;
  for (const StepGrade& step : grade.steps) {
    count += static_cast<int>(std::count_if(step.rows.begin(), step.rows.end(), wanted));
  }
  return count;
}

bool is_students_failure(const Row& row) {
  return !row.has_passed() && row.is_gradable() && row.finding.status != Status::kSkipped;
}

// The failure, or what the mode explore says of the same check.
const Row* best_told(const StepGrade& step, const Row& failure) {
  for (const Row& row : step.rows) {
    if (row.mode == "explore" && row.finding.check == failure.finding.check &&
        row.finding.status != Status::kNotBuilt && is_students_failure(row))
      return &row;
  }
  return &failure;
}

}  // namespace

int Grade::count_not_gradable() const {
  return count_rows(*this, [](const Row& row) { return row.was_run && !row.is_gradable(); });
}

int Grade::count_not_run() const {
  return count_rows(*this, [](const Row& row) { return !row.was_run; });
}

double Grade::percent() const { return max_score > 0 ? 100 * score / max_score : 100; }

double Grade::share() const {
  double judged = 0;
  for (const StepGrade& step : steps) {
    for (const Row& row : step.rows) judged += row.is_gradable() || !row.was_run ? row.worth : 0;
  }
  return judged > 0 ? score / judged : 0;
}

const Row* first_failure(const Grade& grade, const StepGrade** in_step) {
  for (const StepGrade& step : grade.steps) {
    const auto row = std::find_if(step.rows.begin(), step.rows.end(), is_students_failure);
    if (row == step.rows.end()) continue;
    if (in_step != nullptr) *in_step = &step;
    return best_told(step, *row);
  }
  return nullptr;
}

Grade score(const Manifest& manifest, const Subject& subject,
            const std::vector<JobResult>& results) {
  Grade grade;
  grade.lab = manifest.lab;
  grade.title = manifest.title;
  grade.page = manifest.page;
  grade.subject = subject.label;
  for (const Step& step : manifest.steps) {
    StepGrade scored = score_step(manifest, subject, step, results);
    if (scored.rows.empty()) continue;
    grade.score += scored.score;
    grade.max_score += scored.max_score;
    grade.steps.push_back(std::move(scored));
  }
  return grade;
}

std::string points_text(double points) { return fmt::format("{:g}", points); }

}  // namespace kit::grade
