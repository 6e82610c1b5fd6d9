#include <fmt/format.h>

#include "grader/class/exports.h"
#include "grader/grade/report.h"

namespace kit::grade {
namespace {

constexpr const char* kLineEnd = "\r\n";

std::string cell(const std::string& text) {
  std::string shown = clean_text(text);
  if (!shown.empty() && std::string("=+-@\t\r").find(shown[0]) != std::string::npos) {
    shown.insert(0, "'");
  }
  if (shown.find_first_of(",\"\r\n") == std::string::npos) return shown;
  std::string quoted = "\"";
  for (char c : shown) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string head_line(const ClassSummary& summary) {
  std::string line =
      "student,submission,outcome,score,max_score,percent,days_charged,final_percent";
  for (const StepSummary& step : summary.steps) line += fmt::format(",step_{}", step.number);
  return line + ",message" + kLineEnd;
}

std::string row_line(const ClassRow& row, std::size_t step_count) {
  const StudentGrade grade = row.grade.value_or(StudentGrade());
  std::string line = cell(row.student.name) + "," + cell(row.student.path.filename().string()) +
                     "," + outcome_phrase(row);
  line +=
      fmt::format(",{},{},{:.2f},{},{:.2f}", points_text(grade.score), points_text(grade.max_score),
                  row.percent, row.days_charged, row.final_percent);
  for (std::size_t i = 0; i < step_count; ++i) {
    line += "," + (i < row.steps.size() ? points_text(row.steps[i].points) : "");
  }
  return line + "," + cell(grade.message) + kLineEnd;
}

}  // namespace

std::string outcome_phrase(const ClassRow& row) {
  if (!row.grade) return "not yet";
  switch (row.grade->outcome) {
    case Outcome::kGraded:
      return "graded";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kFailed:
      return "not gradable";
  }
  return "";
}

std::string class_csv(const ClassSummary& summary) {
  std::string out = head_line(summary);
  for (const ClassRow& row : summary.rows) out += row_line(row, summary.steps.size());
  return out;
}

}  // namespace kit::grade
