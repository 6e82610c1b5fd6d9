#include "grader/harness/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace kit {
namespace {

ShrinkBudget plenty() { return {10'000, Deadline::after_ms(60'000)}; }

// Ten threads of twenty calls: push <number> <text>, and latest <number>.
Scenario large() {
  Scenario scenario{{"4"}, {}};
  for (int thread = 0; thread < 10; ++thread) {
    std::vector<Call> calls;
    for (int i = 0; i < 10; ++i) {
      calls.push_back({"push", {std::to_string(100 * thread + i), "some longer text"}});
      calls.push_back({"latest", {std::to_string(i)}});
    }
    scenario.threads.push_back(calls);
  }
  return scenario;
}

bool has_call(const Scenario& scenario, const std::string& name, std::uint64_t at_least) {
  return std::any_of(scenario.threads.begin(), scenario.threads.end(), [&](const auto& thread) {
    return std::any_of(thread.begin(), thread.end(), [&](const Call& call) {
      return call.name == name && !call.args[0].empty() && std::stoull(call.args[0]) >= at_least;
    });
  });
}

TEST(Shrink, OneCallIsEnough) {
  const ShrinkResult result = shrink(
      large(), [](const Scenario& s) { return has_call(s, "push", 0); }, plenty());
  EXPECT_TRUE(result.minimal);
  EXPECT_EQ(encode(result.scenario, 1), encode({{"4"}, {{{"push", {"0", "s"}}}}}, 1));
}

TEST(Shrink, NumbersStopAtTheBorder) {
  const ShrinkResult result = shrink(
      large(), [](const Scenario& s) { return has_call(s, "push", 437); }, plenty());
  EXPECT_TRUE(result.minimal);
  EXPECT_EQ(encode(result.scenario, 1), encode({{"4"}, {{{"push", {"437", "s"}}}}}, 1));
}

TEST(Shrink, CallsOfTwoThreadsThatBelongTogether) {
  const auto fails = [](const Scenario& s) {
    const auto pushes = std::count_if(s.threads.begin(), s.threads.end(), [](const auto& thread) {
      return std::any_of(thread.begin(), thread.end(),
                         [](const Call& call) { return call.name == "push"; });
    });
    return pushes >= 2 && has_call(s, "latest", 1);
  };
  const ShrinkResult result = shrink(large(), fails, plenty());
  EXPECT_TRUE(result.minimal);
  EXPECT_TRUE(fails(result.scenario));
  EXPECT_EQ(result.scenario.threads.size(), 2u);
  EXPECT_EQ(result.scenario.threads[0].size() + result.scenario.threads[1].size(), 3u);
}

// Nothing smaller by one call or one simpler word fails: checked by asking all of them.
TEST(Shrink, MinimalMeansThatNoSingleCallCanGo) {
  const auto fails = [](const Scenario& s) {
    int sum = 0;
    for (const auto& thread : s.threads) sum += static_cast<int>(thread.size() % 7);
    return sum >= 9;
  };
  const ShrinkResult result = shrink(large(), fails, plenty());
  ASSERT_TRUE(result.minimal);
  ASSERT_TRUE(fails(result.scenario));
  for (std::size_t t = 0; t < result.scenario.threads.size(); ++t) {
    for (std::size_t c = 0; c < result.scenario.threads[t].size(); ++c) {
      Scenario smaller = result.scenario;
      smaller.threads[t].erase(smaller.threads[t].begin() + static_cast<std::ptrdiff_t>(c));
      if (smaller.threads[t].empty()) {
        smaller.threads.erase(smaller.threads.begin() + static_cast<std::ptrdiff_t>(t));
      }
      EXPECT_FALSE(fails(smaller));
    }
  }
}

TEST(Shrink, WhatCannotBeSmallerStays) {
  const std::string text = encode(large(), 1);
  const ShrinkResult result = shrink(
      large(), [&](const Scenario& s) { return encode(s, 1) == text; }, plenty());
  EXPECT_TRUE(result.minimal);
  EXPECT_EQ(encode(result.scenario, 1), text);
}

TEST(Shrink, StopsAtItsBudgetOfRuns) {
  int runs = 0;
  const auto fails = [&](const Scenario& s) {
    ++runs;
    return has_call(s, "push", 437);
  };
  const ShrinkResult result = shrink(large(), fails, {5, Deadline::after_ms(60'000)});
  EXPECT_EQ(runs, 5);
  EXPECT_EQ(result.runs, 5);
  EXPECT_FALSE(result.minimal);
  EXPECT_TRUE(has_call(result.scenario, "push", 437));
}

TEST(Shrink, StopsAtItsDeadline) {
  const ShrinkResult result =
      shrink(large(), [](const Scenario&) { return true; }, {100, Deadline::after_ms(0)});
  EXPECT_EQ(result.runs, 0);
  EXPECT_FALSE(result.minimal);
}

TEST(Shrink, NeverAsksTwice) {
  std::vector<std::string> asked;
  const auto fails = [&](const Scenario& s) {
    asked.push_back(encode(s, 1));
    return has_call(s, "latest", 3);
  };
  shrink(large(), fails, plenty());
  std::sort(asked.begin(), asked.end());
  EXPECT_EQ(std::adjacent_find(asked.begin(), asked.end()), asked.end());
}

TEST(Shrink, SameAnswersSameResult) {
  const auto fails = [](const Scenario& s) { return has_call(s, "push", 200); };
  EXPECT_EQ(encode(shrink(large(), fails, plenty()).scenario, 1),
            encode(shrink(large(), fails, plenty()).scenario, 1));
}

TEST(Shrink, WhatTheRunThrowsReachesTheCaller) {
  const auto fails = [](const Scenario&) -> bool { throw std::runtime_error("no probe"); };
  EXPECT_THROW(shrink(large(), fails, plenty()), std::runtime_error);
}

}  // namespace
}  // namespace kit
