// One schedule of a program in the foreground, for a debugger.
//
// The program is started by itself, without a fork server: what it needs is a file with the plan,
// and the environment variable kChannelVariable set to foreground_variable(file). It then runs the
// whole schedule as the process that the debugger started. When it comes to a verdict it calls
// kFoundFunction, where a breakpoint finds all threads as they stood.
//
// gdb_command() is the whole command line; the caller sets the variable (and whatever else the
// program wants to have, such as descriptors) and calls exec.
//
// Ownership: the caller's is the file; it must be there while the program runs. Thread-safety:
// none. Errors: std::system_error when the file cannot be written.
#ifndef GRADER_EXPLORE_DRIVER_DEBUG_H_
#define GRADER_EXPLORE_DRIVER_DEBUG_H_

#include <string>
#include <vector>

#include "grader/explore/driver/schedule.h"

namespace kit::explore {

// Writes the plan that follows the schedule.
void write_foreground_plan(const Schedule& schedule, const std::string& file);
std::string foreground_variable(const std::string& file);

// Where gdb stops first. A wrong result is no verdict of the runtime's: the program then runs to
// its end, and who looks for the cause sets breakpoints of their own.
enum class Stop { kAtVerdict, kAtMain };
// `argv` is the program and its arguments.
std::vector<std::string> gdb_command(const std::vector<std::string>& argv, Stop stop);

// The whole of it: runs gdb in the foreground until it is left.
void run_in_gdb(const Schedule& schedule, const std::vector<std::string>& argv);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_DRIVER_DEBUG_H_
