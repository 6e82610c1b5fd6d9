// --checks and --submission as a person gives them, with a stand-in for Bazel.

#include <gtest/gtest.h>

#include "grader/grade/program_stage.h"

namespace kit::grade {
namespace {

// A stage with a folder of an instructor's own checks, which add one to step 1.
class OwnChecks : public testing::Test {
 protected:
  OwnChecks() {
    fs::create_directories(stage.root() / "mine");
    stage.write("mine/manifest.bzl", "MANIFEST = 1\n");
  }

  void say_manifest(const std::string& lab) const {
    const Json own = {{"name", "Toy.Step1"}, {"points", {{"plain", 3}}}, {"own", true}};
    const Json step = {{"number", 1},
                       {"title", "Part 1"},
                       {"files", {"toy.cc"}},
                       {"modes", {"plain"}},
                       {"checks", {own}}};
    const Json manifest = {{"format", 1}, {"lab", lab}, {"title", "A toy"}, {"steps", {step}}};
    stage.say_built("@hidden_checks//:manifest", "manifest.json", manifest.dump());
  }

  void say_failed(const std::string& target) const { stage.say_findings(target, 1, "failed"); }

  std::string arguments() const { return content(stage.root() / "arguments"); }

  Stage stage;
};

TEST_F(OwnChecks, AreGradedByTheirOwnManifest) {
  say_manifest("toy");
  say_failed("@hidden_checks//:lab_step1_plain");
  const Ended ended = stage.run({"grade", "toy", "--checks", "mine", "--format", "json"});
  ASSERT_EQ(ended.exit, 0) << ended.err;
  const Json check = Json::parse(ended.out)["steps"][0]["checks"][0];
  EXPECT_EQ(check["name"], "Toy.Step1");
  EXPECT_EQ(check["max_points"], 3);
  EXPECT_EQ(check["reproduce"],
            "bazel run //grader -- reproduce toy/lab/1/plain/Toy.Step1/7 --checks mine");
  const std::string folder = fs::canonical(stage.root() / "mine").string();
  EXPECT_TRUE(contains(arguments(), "--repo_env=KIT_CHECKS=" + folder + " ")) << arguments();
}

TEST_F(OwnChecks, AreLookedAtAgainWhenTheyChanged) {
  say_manifest("toy");
  say_failed("@hidden_checks//:lab_step1_plain");
  const auto digest = [this] {
    stage.write("arguments", "");
    stage.run({"grade", "toy", "--checks", "mine"});
    const std::string word = "KIT_CHECKS_DIGEST=";
    return arguments().substr(arguments().find(word) + word.size(), 64);
  };
  const std::string before = digest();
  EXPECT_EQ(digest(), before);
  stage.write("mine/step1_test.cc", "// new\n");
  EXPECT_NE(digest(), before);
}

TEST_F(OwnChecks, AreTheReadersSecretInWhatStudentsRead) {
  say_manifest("toy");
  say_failed("@hidden_checks//:lab_step1_plain");
  const Ended ended = stage.run({"grade", "toy", "--checks", "mine", "--format", "gradescope"});
  const Json test = Json::parse(ended.out)["tests"][0];
  EXPECT_EQ(test["visibility"], "after_published");
  EXPECT_FALSE(contains(test["output"], "reproduce")) << test["output"];
}

TEST_F(OwnChecks, AreRefusedWhenTheyAreNoneOrAnotherLabs) {
  fs::create_directories(stage.root() / "empty");
  const Ended empty = stage.run({"grade", "toy", "--checks", "empty"});
  EXPECT_EQ(empty.exit, 2);
  EXPECT_TRUE(contains(empty.err, "no manifest.bzl")) << empty.err;
  say_manifest("other");
  const Ended other = stage.run({"grade", "toy", "--checks", "mine"});
  EXPECT_EQ(other.exit, 2);
  EXPECT_TRUE(contains(other.err, "are for the lab other")) << other.err;
  EXPECT_EQ(stage.run({"handout", "toy", "--output", "x.tar.gz", "--checks", "mine"}).exit, 2);
}

TEST_F(OwnChecks, ShowBazelsWordsWhenTheirManifestIsWrong) {
  stage.write("log", "ERROR: manifest.bzl:3: name 'chek' is not defined\n");
  stage.write("exit", "1");
  const Ended ended = stage.run({"grade", "toy", "--checks", "mine"});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_TRUE(contains(ended.err, "name 'chek' is not defined")) << ended.err;
}

// What Bazel is asked to build for a submission is called after its contents.
std::string asked_submission(const std::string& arguments) {
  const std::size_t begin = arguments.rfind("@submissions//toy/");
  return arguments.substr(begin, arguments.find("_step1_plain", begin) - begin);
}

TEST_F(OwnChecks, OfASubmissionAreRunAgainInItsRoom) {
  fs::create_directories(stage.root() / "in/bob smith");
  stage.write("in/bob smith/toy.cc", "int toy;\n");
  say_manifest("toy");
  const std::vector<std::string> options = {"--submission", "in/bob smith", "--checks", "mine"};
  std::vector<std::string> grade = {"grade", "toy", "--format", "json"};
  grade.insert(grade.end(), options.begin(), options.end());
  stage.run(grade);
  const std::string target = asked_submission(arguments()) + "_step1_plain";
  say_failed(target);
  const Json json = Json::parse(stage.run(grade).out);
  EXPECT_EQ(json["steps"][0]["checks"][0]["reproduce"],
            "bazel run //grader -- reproduce toy/lab/1/plain/Toy.Step1/7 "
            "--submission $'in/bob smith' --checks mine");
  stage.write("room", "#!/bin/sh\necho \"in a room: $@\"\nexit 1\n");
  fs::permissions(stage.root() / "room", fs::perms::owner_all);
  stage.say_built(target + "_config", "step1.config.json",
                  R"({"driver": "d", "room": "room", "box_init": "init"})");
  std::vector<std::string> again = {"reproduce", "toy/lab/1/plain/Toy.Step1/7"};
  again.insert(again.end(), options.begin(), options.end());
  const Ended ended = stage.run(again);
  EXPECT_EQ(ended.exit, 1) << ended.err;
  EXPECT_TRUE(contains(ended.out, "in a room: ")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "/init ")) << ended.out;
}

}  // namespace
}  // namespace kit::grade
