// Where the threads of a process are, as a person reads it.
//
// Source: eu-stack(1) of elfutils, which attaches by ptrace(2).
#ifndef GRADER_HARNESS_STACKS_H_
#define GRADER_HARNESS_STACKS_H_

#include <sys/types.h>

#include <string>

namespace kit {


// The stacks of all threads: a line per thread, then a line per frame that lies in the subject's own
// code (frames of libraries are named only above the first of those). Addresses are left out. When
// the stacks cannot be taken, a sentence that says so. `package` is the folder of the subject's code.
std::string take_stacks(pid_t pid, const std::string& package);

// The innermost frame in the subject's code of the thread that was found first; empty when none.
// `stacks` is what take_stacks() gave.
std::string innermost_place(const std::string& stacks);

// Where a function of a program is defined, "file:line"; empty when that is not known. `function` is
// a qualified name without arguments, "ring::RingBuffer::push".
std::string definition_of(const std::string& program, const std::string& function);

}  // namespace kit

#endif  // GRADER_HARNESS_STACKS_H_
