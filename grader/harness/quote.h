// Texts of a subject in a finding: what a client sent, what a program printed.
//
// Thread-safety: plain functions. Errors: none.
#ifndef GRADER_HARNESS_QUOTE_H_
#define GRADER_HARNESS_QUOTE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace kit {

// Escaped, see transcript.h. Of a long text the beginning, the end and the length.
std::string shortened(std::string_view text);

// shortened(), with quotes around it.
std::string in_quotes(std::string_view text);

// In quotes, from a little before `at` on: where two long texts begin to differ.
std::string shown_from(std::string_view text, std::size_t at);

// The first place at which they differ; the length of the shorter one when it is all of the other's
// beginning.
std::size_t first_difference(std::string_view a, std::string_view b);

}  // namespace kit

#endif  // GRADER_HARNESS_QUOTE_H_
