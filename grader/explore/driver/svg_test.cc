#include "grader/explore/driver/svg.h"

#include <gtest/gtest.h>

namespace kit::explore {
namespace {

Timeline example() {
  Timeline timeline;
  timeline.columns = {"main", "T1"};
  Row first;
  first.step = 1;
  first.what = "create T1";
  first.place = "a.cc:3";
  first.source = "if (a < b && c) start();";
  Row second;
  second.step = 2;
  second.column = 1;
  second.what = "lock \"m\"";
  second.is_after_preemption = true;
  timeline.rows = {first, second};
  timeline.end = {"waits: join (T1)", "ended"};
  return timeline;
}

TEST(Svg, EscapesTheSubjectsText) {
  const std::string svg = render_svg(example());
  EXPECT_NE(svg.find("a &lt; b &amp;&amp; c"), std::string::npos);
  EXPECT_NE(svg.find("lock &quot;m&quot;"), std::string::npos);
  EXPECT_EQ(svg.find("a < b"), std::string::npos);
}

TEST(Svg, DrawsTheSwitchThatInterrupts) {
  EXPECT_NE(render_svg(example()).find("main is interrupted, T1 goes on"), std::string::npos);
}

TEST(Text, HasAColumnForEachThreadAndTheEnd) {
  const std::string text = render_text(example());
  EXPECT_NE(text.find("main"), std::string::npos);
  EXPECT_NE(text.find("main is interrupted, T1 goes on"), std::string::npos);
  EXPECT_NE(text.find("waits: join (T1)"), std::string::npos);
  EXPECT_NE(text.find("a.cc:3"), std::string::npos);
}

}  // namespace
}  // namespace kit::explore
