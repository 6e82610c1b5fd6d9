#include "grader/class/summary.h"

#include <algorithm>
#include <map>
#include <set>

namespace kit::grade {
namespace {

bool is_judged(const CheckGrade& check) { return check.status != "not_gradable"; }

std::vector<StepShare> step_shares(const Manifest& manifest, const StudentGrade& grade) {
  std::vector<StepShare> steps;
  for (const Step& step : manifest.steps) steps.push_back({step.number, 0, 0});
  for (const CheckGrade& check : grade.checks) {
    for (StepShare& step : steps) {
      if (step.number != check.step || !is_judged(check)) continue;
      step.points += check.points;
      step.worth += check.worth;
    }
  }
  return steps;
}

double weighted_percent(const std::vector<StepShare>& steps, const Rules& rules) {
  double sum = 0;
  double whole = 0;
  for (const StepShare& step : steps) {
    if (step.worth <= 0) continue;
    const auto weight = rules.weights.find(step.number);
    const double counts = rules.weights.empty()           ? step.worth
                          : weight != rules.weights.end() ? weight->second
                                                          : 0;
    sum += counts * step.percent();
    whole += counts;
  }
  return whole > 0 ? sum / whole : 0;
}

ClassRow row_of(const Manifest& manifest, const Student& student, const GradeStore& store,
                const Rules& rules) {
  ClassRow row;
  row.student = student;
  row.grade = store.latest(student.name);
  if (row.grade) row.steps = step_shares(manifest, *row.grade);
  row.percent = weighted_percent(row.steps, rules);
  row.days_charged = rules.days_charged(student.name);
  row.final_percent = row.percent * rules.late_factor(student.name);
  return row;
}

// Over all modes: failed counts more than skipped, and that more than passed.
void count_checks(const StudentGrade& grade, int step, std::vector<CheckFailures>& counts) {
  std::set<std::string> failed;
  std::set<std::string> skipped;
  for (const CheckGrade& check : grade.checks) {
    if (check.step != step || check.status == "passed" || !is_judged(check)) continue;
    (check.status == "skipped" ? skipped : failed).insert(check.check);
  }
  for (CheckFailures& count : counts) {
    if (failed.count(count.check)) {
      ++count.failed;
    } else if (skipped.count(count.check)) {
      ++count.skipped;
    }
  }
}

StepSummary summarize_step(const Step& step, const std::vector<ClassRow>& rows) {
  StepSummary summary{step.number, step.title, 0, 0, {}};
  for (const Check& check : step.checks) summary.checks.push_back({step.number, check.name, 0, 0});
  int graded = 0;
  for (const ClassRow& row : rows) {
    if (!row.grade || row.grade->outcome != Outcome::kGraded) continue;
    ++graded;
    count_checks(*row.grade, step.number, summary.checks);
    for (const StepShare& share : row.steps) {
      if (share.number != step.number) continue;
      summary.mean_percent += share.percent();
      summary.complete += share.worth > 0 && share.points >= share.worth ? 1 : 0;
    }
  }
  if (graded > 0) summary.mean_percent /= graded;
  std::stable_sort(
      summary.checks.begin(), summary.checks.end(),
      [](const CheckFailures& a, const CheckFailures& b) { return a.failed > b.failed; });
  return summary;
}

void add_distribution(ClassSummary& summary) {
  std::vector<double> percents;
  for (const ClassRow& row : summary.rows) {
    if (!row.grade || row.grade->outcome == Outcome::kFailed) continue;
    percents.push_back(row.final_percent);
    const auto bin = static_cast<std::size_t>(std::clamp(row.final_percent / 10, 0.0, 9.0));
    ++summary.distribution[bin];
    summary.mean_percent += row.final_percent;
  }
  if (percents.empty()) return;
  summary.mean_percent /= static_cast<double>(percents.size());
  std::sort(percents.begin(), percents.end());
  const std::size_t middle = percents.size() / 2;
  summary.median_percent =
      percents.size() % 2 == 1 ? percents[middle] : (percents[middle - 1] + percents[middle]) / 2;
}

using CheckKey = std::pair<std::string, std::string>;  // check and mode

std::map<CheckKey, std::string> statuses(const StudentGrade& grade) {
  std::map<CheckKey, std::string> found;
  for (const CheckGrade& check : grade.checks) found[{check.check, check.mode}] = check.status;
  return found;
}

void add_change(const CheckKey& key, const std::string& before, const std::string& after,
                Move& move) {
  if (before == after) return;
  move.checks.push_back(key.first + " (" + key.second + "): " + (before.empty() ? "new" : before) +
                        ", now " + (after.empty() ? "gone" : after));
}

}  // namespace

int ClassSummary::count(Outcome outcome) const {
  return static_cast<int>(std::count_if(rows.begin(), rows.end(), [&](const ClassRow& row) {
    return row.grade && row.grade->outcome == outcome;
  }));
}

int ClassSummary::count_missing() const {
  return static_cast<int>(
      std::count_if(rows.begin(), rows.end(), [](const ClassRow& row) { return !row.grade; }));
}

ClassSummary summarize(const Manifest& manifest, const Students& students, const GradeStore& store,
                       const Rules& rules) {
  ClassSummary summary;
  summary.lab = manifest.lab;
  summary.title = manifest.title;
  std::vector<std::string> names;
  for (const Student& student : students.all) {
    names.push_back(student.name);
    summary.rows.push_back(row_of(manifest, student, store, rules));
    const auto& after = summary.rows.back().grade;
    const auto before = store.previous(student.name);
    const auto move = before && after ? move_of(student, *before, *after) : std::nullopt;
    if (move) summary.moves.push_back(*move);
  }
  for (const Step& step : manifest.steps) {
    summary.steps.push_back(summarize_step(step, summary.rows));
  }
  add_distribution(summary);
  for (const std::string& name : rules.unknown_names(names)) {
    summary.notes.push_back("The rules name '" + name + "', who handed nothing in.");
  }
  return summary;
}

std::optional<Move> move_of(const Student& student, const StudentGrade& before,
                            const StudentGrade& after) {
  if (before.submission != after.submission || before.kit == after.kit) return std::nullopt;
  Move move{student, before.score, after.score, {}};
  const auto old_statuses = statuses(before);
  const auto new_statuses = statuses(after);
  for (const auto& [key, status] : new_statuses) {
    const auto found = old_statuses.find(key);
    add_change(key, found != old_statuses.end() ? found->second : "", status, move);
  }
  for (const auto& [key, status] : old_statuses) {
    if (new_statuses.count(key) == 0) add_change(key, status, "", move);
  }
  if (move.checks.empty() && move.before == move.after) return std::nullopt;
  return move;
}

}  // namespace kit::grade
