#include "grader/grade/score.h"

#include <gtest/gtest.h>

namespace kit::grade {
namespace {

const Subject kLab = {"//labs/toy", "lab", "labs/toy", "//grader/toy:lab", "labs/toy"};

Manifest toy() {
  Manifest manifest;
  manifest.lab = "toy";
  manifest.steps = {
      {1,
       "One",
       "",
       {},
       {"plain", "tsan"},
       {{"A.First", {{"plain", 2}, {"tsan", 1}}, {}}, {"A.Second", {{"plain", 3}}, {}}}}};
  return manifest;
}

Finding finding(const std::string& check, Status status) {
  Finding finding;
  finding.check = check;
  finding.status = status;
  finding.seed = 7;
  return finding;
}

JobResult plain(const std::vector<Finding>& findings) {
  return {{1, "plain", "//grader/toy:lab_step1_plain"}, true, findings, {}, ""};
}

TEST(Score, GivesPointsForWhatPassed) {
  const Grade grade =
      score(toy(), kLab,
            {plain({finding("A.First", Status::kPassed), finding("A.Second", Status::kRaced)})});
  EXPECT_EQ(grade.score, 2);
  EXPECT_EQ(grade.max_score, 5);
  EXPECT_EQ(grade.percent(), 40);
}

TEST(Score, CountsOnlyTheModesThatWereAskedFor) {
  const Grade grade =
      score(toy(), kLab, {{{1, "tsan", "t"}, true, {finding("A.First", Status::kPassed)}, {}, ""}});
  ASSERT_EQ(grade.steps.size(), 1u);
  ASSERT_EQ(grade.steps[0].rows.size(), 1u);
  EXPECT_EQ(grade.max_score, 1);
}

TEST(Score, TakesWhatIsNotGradableOutOfBothSums) {
  const Grade grade = score(
      toy(), kLab,
      {plain({finding("A.First", Status::kPassed), finding("A.Second", Status::kNotGradable)})});
  EXPECT_EQ(grade.score, 2);
  EXPECT_EQ(grade.max_score, 2);
  EXPECT_EQ(grade.count_not_gradable(), 1);
}

TEST(Score, TakesACheckOfWhichTheDriverSaidNothingForTheGradersFault) {
  const Grade grade = score(toy(), kLab, {plain({finding("A.First", Status::kPassed)})});
  EXPECT_EQ(grade.count_not_gradable(), 1);
  EXPECT_EQ(grade.max_score, 2);
}

TEST(Score, GivesNothingForAStepThatDoesNotCompile) {
  JobResult result = plain({});
  result.blanket.status = Status::kNotBuilt;
  const Grade grade = score(toy(), kLab, {result});
  EXPECT_EQ(grade.score, 0);
  EXPECT_EQ(grade.max_score, 5);
  EXPECT_EQ(grade.steps[0].rows[1].finding.check, "A.Second");
}

TEST(Score, TellsWhatWasNotRunFromWhatTheGraderCouldNotJudge) {
  JobResult result = plain({});
  result.is_done = false;
  const Grade grade = score(toy(), kLab, {result});
  EXPECT_EQ(grade.count_not_run(), 2);
  EXPECT_EQ(grade.count_not_gradable(), 0);
  EXPECT_EQ(grade.max_score, 0);
}

TEST(Score, ShowsWhatTheDriverAddsButGivesItNoWeight) {
  const Grade grade =
      score(toy(), kLab,
            {plain({finding("A.First", Status::kPassed), finding("A.Second", Status::kPassed),
                    finding("Mode.SelfTest", Status::kFailed)})});
  EXPECT_EQ(grade.steps[0].rows.size(), 3u);
  EXPECT_EQ(grade.max_score, 5);
}

TEST(FirstFailure, PassesOverWhatFollowsFromAnother) {
  const StepGrade* step = nullptr;
  const Grade grade =
      score(toy(), kLab,
            {plain({finding("A.First", Status::kSkipped), finding("A.Second", Status::kHung)})});
  const Row* row = first_failure(grade, &step);
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->finding.check, "A.Second");
  EXPECT_EQ(step->number, 1);
  EXPECT_EQ(row->reproduce, "bazel run //grader -- reproduce toy/lab/1/plain/A.Second/7");
}

TEST(FirstFailure, IsToldAsTheModeExploreTellsIt) {
  Manifest manifest = toy();
  manifest.steps[0].modes.push_back("explore");
  manifest.steps[0].checks[1].points["explore"] = 1;
  const JobResult explored = {
      {1, "explore", "t"}, true, {finding("A.Second", Status::kRaced)}, {}, ""};
  const Grade grade =
      score(manifest, kLab,
            {plain({finding("A.First", Status::kPassed), finding("A.Second", Status::kFailed)}),
             explored});
  const Row* row = first_failure(grade, nullptr);
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->mode, "explore");
}

}  // namespace
}  // namespace kit::grade
