#include "grader/harness/render.h"

#include <gtest/gtest.h>

namespace kit {
namespace {

Finding full_finding() {
  Finding finding;
  finding.check = "Ring.TornReads";
  finding.status = Status::kRaced;
  finding.did = "thread 1: push(\"a\")\nthread 2: latest(1)";
  finding.expected = "One of the two messages, whole.";
  finding.observed = "Half of each, in " + varies("3") + " of 10 runs.";
  finding.why = "A reader must never see a message that nobody wrote.";
  finding.where = "ring_buffer.cc:41";
  finding.evidence = "WARNING: data race";
  finding.hint = "Which lock does latest() hold?";
  return finding;
}

TEST(RenderFinding, SaysAllThatThereIsInOrder) {
  EXPECT_EQ(as_golden(render_finding(full_finding(), {"bazel run X", "docs/x.md#step-1"})),
            "Ring.TornReads: data race\n"
            "  What was done\n"
            "    thread 1: push(\"a\")\n"
            "    thread 2: latest(1)\n"
            "  Expected\n"
            "    One of the two messages, whole.\n"
            "  Observed\n"
            "    Half of each, in ⟦3⟧ of 10 runs.\n"
            "  Why it matters\n"
            "    A reader must never see a message that nobody wrote.\n"
            "  Where\n"
            "    ring_buffer.cc:41\n"
            "  Evidence\n"
            "    WARNING: data race\n"
            "  Hint\n"
            "    Which lock does latest() hold?\n"
            "  Read\n"
            "    docs/x.md#step-1\n"
            "  Run just this\n"
            "    bazel run X\n");
}

TEST(RenderFinding, LeavesOutWhatIsEmpty) {
  Finding finding;
  finding.check = "A.B";
  finding.status = Status::kPassed;
  EXPECT_EQ(render_finding(finding, {}), "A.B: passed\n");
}

TEST(RenderFinding, EndsNoSectionWithABlankLine) {
  Finding finding;
  finding.check = "A.B";
  finding.status = Status::kFailed;
  finding.did = "push(1)\n\n";
  finding.expected = " \n";
  EXPECT_EQ(render_finding(finding, {}), "A.B: failed\n  What was done\n    push(1)\n");
}

TEST(RenderFinding, BreaksProseButNotReports) {
  Finding finding = full_finding();
  finding.evidence = std::string(150, 'x') + " " + std::string(150, 'y');
  const std::string text = render_finding(finding, {"", "", /*width=*/40});
  EXPECT_NE(text.find("    A reader must never see a message\n    that nobody wrote.\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(finding.evidence), std::string::npos);
}

TEST(RenderFinding, BoundsEvidenceWithoutEnd) {
  Finding finding = full_finding();
  finding.evidence.clear();
  for (int i = 0; i < 1000; ++i) finding.evidence += "line\n";
  EXPECT_NE(render_finding(finding, {}).find("(and 940 more lines)"), std::string::npos);
}

TEST(RenderBrief, BeginsWithThePlace) {
  Finding finding = full_finding();
  finding.observed = "Half of each.\nAnd more.";
  EXPECT_EQ(render_brief(finding, 0), "ring_buffer.cc:41: Half of each.");
  EXPECT_EQ(render_brief(finding, 25), "ring_buffer.cc:41: Hal...");
}

TEST(RenderBrief, SaysAPlaceOnlyOnce) {
  Finding finding;
  finding.where = "p.cc:3";
  finding.observed = "labs/x/p.cc:3:1: error: no";
  EXPECT_EQ(render_brief(finding, 0), "labs/x/p.cc:3:1: error: no");
}

TEST(Wrap, CountsCodePointsAndNotMarks) {
  const std::string text = "ü" + varies("ü") + " üüüüüüüüüüüüüüüüü";
  EXPECT_EQ(columns(text), 20);
  EXPECT_EQ(wrap(text, 20, 0), text + "\n");
  EXPECT_EQ(wrap(text + "ü", 20, 0), "ü" + varies("ü") + "\nüüüüüüüüüüüüüüüüüü\n");
}

TEST(Wrap, KeepsAWordThatIsTooLong) {
  const std::string word(50, 'x');
  EXPECT_EQ(wrap("a " + word + " b", 20, 2), "  a\n  " + word + "\n  b\n");
}

TEST(Wrap, KeepsEmptyLinesAndIndentation) { EXPECT_EQ(wrap("a\n\n  b", 20, 1), " a\n\n   b\n"); }

}  // namespace
}  // namespace kit
