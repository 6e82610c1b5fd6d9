// How one finding is put into words: for a terminal, for a test's log and for the golden files of
// the mutants. The only place that does, so that all of them read alike.
//
// The text keeps the marks of varies() (finding.h), so that a caller chooses shown() for a person
// or as_golden() for a golden file. A mark takes no room when a line is broken.
//
// Thread-safety: pure functions. Errors: none of their own.
#ifndef GRADER_HARNESS_RENDER_H_
#define GRADER_HARNESS_RENDER_H_

#include <string>
#include <string_view>

#include "grader/harness/finding.h"

namespace kit {

struct RenderContext {
  std::string reproduce_command;  // "bazel run //grader -- reproduce ..."; left out when empty
  std::string anchor;             // "docs/labs/x.md#step-1"; left out when empty
  int width = 100;                // prose is broken at this column; 0 leaves lines as they are
  bool colour = false;            // ANSI escapes
};

// "failed", "does not compile", "data race": a status as a person says it.
std::string_view status_phrase(Status status);

// The whole finding: its check and status, then each text that it has under a heading of its own.
std::string render_finding(const Finding& finding, const RenderContext& context);

// Only what happened: did, expected, observed, why, evidence. No colour.
std::string render_message(const Finding& finding, int width);

// The gist in one line of at most `width` columns (0: as long as it is): where and what.
std::string render_brief(const Finding& finding, int width);

// Breaks lines at spaces so that none is longer than `width` columns, and begins each with `indent`
// spaces; a continued line keeps the leading spaces of the line that it continues.
std::string wrap(std::string_view text, int width, int indent);

// How many columns the text takes: marks none, a code point of UTF-8 one.
int columns(std::string_view text);

}  // namespace kit

#endif  // GRADER_HARNESS_RENDER_H_
