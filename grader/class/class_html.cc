#include <fmt/format.h>

#include <algorithm>

#include "grader/class/exports.h"
#include "grader/grade/html.h"
#include "grader/grade/report_html_style.h"

namespace kit::grade {
namespace {

constexpr std::string_view kStyle = R"css(
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--soft); font-size: .85rem; border-top: 0; }
td.n, th.n { text-align: right; white-space: nowrap; }
.scroll { overflow-x: auto; }
.hist { display: grid; grid-template-columns: max-content minmax(0, 1fr) max-content;
  gap: .15rem .75rem; align-items: center; margin: .75rem 0 0; }
.hist .bar { margin: 0; }
)css";

std::string bar(double part, double whole) {
  return fmt::format(
      R"(<div class="bar" aria-hidden="true"><span style="width:{:.1f}%"></span></div>)",
      whole > 0 ? 100 * part / whole : 0);
}

std::string section(const char* id, const std::string& title, const std::string& body) {
  return fmt::format(
      "<section class=\"card\" aria-labelledby=\"{0}\"><h2 id=\"{0}\">{1}</h2>\n{2}</section>\n",
      id, escaped(title), body);
}

std::string counted(int count, const std::string& one, const std::string& many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string header(const ClassSummary& summary) {
  std::string out = fmt::format(
      R"(<header class="card"><div class="row"><h1>{}</h1><span class="score">{:.0f} % median</span></div>
<p class="soft">{} graded, {} refused, mean {:.1f} %</p>)",
      escaped(summary.title), summary.median_percent,
      counted(summary.count(Outcome::kGraded), "submission", "submissions"),
      summary.count(Outcome::kRefused), summary.mean_percent);
  if (const int failed = summary.count(Outcome::kFailed); failed > 0) {
    out += fmt::format(
        R"(<p class="note">{} could not be judged in full, by the grader's own fault: run class again.</p>)",
        counted(failed, "submission", "submissions"));
  }
  if (const int missing = summary.count_missing(); missing > 0) {
    out += fmt::format(R"(<p class="note">{} not graded yet: run class again to go on.</p>)",
                       counted(missing, "submission is", "submissions are"));
  }
  for (const std::string& note : summary.notes) {
    out += fmt::format(R"(<p class="note">{}</p>)", escaped(note));
  }
  return out + "</header>\n";
}

std::string distribution(const ClassSummary& summary) {
  const int most = *std::max_element(summary.distribution.begin(), summary.distribution.end());
  std::string body = "<div class=\"hist\">";
  for (std::size_t i = summary.distribution.size(); i-- > 0;) {
    body += fmt::format(
        "<span class=\"soft\">{} to {} %</span>{}<span class=\"points\">{}</span>\n", 10 * i,
        i == 9 ? 100 : 10 * i + 9, bar(summary.distribution[i], most), summary.distribution[i]);
  }
  return section("distribution", "Distribution", body + "</div>\n");
}

std::string step_section(const StepSummary& step, int graded) {
  std::string body = fmt::format(
      "<p class=\"soft\">{:.0f} % of its points on average; {} of {} have all of them</p>\n{}",
      step.mean_percent, step.complete, graded, bar(step.mean_percent, 100));
  std::string rows;
  int unfailed = 0;
  for (const CheckFailures& check : step.checks) {
    if (check.failed + check.skipped == 0) {
      ++unfailed;
      continue;
    }
    rows += fmt::format(
        "<tr><td><code>{}</code></td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
        escaped(check.check), check.failed, check.skipped);
  }
  if (!rows.empty()) {
    body +=
        "<table><tr><th>check</th><th class=\"n\">failed</th><th class=\"n\">kept from it by an "
        "earlier failure</th></tr>\n" +
        rows + "</table>\n";
  }
  if (unfailed > 0) {
    body += fmt::format("<p class=\"soft\">{} that nobody failed</p>",
                        counted(unfailed, "check", "checks"));
  }
  return section(fmt::format("step-{}", step.number).c_str(),
                 fmt::format("Step {}: {}", step.number, step.title), body);
}

std::string student_line(const ClassRow& row) {
  std::string line = row.grade ? fmt::format("<tr><td><a href=\"reports/{}.html\">{}</a></td>",
                                             row.student.page, escaped(row.student.name))
                               : fmt::format("<tr><td>{}</td>", escaped(row.student.name));
  const StudentGrade grade = row.grade.value_or(StudentGrade());
  line += fmt::format(
      "<td>{}</td><td class=\"n\">{} of {}</td><td class=\"n\">{}</td><td class=\"n\">{:.1f}</td>",
      outcome_phrase(row), points_text(grade.score), points_text(grade.max_score), row.days_charged,
      row.final_percent);
  for (const StepShare& step : row.steps)
    line += fmt::format("<td class=\"n\">{:.0f}</td>", step.percent());
  return line + "</tr>\n";
}

std::string students(const ClassSummary& summary) {
  std::string body =
      "<div class=\"scroll\" tabindex=\"0\"><table><tr><th>student</th><th></th><th "
      "class=\"n\">points</th><th class=\"n\">days late</th><th class=\"n\">final %</th>";
  for (const StepSummary& step : summary.steps) {
    body += fmt::format("<th class=\"n\">step {} %</th>", step.number);
  }
  body += "</tr>\n";
  for (const ClassRow& row : summary.rows) body += student_line(row);
  return section("students", "Students", body + "</table></div>\n");
}

std::string moves(const ClassSummary& summary) {
  if (summary.moves.empty()) return "";
  std::string body =
      "<p class=\"soft\">The same submission, graded before and after the kit changed.</p><table>"
      "<tr><th>student</th><th class=\"n\">before</th><th "
      "class=\"n\">after</th><th>checks</th></tr>\n";
  for (const Move& move : summary.moves) {
    std::string checks;
    for (const std::string& check : move.checks) checks += escaped(check) + "<br>";
    body += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
        escaped(move.student.name), points_text(move.before), points_text(move.after), checks);
  }
  return section("moves", "Whose grade moved", body + "</table>\n");
}

std::string alike(const ClassSummary& summary) {
  if (summary.alike.empty()) return "";
  std::string body =
      "<p class=\"soft\">A hint, never a verdict: how much of the one is also in the other, "
      "without "
      "the lines of the starter. Of several that are alike not every pair is listed. Two people "
      "who "
      "followed the same page write much the same.</p>"
      "<table><tr><th>of</th><th>in</th><th class=\"n\">%</th></tr>\n";
  for (const Likeness& like : summary.alike) {
    body += fmt::format("<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>\n",
                        escaped(like.first), escaped(like.second), like.percent);
  }
  return section("alike", "Submissions that are alike", body + "</table>\n");
}

}  // namespace

std::string class_html(const ClassSummary& summary) {
  std::string out = fmt::format(R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{}: a class</title>
<style>{}{}</style></head>
<body><main>
)",
                                escaped(summary.title), kHtmlStyle, kStyle);
  out += header(summary) + distribution(summary) + moves(summary);
  for (const StepSummary& step : summary.steps) {
    out += step_section(step, summary.count(Outcome::kGraded));
  }
  return out + students(summary) + alike(summary) + "</main></body></html>\n";
}

}  // namespace kit::grade
