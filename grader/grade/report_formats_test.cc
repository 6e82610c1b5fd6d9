// The reports for other systems, against the lists of fields that those systems read.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "grader/grade/report.h"
#include "grader/grade/report_values.h"

namespace kit::grade {
namespace {

using T = Json::value_t;
using Fields = std::map<std::string, std::set<T>>;

const std::set<T> kNumber = {T::number_float, T::number_integer, T::number_unsigned};
const std::set<T> kText = {T::string};
const std::set<T> kList = {T::array};
const std::set<T> kObject = {T::object};
const std::set<T> kTruth = {T::boolean};

// Each key is one that the system knows, and of the type that it takes; `needed` are there.
void expect_fields(const Json& json, const Fields& known, const std::set<std::string>& needed) {
  for (const auto& [key, value] : json.items()) {
    const auto field = known.find(key);
    ASSERT_NE(field, known.end()) << "nobody reads " << key;
    EXPECT_TRUE(field->second.count(value.type())) << key << ": " << value;
  }
  for (const std::string& key : needed) EXPECT_TRUE(json.contains(key)) << key << " is missing";
}

void expect_one_of(const Json& value, const std::set<std::string>& words) {
  EXPECT_TRUE(words.count(value.get<std::string>())) << value;
}

Row row(const std::string& check, const std::string& mode, Status status, double points) {
  Row row;
  row.finding.check = check;
  row.finding.status = status;
  row.finding.seconds = 0.25;
  row.finding.seed = 7;
  row.mode = mode;
  row.worth = points;
  row.max_points = row.is_gradable() ? points : 0;
  row.points = row.has_passed() ? points : 0;
  row.reproduce = "bazel run //grader -- reproduce toy/lab/1/" + mode + "/" + check + "/7";
  return row;
}

Row failed_row() {
  Row failed = row("Ring.OldestFirst", "explore", Status::kFailed, 3);
  failed.finding.observed = "latest(2) gave " + varies("b, a") + " & <more> \x1b[1m\xff.";
  failed.finding.why = "A client prints what it gets in order.";
  failed.finding.where = "ring_buffer.cc:41";
  failed.finding.picture = "<svg/>";
  return failed;
}

void add_step(Grade& grade, int number, const std::vector<Row>& rows) {
  StepGrade step;
  step.number = number;
  step.title = "Title";
  step.rows = rows;
  for (const Row& row : rows) {
    step.score += row.points;
    step.max_score += row.max_points;
  }
  grade.score += step.score;
  grade.max_score += step.max_score;
  grade.steps.push_back(step);
}

// 3 of 6 points; with `rest`, as many more as that is worth.
Grade sample(const std::vector<Row>& rest = {}) {
  Grade grade;
  grade.lab = "toy";
  grade.title = "A toy lab";
  grade.subject = "//labs/toy";
  grade.seconds = 12.5;
  add_step(grade, 1, {row("Ring.Numbers", "plain", Status::kPassed, 3), failed_row()});
  if (!rest.empty()) add_step(grade, 2, rest);
  return grade;
}

Row not_run(double points) {
  Row left_out = row("Late.A", "plain", Status::kNotGradable, points);
  left_out.was_run = false;
  return left_out;
}

std::string unbase64(const std::string& text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (char c : text.substr(0, text.find('='))) {
    bits = bits << 6 | static_cast<unsigned>(kDigits.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

const Fields kGradescopeTop = {
    {"score", kNumber},       {"execution_time", kNumber},   {"output", kText},
    {"output_format", kText}, {"test_output_format", kText}, {"test_name_format", kText},
    {"visibility", kText},    {"stdout_visibility", kText},  {"extra_data", kObject},
    {"tests", kList},         {"leaderboard", kList}};
const Fields kGradescopeTest = {
    {"score", kNumber},    {"max_score", kNumber},   {"status", kText},      {"name", kText},
    {"number", kText},     {"output", kText},        {"name_format", kText}, {"tags", kList},
    {"visibility", kText}, {"output_format", kText}, {"extra_data", kObject}};
const std::set<std::string> kGradescopeFormats = {"text", "html", "simple_format", "md", "ansi"};
const std::set<std::string> kVisibilities = {"hidden", "after_due_date", "after_published",
                                             "visible"};

TEST(GradescopeReport, HasTheFieldsThatGradescopeReads) {
  const Json json = Json::parse(gradescope_report(sample()));
  expect_fields(json, kGradescopeTop, {"score", "tests", "output"});
  expect_one_of(json["output_format"], kGradescopeFormats);
  expect_one_of(json["visibility"], kVisibilities);
  expect_one_of(json["stdout_visibility"], kVisibilities);
  ASSERT_EQ(json["tests"].size(), 2u);
  for (const Json& test : json["tests"]) {
    expect_fields(test, kGradescopeTest, {"score", "max_score", "status", "name", "output"});
    expect_one_of(test["status"], {"passed", "failed"});
    expect_one_of(test["output_format"], kGradescopeFormats);
    expect_one_of(test["visibility"], kVisibilities);
  }
  EXPECT_EQ(json["tests"][1]["number"], "1.2");
}

TEST(GradescopeReport, TakesWhatTheGraderCouldNotJudgeAsGoodAsTheRest) {
  const Grade grade = sample({row("Broken.A", "plain", Status::kNotGradable, 4)});
  const Json json = Json::parse(gradescope_report(grade));
  EXPECT_EQ(json["score"], 5);  // half of ten
  EXPECT_FALSE(json["tests"][2].contains("status"));
  EXPECT_NE(json["output"].get<std::string>().find("could not be judged"), std::string::npos);
}

TEST(GradescopeReport, GivesNothingForWhatWasNotRun) {
  const Json json = Json::parse(gradescope_report(sample({not_run(4)})));
  EXPECT_EQ(json["score"], 3);
  EXPECT_NE(json["output"].get<std::string>().find("ended early"), std::string::npos);
}

TEST(GradescopeReport, HasNoScoreWhenNothingCouldBeJudged) {
  Grade grade;
  add_step(grade, 1, {row("Broken.A", "plain", Status::kNotGradable, 4)});
  const Json json = Json::parse(gradescope_report(grade));
  EXPECT_FALSE(json.contains("score"));
  EXPECT_FALSE(json.contains("tests"));
}

const Fields kPrairieLearnTop = {{"score", kNumber},       {"gradable", kTruth}, {"output", kText},
                                 {"format_errors", kList}, {"message", kText},   {"images", kList},
                                 {"tests", kList}};
const Fields kPrairieLearnTest = {{"name", kText},        {"description", kText}, {"output", kText},
                                  {"points", kNumber},    {"message", kText},     {"images", kList},
                                  {"max_points", kNumber}};

TEST(PrairieLearnReport, HasTheFieldsThatPrairieLearnReads) {
  const Json json = Json::parse(prairielearn_report(sample()));
  expect_fields(json, kPrairieLearnTop, {"score", "gradable", "tests"});
  EXPECT_EQ(json["score"], 0.5);
  EXPECT_EQ(json["gradable"], true);
  for (const Json& test : json["tests"]) {
    expect_fields(test, kPrairieLearnTest, {"name", "points", "max_points"});
  }
  const Json& image = json["tests"][1]["images"].at(0);
  expect_fields(image, {{"label", kText}, {"url", kText}}, {"label", "url"});
  EXPECT_EQ(image["url"], "data:image/svg+xml;base64,PHN2Zy8+");
}

TEST(PrairieLearnReport, CostsNoAttemptWhenTheGraderFailed) {
  const Grade grade = sample({row("Broken.A", "plain", Status::kNotGradable, 4)});
  const Json json = Json::parse(prairielearn_report(grade));
  EXPECT_EQ(json["gradable"], false);
  EXPECT_FALSE(json["format_errors"].empty());
}

TEST(PrairieLearnReport, StaysBelowAMegabyte) {
  Row long_row = failed_row();
  long_row.finding.evidence = std::string(20'000, 'x');
  const std::string report = prairielearn_report(sample(std::vector<Row>(400, long_row)));
  EXPECT_LE(report.size(), 1'000'000u);
  EXPECT_EQ(Json::parse(report)["tests"].size(), 402u);
}

const Fields kGithubTop = {
    {"version", kNumber}, {"status", kText}, {"max_score", kNumber}, {"tests", kList}};
const Fields kGithubTest = {{"name", kText},       {"status", kText},   {"message", kText},
                            {"test_code", kText},  {"filename", kText}, {"line_no", kNumber},
                            {"duration", kNumber}, {"score", kNumber}};

TEST(GithubReport, HasALineOfBase64ForEachStep) {
  const std::string report = github_report(sample({row("B.A", "plain", Status::kNotBuilt, 4)}));
  const std::size_t newline = report.find('\n');
  ASSERT_EQ(report.substr(0, 6), "step1=");
  ASSERT_EQ(report.substr(newline, 7), "\nstep2=");
  const Json first = Json::parse(unbase64(report.substr(6, newline - 6)));
  expect_fields(first, kGithubTop, {"version", "status", "max_score", "tests"});
  EXPECT_EQ(first["version"], 1);
  EXPECT_EQ(first["status"], "fail");
  EXPECT_EQ(first["max_score"], 6);
  for (const Json& test : first["tests"]) {
    expect_fields(test, kGithubTest, {"name", "status", "score"});
    expect_one_of(test["status"], {"pass", "fail", "error"});
  }
  EXPECT_EQ(first["tests"][1]["filename"], "ring_buffer.cc");
  EXPECT_EQ(first["tests"][1]["line_no"], 41);
  const Json second = Json::parse(unbase64(report.substr(newline + 7)));
  EXPECT_EQ(second["status"], "error");
}

TEST(EachFormat, IsCleanOfMarksEscapesAndBrokenBytes) {
  for (const std::string& report : {gradescope_report(sample()), prairielearn_report(sample()),
                                    unbase64(github_report(sample()).substr(6))}) {
    EXPECT_NE(report.find("latest(2) gave b, a & <more>"), std::string::npos) << report;
    EXPECT_EQ(report.find("\\u001b"), std::string::npos) << report;
    EXPECT_EQ(report.find("\\u000e"), std::string::npos) << report;
  }
}

TEST(Base64, IsThatOfTheRfc) {
  const std::vector<std::pair<std::string, std::string>> kVectors = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}};
  for (const auto& [bytes, text] : kVectors) EXPECT_EQ(base64(bytes), text);
}

TEST(FindingText, IsCutBetweenCharacters) {
  Row long_row = failed_row();
  long_row.finding.observed = "";
  for (int i = 0; i < 200; ++i) long_row.finding.observed += "ü";
  const StepGrade step;
  for (std::size_t size : {100u, 101u}) {
    const std::string text = finding_text(step, long_row, size);
    EXPECT_EQ(clean_text(text), text);
    EXPECT_NE(text.find("(cut:"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace kit::grade
