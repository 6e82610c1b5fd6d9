#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "grader/grade/html.h"
#include "grader/grade/report.h"
#include "grader/grade/report_html_style.h"
#include "grader/harness/render.h"

namespace kit::grade {
namespace {

constexpr int kBriefWidth = 160;

const char* badge_class(const Row& row) {
  if (row.has_passed()) return "good";
  return !row.is_gradable() || row.finding.status == Status::kSkipped ? "warn" : "bad";
}

std::string badge(const Row& row, const std::string& mode) {
  const char* sign = row.has_passed() ? "✓" : row.is_gradable() ? "✗" : "–";
  return fmt::format(R"(<span class="badge {}"><span aria-hidden="true">{} </span>{}{}</span>)",
                     badge_class(row), sign, escaped(mode.empty() ? "" : mode + ": "),
                     escaped(row_phrase(row)));
}

std::string of_points(double points, double max_points) {
  return fmt::format(R"(<span class="points">{} of {}</span>)", points_text(points),
                     points_text(max_points));
}

std::string bar(double points, double max_points) {
  const double percent = max_points > 0 ? 100 * points / max_points : 0;
  return fmt::format(
      R"(<div class="bar" aria-hidden="true"><span style="width:{:.1f}%"></span></div>)", percent);
}

// Prose and commands are broken where the page ends; calls and reports keep their lines.
enum class Block { kProse, kLines, kCommand };

std::string text_part(const char* title, const std::string& text, Block block) {
  if (text.empty()) return "";
  const std::string heading = fmt::format("<h4>{}</h4>", title);
  switch (block) {
    case Block::kProse:
      return heading + fmt::format("<p class=\"prose\">{}</p>\n", escaped(text));
    case Block::kLines:
      return heading + fmt::format("<pre tabindex=\"0\">{}</pre>\n", escaped(text));
    case Block::kCommand:
      return heading + fmt::format("<pre class=\"wrap\">{}</pre>\n", escaped(text));
  }
  return "";
}

// The picture of an interleaving, and under it the text that says the same. As an image of its own:
// what is in it cannot touch the page.
std::string evidence_part(const Finding& finding) {
  if (finding.picture.empty()) return text_part("Evidence", finding.evidence, Block::kLines);
  std::string data;
  for (const unsigned char c : finding.picture) data += fmt::format("%{:02X}", c);
  return fmt::format(
      R"(<h4>The interleaving, step by step</h4><div class="picture" tabindex="0"><img src="data:image/svg+xml,{}" alt="As told in the text below"></div>
<details class="text"><summary>The same as text</summary><pre tabindex="0">{}</pre></details>
)",
      data, escaped(finding.evidence));
}

std::string finding_body(const Row& row, const StepGrade& step) {
  const Finding& finding = row.finding;
  return text_part("What was done", finding.did, Block::kLines) +
         text_part("Expected", finding.expected, Block::kProse) +
         text_part("Observed", finding.observed, Block::kProse) +
         text_part("Why it matters", finding.why, Block::kProse) +
         text_part("Where", finding.where, Block::kCommand) + evidence_part(finding) +
         text_part("Hint", finding.hint, Block::kProse) +
         text_part("Read", step.anchor, Block::kProse) +
         text_part("Run just this", row.replay, Block::kCommand);
}

std::string first_card(const Grade& grade) {
  const StepGrade* step = nullptr;
  const Row* row = first_failure(grade, &step);
  if (row == nullptr) return "";
  return fmt::format(
             R"(<section class="card first" aria-labelledby="first"><h2 id="first">Work on this first</h2>
<p class="soft">Step {}, {}, mode {}</p>
<div class="row"><h3>{}</h3>{}</div>
)",
             step->number, escaped(step->title), escaped(row->mode), escaped(row->finding.check),
             badge(*row, "")) +
         finding_body(*row, *step) + "</section>\n";
}

using Rows = std::vector<const Row*>;  // of one check, mode by mode

std::vector<Rows> rows_by_check(const StepGrade& step) {
  std::vector<Rows> checks;
  for (const Row& row : step.rows) {
    auto check = std::find_if(checks.begin(), checks.end(), [&](const Rows& rows) {
      return rows.front()->finding.check == row.finding.check;
    });
    if (check == checks.end()) check = checks.insert(check, Rows());
    check->push_back(&row);
  }
  return checks;
}

