#include "grader/harness/output_buffer.h"

#include <gtest/gtest.h>

namespace kit {
namespace {

constexpr std::size_t kBoth = OutputBuffer::kHeadBytes + OutputBuffer::kTailBytes;

TEST(OutputBuffer, KeepsAllThatFits) {
  OutputBuffer buffer;
  buffer.append("listening ");
  buffer.append("on 1\n");
  EXPECT_EQ(buffer.text(), "listening on 1\n");
  EXPECT_EQ(buffer.total(), 15u);
}

TEST(OutputBuffer, KeepsBeginningAndEndOfAFlood) {
  OutputBuffer buffer;
  buffer.append("first");
  for (int i = 0; i < 1000; ++i) buffer.append(std::string(1000, 'x'));
  buffer.append("last");
  const std::string text = buffer.text();
  EXPECT_EQ(text.substr(0, 5), "first");
  EXPECT_EQ(text.substr(text.size() - 4), "last");
  EXPECT_EQ(buffer.total(), 1'000'009u);
}

TEST(OutputBuffer, SaysHowMuchIsLeftOut) {
  OutputBuffer buffer;
  for (int i = 0; i < 100; ++i) buffer.append(std::string(10'000, 'x'));
  const std::string text = buffer.text();
  const std::size_t at = text.find("... ");
  ASSERT_NE(at, std::string::npos);
  const std::size_t left_out = std::stoul(text.substr(at + 4));
  EXPECT_EQ(std::count(text.begin(), text.end(), 'x') + left_out, 1'000'000u);
}

TEST(OutputBuffer, StaysBoundedInOneGiantPiece) {
  OutputBuffer buffer;
  buffer.append(std::string(50'000'000, 'x'));
  EXPECT_LT(buffer.text().size(), 2 * kBoth);
}

TEST(OutputBuffer, PieceThatCrossesTheBorderIsNotTorn) {
  OutputBuffer buffer;
  buffer.append(std::string(OutputBuffer::kHeadBytes - 2, 'x'));
  buffer.append("abcd");
  EXPECT_EQ(buffer.text().substr(OutputBuffer::kHeadBytes - 2), "abcd");
}

}  // namespace
}  // namespace kit
