// Looks through a submission's source, as the preprocessor left it, for what nobody needs in a lab
// and what makes a check blind: attributes that switch a sanitizer off, a sanitizer's or Valgrind's
// own names, assembler (which can hide code, other files and other names), and files that are not
// the submission's.
//
// Only the submission's own lines count; headers of the system may do all of this.
//
// Thread-safety: pure functions. Errors: none.
#ifndef GRADER_SUBMISSIONS_SCAN_H_
#define GRADER_SUBMISSIONS_SCAN_H_

#include <string>
#include <string_view>
#include <vector>

namespace kit {

// In the text of the source itself: line markers, with which a line would pass for somebody else's.
// "<file>:<line>:1: error: ..." or empty.
std::string scan_source(std::string_view text, const std::string& file);

// In the preprocessor's output, whose line markers say what comes from where.
std::string scan_preprocessed(std::string_view text);

}  // namespace kit

#endif  // GRADER_SUBMISSIONS_SCAN_H_
