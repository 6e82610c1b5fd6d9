#include "grader/harness/quote.h"

#include <gtest/gtest.h>

#include <string>

namespace kit {
namespace {

TEST(Quote, ShowsAShortTextWhole) { EXPECT_EQ(in_quotes("a\nb"), "\"a\\nb\""); }

TEST(Quote, ShowsTheEndsOfALongText) {
  const std::string text = std::string(120, 'a') + std::string(1000, 'b') + std::string(40, 'c');
  EXPECT_EQ(shortened(text),
            std::string(120, 'a') + " ... " + std::string(40, 'c') + " (1160 bytes)");
}

TEST(Quote, BeginsShortlyBeforeThePlace) {
  const std::string text = std::string(100, 'a') + "bc";
  EXPECT_EQ(shown_from(text, 0), '"' + text + '"');
  EXPECT_EQ(shown_from(text, 100), "from byte 60 on: \"" + std::string(40, 'a') + "bc\"");
  EXPECT_EQ(shown_from("short", 100), "from byte 5 on: \"\"");
}

TEST(Quote, FindsWhereTextsDiffer) {
  EXPECT_EQ(first_difference("abc", "abd"), 2u);
  EXPECT_EQ(first_difference("ab", "abc"), 2u);
  EXPECT_EQ(first_difference("abc", "ab"), 2u);
  EXPECT_EQ(first_difference("", ""), 0u);
}

}  // namespace
}  // namespace kit
