#include "grader/grade/report.h"
#include "grader/grade/report_values.h"
#include "grader/harness/render.h"

namespace kit::grade {
namespace {

// Prose is not broken here: whoever shows it knows how wide the page is.
constexpr int kUnbroken = 0;

Json row_json(const Row& row) {
  const Finding& finding = row.finding;
  return {{"name", finding.check},
          {"mode", row.mode},
          {"status", status_name(finding.status)},
          {"points", number(row.points)},
          {"max_points", number(row.max_points)},
          {"message", clean_text(render_message(finding, kUnbroken))},
          {"hint", clean_text(finding.hint)},
          {"location", clean_text(finding.where)},
          {"reproduce", row.replay},
          {"seconds", finding.seconds},
          {"seed", finding.seed}};
}

Json step_json(const StepGrade& step) {
  Json json = {{"number", step.number},       {"title", step.title},
               {"score", number(step.score)}, {"max_score", number(step.max_score)},
               {"anchor", step.anchor},       {"checks", Json::array()}};
  for (const Row& row : step.rows) json["checks"].push_back(row_json(row));
  return json;
}

}  // namespace

std::string json_report(const Grade& grade) {
  Json json = {{"lab", grade.lab},
               {"subject", grade.subject},
               {"score", number(grade.score)},
               {"max_score", number(grade.max_score)},
               {"steps", Json::array()},
               {"environment", Json::object()},
               {"interrupted", grade.was_interrupted},
               {"seconds", grade.seconds}};
  for (const StepGrade& step : grade.steps) json["steps"].push_back(step_json(step));
  for (const auto& [key, value] : grade.environment) json["environment"][key] = clean_text(value);
  return json_text(json);
}

}  // namespace kit::grade
