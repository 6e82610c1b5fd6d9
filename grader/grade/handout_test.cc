#include "grader/grade/handout.h"

#include <gtest/gtest.h>

#include <fstream>

#include "grader/grade/autograder.h"
#include "grader/grade/build_statements.h"
#include "grader/grade/errors.h"
#include "grader/grade/files.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

// A kit with a lab `x`, another lab `y`, and all that must stay at home.
class Kit {
 public:
  Kit() {
    manifest.lab = "x";
    manifest.page = "docs/labs/x.md";
    manifest.lab_package = "labs/x";
    manifest.solution_package = "solutions/x";
    for (const char* file : {".bazelrc",
                             ".clang-format",
                             ".gitignore",
                             "BUILD",
                             "LICENSE",
                             "WORKSPACE",
                             "docs/bazel.md",
                             "docs/explorer.md",
                             "docs/getting-started.md",
                             "docs/instructors.md",
                             "docs/how-grading-works.md",
                             "docs/labs/x.md",
                             "docs/labs/y.md",
                             "grader/BUILD",
                             "grader/setup",
                             "grader/goldens.sh",
                             "grader/grade/main.cc",
                             "grader/x/manifest.bzl",
                             "grader/x/step1_test.cc",
                             "grader/x/mutants/wrong.patch",
                             "grader/x/own_checks/step1_test.cc",
                             "grader/y/manifest.bzl",
                             "grader/submissions/hostile/bomb.cc",
                             "labs/support/fd.h",
                             "labs/x/x.cc",
                             "labs/y/y.cc",
                             "solutions/x/x.cc",
                             "starter/x.cc",
                             "starter/BUILD",
                             "program",
                             "grader/bazel/__pycache__/starter.pyc"}) {
      write(file, file);
    }
  }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << text;
  }

  const fs::path& root() const { return folder_.path(); }

  ArchiveFiles collect() const {
    return collect_handout(manifest, {root(), root() / "starter", {{"x", root() / "program"}}});
  }

  Manifest manifest;

 private:
  TempDir folder_;
};

TEST(Handout, HasTheStarterTheChecksAndThePage) {
  const ArchiveFiles files = Kit().collect();
  for (const char* name :
       {"README.md", "WORKSPACE", "docs/labs/x.md", "grader/grade/main.cc", "grader/x/manifest.bzl",
        "grader/x/step1_test.cc", "labs/support/fd.h"}) {
    EXPECT_TRUE(files.count(std::string("x/") + name)) << name;
  }
  EXPECT_EQ(files.at("x/labs/x/x.cc").content, "starter/x.cc");
  EXPECT_TRUE(files.at("x/grader/x/references/x").is_executable);
}

TEST(Handout, LeavesTheSolutionAndTheMutantsAtHome) {
  for (const auto& [name, file] : Kit().collect()) {
    for (const char* secret :
         {"solutions/", "mutants", "own_checks", "/y", "instructors", "hostile", "pycache"}) {
      EXPECT_EQ(name.find(secret), std::string::npos) << name;
    }
    EXPECT_EQ(file.content.find("solutions/"), std::string::npos) << name;
  }
}

TEST(Handout, TakesAlongWhatTheChecksStandOn) {
  const Kit kit;
  kit.write("grader/x/BUILD", "lab(\n    deps = [\"//grader/y:client\"],\n)\n");
  kit.write("grader/y/BUILD", "lab(\n    deps = [\"//grader/x:model\"],\n)\n");
  const ArchiveFiles files = kit.collect();
  EXPECT_TRUE(files.count("x/grader/y/manifest.bzl"));
  EXPECT_FALSE(files.count("x/labs/y/y.cc"));
}

TEST(Handout, RefusesAMarkerThatIsLeft) {
  const Kit kit;
  kit.write("starter/x.cc", "int f() {\n  //~ begin step 1: What belongs here.\n");
  EXPECT_THROW(kit.collect(), GraderError);
}

TEST(Autograder, IsTheHandoutWithTwoScripts) {
  const ArchiveFiles files = collect_autograder(Kit().manifest, {{"x/WORKSPACE", {"", false}}});
  ASSERT_EQ(files.size(), 3u);
  EXPECT_TRUE(files.count("kit/WORKSPACE"));
  for (const char* script : {"setup.sh", "run_autograder"}) {
    EXPECT_TRUE(files.at(script).is_executable);
    EXPECT_EQ(files.at(script).content.find("#!/bin/bash\n"), 0u);
    EXPECT_NE(files.at(script).content.find("grade x --submission"), std::string::npos);
    EXPECT_EQ(files.at(script).content.find('@'), std::string::npos);
    EXPECT_EQ(files.at(script).content.find("--checks"), std::string::npos);
  }
}

TEST(Autograder, TakesAnInstructorsOwnChecksAlong) {
  const Kit kit;
  kit.write("mine/step1_test.cc", "a check");
  ArchiveFiles files = collect_autograder(kit.manifest, {}, /*has_checks=*/true);
  add_own_checks(kit.root() / "mine", files);
  EXPECT_EQ(files.at("checks/step1_test.cc").content, "a check");
  for (const char* script : {"setup.sh", "run_autograder"}) {
    EXPECT_NE(files.at(script).content.find(" --checks /autograder/source/checks"),
              std::string::npos);
  }
}

constexpr const char* kBuild = R"(# The room.
load(":a.bzl", "a")

a(
    name = "one",
    deps = ["//solutions/x:x"],
)

# Stands on one.
a(
    name = "two",
    deps = [":one"],
)

[a(
    name = name,
    deps = deps,
) for name, deps in {
    "three": ["//labs/x"],
}.items()]

alias(name = "four", actual = ":three")
)";

TEST(BuildStatements, AreTheTextAgain) {
  const std::vector<std::string> statements = build_statements(kBuild);
  EXPECT_EQ(statements.size(), 5u);
  std::string all;
  for (const std::string& statement : statements) all += statement;
  EXPECT_EQ(all, kBuild);
}

TEST(WithoutSolutions, DropsWhatStandsOnThem) {
  const std::string build = without_solutions(kBuild);
  EXPECT_EQ(build.find("\"one\""), std::string::npos) << build;
  EXPECT_EQ(build.find("\"two\""), std::string::npos) << build;
  EXPECT_NE(build.find("load("), std::string::npos);
  EXPECT_NE(build.find("\"three\""), std::string::npos);
  EXPECT_NE(build.find("\"four\""), std::string::npos);
}

}  // namespace
}  // namespace kit::grade
