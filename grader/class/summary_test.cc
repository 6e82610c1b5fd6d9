#include "grader/class/summary.h"

#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "grader/class/exports.h"
#include "grader/grade/errors.h"
#include "grader/grade/files.h"

namespace kit::grade {
namespace {

Manifest two_steps() {
  Manifest manifest;
  manifest.lab = "toy";
  manifest.title = "A toy lab";
  manifest.steps = {
      {1, "One", "", {}, {"plain"}, {{"A.A", {{"plain", 1}}, {}}, {"A.B", {{"plain", 1}}, {}}}},
      {2, "Two", "", {}, {"plain"}, {{"B.A", {{"plain", 6}}, {}}}}};
  return manifest;
}

StudentGrade grade_of(const std::string& student, std::vector<CheckGrade> checks,
                      const std::string& kit = "kit 1") {
  StudentGrade grade;
  grade.student = student;
  grade.kit = kit;
  grade.outcome = Outcome::kGraded;
  for (CheckGrade& check : checks) {
    check.points = check.status == "passed" ? check.worth : 0;
    grade.score += check.points;
    grade.max_score += check.worth;
  }
  grade.checks = checks;
  return grade;
}

std::vector<CheckGrade> checks(const std::string& a, const std::string& b, const std::string& c) {
  return {{1, "A.A", "plain", a, 0, 1}, {1, "A.B", "plain", b, 0, 1}, {2, "B.A", "plain", c, 0, 6}};
}

class SummaryTest : public testing::Test {
 protected:
  SummaryTest() : store_(folder_.path() / "grades.sqlite", "toy") {
    students_.all = {
        {"<ann>", "ann", "in/<ann>"}, {"=bob", "bob", "in/=bob"}, {"cy, jr.", "cy", "in/cy, jr."}};
    store_.put(grade_of("<ann>", checks("passed", "passed", "passed")));
    store_.put(grade_of("=bob", checks("passed", "failed", "skipped")));
  }

  ClassSummary summary(const std::string& rules = "{}") {
    return summarize(two_steps(), students_, store_, parse_rules(rules));
  }

