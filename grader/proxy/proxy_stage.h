// What the checks of webproxy have in common: starting and ending it, many clients at once, and
// what it holds.
//
// Thread-safety: for the check's thread.
// Errors: the verdicts of check.h.
#ifndef GRADER_PROXY_PROXY_STAGE_H_
#define GRADER_PROXY_PROXY_STAGE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "grader/harness/box.h"
#include "grader/harness/check.h"
#include "grader/harness/process.h"

namespace kit::proxy_lab {

// webproxy on a free port, for the origin at `url`.
Server start_proxy(const std::string& url, std::vector<std::string> args = {},
                   StartOptions options = {});

// Runs body(0) ... body(count - 1) on a thread each and waits for all. The first verdict or error
// of one of them is thrown here.
void in_parallel(int count, const std::function<void(int)>& body);

// Sends the signal and requires that the program ends with exit status 0.
void require_end(const Server& server, int signal);

// Sends SIGTERM and requires that the program ends so within two seconds, or what that is where
// everything is slower.
void require_prompt_end(const Server& server);

Holdings holdings_of(const Server& server);

// Requires that threads, descriptors and (in plain mode) memory are back to `before` when
// `requests` more have been answered, or soon will be.
void require_back(const Server& server, const Holdings& before, int requests);
// Memory left out: what a crowd has used, an allocator keeps. `descriptors` more may be open: what
// each worker keeps for the next request.
Holdings require_threads_back(const Server& server, const Holdings& before, int descriptors = 0);

// The most memory that the program has ever had, in KB (VmHWM of proc(5)).
std::int64_t most_memory_kb(const Server& server);

}  // namespace kit::proxy_lab

#endif  // GRADER_PROXY_PROXY_STAGE_H_
