#include <fmt/format.h>

#include "grader/grade/report.h"
#include "grader/grade/report_values.h"
#include "grader/harness/render.h"

namespace kit::grade {
namespace {

// PrairieLearn drops results of more than 1 MB; 8 KiB for each finding is where we begin.
constexpr std::size_t kMaxBytes = 1'000'000;
constexpr std::size_t kMaxOutput = 8 * 1024;
constexpr std::size_t kMinOutput = 64;

// A picture is an image by itself: PrairieLearn fetches nothing.
Json images_of(const Row& row, std::size_t max_bytes) {
  Json images = Json::array();
  const std::string& picture = row.finding.picture;
  if (picture.empty() || picture.size() > max_bytes) return images;
  images.push_back(
      {{"label", "What the threads did"}, {"url", "data:image/svg+xml;base64," + base64(picture)}});
  return images;
}

Json test_of(const StepGrade& step, const Row& row, std::size_t max_output) {
  return {{"name", fmt::format("Step {}: {} ({})", step.number, row.finding.check, row.mode)},
          {"description", clean_text(row.finding.why)},
          {"points", number(row.points)},
          {"max_points", number(row.max_points)},
          {"message", clean_text(row.has_passed() ? row_phrase(row)
                                                  : row_phrase(row) + ": " +
                                                        render_brief(row.finding, /*width=*/0))},
          {"output", finding_text(step, row, max_output)},
          {"images", images_of(row, max_output)}};
}

std::string report_of(const Grade& grade, std::size_t max_output) {
  // An attempt is not used up by what the grader could not judge; the student tries again.
  const bool is_gradable = grade.count_not_gradable() == 0;
  Json json = {{"gradable", is_gradable},
               {"score", grade.share()},
               {"message", clean_text(sum_text(grade))},
               {"output", ""},
               {"format_errors", Json::array()},
               {"images", Json::array()},
               {"tests", Json::array()}};
  if (!is_gradable) json["format_errors"].push_back(caveats(grade).back());
  for (const StepGrade& step : grade.steps) {
    for (const Row& row : step.rows) json["tests"].push_back(test_of(step, row, max_output));
  }
  return json_text(json);
}

}  // namespace

std::string prairielearn_report(const Grade& grade) {
  std::size_t max_output = kMaxOutput;
  std::string report = report_of(grade, max_output);
  while (report.size() > kMaxBytes && max_output > kMinOutput) {
    max_output /= 2;
    report = report_of(grade, max_output);
  }
  return report;
}

}  // namespace kit::grade
