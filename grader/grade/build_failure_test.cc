#include "grader/grade/build_failure.h"

#include <gtest/gtest.h>

namespace kit::grade {
namespace {

const Subject kLab = {"//labs/toy", "lab", "labs/toy", "//grader/toy:lab", "labs/toy"};
const Subject kMutant = {"@subjects//toy/m", "m", "external/subjects/toy/m",
                         "//grader/toy/mutants:m", "labs/toy"};

Finding explain(const FailedAction& action, const Subject& subject = kLab) {
  TargetOutcome outcome;
  outcome.label = "//grader/toy:lab_step1_plain";
  outcome.causes = {action};
  return explain_build_failure(outcome, subject, "toy", "");
}

FailedAction compile(const std::string& label, const std::string& output, const std::string& text) {
  return {label, "CppCompile", output, text, "gcc failed"};
}

TEST(ExplainBuildFailure, GivesTheFirstErrorOfTheStudentsFile) {
  const Finding finding = explain(compile("//labs/toy:ring", "bin/labs/toy/_objs/ring/ring.o",
                                          "labs/toy/ring.cc: In function 'int f()':\n"
                                          "labs/toy/ring.cc:3:2: warning: unused\n"
                                          "labs/toy/ring.cc:7:12: error: 'x' was not declared\n"
                                          "    7 |   return x;\n"
                                          "labs/toy/ring.cc:9:1: error: expected '}'\n"));
  EXPECT_EQ(finding.status, Status::kNotBuilt);
  EXPECT_EQ(finding.observed, "labs/toy/ring.cc:7:12: error: 'x' was not declared");
  EXPECT_EQ(finding.where, "labs/toy/ring.cc:7");
  EXPECT_EQ(finding.evidence.find("labs/toy/ring.cc:7:12"), 0u);
}

TEST(ExplainBuildFailure, FindsTheStudentsLineOfAnErrorInsideTheLibrary) {
  const Finding finding = explain(
      compile("//labs/toy:ring", "bin/labs/toy/_objs/ring/ring.o",
              "In file included from /usr/include/c++/12/vector:66,\n"
              "/usr/include/c++/12/bits/stl_vector.h:999:7: error: static assertion failed\n"
              "labs/toy/ring.cc:12:5:   required from here\n"));
  EXPECT_EQ(finding.status, Status::kNotBuilt);
  EXPECT_EQ(finding.where, "labs/toy/ring.cc:12");
}

TEST(ExplainBuildFailure, SaysThatAProbeNoLongerFits) {
  const Finding finding =
      explain(compile("//grader/toy:lab_ring_probe", "bin/grader/toy/_objs/lab_ring_probe/x.o",
                      "grader/toy/ring_probe.cc:2:23: error: too many arguments to 'int good()'\n"
                      "./labs/toy/good.h:1:5: note: declared here\n"));
  EXPECT_EQ(finding.status, Status::kNotBuilt);
  EXPECT_NE(finding.observed.find("no longer fits your header"), std::string::npos);
  EXPECT_EQ(finding.where, "labs/toy/good.h:1");
}

TEST(ExplainBuildFailure, TakesAnErrorInTheHeaderForTheStudentsWhereverItIsIncluded) {
  const Finding finding =
      explain(compile("//grader/toy:lab_ring_probe", "bin/grader/toy/_objs/lab_ring_probe/x.o",
                      "In file included from grader/toy/ring_probe.cc:1:\n"
                      "./labs/toy/good.h:4:5: error: expected ';'\n"));
  EXPECT_EQ(finding.status, Status::kNotBuilt);
  EXPECT_EQ(finding.where, "labs/toy/good.h:4");
}

TEST(ExplainBuildFailure, TakesADriverThatDoesNotCompileForTheGradersFault) {
  const Finding finding =
      explain(compile("//grader/toy:step1_driver", "bin/grader/toy/_objs/step1_driver/x.o",
                      "grader/toy/step1_test.cc:2:23: error: oops\n"));
  EXPECT_EQ(finding.status, Status::kNotGradable);
}

TEST(ExplainBuildFailure, TellsWhatWasNeverDefined) {
  const Finding finding = explain(
      {"//grader/toy:lab_ring_probe", "CppLink", "bin/grader/toy/lab_ring_probe",
       "/usr/bin/ld: bin/labs/toy/_objs/r.o: in function `f()':\n"
       "labs/toy/r.cc:2: undefined reference to `Ring::push()'\ncollect2: error: ld returned 1\n",
       "gcc failed"});
  EXPECT_EQ(finding.status, Status::kNotBuilt);
  EXPECT_EQ(finding.observed, "undefined reference to `Ring::push()'");
  EXPECT_EQ(finding.where, "labs/toy/r.cc:2");
}

TEST(ExplainBuildFailure, KnowsTheFolderOfAMutant) {
  const Finding finding =
      explain(compile("@subjects//toy/m:ring", "bin/external/subjects/toy/m/_objs/r.o",
                      "external/subjects/toy/m/r.cc:5:1: error: no\n"),
              kMutant);
  EXPECT_EQ(finding.status, Status::kNotBuilt);
  EXPECT_EQ(finding.where, "labs/toy/r.cc:5");
}

TEST(ExplainBuildFailure, DoesNotBlameTheCodeForAFullDisk) {
  const Finding finding = explain(compile("//labs/toy:ring", "bin/labs/toy/_objs/ring/ring.o",
                                          "labs/toy/r.cc:1:1: fatal error: error writing to "
                                          "/tmp/x.s: No space left on device\n"));
  EXPECT_EQ(finding.status, Status::kNotGradable);
}

TEST(ExplainBuildFailure, TakesAFailedCheckActionForTheGradersFault) {
  const Finding finding = explain({"//grader/toy:lab_step1_plain", "Check", "x.findings.json",
                                   "driver: bad config\n", "exit 2"});
  EXPECT_EQ(finding.status, Status::kNotGradable);
  EXPECT_EQ(finding.evidence, "driver: bad config\n");
}

TEST(ExplainBuildFailure, PrefersTheStudentsFileToWhatFollowsFromIt) {
  TargetOutcome outcome;
  outcome.causes = {
      {"//grader/toy:lab_a_probe", "CppLink", "bin/a_probe", "undefined reference to `f'\n", ""},
      compile("//labs/toy:ring", "bin/z.o", "labs/toy/r.cc:5:1: error: no\n")};
  EXPECT_EQ(explain_build_failure(outcome, kLab, "toy", "").where, "labs/toy/r.cc:5");
}

TEST(ExplainBuildFailure, QuotesBazelOnABrokenBuildFile) {
  TargetOutcome outcome;
  outcome.cause_labels = {"//labs/toy:ring"};
  const Finding finding = explain_build_failure(
      outcome, kLab, "toy", "Loading:\nERROR: /home/s/kit/labs/toy/BUILD:3:1: syntax error\n");
  EXPECT_EQ(finding.status, Status::kNotBuilt);
  EXPECT_EQ(finding.observed, "/home/s/kit/labs/toy/BUILD:3:1: syntax error");
}

TEST(ExplainBuildFailure, DropsControlCharactersThatTheCompilerQuotes) {
  const Finding finding = explain(
      compile("//labs/toy:r", "r.o", "labs/toy/r.cc:5:1: error: stray '\x1b[31m' in program\n"));
  EXPECT_EQ(finding.observed, "labs/toy/r.cc:5:1: error: stray '[31m' in program");
}

}  // namespace
}  // namespace kit::grade
