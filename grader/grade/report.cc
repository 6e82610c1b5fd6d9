#include "grader/grade/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "grader/harness/render.h"

namespace kit::grade {
namespace {

// The length of the sequence of UTF-8 at `text`, or 0 when it is none.
std::size_t sequence_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what lies above U+10FFFF are no UTF-8 either.
  const auto second = length > 1 ? static_cast<unsigned char>(text[1]) : 0;
  const bool is_wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return is_wrong ? 0 : length;
}

bool is_forbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
}

// A check counts once for each mode.
std::string runs(int count) {
  return count == 1 ? "1 run of a check" : fmt::format("{} runs of checks", count);
}

}  // namespace

const std::vector<std::string>& report_formats() {
  static const std::vector<std::string> kFormats = {"text",       "json",         "html",  "junit",
                                                    "gradescope", "prairielearn", "github"};
  return kFormats;
}

std::string make_report(const std::string& format, const Grade& grade, const TextStyle& style) {
  if (format == "json") return json_report(grade);
  if (format == "html") return html_report(grade);
  if (format == "junit") return junit_report(grade);
  if (format == "gradescope") return gradescope_report(grade);
  if (format == "prairielearn") return prairielearn_report(grade);
  if (format == "github") return github_report(grade);
  return text_report(grade, style);
}

std::string sum_line(const Grade& grade) {
  const std::string points =
      fmt::format("{} of {} points", points_text(grade.score), points_text(grade.max_score));
  if (grade.max_score <= 0) return points;
  // Rounded down: 99.6 % is not all of it.
  return points + fmt::format(" ({:.0f} %)", std::floor(grade.percent()));
}

std::vector<std::string> caveats(const Grade& grade) {
  std::vector<std::string> lines;
  if (const int count = grade.count_not_run(); count > 0) {
    lines.push_back(fmt::format(
        "Grading was ended early: {} left out. Their points are in neither number.", runs(count)));
  }
  if (const int count = grade.count_not_gradable(); count > 0) {
    lines.push_back(fmt::format(
        "{} could not be judged, by the grader's own fault. Their points are in neither number.",
        runs(count)));
  }
  return lines;
}

std::string row_phrase(const Row& row) {
  return row.was_run ? std::string(status_phrase(row.finding.status)) : "not run";
}

const Row* common_cause(const StepGrade& step) {
  const Row& first = step.rows.front();
  const Status status = first.finding.status;
  if (status == Status::kPassed || first.finding.observed.empty()) return nullptr;
  const bool is_common = std::all_of(step.rows.begin(), step.rows.end(), [&](const Row& row) {
    return row.finding.status == status && row.finding.observed == first.finding.observed;
  });
  return is_common ? &first : nullptr;
}

std::string clean_text(const std::string& text) {
  std::string out;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t length = sequence_length(rest);
    if (length == 0) {
      out += "\xef\xbf\xbd";  // U+FFFD, the replacement character
    } else if (!is_forbidden(rest.front())) {
      out += rest.substr(0, length);
    }
    rest.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace kit::grade
