// More of what checks of a running ring_server have in common: starting it, clients that come and
// go, and many of them at once.
//
// Ownership: connections live as long as the check, so that the stacks of a hang are taken while
// they are still open.
// Thread-safety: start_ring() and the functions that connect are for the check's thread.
#ifndef GRADER_RING_BUFFER_SERVER_RING_CLIENTS_H_
#define GRADER_RING_BUFFER_SERVER_RING_CLIENTS_H_

#include <functional>
#include <string>
#include <vector>

#include "grader/harness/box.h"
#include "grader/harness/check.h"
#include "grader/harness/tcp_peer.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {

// ring_server on a free port.
Server start_ring(std::vector<std::string> args = {}, StartOptions options = {});

// A client that is in.
RingPeer come_in(const Server& server, const std::string& name);

// A connection that does not show in the finding: one of very many, or one of a number that differs
// from run to run.
TcpPeer& connect_quietly(const Server& server, TcpOptions options = {});
RingPeer come_in_quietly(const Server& server, const std::string& name);

// A server learns a moment later that a client has gone. Asks to come in under the name until it is
// let in; as long as that is not so, the answer may only be `denial`.
RingPeer come_in_when_free(const Server& server, const std::string& name, const std::string& denial);

// Does what should happen by the check's deadline. When it does not, the finding is that `what` did
// not happen, with the stacks of the subject's threads.
void await(const std::string& what, const std::function<void()>& happens);

// Runs body(0) ... body(count - 1) on a thread each and waits for all. The first verdict or error of
// one of them is thrown here.
void in_parallel(int count, const std::function<void(int)>& body);

// Sends the signal and requires that the server ends with exit status 0.
void require_end(const Server& server, int signal);

}  // namespace kit::ring_lab

#endif  // GRADER_RING_BUFFER_SERVER_RING_CLIENTS_H_
