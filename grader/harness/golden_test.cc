#include "grader/harness/golden.h"

#include <gtest/gtest.h>

namespace kit {
namespace {

constexpr char kFailed[] =
    "A.B: failed\n  What was done\n    sent ⟦1⟧\n  Expected\n    one\n  Observed\n    two\n    "
    "lines\n  Hint\n    look\n";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  return text.replace(text.find(what), what.size(), with);
}

TEST(WordsOfGolden, LeaveOutWhatWasDone) {
  EXPECT_EQ(words_of_golden(kFailed), words_of_golden(replaced(kFailed, "sent", "received")));
}

TEST(WordsOfGolden, HoldExpectedObservedAndHint) {
  for (const char* word : {"one", "two", "lines", "look", "failed"}) {
    EXPECT_NE(words_of_golden(kFailed), words_of_golden(replaced(kFailed, word, "else"))) << word;
  }
}

TEST(WordsOfGolden, TakeTheFirstLineOfWhatADyingProgramShowed) {
  const std::string crashed = replaced(kFailed, "failed", "crashed");
  EXPECT_EQ(words_of_golden(crashed), words_of_golden(replaced(crashed, "lines", "else")));
  EXPECT_NE(words_of_golden(crashed), words_of_golden(replaced(crashed, "two", "else")));
}

TEST(WordsOfGolden, DoNotCompareWhatVaries) {
  const std::string varying = replaced(kFailed, "two", "⟦two⟧");
  EXPECT_EQ(words_of_golden(varying), words_of_golden(replaced(varying, "two", "three\n    four")));
}

TEST(WordsOfGolden, MayBeWrappedInAnotherWay) {
  EXPECT_EQ(words_of_golden(replaced(kFailed, "two", "⟦1⟧ two")),
            words_of_golden(replaced(kFailed, "two\n    lines", "⟦1000⟧\n    two lines")));
}

}  // namespace
}  // namespace kit
