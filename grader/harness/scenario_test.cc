#include "grader/harness/scenario.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace kit {
namespace {

// What decode() says about a text that it refuses.
std::string refusal_of(const std::string& text) {
  try {
    decode(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(Scenario, ComesBackAsItWasWritten) {
  const Scenario scenario{{"4", ""},
                          {{{"push", {"ann", "hello world"}}, {"latest", {}}}, {{"pop", {}}}}};
  const RepeatedScenario read = decode(encode(scenario, 17));
  EXPECT_EQ(read.repeat, 17);
  EXPECT_EQ(read.scenario.setup, scenario.setup);
  ASSERT_EQ(read.scenario.threads.size(), 2u);
  EXPECT_EQ(read.scenario.threads[0][0].args, (Words{"ann", "hello world"}));
  EXPECT_EQ(read.scenario.threads[0][1].name, "latest");
  EXPECT_EQ(read.scenario.threads[1][0].name, "pop");
}

TEST(Scenario, EveryByteSurvivesInAWord) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(decode_word(encode_word(all)), all);
  EXPECT_EQ(encode_word(all).find(' '), std::string::npos);
  EXPECT_EQ(encode_word(all).find('\n'), std::string::npos);
}

TEST(Scenario, EmptyWordIsAPercentSign) {
  EXPECT_EQ(encode_word(""), "%");
  EXPECT_EQ(decode_word("%"), "");
}

TEST(Scenario, TextIsWhatTheHeaderShows) {
  const Scenario scenario{{"4"}, {{{"push", {"ann", "hello world"}}}}};
  EXPECT_EQ(encode(scenario, 100),
            "kit-scenario 1\nrepeat 100\nsetup 4\nthread\ncall push ann hello%20world\nend\n");
}

TEST(ScenarioRefused, OtherVersion) {
  EXPECT_NE(refusal_of("kit-scenario 2\nend\n").find("line 1: not a scenario of version 1"),
            std::string::npos);
}

TEST(ScenarioRefused, WithoutAnEnd) {
  EXPECT_NE(refusal_of("kit-scenario 1\nthread\n"), "");
  EXPECT_NE(refusal_of("kit-scenario 1\nend"), "");
  EXPECT_NE(refusal_of(""), "");
}

TEST(ScenarioRefused, CallOutsideAThread) {
  EXPECT_NE(refusal_of("kit-scenario 1\ncall push\nend\n").find("line 2"), std::string::npos);
}

TEST(ScenarioRefused, RepeatThatIsNoNumberFromOne) {
  for (const char* repeat : {"0", "-1", "x", ""}) {
    EXPECT_NE(refusal_of("kit-scenario 1\nrepeat " + std::string(repeat) + "\nend\n"), "")
        << repeat;
  }
}

TEST(ScenarioRefused, UnknownLine) {
  EXPECT_NE(
      refusal_of("kit-scenario 1\nthread\nsleep 5\nend\n").find("line 3: unexpected line: sleep 5"),
      std::string::npos);
}

TEST(ScenarioRefused, BrokenEscape) {
  for (const char* word : {"%2", "a%", "%G0", "%2g"})
    EXPECT_THROW(decode_word(word), std::invalid_argument) << word;
}

TEST(ScenarioShown, OneThreadHasNoHeading) {
  EXPECT_EQ(render(Scenario{{}, {{{"push", {"ann", "a b"}}}}}), "  push(ann, \"a b\")\n");
}

TEST(ScenarioShown, LongAndUnprintableArgumentsAreCut) {
  const std::string text = render(Call{"push", {std::string(1000, 'x'), "\x1b[2J\n"}});
  EXPECT_NE(text.find("(1000 bytes)"), std::string::npos);
  EXPECT_NE(text.find("\\x1B[2J\\n"), std::string::npos);
  EXPECT_LT(text.size(), 100u);
}

}  // namespace
}  // namespace kit
