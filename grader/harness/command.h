// A tool of this machine (nm, addr2line, eu-stack), run to its end.
//
// Errors: none thrown for what the tool does; a tool that is missing has status 127, as in a shell.
#ifndef GRADER_HARNESS_COMMAND_H_
#define GRADER_HARNESS_COMMAND_H_

#include <string>
#include <vector>

#include "grader/harness/deadline.h"
#include "grader/harness/process.h"

namespace kit {

struct CommandResult {
  Exit exit;  // signal 9 when it was killed at the deadline
  std::string out;
  std::string err;
};

// `argv[0]` is looked for in /usr/bin and /bin.
CommandResult run_command(std::vector<std::string> argv, Deadline deadline);

}  // namespace kit

#endif  // GRADER_HARNESS_COMMAND_H_
