// System calls past the runtime's own interposers.
//
// Returns as syscall() does: -1 and errno. Thread-safety: any.
#ifndef GRADER_EXPLORE_RUNTIME_RAW_H_
#define GRADER_EXPLORE_RUNTIME_RAW_H_

#include <unistd.h>

#include "grader/explore/runtime/real.h"

namespace kit::explore {

template <typename... Args>
long raw_syscall(long number, Args... args) {
  return KIT_REAL(syscall)(number, args...);
}

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_RAW_H_
