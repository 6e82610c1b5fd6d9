// A pipe whose two ends close themselves, and are not inherited.
//
// Errors: std::system_error. Source: pipe(2).
#ifndef GRADER_HARNESS_PIPE_H_
#define GRADER_HARNESS_PIPE_H_

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "grader/harness/fd.h"

namespace kit {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

inline Pipe make_pipe() {
  std::array<int, 2> fds;
  if (pipe2(fds.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

}  // namespace kit

#endif  // GRADER_HARNESS_PIPE_H_
