// What dipcrm does: ends the server of a port, and removes what a killed one left behind.
//
// The server is found by its shared memory, which says who it is. The process id there may be
// somebody else's by now, so it is compared with the start time, too; and between that comparison
// and a kill(2) the process could end and the id be given away once more. A pidfd (pidfd_open(2))
// closes that gap: it stands for one process, whatever becomes of its number.
//
// Thread-safety: keeps no state.
// Errors: std::system_error of the call that failed; std::runtime_error when a server neither ends
// nor can be ended.
#ifndef DIPC_REMOVAL_H_
#define DIPC_REMOVAL_H_

#include <cstdint>

namespace dipc {

enum class Removed {
  kStopped,   // a server ran, and has ended; nothing of it is left
  kLeftover,  // none ran; what a dead one had left was removed
  kNothing,   // there was neither
};

// Returns when it is done: the process is gone, and so are its objects. A server that has not ended
// 10 seconds after SIGTERM is killed.
Removed remove_server(std::uint16_t port);

}  // namespace dipc

#endif  // DIPC_REMOVAL_H_
