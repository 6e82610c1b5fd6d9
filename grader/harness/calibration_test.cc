#include "grader/harness/calibration.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace kit {
namespace {

// A machine so slow that this one is never slower: limits then depend on the file only.
std::string write_file(const std::string& seconds) {
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/calibration.json";
  std::ofstream(path) << "{\"work_ms\": 1000000, \"seconds\": " << seconds << "}";
  return path;
}

TEST(Calibration, UnknownCheckHasTimeEnough) {
  EXPECT_GE(Calibration("", Mode::kPlain).limit_ms("A.B"), 4000);
}

TEST(Calibration, ModesThatCostMoreHaveMoreTime) {
  const std::int64_t plain_ms = Calibration("", Mode::kPlain, 0).limit_ms("A.B");
  EXPECT_GT(Calibration("", Mode::kTsan, 0).limit_ms("A.B"), plain_ms);
  EXPECT_GT(Calibration("", Mode::kMemcheck, 0).limit_ms("A.B"), plain_ms);
}

TEST(Calibration, LongCheckHasAMultipleOfItsTime) {
  const std::string path = write_file("{\"plain\": {\"A.Long\": 3.0, \"A.Short\": 0.01}}");
  const Calibration calibration(path, Mode::kPlain, 0);
  EXPECT_EQ(calibration.limit_ms("A.Long"), 60'000);
  EXPECT_LT(calibration.limit_ms("A.Short"), 60'000);
}

TEST(Calibration, StressBudgetIsNoSignOfSlowCode) {
  const std::string path = write_file("{\"stress\": {\"A.B\": 3.0}}");
  EXPECT_LT(Calibration(path, Mode::kStress, 0).limit_ms("A.B"), 10'000);
}

TEST(Calibration, SlowerMachineGivesMoreTime) {
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/fast.json";
  std::ofstream(path) << R"({"work_ms": 0.000001, "seconds": {}})";
  EXPECT_GT(Calibration(path, Mode::kPlain).slowness(), 100);
}

TEST(Calibration, CrowdedMachineGivesMoreTime) {
  const std::string path = write_file("{\"plain\": {\"A.B\": 3.0}}");
  EXPECT_EQ(Calibration(path, Mode::kPlain, 4).limit_ms("A.B"), 60'000);
  EXPECT_EQ(Calibration(path, Mode::kPlain, 8).limit_ms("A.B"), 120'000);
  EXPECT_EQ(Calibration(path, Mode::kPlain, 1000).limit_ms("A.B"), 240'000);
}

TEST(Calibration, FileThatIsBrokenIsNamed) {
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/broken.json";
  std::ofstream(path) << "{";
  for (const std::string& file : {path, std::string("/nowhere/calibration.json")}) {
    try {
      Calibration(file, Mode::kPlain);
      ADD_FAILURE() << file;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find(file), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace kit
