// Where the threads of a process are, as a person reads it.
//
// Source: eu-stack(1) of elfutils, which attaches by ptrace(2).
#ifndef GRADER_HARNESS_STACKS_H_
#define GRADER_HARNESS_STACKS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "grader/harness/own_code.h"

namespace kit {

// A call within the subject's own code.
struct Frame {
  std::string function;
  std::string place;  // "file:line", or empty
};

struct ThreadStack {
  pid_t tid = 0;
  std::string waits_in;     // "pthread_mutex_lock"; what a person calls it
  bool is_at_work = false;  // in the subject's own code, not waiting
  bool has_died = false;    // stopped by a fatal signal
  std::vector<Frame> own;   // innermost first
};

struct Stacks {
  std::vector<ThreadStack> threads;  // one that died comes first
  std::string problem;               // why there are none
};

Stacks read_stacks(pid_t pid, const OwnCode& own);
std::string render(const Stacks& stacks);

// Both in one. The stacks of all threads: a line per thread, then a line per frame that lies in the
// subject's own code (frames of libraries are named only above the first of those). Addresses are
// left out. When the stacks cannot be taken, a sentence that says so. `own` is the subject's code.
std::string take_stacks(pid_t pid, const OwnCode& own);

// The innermost frame in the subject's code of the thread that was found first; empty when none. In
// an endless recursion, the call that repeats: where the stack came to its end is chance. `stacks`
// is what take_stacks() gave.
std::string innermost_place(const std::string& stacks);

// The innermost place of the one thread that is in `function`; empty when none is, or more than
// one.
std::string place_within(const std::string& stacks, const std::string& function);

// Where a function of a program is defined, "file:line"; empty when that is not known. `function`
// is a qualified name without arguments, "ring::RingBuffer::push".
std::string definition_of(const std::string& program, const std::string& function);

}  // namespace kit

#endif  // GRADER_HARNESS_STACKS_H_