const Row* first_bad(const Rows& rows) {
  const auto bad =
      std::find_if(rows.begin(), rows.end(), [](const Row* row) { return !row->has_passed(); });
  return bad != rows.end() ? *bad : nullptr;
}

struct Points {
  double points = 0;
  double max_points = 0;
};

Points sum(const Rows& rows) {
  Points total;
  for (const Row* row : rows) {
    total.points += row->points;
    total.max_points += row->max_points;
  }
  return total;
}

std::string check_head(const std::string& name, const Rows& rows, const Points& points) {
  std::string badges;
  for (const Row* row : rows) badges += badge(*row, row->mode) + " ";
  std::string head =
      fmt::format(R"(<span class="check"><code>{}</code>{}<span class="brief">{}</span>)",
                  escaped(name), of_points(points.points, points.max_points), badges);
  if (const Row* bad = first_bad(rows)) {
    head +=
        fmt::format(R"(<span class="brief soft small">{}</span><span class="more small"></span>)",
                    escaped(render_brief(bad->finding, kBriefWidth)));
  }
  return head + "</span>";
}

std::string check_item(const std::string& name, const Rows& rows, const Points& points,
                       const StepGrade& step) {
  const std::string head = check_head(name, rows, points);
  if (first_bad(rows) == nullptr) return "<li>" + head + "</li>\n";
  std::string out = "<li><details><summary>" + head + "</summary>\n";
  for (const Row* row : rows) {
    if (row->has_passed()) continue;
    out += fmt::format(R"(<div class="mode"><h3>{}</h3>{}</div>)", badge(*row, row->mode),
                       finding_body(*row, step));
  }
  return out + "</details></li>\n";
}

std::string check_items(const StepGrade& step) {
  const std::vector<Rows> checks = rows_by_check(step);
  if (common_cause(step) != nullptr && checks.size() > 1) {
    return check_item(fmt::format("All {} checks", checks.size()), checks.front(),
                      {step.score, step.max_score}, step);
  }
  std::string out;
  for (const Rows& rows : checks) {
    out += check_item(rows.front()->finding.check, rows, sum(rows), step);
  }
  return out;
}

std::string step_card(const StepGrade& step) {
  std::string out = fmt::format(
      R"(<section class="card" aria-labelledby="step-{0}"><div class="row"><h2 id="step-{0}">Step {0}: {1}</h2>{2}</div>
{3}<ul class="checks">
)",
      step.number, escaped(step.title), of_points(step.score, step.max_score),
      bar(step.score, step.max_score));
  return out + check_items(step) + "</ul></section>\n";
}

std::string header_card(const Grade& grade) {
  std::string out = fmt::format(
      R"(<header class="card"><div class="row"><h1>{}</h1><span class="score">{} of {}</span></div>
<div class="row soft"><code>{}</code><span>{}</span></div>
{})",
      escaped(grade.title), points_text(grade.score), points_text(grade.max_score),
      escaped(grade.subject),
      grade.max_score > 0 ? fmt::format("{:.0f} % of the points", std::floor(grade.percent()))
                          : "nothing was graded",
      bar(grade.score, grade.max_score));
  for (const std::string& line : caveats(grade)) {
    out += fmt::format(R"(<p class="note">{}</p>)", escaped(line));
  }
  return out + "</header>\n";
}

std::string facts_card(const Grade& grade) {
  std::string out =
      R"(<section class="card small" aria-labelledby="facts"><h2 id="facts">Graded on</h2><dl class="facts">)";
  for (const auto& [key, value] : grade.environment) {
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escaped(key), escaped(value));
  }
  return out + fmt::format("<dt>took</dt><dd>{:.1f} s</dd></dl></section>\n", grade.seconds);
}

}  // namespace

std::string html_report(const Grade& grade) {
  std::string out = fmt::format(R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{}: {} of {} points</title>
<style>{}</style></head>
<body><main>
)",
                                escaped(grade.title), points_text(grade.score),
                                points_text(grade.max_score), kHtmlStyle);
  out += header_card(grade) + first_card(grade);
  for (const StepGrade& step : grade.steps) out += step_card(step);
  return out + facts_card(grade) + "</main></body></html>\n";
}

}  // namespace kit::grade
