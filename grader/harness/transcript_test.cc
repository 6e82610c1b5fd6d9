#include "grader/harness/transcript.h"

#include <gtest/gtest.h>

namespace kit {
namespace {

TEST(Transcript, SaysWhoSaidWhat) {
  Transcript transcript;
  transcript.received("RING/1 00\n");
  transcript.sent("HELLO ann\n");
  transcript.note("half-closed");
  EXPECT_EQ(transcript.text(), "< RING/1 00\n> HELLO ann\n- half-closed\n");
}

TEST(Transcript, PiecesOfALineAreOneLine) {
  Transcript transcript;
  for (const char* piece : {"S", "ET", " x\nGE", "T\n"}) transcript.sent(piece);
  EXPECT_EQ(transcript.text(), "> SET x\n> GET\n");
}

TEST(Transcript, UnfinishedLineIsSaidToBe) {
  Transcript transcript;
  transcript.received("OK");
  EXPECT_EQ(transcript.text(), "< OK (no end of line)\n");
}

TEST(Transcript, UnprintableIsEscaped) {
  Transcript transcript;
  transcript.sent(std::string_view("a\0\x1b[1m\r\t\\\xff\n", 11));
  EXPECT_EQ(transcript.text(), "> a\\x00\\x1b[1m\\r\\t\\\\\\xff\n");
}

TEST(Transcript, RepeatedLinesAreCounted) {
  Transcript transcript;
  for (int i = 0; i < 1'000; ++i) transcript.sent("GET\n");
  transcript.received("EMPTY\n");
  EXPECT_EQ(transcript.text(), "> GET (1000 times)\n< EMPTY\n");
}

TEST(Transcript, OnlyTheLastLinesAreKept) {
  Transcript transcript;
  for (int i = 1; i <= 100; ++i) transcript.sent("SET " + std::to_string(i) + "\n");
  const std::string text = transcript.text();
  EXPECT_EQ(text.substr(0, text.find('>')), "(60 earlier lines)\n");
  EXPECT_NE(text.find("> SET 61\n"), std::string::npos);
  EXPECT_NE(text.find("> SET 100\n"), std::string::npos);
}

TEST(Transcript, LongLinesAreCut) {
  Transcript transcript;
  transcript.sent(std::string(100'000, 'x'));
  transcript.sent("\n");
  EXPECT_EQ(transcript.text(),
            "> " + std::string(Transcript::kMaxLineBytes, 'x') + "... (100000 bytes)\n");
}

}  // namespace
}  // namespace kit
