// Why a target could not be built, as a finding: the student's code does not compile, or the grader
// is at fault.
//
// It is the student's when the compiler's first error lies in the subject's own folder (or in
// labs/support, which a lab may edit), when a probe of ours no longer fits the subject's headers,
// or when what a header promises is defined nowhere. Whatever else fails is the grader's: it costs
// no points.
//
// Thread-safety: pure functions.
#ifndef GRADER_GRADE_BUILD_FAILURE_H_
#define GRADER_GRADE_BUILD_FAILURE_H_

#include <optional>
#include <string>
#include <string_view>

#include "grader/grade/bep.h"
#include "grader/grade/subject.h"
#include "grader/harness/finding.h"

namespace kit::grade {

// One line of a compiler or linker that says "error".
struct CompilerError {
  std::string file;  // as the compiler was given it; empty when the linker names none
  int line = 0;
  std::string text;  // the whole line
};

// The first one, or nothing.
std::optional<CompilerError> first_error(std::string_view output);

// A finding without the name of a check. `log` is what Bazel wrote: it has the text for folders
// whose BUILD file is broken, which the event stream leaves out.
Finding explain_build_failure(const TargetOutcome& outcome, const Subject& subject,
                              const std::string& lab, const std::string& log);

// A finding of the grader's own fault.
Finding not_gradable(const std::string& observed, const std::string& evidence);

}  // namespace kit::grade

#endif  // GRADER_GRADE_BUILD_FAILURE_H_
