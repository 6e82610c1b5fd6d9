#include "grader/harness/run_config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace kit {
namespace {

std::string write_file(const std::string& text) {
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/config.json";
  std::ofstream(path) << text;
  return path;
}

std::string refusal_of(const std::string& path) {
  try {
    read_run_config(path);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(RunConfigRefused, FileThatIsNotThere) {
  EXPECT_NE(refusal_of("/nowhere/config.json").find("/nowhere/config.json"), std::string::npos);
}

TEST(RunConfigRefused, TextThatIsNoJson) {
  const std::string path = write_file("{\"lab\": ");
  EXPECT_EQ(refusal_of(path).rfind(path + ": ", 0), 0u);
}

TEST(RunConfigRefused, MissingFieldIsNamed) {
  EXPECT_NE(refusal_of(write_file("{}")).find("'lab'"), std::string::npos);
}

TEST(RunConfigRefused, FieldOfAnotherType) {
  EXPECT_NE(refusal_of(write_file("{\"lab\": 3}")), "");
}

TEST(RunConfigRefused, NoObjectAtAll) { EXPECT_NE(refusal_of(write_file("[1, 2]")), ""); }

TEST(RunConfigRefused, EmptyFile) { EXPECT_NE(refusal_of(write_file("")), ""); }

TEST(RunConfig, TellsTheProgramsOfTheSolutionApart) {
  const RunConfig config = read_run_config(write_file(R"({
    "lab": "x", "subject": "//labs/x", "own_folders": [], "shown_package": "labs/x", "step": 1,
    "runs": 1, "known_checks": [], "mode": "memcheck", "interpose": "", "calibration": "",
    "programs": {"client": "c", "reference_server": "s"}, "references": ["reference_server"],
    "checks": []})"));
  EXPECT_TRUE(config.is_reference("reference_server"));
  EXPECT_FALSE(config.is_reference("client"));
}

TEST(Mode, EachHasAName) {
  EXPECT_EQ(mode_name(Mode::kPlain), "plain");
  EXPECT_EQ(mode_name(Mode::kStress), "stress");
}

}  // namespace
}  // namespace kit
