// A program of the subject with a person at its keyboard, who looks at what it prints.
//
//     Process& client = start_typed("ring_client", {"--port", "4711"}, 4711);
//     type(client, "GET\n");
//     wait_for_exit(client, "ring_client ends with exit status 0");
//
// Each function that waits does so until the check's deadline.
//
// Ownership: the program belongs to the box.
// Thread-safety: for the check's thread.
// Errors: the verdicts of check.h.
#ifndef GRADER_HARNESS_KEYBOARD_H_
#define GRADER_HARNESS_KEYBOARD_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "grader/harness/box.h"

namespace kit {

// How often it is looked whether a program that is waited for has ended meanwhile.
inline constexpr int kLookMs = 20;

// Starts a client, and says so in the finding. Where `port` is among the arguments it is marked as
// one that varies.
Process& start_typed(const std::string& program, std::vector<std::string> args, std::uint16_t port,
                     StartOptions options = {});

// Types the text, which the program must take in, or end. (Whether it has ended already when it is
// typed is chance, so that is no verdict: look at what it prints, or at how it ended.)
void type(Process& program, const std::string& text);

// Ends its input, as Ctrl-D does.
void end_input(Process& program);

// Looks at what it has printed whenever there may be more, until `is_enough(has_ended)`; false when
// the deadline passed before that. `wanted` is what its output should become, and saves looking
// before it has. When `has_ended`, all that it ever printed is there.
bool watch_output(Process& program, const std::string& wanted,
                  const std::function<bool(bool has_ended)>& is_enough);

// How it ended, after all that it printed has been read. `expected` is what should happen.
Exit wait_for_exit(Process& program, const std::string& expected);

}  // namespace kit

#endif  // GRADER_HARNESS_KEYBOARD_H_
