// ProcessIdentity: which process, for good.
//
// A process id alone does not say who it was: the kernel gives the number to somebody else after
// the process has ended. The id together with the moment the process started does. The kernel
// counts that moment in clock ticks since the machine started, and shows it as field 22 of
// /proc/<pid>/stat (proc(5)).
//
// Thread-safety: a plain value.
// Errors: self_identity() throws std::system_error when /proc cannot be read.
#ifndef DIPC_PROCESS_H_
#define DIPC_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace dipc {

struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  // clock ticks since the machine started

  bool operator==(const ProcessIdentity&) const = default;
};

// Who we are.
ProcessIdentity self_identity();

// When the process `pid` started. Empty when there is none, or when it has ended and only waits for
// its parent to ask about it (a zombie).
std::optional<std::uint64_t> start_time_of(pid_t pid);

// Whether this very process still runs, and not another one under its number.
bool is_alive(const ProcessIdentity& process);

}  // namespace dipc

#endif  // DIPC_PROCESS_H_
