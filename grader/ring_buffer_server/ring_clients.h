// More of what checks of a running ring_server have in common: starting it, clients that come and
// go, and many of them at once.
//
// Ownership: connections live as long as the check.
// Thread-safety: start_ring() and the functions that connect are for the check's thread.
#ifndef GRADER_RING_BUFFER_SERVER_RING_CLIENTS_H_
#define GRADER_RING_BUFFER_SERVER_RING_CLIENTS_H_

#include <string>
#include <vector>

#include "grader/harness/box.h"
#include "grader/harness/check.h"
#include "grader/harness/stage.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {

// ring_server on a free port.
Server start_ring(std::vector<std::string> args = {}, StartOptions options = {});

// A client that is in.
RingPeer come_in(const Server& server, const std::string& name);

// The same on a connection that does not show in the finding, see connect_quietly().
RingPeer come_in_quietly(const Server& server, const std::string& name);

// A server learns a moment later that a client has gone. Asks to come in under the name until it is
// let in; as long as that is not so, the answer may only be `denial`.
// `when` is what makes it right, for the finding: "soon after bob has closed".
RingPeer come_in_when_free(const Server& server, const std::string& name, const std::string& denial,
                           const std::string& when);

// A server with so many messages of 1 MiB in its ring. Together they are more than the kernel's
// buffers of a connection hold, however large these grow (tcp(7), tcp_wmem): who sends them to a
// client that does not read has to wait.
inline constexpr int kLargeMessages = 24;
Server start_with_large_messages();

// A client that asks for all of them, sees that they begin to come, and reads no more.
TcpPeer& block_a_reply(const Server& server, const std::string& name);

}  // namespace kit::ring_lab

#endif  // GRADER_RING_BUFFER_SERVER_RING_CLIENTS_H_
