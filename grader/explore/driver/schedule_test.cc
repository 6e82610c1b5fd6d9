#include "grader/explore/driver/schedule.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace kit::explore {
namespace {

Schedule example() {
  Schedule schedule;
  schedule.switches = {
      {3, 1, Why::kReady, 1}, {70'000, 2, Why::kTimeout, 0}, {1, 190, Why::kDeath, 0}};
  schedule.picks = {0, 3, 255};
  schedule.short_io = true;
  schedule.run_hash = 0xfedcba9876543210;
  return schedule;
}

TEST(Schedule, ComesBackFromItsToken) {
  const Schedule before = example();
  const Token token = parse_schedule(encode_schedule(before, 42));
  EXPECT_EQ(token.program_hash, 42u);
  EXPECT_EQ(token.schedule.run_hash, before.run_hash);
  EXPECT_EQ(token.schedule.short_io, before.short_io);
  EXPECT_EQ(token.schedule.picks, before.picks);
  ASSERT_EQ(token.schedule.switches.size(), before.switches.size());
  for (std::size_t i = 0; i < before.switches.size(); ++i) {
    EXPECT_EQ(token.schedule.switches[i].at, before.switches[i].at);
    EXPECT_EQ(token.schedule.switches[i].to, before.switches[i].to);
    EXPECT_EQ(token.schedule.switches[i].why, before.switches[i].why);
    EXPECT_EQ(token.schedule.switches[i].preempts, before.switches[i].preempts);
  }
}

TEST(Schedule, CountsPreemptions) { EXPECT_EQ(preemptions(example()), 1); }

TEST(Schedule, RefusesWhatIsNoToken) {
  EXPECT_THROW(parse_schedule("this is none"), std::invalid_argument);
  EXPECT_THROW(parse_schedule(""), std::invalid_argument);
}

TEST(Schedule, RefusesATokenThatIsCutOff) {
  const std::string token = encode_schedule(example(), 42);
  for (std::size_t length = 0; length + 2 < token.size(); ++length) {
    EXPECT_THROW(parse_schedule(token.substr(0, length)), std::invalid_argument) << length;
  }
}

TEST(Schedule, RefusesMoreSwitchesThanThereCanBe) {
  Schedule schedule;
  schedule.switches.resize(kMaxSwitches + 1);
  EXPECT_THROW(parse_schedule(encode_schedule(schedule, 0)), std::invalid_argument);
}

}  // namespace
}  // namespace kit::explore
