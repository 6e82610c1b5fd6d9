#include "grader/harness/finding.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace kit {
namespace {

Finding full_finding() {
  Finding finding;
  finding.check = "Echo.SendsBackALine";
  finding.status = Status::kDeadlocked;
  finding.seconds = 1.5;
  finding.seed = 18446744073709551615u;
  finding.did = "started echo\n";
  finding.expected = "an answer";
  finding.observed = "none";
  finding.why = "because";
  finding.where = "echo.cc:3";
  finding.evidence = "stack";
  finding.hint = "look";
  return finding;
}

TEST(Finding, ComesBackFromJson) {
  const Finding before = full_finding();
  const Finding after = nlohmann::json::parse(nlohmann::json(before).dump()).get<Finding>();
  EXPECT_EQ(nlohmann::json(after), nlohmann::json(before));
  EXPECT_EQ(after.seed, before.seed);
  EXPECT_EQ(after.where, before.where);
}

TEST(Finding, EmptyTextsAreLeftOut) {
  Finding finding;
  finding.check = "A.B";
  EXPECT_EQ(nlohmann::json(finding).size(), 4u);
}

TEST(Finding, EveryStatusHasAName) {
  for (int i = 0; i <= static_cast<int>(Status::kNotGradable); ++i) {
    const auto status = static_cast<Status>(i);
    EXPECT_EQ(status_from_name(status_name(status)), status);
  }
}

TEST(Finding, UnknownStatusIsNamed) {
  try {
    status_from_name("splendid");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("splendid"), std::string::npos);
  }
}

TEST(FindingSet, ComesBackFromJson) {
  const FindingSet before{"toy", "//labs/toy", 2, "plain", "own network", {full_finding()}};
  const FindingSet after = nlohmann::json::parse(nlohmann::json(before).dump()).get<FindingSet>();
  EXPECT_EQ(nlohmann::json(after), nlohmann::json(before));
}

TEST(FindingSet, OtherFormatIsRefused) {
  nlohmann::json json = FindingSet{};
  json["format"] = 2;
  EXPECT_THROW(json.get<FindingSet>(), std::invalid_argument);
}

TEST(FindingSet, MissingFieldIsRefused) {
  nlohmann::json json = FindingSet{};
  json.erase("mode");
  EXPECT_THROW(json.get<FindingSet>(), nlohmann::json::exception);
}

TEST(Golden, WhatVariesIsShownAndNotCompared) {
  const std::string one = "port " + varies("4711") + ", line 3";
  const std::string other = "port " + varies("99") + ", line 3";
  EXPECT_EQ(shown(one), "port 4711, line 3");
  EXPECT_EQ(as_golden(one), "port ⟦4711⟧, line 3");
  EXPECT_EQ(without_varying(as_golden(one)), without_varying(as_golden(other)));
  EXPECT_EQ(without_varying("a race⟦\n  two numbers⟧"), without_varying("a race"));
}

TEST(Golden, WhatDoesNotVaryIsCompared) {
  EXPECT_NE(without_varying("port ⟦1⟧, line 3"), without_varying("port ⟦1⟧, line 4"));
  EXPECT_NE(without_varying("port ⟦1⟧"), without_varying("port 1"));
}

TEST(Golden, MarksWithinMarksAreOne) {
  EXPECT_EQ(as_golden(varies("a " + varies("b") + " c")), "⟦a b c⟧");
}

}  // namespace
}  // namespace kit
