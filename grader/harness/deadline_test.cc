#include "grader/harness/deadline.h"

#include <gtest/gtest.h>

namespace kit {
namespace {

TEST(Deadline, NotExpiredWhileTimeIsLeft) {
  const Deadline deadline = Deadline::after_ms(60'000);
  EXPECT_FALSE(deadline.expired());
  EXPECT_GT(deadline.remaining_ms(), 50'000);
  EXPECT_LE(deadline.remaining_ms(), 60'000);
}

TEST(Deadline, ExpiredHasNothingLeft) {
  const Deadline deadline = Deadline::after_ms(0);
  EXPECT_TRUE(deadline.expired());
  EXPECT_EQ(deadline.remaining_ms(), 0);
}

TEST(Deadline, RoundsUpSoThatPollDoesNotSpin) {
  const Deadline deadline = Deadline::after_ms(1'000);
  // Some nanoseconds have passed: 999.9 ms are left, and said as 1000.
  EXPECT_GE(deadline.remaining_ms(), 1);
}

TEST(Deadline, VeryFarFitsIntoAnInt) {
  EXPECT_EQ(Deadline::after_ms(std::int64_t{INT_MAX} * 4).remaining_ms(), INT_MAX);
}

TEST(Deadline, RemembersHowLongItWas) { EXPECT_EQ(Deadline::after_ms(250).limit_ms(), 250); }

TEST(Deadline, ShortWaitInsideALongerOne) {
  const Deadline outer = Deadline::after_ms(60'000);
  EXPECT_EQ(outer.but_at_most_ms(20).limit_ms(), 20);
  EXPECT_EQ(outer.but_at_most_ms(600'000).limit_ms(), 60'000);
}

}  // namespace
}  // namespace kit
