#include <fmt/format.h>

#include "grader/grade/report.h"
#include "grader/grade/report_values.h"
#include "grader/harness/render.h"

namespace kit::grade {
namespace {

constexpr std::size_t kMaxOutput = 16 * 1024;  // of one test: a page with all of them stays usable

// "2.5": the fifth row of step 2, which is how Gradescope orders them.
std::string position(const StepGrade& step, std::size_t index) {
  return fmt::format("{}.{}", step.number, index + 1);
}

// Gradescope knows passed and failed. A row that nobody judged has neither.
void set_status(Json& test, const Row& row) {
  if (row.is_gradable()) test["status"] = row.has_passed() ? "passed" : "failed";
}

Json test_of(const StepGrade& step, std::size_t index) {
  const Row& row = step.rows[index];
  Json test = {{"name", fmt::format("Step {}: {} ({})", step.number, row.finding.check, row.mode)},
               {"name_format", "text"},
               {"number", position(step, index)},
               {"score", number(row.points)},
               {"max_score", number(row.max_points)}};
  set_status(test, row);
  test["output"] = finding_text(step, row, kMaxOutput);
  test["output_format"] = "text";
  test["tags"] = {fmt::format("step {}", step.number), row.mode};
  // An instructor's own check is a secret as long as somebody may still hand in.
  test["visibility"] = row.is_own ? "after_published" : "visible";
  test["extra_data"] = {{"status", status_name(row.finding.status)}, {"seed", row.finding.seed}};
  return test;
}

bool has_judged_anything(const Grade& grade) {
  return grade.max_score > 0 || grade.count_not_run() > 0;
}

double whole_worth(const Grade& grade) {
  double worth = 0;
  for (const StepGrade& step : grade.steps) {
    for (const Row& row : step.rows) worth += row.worth;
  }
  return worth;
}

// An assignment has one sum, whatever was judged. The top-level score overrides the tests'.
void add_scores(Json& json, const Grade& grade) {
  json["score"] = number(grade.share() * whole_worth(grade));
  json["tests"] = Json::array();
  for (const StepGrade& step : grade.steps) {
    for (std::size_t i = 0; i < step.rows.size(); ++i) json["tests"].push_back(test_of(step, i));
  }
}

}  // namespace

std::string gradescope_report(const Grade& grade) {
  Json json = {{"execution_time", static_cast<long long>(grade.seconds)},
               {"output", clean_text(grade.title + ": " + sum_text(grade))},
               {"output_format", "text"},
               {"test_output_format", "text"},
               {"test_name_format", "text"},
               {"visibility", "visible"},
               {"stdout_visibility", "hidden"},
               {"extra_data", {{"lab", grade.lab}, {"seconds", grade.seconds}}}};
  // Without a score and without tests Gradescope tells the instructor that the autograder failed,
  // which is what happened, and the student has no zero.
  if (has_judged_anything(grade)) add_scores(json, grade);
  return json_text(json);
}

}  // namespace kit::grade
