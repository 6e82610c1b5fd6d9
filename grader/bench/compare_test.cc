#include "grader/bench/compare.h"

#include <gtest/gtest.h>

namespace kit::bench {
namespace {

TEST(Median, IsTheMiddleOne) { EXPECT_EQ(median({9, 1, 5}), 5); }

TEST(Median, IsBetweenTheTwoInTheMiddle) { EXPECT_EQ(median({4, 1, 2, 100}), 3); }

TEST(Median, OfNothingIsZero) { EXPECT_EQ(median({}), 0); }

TEST(Table, LinesUp) {
  const Comparison comparison = {{55640, 28}, {39556, 85}, 1.29, 0.81};
  EXPECT_EQ(
      table_head("redis") + table_line("SET 1 KB, 8 connections", comparison),
      "                                       requests a second             p99, microseconds\n"
      "                                ours     redis     ratio      ours     redis     ratio\n"
      "SET 1 KB, 8 connections        55640     39556      1.29        28        85      0.81\n");
}

TEST(Table, ShowsADashWhereNobodyWasComparedWith) {
  EXPECT_EQ(
      table_line("GET 1 KB, 1 connection", {{100, 28}, {}, 0, 0}),
      "GET 1 KB, 1 connection           100         -         -        28         -         -\n");
}

}  // namespace
}  // namespace kit::bench
