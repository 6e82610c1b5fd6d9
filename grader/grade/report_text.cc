#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "grader/grade/report.h"
#include "grader/harness/render.h"

namespace kit::grade {
namespace {

// One check over all of its modes.
struct CheckLine {
  std::string name;
  const Row* first_bad = nullptr;  // the quickest mode in which it did not pass; null when it did
  std::vector<std::string> bad_modes;
  double points = 0;
  double max_points = 0;
};

std::vector<CheckLine> lines_of(const StepGrade& step) {
  std::vector<CheckLine> lines;
  for (const Row& row : step.rows) {
    auto line = std::find_if(lines.begin(), lines.end(), [&](const CheckLine& other) {
      return other.name == row.finding.check;
    });
    if (line == lines.end()) line = lines.insert(line, {row.finding.check, nullptr, {}, 0, 0});
    line->points += row.points;
    line->max_points += row.max_points;
    if (row.has_passed()) continue;
    if (line->first_bad == nullptr) line->first_bad = &row;
    // A skipped mode is a consequence, and adds nothing to the mode that failed.
    if (row.finding.status != Status::kSkipped || line->bad_modes.empty()) {
      line->bad_modes.push_back(row.mode);
    }
  }
  return lines;
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

const char* colour_of(const CheckLine& line) {
  if (line.first_bad == nullptr) return "\033[32m";
  const Status status = line.first_bad->finding.status;
  return status == Status::kSkipped || status == Status::kNotGradable ? "\033[33m" : "\033[31m";
}

std::string painted(const std::string& text, const char* colour, const TextStyle& style) {
  return style.has_colour ? colour + text + "\033[0m" : text;
}

std::string heading(const std::string& left, const std::string& right, const TextStyle& style) {
  const int gap = std::max(2, style.width - columns(left) - columns(right));
  return painted(left, "\033[1m", style) + std::string(static_cast<std::size_t>(gap), ' ') + right +
         "\n";
}

std::string phrase_of(const CheckLine& line) {
  return line.first_bad != nullptr ? row_phrase(*line.first_bad) : "passed";
}

// "  failed  0 of 3  Suite.Name (plain, asan): what came instead"
std::string check_line(const CheckLine& line, int phrase_width, int points_width,
                       const TextStyle& style) {
  const std::string points =
      fmt::format("{} of {}", points_text(line.points), points_text(line.max_points));
  const std::string left =
      fmt::format("{:<{}}  {:<{}}  ", phrase_of(line), phrase_width, points, points_width);
  std::string right = line.name;
  if (line.first_bad != nullptr) {
    right += " (" + joined(line.bad_modes) + ")";
    const int room = style.width - columns(left) - columns(right) - 4;
    const std::string brief = render_brief(line.first_bad->finding, std::max(room, 30));
    if (!brief.empty()) right += ": " + brief;
  }
  return "  " + painted(left, colour_of(line), style) + right + "\n";
}

std::string check_lines(const std::vector<CheckLine>& lines, const TextStyle& style) {
  int phrase_width = 0;
  int points_width = 0;
  for (const CheckLine& line : lines) {
    phrase_width = std::max(phrase_width, columns(phrase_of(line)));
    points_width = std::max(
        points_width, columns(points_text(line.points) + " of " + points_text(line.max_points)));
  }
  std::string out;
  for (const CheckLine& line : lines) out += check_line(line, phrase_width, points_width, style);
  return out;
}

// What stands on a check that failed says nothing of its own: one line for all of them.
std::string waiting_line(const std::vector<CheckLine>& lines, const TextStyle& style) {
  double max_points = 0;
  for (const CheckLine& line : lines) max_points += line.max_points;
  const std::string left = fmt::format("  skipped  0 of {}  ", points_text(max_points));
  return painted(left, "\033[33m", style) +
         fmt::format("{} that {} on what failed here\n",
                     lines.size() == 1 ? "1 check" : fmt::format("{} checks", lines.size()),
                     lines.size() == 1 ? "stands" : "stand");
}

std::string all_checks(std::size_t count) {
  return count == 1 ? "its one check" : fmt::format("all {} checks", count);
}

std::string step_text(const StepGrade& step, const TextStyle& style) {
  std::string out = "\n" + heading(fmt::format("Step {}  {}", step.number, step.title),
                                   fmt::format("{} of {} points", points_text(step.score),
                                               points_text(step.max_score)),
                                   style);
  std::vector<CheckLine> lines = lines_of(step);
  if (std::none_of(lines.begin(), lines.end(), [](const CheckLine& l) { return l.first_bad; })) {
    return out + "  " + painted("passed", "\033[32m", style) + ": " + all_checks(lines.size()) +
           "\n";
  }
  if (const Row* cause = common_cause(step)) {
    const std::string left =
        fmt::format("  {}, {}: ", row_phrase(*cause), all_checks(lines.size()));
    return out + left + render_brief(cause->finding, std::max(style.width - columns(left), 30)) +
           "\n";
  }
  const auto waits = [](const CheckLine& line) {
    return line.first_bad != nullptr && line.first_bad->finding.status == Status::kSkipped;
  };
  const auto first_waiting = std::stable_partition(lines.begin(), lines.end(),
                                                   [&](const CheckLine& l) { return !waits(l); });
  const std::vector<CheckLine> waiting(first_waiting, lines.end());
  lines.erase(first_waiting, lines.end());
  return out + check_lines(lines, style) + (waiting.empty() ? "" : waiting_line(waiting, style));
}

std::string in_full(const std::string& title, const Row& row, const StepGrade& step,
                    const TextStyle& style) {
  const std::string line =
      fmt::format("{}: step {}, {}, mode {}", title, step.number, step.title, row.mode);
  const std::string rule(static_cast<std::size_t>(std::min(columns(line), style.width)), '-');
  const RenderContext context{row.replay, step.anchor, style.width, style.has_colour};
  return "\n" + painted(line, "\033[1m", style) + "\n" + rule + "\n" +
         render_finding(row.finding, context);
}

// The first row that the grader could not judge, since somebody has to mend that.
std::string own_fault(const Grade& grade, const TextStyle& style) {
  for (const StepGrade& step : grade.steps) {
    for (const Row& row : step.rows) {
      if (row.was_run && !row.is_gradable())
        return in_full("The grader's own fault", row, step, style);
    }
  }
  return "";
}

}  // namespace

std::string text_report(const Grade& grade, const TextStyle& style) {
  std::string out = heading(fmt::format("{} ({})", grade.title, grade.subject),
                            fmt::format("{:.1f} s", grade.seconds), style);
  for (const StepGrade& step : grade.steps) out += step_text(step, style);
  const StepGrade* step = nullptr;
  if (const Row* row = first_failure(grade, &step)) {
    out += in_full("Work on this first", *row, *step, style);
  }
  out += own_fault(grade, style) + "\n" + painted(sum_line(grade), "\033[1m", style) + "\n";
  for (const std::string& line : caveats(grade)) out += wrap(line, style.width, 0);
  return shown(out);
}

}  // namespace kit::grade