  TempDir folder_;
  GradeStore store_;
  Students students_;
};

TEST_F(SummaryTest, CountsWhoFailedWhat) {
  const ClassSummary s = summary();
  EXPECT_EQ(s.count(Outcome::kGraded), 2);
  EXPECT_EQ(s.count_missing(), 1);
  EXPECT_EQ(s.steps[0].checks[0].check, "A.B");
  EXPECT_EQ(s.steps[0].checks[0].failed, 1);
  EXPECT_EQ(s.steps[1].checks[0].skipped, 1);
  EXPECT_EQ(s.steps[0].mean_percent, 75);
  EXPECT_EQ(s.steps[1].complete, 1);
  EXPECT_EQ(s.distribution[9], 1);
  EXPECT_EQ(s.distribution[1], 1);  // 1 of 8 points
  EXPECT_EQ(s.median_percent, 56.25);
}

TEST_F(SummaryTest, WeighsStepsAsTheRulesSay) {
  EXPECT_EQ(summary().rows[1].percent, 12.5);
  EXPECT_EQ(summary(R"({"weights": {"1": 1, "2": 1}})").rows[1].percent, 25);
}

TEST_F(SummaryTest, TakesOffWhatLatenessCosts) {
  const ClassSummary s = summary(
      R"({"due": "2026-11-01T00:00:00Z", "submitted": {"<ann>": "2026-11-03T00:00:01Z"},
          "late": {"free_days": 1, "percent_per_day": 10}})");
  EXPECT_EQ(s.rows[0].days_charged, 2);
  EXPECT_EQ(s.rows[0].percent, 100);
  EXPECT_EQ(s.rows[0].final_percent, 80);
}

TEST_F(SummaryTest, ShowsWhoseGradeMoved) {
  store_.put(grade_of("<ann>", checks("passed", "passed", "passed"), "kit 2"));
  store_.put(grade_of("=bob", checks("passed", "passed", "skipped"), "kit 2"));
  const ClassSummary s = summary();
  ASSERT_EQ(s.moves.size(), 1u);
  EXPECT_EQ(s.moves[0].student.name, "=bob");
  EXPECT_EQ(s.moves[0].before, 1);
  EXPECT_EQ(s.moves[0].after, 2);
  EXPECT_EQ(s.moves[0].checks, std::vector<std::string>{"A.B (plain): failed, now passed"});
}

TEST_F(SummaryTest, CallsNoMoveWhatWasHandedInAnew) {
  StudentGrade again = grade_of("=bob", checks("passed", "passed", "passed"), "kit 2");
  again.submission = "another";
  store_.put(again);
  EXPECT_TRUE(summary().moves.empty());
}

TEST_F(SummaryTest, TakesWhatCouldNotBeJudgedOutOfBothSums) {
  store_.put(grade_of("=bob", checks("passed", "not_gradable", "passed")));
  EXPECT_EQ(summary().rows[1].percent, 100);
}

TEST_F(SummaryTest, IsATableForASpreadsheet) {
  const std::string csv = class_csv(summary());
  EXPECT_EQ(csv.substr(0, csv.find("\r\n")),
            "student,submission,outcome,score,max_score,percent,days_charged,final_percent,step_1,"
            "step_2,message");
  EXPECT_NE(csv.find("\r\n<ann>,<ann>,graded,8,8,100.00,0,100.00,2,6,\r\n"), std::string::npos)
      << csv;
  EXPECT_NE(csv.find("\r\n'=bob,'=bob,graded,1,8,12.50"), std::string::npos) << csv;
  EXPECT_NE(csv.find("\r\n\"cy, jr.\",\"cy, jr.\",not yet,"), std::string::npos) << csv;
}

TEST_F(SummaryTest, IsAPageThatIsWellFormedAndSafe) {
  ClassSummary s = summary(R"({"extensions": {"<dora>": 1}})");
  s.alike = {{"<ann>", "=bob", 93}};
  store_.put(grade_of("=bob", checks("passed", "passed", "skipped"), "kit 2"));
  const std::string html = class_html(s);
  EXPECT_EQ(html.find("<ann>"), std::string::npos);
  EXPECT_EQ(html.find("<dora>"), std::string::npos);
  for (const char* outside : {"http://", "https://", "<script", "<link", "src="}) {
    EXPECT_EQ(html.find(outside), std::string::npos) << outside;
  }
  const std::size_t begin = html.find("<main>");
  pugi::xml_document document;
  const std::string body = html.substr(begin, html.find("</body>") - begin);
  const pugi::xml_parse_result result = document.load_string(body.c_str());
  EXPECT_TRUE(result) << result.description() << " at " << body.substr(result.offset, 80);
  EXPECT_EQ(document.select_nodes("//a[@href='reports/bob.html']").size(), 1u);
}

TEST(Rules, RefuseWhatNobodyKnows) {
  for (const char* wrong : {R"({"dew": "2026-11-01T00:00:00Z"})", R"({"late": {"percent": 3}})",
                            "[", R"({"due": 3})", R"({"submitted": {"a": "2026-11-01T00:00:00Z"}})",
                            R"({"weights": {"one": 1}})", R"({"days_late": {"a": -1}})",
                            R"({"due": "1 Nov", "submitted": {"a": "2026-11-01T00:00:00Z"}})"}) {
    EXPECT_THROW(parse_rules(wrong), UsageError) << wrong;
  }
}

TEST(Rules, CountBegunDaysAndLeaveNothingAfterTheLast) {
  const Rules rules = parse_rules(
      R"({"days_late": {"a": 1, "b": 3, "c": 6, "d": 6}, "extensions": {"b": 1, "d": 2},
          "late": {"free_days": 1, "percent_per_day": 20, "max_days": 5}})");
  EXPECT_EQ(rules.late_factor("nobody"), 1);
  EXPECT_EQ(rules.late_factor("a"), 1);
  EXPECT_EQ(rules.late_factor("b"), 0.8);
  EXPECT_EQ(rules.late_factor("c"), 0);
  EXPECT_NEAR(rules.late_factor("d"), 0.4, 1e-9);
  EXPECT_EQ(rules.unknown_names({"a", "b", "c"}), std::vector<std::string>{"d"});
}

}  // namespace
}  // namespace kit::grade
