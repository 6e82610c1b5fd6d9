#include "grader/grade/bep.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace kit::grade {
namespace {

using Outcomes = std::map<std::string, TargetOutcome>;

Outcomes read_stream(const std::string& text, BepReader& reader) {
  Outcomes outcomes;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    for (const TargetOutcome& outcome : reader.read_line(line)) outcomes[outcome.label] = outcome;
  }
  return outcomes;
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// What Bazel 4.2.3 really wrote, with @DIR@ for its output base.
std::string recorded_stream() {
  const std::string folder = testing::TempDir();
  std::ofstream(folder + "/stderr-23") << "labs/toy/bad.cc:3:20: error: no\n";
  std::ifstream in("grader/grade/testdata/bep_4.2.3.json");
  return replace_all({std::istreambuf_iterator<char>(in), {}}, "@DIR@", folder);
}

TEST(BepReader, FindsTheFilesOfATargetThatWasBuilt) {
  BepReader reader;
  const Outcomes outcomes = read_stream(recorded_stream(), reader);
  const TargetOutcome& outcome = outcomes.at("//grader/toy:lab_step1_asan");
  EXPECT_TRUE(outcome.is_built);
  ASSERT_EQ(outcome.files.size(), 1u);
  EXPECT_EQ(outcome.files[0], testing::TempDir() +
                                  "/execroot/ipc_lab_kit/bazel-out/k8-fastbuild/bin/grader/toy/"
                                  "lab_step1_asan.findings.json");
}

TEST(BepReader, TellsTheExecutionRoot) {
  BepReader reader;
  read_stream(recorded_stream(), reader);
  EXPECT_EQ(reader.exec_root(), testing::TempDir() + "/execroot/ipc_lab_kit");
}

TEST(BepReader, ReadsWhatTheFailedActionWrote) {
  BepReader reader;
  const Outcomes outcomes = read_stream(recorded_stream(), reader);
  const TargetOutcome& outcome = outcomes.at("//grader/toy:lab_step2_plain");
  EXPECT_FALSE(outcome.is_built);
  ASSERT_EQ(outcome.causes.size(), 1u);
  EXPECT_EQ(outcome.causes[0].mnemonic, "CppCompile");
  EXPECT_EQ(outcome.causes[0].label, "//labs/toy:bad");
  EXPECT_EQ(outcome.causes[0].error_text, "labs/toy/bad.cc:3:20: error: no\n");
}

TEST(BepReader, KeepsTheMessageWhenTheTextOfAnActionIsGone) {
  BepReader reader;
  const Outcomes outcomes = read_stream(recorded_stream(), reader);
  const TargetOutcome& outcome = outcomes.at("//grader/toy:lab_step5_plain");
  ASSERT_EQ(outcome.causes.size(), 1u);
  EXPECT_EQ(outcome.causes[0].error_text, "");
  EXPECT_NE(outcome.causes[0].message.find("bash failed"), std::string::npos);
}

TEST(BepReader, KnowsATargetThatDoesNotExist) {
  BepReader reader;
  const Outcomes outcomes = read_stream(recorded_stream(), reader);
  EXPECT_TRUE(outcomes.at("//grader/toy:nosuch").is_unknown);
}

// As Bazel 7 may write it: no importantOutput, sets within sets, a canonical label, an escaped
// path.
TEST(BepReader, FollowsNestedSetsAndCanonicalLabels) {
  BepReader reader;
  const Outcomes outcomes = read_stream(
      R"({"id":{"started":{}},"started":{"buildToolVersion":"7.7.1"}}
{"id":{"namedSet":{"id":"0"}},"namedSetOfFiles":{"files":[{"name":"a","uri":"file:///x/a%20b"}]}}
{"id":{"namedSet":{"id":"1"}},"namedSetOfFiles":{"files":[{"name":"c","uri":"file:///x/c"}],"fileSets":[{"id":"0"}]}}
{"id":{"targetCompleted":{"label":"@@//g:t","configuration":{"id":"1"}}},"completed":{"success":true,"outputGroup":[{"name":"other","fileSets":[{"id":"9"}]},{"name":"default","fileSets":[{"id":"1"}]}]}}
)",
      reader);
  const std::vector<std::string> expected = {"/x/c", "/x/a b"};
  EXPECT_EQ(outcomes.at("//g:t").files, expected);
  EXPECT_EQ(reader.bazel_version(), "7.7.1");
}

TEST(BepReader, NamesALabelThatIsMissing) {
  BepReader reader;
  const Outcomes outcomes = read_stream(
      R"({"id":{"unconfiguredLabel":{"label":"//labs/toy:good.cc"}},"aborted":{}}
{"id":{"targetCompleted":{"label":"//g:t"}},"children":[{"unconfiguredLabel":{"label":"//labs/toy:good.cc"}}],"completed":{"failureDetail":{"message":"missing input file"}}}
)",
      reader);
  const std::vector<std::string> expected = {"//labs/toy:good.cc"};
  EXPECT_EQ(outcomes.at("//g:t").cause_labels, expected);
}

TEST(BepReader, PassesOverALineThatWasCutOff) {
  BepReader reader;
  EXPECT_TRUE(reader.read_line(R"({"id":{"targetCompleted":{"lab)").empty());
  EXPECT_TRUE(reader.read_line("").empty());
  EXPECT_TRUE(reader.read_line("[1,2]").empty());
}

}  // namespace
}  // namespace kit::grade
