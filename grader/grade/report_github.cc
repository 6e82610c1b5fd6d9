#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "grader/grade/report.h"
#include "grader/grade/report_values.h"
#include "grader/harness/render.h"

namespace kit::grade {
namespace {

// A job's outputs are 1 MB at most, all steps together and as base64.
constexpr std::size_t kMaxOutput = 2 * 1024;

const char* status_of(const Row& row) {
  if (row.has_passed()) return "pass";
  const Status status = row.finding.status;
  return status == Status::kNotBuilt || status == Status::kNotGradable ? "error" : "fail";
}

// The worst of its tests.
const char* status_of(const StepGrade& step) {
  const auto has = [&](std::string_view wanted) {
    return std::any_of(step.rows.begin(), step.rows.end(),
                       [&](const Row& row) { return status_of(row) == wanted; });
  };
  if (has("error")) return "error";
  return has("fail") ? "fail" : "pass";
}

// "ring_buffer.cc:41" is a file and a line.
void set_place(Json& test, const std::string& where) {
  const std::size_t colon = where.find(':');
  test["filename"] = clean_text(where.substr(0, colon));
  test["line_no"] = 0;
  if (colon == std::string::npos) return;
  int line = 0;
  const char* end = where.data() + where.size();
  if (std::from_chars(where.data() + colon + 1, end, line).ec == std::errc()) {
    test["line_no"] = line;
  }
}

Json test_of(const StepGrade& step, const Row& row) {
  Json test = {{"name", fmt::format("{} ({})", row.finding.check, row.mode)},
               {"status", status_of(row)},
               {"message", finding_text(step, row, kMaxOutput)},
               {"test_code", row.reproduce}};
  set_place(test, row.finding.where);
  test["duration"] = row.finding.seconds;
  test["score"] = number(row.points);
  return test;
}

Json step_json(const StepGrade& step) {
  double max_score = 0;
  for (const Row& row : step.rows) max_score += row.was_run ? row.max_points : row.worth;
  Json json = {{"version", 1},
               {"status", status_of(step)},
               {"max_score", number(max_score)},
               {"tests", Json::array()}};
  for (const Row& row : step.rows) json["tests"].push_back(test_of(step, row));
  return json;
}

}  // namespace

std::string github_report(const Grade& grade) {
  std::string out;
  for (const StepGrade& step : grade.steps) {
    out += fmt::format("step{}={}\n", step.number, base64(json_text(step_json(step))));
  }
  return out;
}

}  // namespace kit::grade
