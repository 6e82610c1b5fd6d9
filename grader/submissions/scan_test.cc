#include "grader/submissions/scan.h"

#include <gtest/gtest.h>

namespace kit {
namespace {

constexpr char kOwn[] = "# 1 \"external/submissions/toy/a/counter.cc\"\n";
constexpr char kSystem[] = "# 1 \"/usr/include/string.h\" 1 3 4\n";

bool is_found(const std::string& text) { return !scan_preprocessed(text).empty(); }

TEST(ScanPreprocessed, FindsWhatBlindsAndSaysWhereItStands) {
  const std::string text = std::string(kOwn) + "int a;\n__attribute__((no_sanitize(\"thread\")))\n";
  EXPECT_EQ(
      scan_preprocessed(text),
      "external/submissions/toy/a/counter.cc:2:1: error: `no_sanitize` makes the checks blind, "
      "and so the grader does not build it\n");
  for (const char* word : {"__no_sanitize_address__", "no_sanitize_thread",
                           "__asan_poison_memory_region", "__tsan_ignore_thread_begin",
                           "__sanitizer_set_death_callback", "asm", "__asm__", "__asm"}) {
    EXPECT_TRUE(is_found(std::string(kOwn) + "x " + word + "(y);\n")) << word;
  }
}

TEST(ScanPreprocessed, LeavesTheSystemsHeadersAloneAndNobodyElses) {
  EXPECT_FALSE(is_found(std::string(kOwn) + kSystem + "void f() __asm__(\"g\");\n"));
  EXPECT_TRUE(is_found(std::string(kSystem) + kOwn + "void f() __asm__(\"g\");\n"));
  for (const char* path :
       {"/box/external/x.h", "/usr/../box/x.h", "grader/../external/x.h", "x.h"}) {
    EXPECT_TRUE(is_found("# 1 \"" + std::string(path) + "\"\nasm(\"\");\n")) << path;
  }
}

TEST(ScanPreprocessed, DoesNotMindWordsInTextOrLongerNames) {
  EXPECT_FALSE(is_found(std::string(kOwn) + "const char* a = \"asm \\\" no_sanitize\";\n"));
  EXPECT_FALSE(is_found(std::string(kOwn) + "int asmara, n = 1'000'000; char c = '\"'; int b;\n"));
  EXPECT_FALSE(is_found(std::string(kOwn) + "auto a = R\"x(asm \")x\";\n"));
}

TEST(ScanPreprocessed, IsNotFooledByWhatLooksLikeText) {
  EXPECT_TRUE(is_found(std::string(kOwn) + "auto a = R\"x(\")x\"; asm(\"nop\");\n"));
  EXPECT_TRUE(is_found(std::string(kOwn) + "f(BAR\"(\"); asm(\"nop\"); g(\")\");\n"));
  EXPECT_TRUE(is_found(std::string(kOwn) + "int n = 1'0; asm(\"nop\");\n"));
}

TEST(ScanSource, FindsLineMarkersHoweverTheyAreWritten) {
  for (const char* text :
       {"#line 1 \"/usr/include/stdio.h\"", "# 1 \"x\" 3", "  #  line 3", "%:line 3",
        "\n/* \n */ # 1 \"x\"", "#/* \n */line 1", "#li\\\nne 1", "#\\\n  1 \"x\""}) {
    EXPECT_NE(scan_source(text, "a.cc"), "") << text;
  }
  EXPECT_EQ(scan_source("int a;\n#line 7\n", "a.cc"),
            "a.cc:2:1: error: `#line` hides from the grader whose line this is\n");
}

TEST(ScanSource, LetsOtherDirectivesPass) {
  EXPECT_EQ(scan_source("#include <a>\n#define A(x) #x\n  # if 1\n// # 1 of two\nint a = b # 1;\n",
                        "a.cc"),
            "");
}

}  // namespace
}  // namespace kit
