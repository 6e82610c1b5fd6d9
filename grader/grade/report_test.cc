#include "grader/grade/report.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

namespace kit::grade {
namespace {

using Json = nlohmann::json;

Row row(const std::string& check, const std::string& mode, Status status, double points) {
  Row row;
  row.finding.check = check;
  row.finding.status = status;
  row.finding.seconds = 0.25;
  row.finding.seed = 7;
  row.mode = mode;
  row.max_points = row.is_gradable() ? points : 0;
  row.points = row.has_passed() ? points : 0;
  row.reproduce = "bazel run //grader -- reproduce toy/lab/1/" + mode + "/" + check + "/7";
  row.replay = row.reproduce;
  return row;
}

Row wrong_order() {
  Row failed = row("Ring.OldestFirst", "plain", Status::kFailed, 3);
  failed.finding.did = "push(\"a\") -> 1\nlatest(2)";
  failed.finding.expected = "latest(2) gives [\"a\", \"b\"].";
  failed.finding.observed = "latest(2) gave " + varies("[\"b\", \"a\"]") + " & <more>.";
  failed.finding.why =
      "A client prints what it gets in order; the newest first turns a conversation "
      "upside down, and nobody can read it.";
  failed.finding.where = "ring_buffer.cc:41";
  failed.finding.hint = "Where does the loop in latest() begin?";
  return failed;
}

Row raced() {
  Row raced = row("Ring.OldestFirst", "tsan", Status::kRaced, 1);
  raced.finding.observed = "Two threads met.";
  raced.finding.evidence = "WARNING: \x1b[1mdata race\x1b[0m \xff\n  #0 push";
  return raced;
}

Row does_not_compile(const std::string& check) {
  Row row_ = row(check, "plain", Status::kNotBuilt, 2);
  row_.finding.observed = "labs/toy/p.cc:3:1: error: no";
  row_.finding.where = "p.cc:3";
  return row_;
}

StepGrade step(int number, const std::string& title, const std::vector<Row>& rows) {
  StepGrade step;
  step.number = number;
  step.title = title;
  step.anchor = "docs/labs/toy.md#step-" + std::to_string(number);
  step.rows = rows;
  for (const Row& row : rows) {
    step.score += row.points;
    step.max_score += row.max_points;
  }
  return step;
}

Grade sample() {
  Grade grade;
  grade.lab = "toy";
  grade.title = "A toy lab";
  grade.subject = "//labs/toy";
  grade.steps = {
      step(1, "The ring",
           {row("Ring.Numbers", "plain", Status::kPassed, 2), wrong_order(),
            row("Ring.Numbers", "tsan", Status::kPassed, 0.5), raced()}),
      step(2, "The parser", {does_not_compile("Parser.A"), does_not_compile("Parser.B")}),
      step(3, "All well", {row("Fine.A", "plain", Status::kPassed, 1)}),
  };
  for (const StepGrade& step : grade.steps) {
    grade.score += step.score;
    grade.max_score += step.max_score;
  }
  grade.environment = {{"kernel", "Linux 6"}, {"time", "2026-01-02T03:04:05Z"}};
  grade.seconds = 1.5;
  return grade;
}

std::string golden(const std::string& name) {
  std::ifstream in("grader/grade/testdata/" + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(TextReport, IsAsTheGoldenFileHasIt) {
  EXPECT_EQ(text_report(sample(), {}), golden("report.golden"));
}

TEST(TextReport, HasNoEscapesUnlessColourIsWanted) {
  EXPECT_TRUE(contains(text_report(sample(), {100, true}), "\033["));
  Grade grade = sample();
  grade.steps[0].rows.pop_back();  // the one whose evidence was never cleaned
  EXPECT_FALSE(contains(text_report(grade, {100, false}), "\033["));
}

TEST(TextReport, SaysWhatWasLeftOut) {
  Grade grade = sample();
  grade.steps[2].rows[0] = row("Fine.A", "plain", Status::kNotGradable, 0);
  grade.steps[2].rows.push_back(row("Fine.B", "plain", Status::kNotGradable, 0));
  grade.steps[2].rows[1].was_run = false;
  const std::string text = text_report(grade, {});
  EXPECT_TRUE(contains(text, "1 run of a check could not be judged")) << text;
  EXPECT_TRUE(contains(text, "1 run of a check left out")) << text;
}

// The contract of the command line, key by key.
void expect_keys(const Json& json, const std::vector<std::pair<const char*, Json::value_t>>& keys) {
  for (const auto& [key, type] : keys) {
    ASSERT_TRUE(json.contains(key)) << key << " is missing in " << json;
    const bool is_number = json[key].is_number() && (type == Json::value_t::number_float ||
                                                     type == Json::value_t::number_unsigned);
    EXPECT_TRUE(is_number || json[key].type() == type) << key << " in " << json;
  }
}

TEST(JsonReport, HasEveryKeyOfTheContract) {
  using T = Json::value_t;
  const Json json = Json::parse(json_report(sample()));
  expect_keys(json, {{"lab", T::string},
                     {"subject", T::string},
                     {"score", T::number_float},
                     {"max_score", T::number_float},
                     {"steps", T::array},
                     {"environment", T::object}});
  for (const Json& step : json["steps"]) {
    expect_keys(step, {{"number", T::number_unsigned},
                       {"title", T::string},
                       {"score", T::number_float},
                       {"max_score", T::number_float},
                       {"checks", T::array}});
    for (const Json& check : step["checks"]) {
      expect_keys(check, {{"name", T::string},
                          {"mode", T::string},
                          {"status", T::string},
                          {"points", T::number_float},
                          {"max_points", T::number_float},
                          {"message", T::string},
                          {"hint", T::string},
                          {"location", T::string},
                          {"reproduce", T::string},
                          {"seconds", T::number_float},
                          {"seed", T::number_unsigned}});
      EXPECT_NO_THROW(status_from_name(check["status"].get<std::string>()));
    }
  }
}

TEST(JsonReport, HasSumsThatAddUp) {
  const Json json = Json::parse(json_report(sample()));
  double score = 0;
  double max_score = 0;
  for (const Json& step : json["steps"]) {
    for (const Json& check : step["checks"]) {
      score += check["points"].get<double>();
      max_score += check["max_points"].get<double>();
    }
  }
  EXPECT_EQ(json["score"], score);
  EXPECT_EQ(json["max_score"], max_score);
}

TEST(JsonReport, ShowsTextWithoutMarksAndBrokenBytes) {
  const Json json = Json::parse(json_report(sample()));
  const std::string wrong = json["steps"][0]["checks"][1]["message"];
  EXPECT_TRUE(contains(wrong, "latest(2) gave [\"b\", \"a\"] & <more>.")) << wrong;
  const std::string raced = json["steps"][0]["checks"][3]["message"];
  EXPECT_TRUE(contains(raced, "data race[0m \xef\xbf\xbd")) << raced;
}

TEST(JunitReport, IsReadBackByAParser) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(junit_report(sample()).c_str()));
  const pugi::xml_node suites = document.child("testsuites");
  EXPECT_STREQ(suites.attribute("name").value(), "toy");
  EXPECT_EQ(suites.attribute("tests").as_int(), 7);
  EXPECT_EQ(suites.attribute("failures").as_int(), 2);
  EXPECT_EQ(suites.attribute("errors").as_int(), 2);
  const pugi::xml_node suite = suites.child("testsuite");
  EXPECT_STREQ(suite.attribute("name").value(), "Step 1: The ring");
  EXPECT_STREQ(suite.attribute("timestamp").value(), "2026-01-02T03:04:05");
  const pugi::xml_node failed =
      suite.find_child_by_attribute("testcase", "name", "Ring.OldestFirst");
  EXPECT_STREQ(failed.attribute("classname").value(), "toy.step1.plain");
  EXPECT_STREQ(failed.child("failure").attribute("type").value(), "failed");
  EXPECT_TRUE(contains(failed.child("failure").text().get(), "& <more>."));
}

TEST(JunitReport, TellsErrorsFromFailuresAndSkips) {
  Grade grade = sample();
  grade.steps[2].rows[0].finding.status = Status::kSkipped;
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(junit_report(grade).c_str()));
  EXPECT_EQ(document.select_nodes("//error[@type='not_built']").size(), 2u);
  EXPECT_EQ(document.select_nodes("//skipped").size(), 1u);
  EXPECT_EQ(document.select_nodes("//failure[@type='raced']").size(), 1u);
}

TEST(HtmlReport, EscapesWhatStudentsCodeSays) {
  const std::string html = html_report(sample());
  EXPECT_TRUE(contains(html, "&amp; &lt;more&gt;."));
  EXPECT_FALSE(contains(html, "<more>"));
}

TEST(HtmlReport, StandsByItself) {
  const std::string html = html_report(sample());
  EXPECT_EQ(html.find("<!DOCTYPE html>"), 0u);
  for (const char* outside :
       {"http://", "https://", "<script", "<link", "src=", "@import", "url("}) {
    EXPECT_FALSE(contains(html, outside)) << outside;
  }
}

TEST(HtmlReport, ClosesWhatItOpens) {
  pugi::xml_document document;
  std::string html = html_report(sample());
  html.erase(0, html.find("<main>"));
  html.erase(html.find("</body>"));
  const pugi::xml_parse_result result = document.load_string(html.c_str());
  EXPECT_TRUE(result) << result.description() << " at " << html.substr(result.offset, 80);
  EXPECT_EQ(document.select_nodes("//section").size(), 5u);
}

TEST(CleanText, KeepsOnlyValidUtf8WithoutControlCharacters) {
  EXPECT_EQ(clean_text("a\x01\tb\n\x7fü"), "a\tb\nü");
  EXPECT_EQ(clean_text("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(clean_text("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(clean_text("cut \xe2\x82"), "cut \xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace
}  // namespace kit::grade
