// The whole way of a class, with a stand-in for the grading itself.

#include "grader/class/command.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "grader/grade/errors.h"
#include "grader/grade/files.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

class CommandTest : public testing::Test {
 protected:
  CommandTest() {
    manifest_.lab = "toy";
    manifest_.title = "A toy lab";
    manifest_.steps = {{1, "One", "", {"a.cc"}, {"plain"}, {{"A.A", {{"plain", 2}}, {}}}, {}}};
    for (const char* name : {"ann", "bob"}) hand_in(name, long_function(name));
    grader_.kit = "kit 1";
    grader_.grade_some = [this](const std::vector<Student>& students, const OnGraded& on_graded) {
      for (const Student& student : students) on_graded(student, graded());
    };
    grader_.is_stopped = [] { return false; };
    grader_.say = [this](const std::string& line) { said_ += line + "\n"; };
  }

  static std::string long_function(const std::string& name) {
    std::string text = "int " + name + "(int x) {\n";
    for (int i = 0; i < 12; ++i) {
      text += "  if (x % " + std::to_string(i + 3) + " == 0) x = x * " + name + " + 7;\n";
    }
    return text + "  return x;\n}\n";
  }

  void hand_in(const std::string& name, const std::string& text) const {
    fs::create_directories(root() / "in" / name);
    std::ofstream(root() / "in" / name / "a.cc") << text;
  }

  Graded graded() const {
    Row row;
    row.finding.check = "A.A";
    row.finding.status = status_;
    row.mode = "plain";
    row.worth = row.max_points = 2;
    row.points = row.has_passed() ? 2 : 0;
    StepGrade step;
    step.number = 1;
    step.rows = {row};
    Graded graded;
    graded.grade.score = row.points;
    graded.grade.max_score = 2;
    graded.grade.steps = {step};
    return graded;
  }

  int run() {
    said_.clear();
    return run_class_command(manifest_, {root() / "in/", "", rules_}, grader_);
  }

  const fs::path& root() const { return folder_.path(); }
  fs::path results() const { return root() / "in-grades"; }

  TempDir folder_;
  Manifest manifest_;
  ClassGrader grader_;
  fs::path rules_;
  Status status_ = Status::kFailed;
  std::string said_;
};

TEST_F(CommandTest, LeavesATableAPageAndReports) {
  EXPECT_EQ(run(), 0);
  EXPECT_NE(content(results() / "grades.csv").find("ann,ann,graded,0,2"), std::string::npos);
  EXPECT_NE(content(results() / "index.html").find("reports/bob.html"), std::string::npos);
  EXPECT_TRUE(fs::exists(results() / "reports/ann.html"));
  EXPECT_NE(content(results() / "index.html").find("A hint, never a verdict"), std::string::npos);
}

TEST_F(CommandTest, TellsWhoseGradeMovedAfterACheckWasMended) {
  run();
  grader_.kit = "kit 2";
  status_ = Status::kPassed;
  run();
  EXPECT_NE(said_.find("ann moved from 0 to 2 points"), std::string::npos) << said_;
  EXPECT_NE(content(results() / "index.html").find("Whose grade moved"), std::string::npos);
}

TEST_F(CommandTest, TakesNewRulesWithoutGradingAgain) {
  status_ = Status::kPassed;
  run();
  rules_ = root() / "rules.json";
  std::ofstream(rules_) << R"({"days_late": {"ann": 1}, "late": {"percent_per_day": 10}})";
  grader_.grade_some = [](const auto&, const OnGraded&) { FAIL() << "graded again"; };
  EXPECT_EQ(run(), 0);
  EXPECT_NE(content(results() / "grades.csv").find("ann,ann,graded,2,2,100.00,1,90.00"),
            std::string::npos);
}

TEST_F(CommandTest, SaysThatSomethingCouldNotBeJudged) {
  grader_.grade_some = [](const auto&, const OnGraded&) { throw GraderError("no room"); };
  EXPECT_EQ(run(), 3);
  EXPECT_NE(content(results() / "grades.csv").find("not gradable"), std::string::npos);
}

TEST_F(CommandTest, RefusesAFolderWithoutSubmissions) {
  fs::remove_all(root() / "in");
  fs::create_directories(root() / "in");
  EXPECT_THROW(run(), UsageError);
}

TEST_F(CommandTest, RefusesASecondOneAtTheSameTime) {
  grader_.grade_some = [this](const auto& students, const OnGraded& on_graded) {
    EXPECT_THROW(run_class_command(manifest_, {root() / "in", "", ""}, grader_), UsageError);
    for (const Student& student : students) on_graded(student, graded());
  };
  EXPECT_EQ(run(), 0);
}

}  // namespace
}  // namespace kit::grade
