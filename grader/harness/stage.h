// What checks of running programs have in common, whichever the lab.
//
//     const Server server = start_server("webproxy", {"-p", "0"});
//     await("an answer", [&] { peer.read_line(deadline()); });
//     require_end(server, SIGTERM);
//
// A lab's own stage adds its protocol: a peer that speaks it, and how its server is started. What a
// server holds is in holdings.h; a program with a person at its keyboard in keyboard.h.
//
// Thread-safety: for the check's thread; await() also for those of in_parallel().
// Errors: the verdicts of check.h.
#ifndef GRADER_HARNESS_STAGE_H_
#define GRADER_HARNESS_STAGE_H_

#include <functional>
#include <string>

#include "grader/harness/check.h"

namespace kit {

// Does what should happen by the check's deadline. When it does not, or the connection ends first,
// the finding is that `what` was expected; after a deadline with the stacks of the subject's
// threads.
void await(const std::string& what, const std::function<void()>& happens);

// Runs body(0) ... body(count - 1) on a thread each and waits for all. The first verdict or error
// of one of them is thrown here.
void in_parallel(int count, const std::function<void(int)>& body);

// Sends the signal and requires that the program ends with exit status 0.
void require_end(const Server& server, int signal);

// Sends SIGTERM and requires that the program ends so within two seconds, or what that is where
// everything is slower.
void require_prompt_end(const Server& server);

// Until all threads of the program sleep at one moment: what was sent to it has been dealt with, as
// far as that goes without more.
void wait_until_asleep(const Server& program);

// Writes a file where the programs run, with the folders in its name, and returns its path as they
// know it.
std::string write_file(const std::string& name, const std::string& content);

}  // namespace kit

#endif  // GRADER_HARNESS_STAGE_H_
