// The driver misbehaving_checks, as the build runs it.
#include "grader/harness/supervisor.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "grader/harness/command.h"

namespace kit {
namespace {

constexpr char kDriver[] = "grader/harness/misbehaving_driver";

const std::vector<std::string>& all_checks() {
  static const auto& names = *new std::vector<std::string>{"Good.Passes",
                                                           "Good.StandsOnACrash",
                                                           "Good.StandsOnAFailure",
                                                           "Bad.Crashes",
                                                           "Bad.LeavesWithoutAWord",
                                                           "Bad.Throws",
                                                           "Bad.WantsAProgramThatIsNone",
                                                           "Bad.MakesACallThatIsNone",
                                                           "Bad.Hangs",
                                                           "Subject.AnswersWrongly",
                                                           "Subject.ExpectationDoesNotHold",
                                                           "Subject.Throws",
                                                           "Subject.Crashes",
                                                           "Subject.HangsInACall",
                                                           "Subject.WritesNonsenseIntoTheLog"};
  return names;
}

std::string temporary(const std::string& name) {
  return std::string(std::getenv("TEST_TMPDIR")) + "/" + name;
}

// Longer than anything here takes, but for what is to hang.
constexpr int kLongMs = 20'000;
constexpr int kHangMs = 1'500;

nlohmann::json config_for(const std::vector<std::string>& checks, int limit_ms = kLongMs) {
  nlohmann::json config = {{"lab", "test"},
                           {"subject", "//test"},
                           {"shown_package", "labs/test"},
                           {"step", 1},
                           {"mode", "plain"},
                           {"runs", 1},
                           {"limit_ms", limit_ms},
                           {"calibration", ""}};
  config["own_folders"] = {"grader/harness/testing"};
  config["interpose"] = "grader/harness/interpose/libkit_interpose.so";
  config["programs"] = {{"misbehaving_probe", "grader/harness/misbehaving_probe"},
                        {"self_test", "grader/harness/self_test"}};
  config["known_checks"] = all_checks();
  config["checks"] = nlohmann::json::array();
  for (const std::string& check : checks) {
    config["checks"].push_back({{"name", check}, {"needs", nlohmann::json::array()}});
  }
  return config;
}

CommandResult run_driver(const nlohmann::json& config, std::vector<std::string> arguments) {
  const std::string path = temporary("config.json");
  std::ofstream(path) << config;
  arguments.insert(arguments.begin(), {kDriver, "--config", path});
  return run_command(arguments, Deadline::after_ms(50'000));
}

std::map<std::string, Finding> findings_of(const nlohmann::json& config) {
  const std::string path = temporary("findings.json");
  const CommandResult result = run_driver(config, {"--output", path});
  EXPECT_TRUE(result.exit.clean()) << result.err;
  std::ifstream file(path);
  std::map<std::string, Finding> findings;
  for (Finding& finding : nlohmann::json::parse(file).get<FindingSet>().findings) {
    findings[finding.check] = std::move(finding);
  }
  return findings;
}

Finding finding_of(const std::string& check, int limit_ms = kLongMs) {
  return findings_of(config_for({check}, limit_ms)).at(check);
}

void expect_graders_fault(const std::string& check, const std::string& words,
                          int limit_ms = kLongMs) {
  const Finding finding = finding_of(check, limit_ms);
  EXPECT_EQ(finding.status, Status::kNotGradable) << check;
  EXPECT_NE(finding.observed.find(words), std::string::npos) << finding.observed;
}

TEST(GradersFault, CheckThatCrashes) { expect_graders_fault("Bad.Crashes", "signal 6"); }
TEST(GradersFault, CheckThatLeavesNoFinding) {
  expect_graders_fault("Bad.LeavesWithoutAWord", "exit status 0 and left no finding");
}
TEST(GradersFault, CheckThatThrows) { expect_graders_fault("Bad.Throws", "no such table"); }
TEST(GradersFault, CheckThatHangs) { expect_graders_fault("Bad.Hangs", "signal 9", kHangMs); }
TEST(GradersFault, ProgramThatTheStepDoesNotHave) {
  expect_graders_fault("Bad.WantsAProgramThatIsNone", "the check itself failed");
}
TEST(GradersFault, CallThatTheProbeDoesNotKnow) {
  expect_graders_fault("Bad.MakesACallThatIsNone", "no such call: two");
}
TEST(GradersFault, CheckThatTheDriverDoesNotHave) {
  nlohmann::json config = config_for({"Good.Missing"});
  config["known_checks"].push_back("Good.Missing");
  const Finding finding = findings_of(config).at("Good.Missing");
  EXPECT_EQ(finding.status, Status::kNotGradable);
  EXPECT_NE(finding.observed.find("no check of that name"), std::string::npos) << finding.observed;
}
TEST(GradersFault, ModeThatAccusesNobody) {
  // The programs are built without any instrumentation.
  for (const char* mode : {"asan", "tsan"}) {
    nlohmann::json config = config_for({"Good.Passes"});
    config["mode"] = mode;
    const Finding finding = findings_of(config).at("Good.Passes");
    EXPECT_EQ(finding.status, Status::kNotGradable);
    EXPECT_NE(finding.observed.find("its self-test was not accused"), std::string::npos)
        << finding.observed;
  }
}

TEST(Driver, TestThatTheManifestLacksIsRefused) {
  nlohmann::json config = config_for({"Good.Passes"});
  config["known_checks"] = {"Good.Passes"};
  const CommandResult result = run_driver(config, {"--output", temporary("findings.json")});
  EXPECT_EQ(result.exit.status, 3);
  EXPECT_NE(result.err.find("the manifest of step 1 does not name the check Good.StandsOnACrash"),
            std::string::npos)
      << result.err;
}
TEST(Driver, OutputThatCannotBeWritten) {
  const CommandResult result =
      run_driver(config_for({"Good.Passes"}), {"--output", "/nowhere/findings.json"});
  EXPECT_EQ(result.exit.status, 3);
  EXPECT_NE(result.err.find("/nowhere/findings.json"), std::string::npos) << result.err;
}
TEST(Driver, OneCheckIsToldToAPerson) {
  const CommandResult passed = run_driver(config_for({}), {"--check", "Good.Passes"});
  EXPECT_EQ(passed.exit.status, 0) << passed.err;
  const CommandResult failed = run_driver(config_for({}), {"--check", "Subject.AnswersWrongly"});
  EXPECT_EQ(failed.exit.status, 1) << failed.err;
  EXPECT_NE(failed.out.find("one() -> 2"), std::string::npos) << failed.out;
  EXPECT_EQ(run_driver(config_for({}), {"--check", "Bad.Throws"}).exit.status, 3);
}

TEST(Driver, DebuggerStopsInMainAndTheCheckGoesOnAfterIt) {
  if (access("/usr/bin/gdb", X_OK) != 0) GTEST_SKIP() << "no gdb on this machine";
  // Standard input is at its end: gdb leaves at its first prompt.
  const CommandResult result = run_driver(config_for({}), {"--check", "Good.Passes", "--gdb"});
  EXPECT_EQ(result.exit.status, 0) << result.err;
  EXPECT_NE(result.out.find("probe_main.cc"), std::string::npos) << result.out << result.err;
  EXPECT_NE(result.out.find("Good.Passes: passed"), std::string::npos) << result.out;
}

TEST(Subject, WrongAnswer) {
  const Finding finding = finding_of("Subject.AnswersWrongly");
  EXPECT_EQ(finding.status, Status::kFailed);
  EXPECT_EQ(finding.expected, "one() -> 2");
  EXPECT_EQ(finding.observed, "one() -> 1");
  EXPECT_EQ(finding.why, "because");
  EXPECT_EQ(finding.hint, "look");
}
TEST(Subject, ExpectationOfGoogleTest) {
  EXPECT_EQ(finding_of("Subject.ExpectationDoesNotHold").status, Status::kFailed);
}
TEST(Subject, ExceptionIsAnAnswer) {
  const Finding finding = finding_of("Subject.Throws");
  EXPECT_EQ(finding.status, Status::kFailed);
  EXPECT_NE(finding.observed.find("threw std::runtime_error: nothing left"), std::string::npos);
}
TEST(Subject, CrashHasItsLine) {
  const Finding finding = finding_of("Subject.Crashes");
  EXPECT_EQ(finding.status, Status::kCrashed);
  EXPECT_NE(finding.where.find("misbehaving_probe.cc:"), std::string::npos) << finding.where;
}
TEST(Subject, HangHasItsStacks) {
  const Finding finding = finding_of("Subject.HangsInACall", kHangMs);
  EXPECT_EQ(finding.status, Status::kHung);
  EXPECT_NE(finding.evidence.find("waits in pause"), std::string::npos) << finding.evidence;
}
TEST(Subject, ForgedLogIsNoCrashOfTheDriver) {
  EXPECT_NE(finding_of("Subject.WritesNonsenseIntoTheLog").status, Status::kPassed);
}

TEST(Order, FailureSkipsWhatStandsOnIt) {
  nlohmann::json config =
      config_for({"Subject.AnswersWrongly", "Good.StandsOnAFailure", "Good.Passes"});
  config["checks"][1]["needs"] = {"Subject.AnswersWrongly"};
  const std::map<std::string, Finding> findings = findings_of(config);
  EXPECT_EQ(findings.at("Good.StandsOnAFailure").status, Status::kSkipped);
  EXPECT_EQ(findings.at("Good.StandsOnAFailure").observed,
            "it stands on Subject.AnswersWrongly, which did not pass");
  EXPECT_EQ(findings.at("Good.Passes").status, Status::kPassed);
}
TEST(Order, GradersFaultCostsNothingFurtherOn) {
  nlohmann::json config = config_for({"Bad.Crashes", "Good.StandsOnACrash"});
  config["checks"][1]["needs"] = {"Bad.Crashes"};
  EXPECT_EQ(findings_of(config).at("Good.StandsOnACrash").status, Status::kNotGradable);
}
TEST(Order, FailureInPlainModeSkipsTheOthers) {
  const std::string plain = temporary("plain.json");
  ASSERT_TRUE(run_driver(config_for({"Subject.AnswersWrongly"}), {"--output", plain}).exit.clean());
  nlohmann::json config = config_for({"Subject.AnswersWrongly", "Good.Passes"});
  config["after"] = plain;
  const std::map<std::string, Finding> findings = findings_of(config);
  EXPECT_EQ(findings.at("Subject.AnswersWrongly").status, Status::kSkipped);
  EXPECT_EQ(findings.at("Good.Passes").status, Status::kPassed);
}
TEST(Order, RunsAreCounted) {
  nlohmann::json config = config_for({"Good.Passes"});
  config["runs"] = 3;
  EXPECT_EQ(findings_of(config).at("Good.Passes").seed, 3u);
}

}  // namespace
}  // namespace kit
