// Runs one command with limits, and keeps a bounded part of what it prints.
//
// Thread-safety: a function without state. Errors: std::system_error when it cannot be started;
// what becomes of the command is in the result. Source: setrlimit(2).
#ifndef GRADER_SUBMISSIONS_LIMITED_H_
#define GRADER_SUBMISSIONS_LIMITED_H_

#include <cstdint>
#include <string>
#include <vector>

#include "grader/harness/deadline.h"

namespace kit {

struct Limits {
  std::int64_t memory_bytes = 0;  // of address space, for each process
  int cpu_seconds = 0;            // for each process
  std::int64_t file_bytes = 0;    // of one file
  int processes = 0;              // of the user
};

struct Ended {
  int status = -1;  // as waitpid(2) gives it
  bool is_late = false;
  std::string output;  // standard output and error
  bool is_ok() const { return status == 0 && !is_late; }
};

// `folder`: where it runs; empty for here. The environment is PATH, LC_ALL and `more_env`.
Ended run_limited(const std::vector<std::string>& argv, const std::string& folder,
                  const std::vector<std::string>& more_env, const Limits& limits,
                  Deadline deadline);

}  // namespace kit

#endif  // GRADER_SUBMISSIONS_LIMITED_H_
