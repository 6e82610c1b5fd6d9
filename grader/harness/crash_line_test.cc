#include "grader/harness/crash_line.h"

#include <gtest/gtest.h>

namespace kit {
namespace {

TEST(CrashLines, LineInOnePiece) {
  const std::vector<Crash> found = CrashLines().feed("kit: fatal signal 11 in process 42\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].signal, 11);
  EXPECT_EQ(found[0].pid, 42);
}

TEST(CrashLines, LineInSingleBytes) {
  CrashLines lines;
  std::size_t found = 0;
  for (char c : std::string("hello\nkit: fatal signal 6 in process 7\nmore")) {
    found += lines.feed(std::string(1, c)).size();
  }
  EXPECT_EQ(found, 1u);
}

TEST(CrashLines, LineThatTheProgramHadBegunItself) {
  const std::vector<Crash> found =
      CrashLines().feed("counting 1, 2, kit: fatal signal 6 in process 7\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].pid, 7);
}

TEST(CrashLines, SeveralProcesses) {
  EXPECT_EQ(CrashLines()
                .feed("kit: fatal signal 6 in process 7\nkit: fatal signal 6 in process 8\n")
                .size(),
            2u);
}

TEST(CrashLines, WordsThatAreNone) {
  EXPECT_TRUE(CrashLines().feed("kit: fatal signal eleven\nfatal signal 6 in process 7\n").empty());
}

TEST(CrashLines, LongLineBeforeIt) {
  CrashLines lines;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(lines.feed(std::string(999, 'x')).empty());
  EXPECT_EQ(lines.feed("\nkit: fatal signal 6 in process 7\n").size(), 1u);
}

}  // namespace
}  // namespace kit
