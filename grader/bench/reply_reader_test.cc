#include "grader/bench/reply_reader.h"

#include <gtest/gtest.h>

namespace kit::bench {
namespace {

// "body <n>" is followed by n bytes, "error" is one, and any other line stands alone.
std::size_t body_after(std::string_view line) {
  if (line == "error") throw BadReply("error");
  return line.starts_with("body ") ? std::stoul(std::string(line.substr(5))) : 0;
}

Operation operation(int replies, std::size_t body_bytes) {
  return {"ask", replies, body_bytes, body_after};
}

TEST(ReplyReader, IsDoneAfterTheLastReply) {
  const Operation two = operation(2, 0);
  ReplyReader reader;
  reader.expect(two);
  EXPECT_FALSE(reader.feed("one\n"));
  EXPECT_TRUE(reader.feed("two\n"));
}

TEST(ReplyReader, TakesAnySplit) {
  const Operation two = operation(2, 4);
  const std::string answer = "body 4\na\n\nbend\n";
  for (std::size_t split = 1; split < answer.size(); ++split) {
    ReplyReader reader;
    reader.expect(two);
    EXPECT_FALSE(reader.feed(answer.substr(0, split))) << split;
    EXPECT_TRUE(reader.feed(answer.substr(split))) << split;
  }
}

TEST(ReplyReader, BeginsAnewWithTheNextOperation) {
  const Operation one = operation(1, 2);
  ReplyReader reader;
  for (int i = 0; i < 2; ++i) {
    reader.expect(one);
    EXPECT_TRUE(reader.feed("body 2\nab"));
  }
}

TEST(ReplyReader, RefusesABodyOfTheWrongSize) {
  const Operation one = operation(1, 3);
  ReplyReader reader;
  reader.expect(one);
  EXPECT_THROW(reader.feed("body 2\nab"), BadReply);
}

TEST(ReplyReader, RefusesMoreThanTheAnswer) {
  const Operation one = operation(1, 0);
  ReplyReader reader;
  reader.expect(one);
  EXPECT_THROW(reader.feed("one\ntwo\n"), BadReply);
}

TEST(ReplyReader, PassesOnThatTheAnswerIsAnError) {
  const Operation one = operation(1, 0);
  ReplyReader reader;
  reader.expect(one);
  EXPECT_THROW(reader.feed("error\n"), BadReply);
}

}  // namespace
}  // namespace kit::bench
