// Text on a page: what is not ours must not be markup.
//
// Thread-safety: a pure function. Errors: none.
#ifndef GRADER_GRADE_HTML_H_
#define GRADER_GRADE_HTML_H_

#include <string>

namespace kit::grade {

// Cleaned as by clean_text(), and safe between tags and within a quoted attribute.
std::string escaped(const std::string& text);

}  // namespace kit::grade

#endif  // GRADER_GRADE_HTML_H_
