// The program as a person runs it, with a stand-in for Bazel (testdata/fake_bazel.sh) that says
// what the test wants said.

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <utility>

#include "grader/grade/program_stage.h"

namespace kit::grade {
namespace {

TEST(List, NamesLabsStepsAndPoints) {
  const Ended ended = Stage().run({"list"});
  EXPECT_EQ(ended.exit, 0);
  EXPECT_EQ(ended.out,
            "toy: A toy (4 points, p)\n  1  Part 1 (2 points)\n  2  Part 2 (2 points)\n");
}

TEST(Grade, ScoresWhatTheFindingsSay) {
  const Stage stage;
  stage.say_findings(1, "passed");
  stage.say_findings(2, "failed");
  const Ended ended = stage.run({"grade", "toy", "--format", "json"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  const Json json = Json::parse(ended.out);
  EXPECT_EQ(json["score"], 2);
  EXPECT_EQ(json["max_score"], 4);
  EXPECT_EQ(json["environment"]["isolation"], "own network");
  EXPECT_EQ(json["steps"][1]["checks"][0]["reproduce"],
            "bazel run //grader -- reproduce toy/lab/2/plain/Toy.Step2/7");
}

TEST(Grade, ShowsProgressInPlainLinesWhenNobodySitsThere) {
  const Stage stage;
  stage.say_findings(1, "passed");
  stage.say_findings(2, "failed");
  const Ended ended = stage.run({"grade", "toy"});
  EXPECT_TRUE(contains(ended.err, "step 1 plain: 1 of 1 passed\n")) << ended.err;
  EXPECT_TRUE(contains(ended.err, "Toy.Step2 failed: It was wrong.\n")) << ended.err;
  EXPECT_FALSE(contains(ended.err + ended.out, "\033"));
}

TEST(Grade, BuildsJustTheTargetsThatWereAskedFor) {
  const Stage stage;
  stage.say_findings(2, "passed");
  EXPECT_EQ(stage.run({"grade", "toy", "--step", "2"}).exit, 0);
  EXPECT_TRUE(content(stage.root() / "arguments").ends_with("-- //grader/toy:lab_step2_plain\n"));
}

TEST(Grade, GivesTheCompilersFirstErrorAndGradesTheRest) {
  const Stage stage;
  stage.say_not_built(1, "labs/toy/toy.cc:3:20: error: 'x' was not declared\n");
  stage.say_findings(2, "passed");
  const Ended ended = stage.run({"grade", "toy"});
  EXPECT_EQ(ended.exit, 0);
  EXPECT_TRUE(contains(ended.out, "Toy.Step1: does not compile")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "labs/toy/toy.cc:3:20: error: 'x' was not declared"));
  EXPECT_TRUE(contains(ended.out, "2 of 4 points (50 %)"));
}

TEST(Grade, ExitsWithOneBelowTheMinimum) {
  const Stage stage;
  stage.say_findings(1, "passed");
  stage.say_findings(2, "failed");
  EXPECT_EQ(stage.run({"grade", "toy", "--min-score", "50"}).exit, 0);
  EXPECT_EQ(stage.run({"grade", "toy", "--min-score", "50.5"}).exit, 1);
}

TEST(Grade, WritesTheReportWhereThePersonStands) {
  const Stage stage;
  stage.say_findings(1, "passed");
  stage.say_findings(2, "passed");
  EXPECT_EQ(stage.run({"grade", "toy", "--format", "html", "--output", "report.html"}).exit, 0);
  EXPECT_TRUE(content(stage.root() / "report.html").starts_with("<!DOCTYPE html>"));
}

TEST(Grade, SaysWhenTheReportCannotBeWritten) {
  const Stage stage;
  stage.say_findings(1, "passed");
  stage.say_findings(2, "passed");
  const Ended ended = stage.run({"grade", "toy", "--output", "/dev/full"});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_TRUE(contains(ended.err, "cannot write /dev/full: No space left on device")) << ended.err;
}

TEST(Grade, TakesNoPointsForWhatItCouldNotJudge) {
  const Stage stage;
  stage.say_findings(1, "passed");
  stage.say_built("//grader/toy:lab_step2_plain", "step2.findings.json", "{\"format\": 1, ");
  const Ended ended = stage.run({"grade", "toy"});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_TRUE(contains(ended.out, "2 of 2 points (100 %)")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "The findings cannot be read")) << ended.out;
}

TEST(Grade, ShowsWhatBazelSaidWhenItSaysNothingOfATarget) {
  const Stage stage;
  stage.say_findings(1, "passed");
  stage.write("exit", "37");
  stage.write("log", "FATAL: bazel crashed due to an internal error\n");
  const Ended ended = stage.run({"grade", "toy"});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_TRUE(contains(ended.out, "Bazel ended with exit status 37")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "internal error")) << ended.out;
}

TEST(Grade, EndsCleanlyOnCtrlCWithWhatIsKnown) {
  const Stage stage;
  stage.say_findings(1, "passed");
  stage.write("hangs", "");
  Process process = stage.start({"grade", "toy"});
  wait_for_text(stage.root() / "err", "step 1 plain", process);
  process.send(SIGINT);
  EXPECT_EQ(process.wait(), 3);
  EXPECT_TRUE(fs::exists(stage.root() / "interrupted"));
  const std::string out = content(stage.root() / "out");
  EXPECT_TRUE(contains(out, "2 of 2 points")) << out;
  EXPECT_TRUE(contains(out, "1 run of a check left out")) << out;
}

TEST(Grade, LeavesWhatIsKnownWhenItIsKilled) {
  const Stage stage;
  stage.say_findings(1, "passed");
  stage.write("hangs", "");
  const fs::path report = stage.root() / "results.json";
  Process process = stage.start(
      {"grade", "toy", "--format", "gradescope", "--output", report.string(), "--as-it-comes"});
  wait_for_text(report, "tests", process);
  process.send(SIGKILL);
  process.wait();
  EXPECT_TRUE(comes(stage.root() / "interrupted"));  // Bazel does not go on for nobody
  const Json json = Json::parse(content(report));
  EXPECT_EQ(json["score"], 2);
  EXPECT_TRUE(contains(json["output"], "ended early")) << json;
}

TEST(Grade, SaysWhatToInstallWhenBazelIsMissing) {
  const Stage stage;
  setenv("BAZEL", "/nonexistent/bazel", 1);
  const Ended ended = stage.run({"grade", "toy"});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_TRUE(contains(ended.err, "grader/setup")) << ended.err;
}

TEST(Grade, SaysHowToStartItWhenNotStartedByBazel) {
  const Stage stage;
  unsetenv("BUILD_WORKSPACE_DIRECTORY");
  const Ended ended = stage.run({"grade", "toy"});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_TRUE(contains(ended.err, "bazel run //grader")) << ended.err;
}

TEST(Grade, RefusesAMutantThatDoesNotExist) {
  const Stage stage;
  for (int step : {1, 2}) {
    const std::string target = "//grader/toy/mutants:m_step" + std::to_string(step) + "_plain";
    stage.append_event({{"id", {{"pattern", {{"pattern", {target}}}}}},
                        {"aborted", {{"description", "no such target"}}}});
  }
  stage.write("exit", "1");
  const Ended ended = stage.run({"grade", "toy", "--subject", "@subjects//toy/m"});
  EXPECT_EQ(ended.exit, 2);
  EXPECT_TRUE(contains(ended.err, "there is no subject '@subjects//toy/m'")) << ended.err;
}

// A submission's targets are called after its contents; what Bazel was asked for tells how.
std::string asked_submission(const Stage& stage) {
  const std::string asked = content(stage.root() / "arguments");
  const std::size_t begin = asked.find("@submissions//toy/");
  return asked.substr(begin, asked.find("_step1_plain") - begin);
}

TEST(Class, RunsTheSameCodeOnceForAllWhoHandedItIn) {
  const Stage stage;
  for (const char* name : {"in/ann", "in/bob", "labs/toy"}) {
    fs::create_directories(stage.root() / name);
    stage.write(std::string(name) + "/toy.cc", "int toy;\n");
  }
  EXPECT_EQ(stage.run({"class", "toy", "in"}).exit, 3);  // Bazel said nothing
  const std::string subject = asked_submission(stage);
  const std::string asked = content(stage.root() / "arguments");
  EXPECT_EQ(asked.find(subject + "_step1"), asked.rfind(subject + "_step1")) << asked;
  stage.say_findings(subject + "_step1_plain", 1, "passed");
  stage.say_findings(subject + "_step2_plain", 2, "failed");
  const Ended ended = stage.run({"class", "toy", "in"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  const std::string table = content(stage.root() / "in-grades/grades.csv");
  EXPECT_TRUE(contains(table, "\nann,ann,graded,2,4,")) << table;
  EXPECT_TRUE(contains(table, "\nbob,bob,graded,2,4,")) << table;
}

TEST(Usage, IsRefusedWithTwoAndAWordOnWhatThereIs) {
  const Stage stage;
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{}, "list, grade, watch, reproduce"},
      {{"grade"}, "LAB is required"},
      {{"grade", "nolab"}, "the labs are: toy"},
      {{"grade", "toy", "--format", "pdf"}, "text,json,html,junit,gradescope,prairielearn,github"},
      {{"grade", "toy", "--subject", "//labs/other"}, "//solutions/toy"},
      {{"grade", "toy", "--step", "3"}, "its steps are 1 to 2"},
      {{"grade", "toy", "--mode", "asan"}, "its modes are: plain"},
      {{"grade", "toy", "--min-score", "101"}, "--min-score"},
      {{"grade", "toy", "--submission", "x"}, "the submission cannot be read"},
      {{"grade", "toy", "--submission", "x", "--subject", "//labs/toy"}, "--subject"},
      {{"pack", "toy"}, "--output is required"},
      {{"pack", "toy", "--output", "x.zip"}, ".tar.gz"},
      {{"handout", "toy", "--output", "x.zip"}, ".tar.gz"},
      {{"autograder", "toy", "--output", "x.tar.gz"}, ".zip"},
      {{"class", "toy"}, "DIR is required"},
      {{"class", "toy", "nowhere"}, "no folder"},
      {{"grade", "toy", "--as-it-comes"}, "--output"},
      {{"unpack", "toy"}, "list, grade, watch, reproduce"},
      {{"reproduce", "toy/lab/1"}, "is not a token"},
      {{"reproduce", "toy/lab/1/plain/Toy.Step1/7", "--gdb", "--submission", "x"}, "--gdb"},
      {{"reproduce", "toy/lab/1/plain/Toy.None/7"}, "no check 'Toy.None'"}};
  for (const auto& [arguments, word] : wrong) {
    const Ended ended = stage.run(arguments);
    EXPECT_EQ(ended.exit, 2) << word;
    EXPECT_TRUE(contains(ended.err, word)) << word << " is not in: " << ended.err;
  }
}

TEST(Reproduce, RunsTheDriverThatTheConfigNames) {
  const Stage stage;
  stage.write("driver", "#!/bin/sh\necho \"$@\"\ntest \"$6\" != 8\n");
  fs::permissions(stage.root() / "driver", fs::perms::owner_all);
  stage.say_built("//grader/toy:lab_step1_plain_config", "step1.config.json",
                  R"({"driver": "driver"})");
  const Ended passed = stage.run({"reproduce", "toy/lab/1/plain/Toy.Step1/7"});
  EXPECT_EQ(passed.exit, 0) << passed.err;
  EXPECT_TRUE(contains(passed.out, "--check Toy.Step1 --seed 7\n")) << passed.out;
  EXPECT_TRUE(passed.out.ends_with("passed this time.\n")) << passed.out;
  const Ended failed = stage.run({"reproduce", "toy/lab/1/plain/Toy.Step1/8"});
  EXPECT_EQ(failed.exit, 1);
  EXPECT_TRUE(failed.out.ends_with("failed again.\n")) << failed.out;
}

TEST(Reproduce, SaysThatTheDriverCouldNotTell) {
  const Stage stage;
  stage.write("driver", "#!/bin/sh\nexit 9\n");
  fs::permissions(stage.root() / "driver", fs::perms::owner_all);
  stage.say_built("//grader/toy:lab_step1_plain_config", "step1.config.json",
                  R"({"driver": "driver"})");
  const Ended ended = stage.run({"reproduce", "toy/lab/1/plain/Toy.Step1/7"});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_TRUE(contains(ended.out, "exit status 9")) << ended.out;
}

}  // namespace
}  // namespace kit::grade
