// What a program costs: threads, descriptors and memory, which a server gives back when a client
// leaves, and processor time, which nobody needs who only waits.
//
//     const Holdings before = holdings_of(server);
//     ... 300 clients come and go ...
//     require_back(server, before, {.mappings = 200, .memory_kb = 4096});
//
// Thread-safety: for the check's thread.
// Errors: the verdicts of check.h.
// Source: proc(5).
#ifndef GRADER_HARNESS_HOLDINGS_H_
#define GRADER_HARNESS_HOLDINGS_H_

#include <cstdint>
#include <optional>

#include "grader/harness/check.h"
#include "grader/harness/process.h"

namespace kit {

// What the server holds now, which must run.
Holdings holdings_of(const Server& server);

// How much more than before it may hold; what is not given is not looked at.
struct Slack {
  // A server may keep something for the next client.
  int threads = 4;
  int descriptors = 4;
  // In plain mode only, since the others have an allocator of their own. A thread that ended and
  // that nobody joined keeps its stack, which is two areas of memory. The heap grows by some, too:
  // it has at most eight parts for each processor.
  std::optional<int> mappings = {};
  // Likewise. Should be above what the allocator keeps for later, and below what is looked for.
  std::optional<std::int64_t> memory_kb = {};
};

// Requires that what the server holds is back to `before`, or will be before the check's time is
// up: what ends on a thread of the server ends a moment after its client has gone.
void require_back(const Server& server, const Holdings& before, const Slack& slack = {});

// The most memory that the program has ever had, in KB (VmHWM).
std::int64_t most_memory_kb(const Server& server);

// The processor time that the program has used so far.
std::int64_t cpu_ms(const Process& program);

// Requires that the program, which has nothing to do from now on, is found asleep again and again
// before it has used 100 ms of processor time. (However slow the machine is: who wants to sleep
// must first get to it.)
void require_rest(const Process& program);

}  // namespace kit

#endif  // GRADER_HARNESS_HOLDINGS_H_
