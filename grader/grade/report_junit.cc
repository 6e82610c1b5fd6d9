#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "grader/grade/report.h"
#include "grader/harness/render.h"

namespace kit::grade {
namespace {

// What CI systems tell apart: a check said no (failure), or there was nothing to check (error).
enum class Kind { kPassed, kFailure, kError, kSkipped };

Kind kind_of(const Row& row) {
  if (!row.was_run) return Kind::kSkipped;
  switch (row.finding.status) {
    case Status::kPassed:
      return Kind::kPassed;
    case Status::kSkipped:
      return Kind::kSkipped;
    case Status::kNotBuilt:
    case Status::kNotGradable:
      return Kind::kError;
    default:
      return Kind::kFailure;
  }
}

const char* element_of(Kind kind) {
  if (kind == Kind::kFailure) return "failure";
  return kind == Kind::kError ? "error" : "skipped";
}

void set(pugi::xml_node node, const char* name, const std::string& value) {
  node.append_attribute(name).set_value(clean_text(value).c_str());
}

std::string fact(const Grade& grade, const std::string& key) {
  for (const auto& [name, value] : grade.environment) {
    if (name == key) return value;
  }
  return {};
}

template <typename Value>
double sum(const std::vector<Row>& rows, Value value) {
  double total = 0;
  for (const Row& row : rows) total += value(row);
  return total;
}

int count(const std::vector<Row>& rows, Kind kind) {
  return static_cast<int>(std::count_if(rows.begin(), rows.end(),
                                        [&](const Row& row) { return kind_of(row) == kind; }));
}

void set_counts(pugi::xml_node node, const std::vector<Row>& rows) {
  set(node, "tests", std::to_string(rows.size()));
  set(node, "failures", std::to_string(count(rows, Kind::kFailure)));
  set(node, "errors", std::to_string(count(rows, Kind::kError)));
  set(node, "skipped", std::to_string(count(rows, Kind::kSkipped)));
  set(node, "time",
      fmt::format("{:.3f}", sum(rows, [](const Row& row) { return row.finding.seconds; })));
}

void add_case(pugi::xml_node suite, const Grade& grade, const StepGrade& step, const Row& row) {
  pugi::xml_node node = suite.append_child("testcase");
  set(node, "name", row.finding.check);
  set(node, "classname", fmt::format("{}.step{}.{}", grade.lab, step.number, row.mode));
  set(node, "time", fmt::format("{:.3f}", row.finding.seconds));
  const Kind kind = kind_of(row);
  if (kind == Kind::kPassed) return;
  pugi::xml_node said = node.append_child(element_of(kind));
  set(said, "type", std::string(status_name(row.finding.status)));
  set(said, "message", row_phrase(row) + ": " + render_brief(row.finding, 0));
  const std::string text =
      render_finding(row.finding, {row.reproduce, step.anchor, /*width=*/100, /*colour=*/false});
  said.text().set(clean_text(text).c_str());
}

void add_suite(pugi::xml_node suites, const Grade& grade, const StepGrade& step) {
  pugi::xml_node suite = suites.append_child("testsuite");
  set(suite, "name", fmt::format("Step {}: {}", step.number, step.title));
  set_counts(suite, step.rows);
  // JUnit's schema wants a time without the zone.
  std::string time = fact(grade, "time");
  if (time.ends_with('Z')) time.pop_back();
  set(suite, "timestamp", time);
  set(suite, "hostname", "localhost");
  for (const Row& row : step.rows) add_case(suite, grade, step, row);
}

}  // namespace

std::string junit_report(const Grade& grade) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version").set_value("1.0");
  declaration.append_attribute("encoding").set_value("UTF-8");
  pugi::xml_node suites = document.append_child("testsuites");
  set(suites, "name", grade.lab);
  std::vector<Row> all;
  for (const StepGrade& step : grade.steps)
    all.insert(all.end(), step.rows.begin(), step.rows.end());
  set_counts(suites, all);
  for (const StepGrade& step : grade.steps) add_suite(suites, grade, step);
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return out.str();
}

}  // namespace kit::grade
