// How a person says a function's name.
//
// Thread-safety: a pure function.
#ifndef GRADER_HARNESS_FUNCTION_NAME_H_
#define GRADER_HARNESS_FUNCTION_NAME_H_

#include <string>
#include <string_view>

namespace kit {

// A demangled name without what nobody reads: the list of parameters, ABI tags, template arguments
// of the standard library's own making.
//   ring::RingBuffer::push(std::__cxx11::basic_string<char, ...>) const  ->  ring::RingBuffer::push
std::string short_function_name(std::string_view name);

}  // namespace kit

#endif  // GRADER_HARNESS_FUNCTION_NAME_H_
