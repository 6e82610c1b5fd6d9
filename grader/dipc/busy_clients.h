// Clients that write and read without a pause until the server ends.
//
// Thread-safety: for the check's thread.
// Errors: the verdicts of check.h.
#ifndef GRADER_DIPC_BUSY_CLIENTS_H_
#define GRADER_DIPC_BUSY_CLIENTS_H_

#include <functional>
#include <vector>

#include "grader/dipc/dipc_peer.h"

namespace kit::dipc_lab {

// The peers write to mailbox 0 and read it, each on a thread, and once 60 answers have come
// `stop()` is called, which must end the server. Requires that every answer that came is whole.
void stop_while_busy(const std::vector<DipcPeer>& peers, const std::function<void()>& stop);

}  // namespace kit::dipc_lab

#endif  // GRADER_DIPC_BUSY_CLIENTS_H_
