#include "grader/grade/plan.h"

#include <gtest/gtest.h>

#include "grader/grade/errors.h"
#include "grader/grade/manifest.h"
#include "grader/grade/subject.h"

namespace kit::grade {
namespace {

Manifest toy() {
  Manifest manifest;
  manifest.lab = "toy";
  manifest.lab_package = "labs/toy";
  manifest.solution_package = "solutions/toy";
  manifest.steps = {{1, "One", "", {}, {"plain", "tsan"}, {}}, {2, "Two", "", {}, {"plain"}, {}}};
  return manifest;
}

std::vector<std::string> targets(const Selection& selection) {
  const Manifest manifest = toy();
  std::vector<std::string> names;
  for (const Job& job : plan_jobs(manifest, subject_of_word(manifest, "lab"), selection)) {
    names.push_back(job.target);
  }
  return names;
}

TEST(PlanJobs, TakesTheQuickestModeOfAllStepsFirst) {
  const std::vector<std::string> expected = {"//grader/toy:lab_step1_plain",
                                             "//grader/toy:lab_step2_plain",
                                             "//grader/toy:lab_step1_tsan"};
  EXPECT_EQ(targets({}), expected);
}

TEST(PlanJobs, KeepsToTheStepAndModeThatWereAskedFor) {
  EXPECT_EQ(targets({1, "tsan"}), std::vector<std::string>{"//grader/toy:lab_step1_tsan"});
}

TEST(PlanJobs, RefusesWhatTheLabHasNot) {
  EXPECT_THROW(targets({3, ""}), UsageError);
  EXPECT_THROW(targets({std::nullopt, "asan"}), UsageError);
  EXPECT_THROW(targets({2, "tsan"}), UsageError);
}

TEST(SubjectOfLabel, KnowsTheFourKinds) {
  EXPECT_EQ(subject_of_label(toy(), "").word, "lab");
  EXPECT_EQ(subject_of_label(toy(), "//labs/toy/").word, "lab");
  EXPECT_EQ(subject_of_label(toy(), "//solutions/toy").word, "solution");
  const Subject mutant = subject_of_label(toy(), "@subjects//toy/off_by_one");
  EXPECT_EQ(mutant.target_prefix, "//grader/toy/mutants:off_by_one");
  EXPECT_EQ(mutant.folder, "external/subjects/toy/off_by_one");
}

TEST(SubjectOfLabel, RefusesOtherCode) {
  EXPECT_THROW(subject_of_label(toy(), "//labs/other"), UsageError);
  EXPECT_THROW(subject_of_label(toy(), "@subjects//other/m"), UsageError);
  EXPECT_THROW(subject_of_label(toy(), "@subjects//toy/a b"), UsageError);
  EXPECT_THROW(subject_of_label(toy(), "@subjects//toy/../x"), UsageError);
}

TEST(Token, IsReadAsItWasWritten) {
  const std::string text = "toy/lab/1/tsan/Suite/Name.Test/0/18446744073709551615";
  const Token token = parse_token(text);
  EXPECT_EQ(token.check, "Suite/Name.Test/0");
  EXPECT_EQ(token.seed, 18446744073709551615u);
  EXPECT_EQ(format_token(token), text);
}

TEST(Token, HoldsAnInterleaving) {
  const std::string text = "toy/lab/1/explore/A.B/7@0123456789abcdef-fedcba9876543210";
  const Token token = parse_token(text);
  EXPECT_EQ(token.seed, 7u);
  EXPECT_EQ(token.interleaving, "0123456789abcdef-fedcba9876543210");
  EXPECT_EQ(format_token(token), text);
}

TEST(Token, IsRefusedWhenAFieldIsMissingOrNoNumber) {
  for (const char* text : {"", "toy", "toy/lab/1/tsan", "toy/lab/one/tsan/A.B/7",
                           "toy/lab/1/tsan/A.B/", "toy/lab/1/tsan/A.B/-1", "toy/lab/1/tsan/A.B/7x",
                           "toy/lab/1/explore/A.B/7@", "toy/lab/1/explore/A.B/7@0123"}) {
    EXPECT_THROW(parse_token(text), UsageError) << text;
  }
}

TEST(FindLab, NamesTheLabsThatThereAre) {
  Manifest internal = toy();
  internal.lab = "hidden";
  internal.is_internal = true;
  try {
    find_lab({toy(), internal}, "nolab");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "there is no lab 'nolab'; the labs are: toy");
  }
  EXPECT_EQ(find_lab({toy(), internal}, "hidden").lab, "hidden");
}

}  // namespace
}  // namespace kit::grade
