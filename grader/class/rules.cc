#include "grader/class/rules.h"

#include <time.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kDay_s = 24 * 60 * 60;

void refuse_unknown_keys(const Json& json, const std::set<std::string>& known) {
  for (const auto& [key, value] : json.items()) {
    if (known.count(key) == 0) throw UsageError("the rules have no word '" + key + "'");
  }
}

// "2026-11-01T23:59:59Z", in UTC and no other way: a time without its zone is somebody's guess.
std::int64_t time_of(const std::string& text) {
  tm parts = {};
  const char* end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != '\0') {
    throw UsageError("the rules: '" + text + "' is no time like 2026-11-01T23:59:59Z");
  }
  return timegm(&parts);
}

int days_between(std::int64_t due, std::int64_t submitted) {
  if (submitted <= due) return 0;
  return static_cast<int>((submitted - due + kDay_s - 1) / kDay_s);
}

void read_times(const Json& json, Rules& rules) {
  rules.days_late = json.value("days_late", rules.days_late);
  rules.extensions = json.value("extensions", rules.extensions);
  const bool has_due = json.contains("due");
  const std::int64_t due = has_due ? time_of(json.at("due")) : 0;
  if (!json.contains("submitted")) return;
  if (!has_due) throw UsageError("the rules have 'submitted', but not 'due'");
  for (const auto& [name, time] : json.at("submitted").items()) {
    rules.days_late.emplace(name, days_between(due, time_of(time)));
  }
}

void read_late(const Json& json, Rules& rules) {
  if (!json.contains("late")) return;
  const Json& late = json.at("late");
  refuse_unknown_keys(late, {"free_days", "percent_per_day", "max_days"});
  rules.free_days = late.value("free_days", rules.free_days);
  rules.percent_per_day = late.value("percent_per_day", rules.percent_per_day);
  rules.max_days = late.value("max_days", rules.max_days);
}

void read_weights(const Json& json, Rules& rules) {
  if (!json.contains("weights")) return;
  for (const auto& [step, weight] : json.at("weights").items()) {
    if (step.empty() || step.find_first_not_of("0123456789") != std::string::npos) {
      throw UsageError("the rules: 'weights' are by a step's number, not by '" + step + "'");
    }
    rules.weights[std::stoi(step)] = weight.get<double>();
  }
}

void refuse_negative(const Rules& rules) {
  bool is_negative = rules.free_days < 0 || rules.percent_per_day < 0 || rules.max_days < 0;
  for (const auto& [name, days] : rules.days_late) is_negative |= days < 0;
  for (const auto& [step, weight] : rules.weights) is_negative |= weight < 0;
  if (is_negative) throw UsageError("the rules: days, percents and weights are not negative");
}

}  // namespace

int Rules::days_charged(const std::string& student) const {
  const auto late = days_late.find(student);
  if (late == days_late.end()) return 0;
  const auto extension = extensions.find(student);
  const int given = free_days + (extension != extensions.end() ? extension->second : 0);
  return std::max(0, late->second - given);
}

double Rules::late_factor(const std::string& student) const {
  const int charged = days_charged(student);
  if (charged == 0) return 1;
  if (charged > max_days - free_days) return 0;
  return std::max(0.0, 1 - charged * percent_per_day / 100);
}

std::vector<std::string> Rules::unknown_names(const std::vector<std::string>& students) const {
  std::set<std::string> unknown;
  for (const auto* named : {&days_late, &extensions}) {
    for (const auto& [name, days] : *named) {
      if (std::find(students.begin(), students.end(), name) == students.end()) unknown.insert(name);
    }
  }
  return {unknown.begin(), unknown.end()};
}

Rules parse_rules(const std::string& text) try {
  const Json json = Json::parse(text);
  refuse_unknown_keys(json, {"due", "submitted", "days_late", "extensions", "late", "weights"});
  Rules rules;
  read_times(json, rules);
  read_late(json, rules);
  read_weights(json, rules);
  refuse_negative(rules);
  return rules;
} catch (const Json::exception& error) {
  throw UsageError(std::string("the rules cannot be read: ") + error.what());
}

Rules read_rules(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw UsageError("cannot read the rules in " + file.string());
  return parse_rules({std::istreambuf_iterator<char>(in), {}});
}

}  // namespace kit::grade
