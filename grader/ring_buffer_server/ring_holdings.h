// Whether a server gives back what its clients cost it: threads, descriptors, memory.
//
//     const Holdings before = holdings_of(server);
//     come_and_go(server, 300);
//     require_back(server, before, 300);
//
// Thread-safety: for the check's thread, but come_and_go(), which each thread may call with clients
// of its own.
#ifndef GRADER_RING_BUFFER_SERVER_RING_HOLDINGS_H_
#define GRADER_RING_BUFFER_SERVER_RING_HOLDINGS_H_

#include <string>

#include "grader/harness/check.h"
#include "grader/harness/holdings.h"

namespace kit::ring_lab {

// So many clients come in and leave, one after the other: every other one says QUIT, the others
// just close. Their names begin with `name`.
void come_and_go(const Server& server, int count, const std::string& name);

// Requires that what the server holds is back to `before`, or soon will be, after so many have
// left.
void require_back(const Server& server, const Holdings& before, int clients);

}  // namespace kit::ring_lab

#endif  // GRADER_RING_BUFFER_SERVER_RING_HOLDINGS_H_
