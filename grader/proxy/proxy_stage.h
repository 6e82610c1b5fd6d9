// What the checks of webproxy have in common, beside what harness/stage.h has: how it is started,
// and what it may hold.
//
// Thread-safety: for the check's thread.
// Errors: the verdicts of check.h.
#ifndef GRADER_PROXY_PROXY_STAGE_H_
#define GRADER_PROXY_PROXY_STAGE_H_

#include <string>
#include <vector>

#include "grader/harness/box.h"
#include "grader/harness/check.h"
#include "grader/harness/holdings.h"
#include "grader/harness/stage.h"

namespace kit::proxy_lab {

// webproxy on a free port, for the origin at `url`.
Server start_proxy(const std::string& url, std::vector<std::string> args = {},
                   StartOptions options = {});

// Requires that threads, descriptors and (in plain mode) memory are back to `before` when
// `requests` more have been answered, or soon will be.
void require_back(const Server& server, const Holdings& before, int requests);
// Memory left out: what a crowd has used, an allocator keeps. `descriptors` more may be open: what
// each worker keeps for the next request.
void require_threads_back(const Server& server, const Holdings& before, int descriptors = 0);

}  // namespace kit::proxy_lab

#endif  // GRADER_PROXY_PROXY_STAGE_H_
