// Making TCP connections, on either side. Speaking on them is tcp_peer.h's part: a sealed box makes
// the socket inside and hands it out, and the same peers then work with it.
//
// Ownership: each function returns the descriptor it made.
// Errors: std::system_error, which names the call (ECONNREFUSED when nobody listens); Timeout from
// peer_error.h when the deadline passes first.
// Thread-safety: functions without state.
// Source: ip(7), tcp(7), socket(7).
#ifndef GRADER_HARNESS_TCP_SOCKET_H_
#define GRADER_HARNESS_TCP_SOCKET_H_

#include <cstdint>
#include <string>

#include "grader/harness/deadline.h"
#include "grader/harness/fd.h"

namespace kit {

struct TcpOptions {
  std::string host = "127.0.0.1";  // an address, IPv4 or IPv6, not a name
  std::uint16_t port = 0;          // 0 when listening: any free one
  // SO_RCVBUF, for a reader whose kernel takes little on its behalf; 0 leaves it. It is set before
  // the connection is made, since the window that is announced then depends on it (tcp(7)).
  int receive_buffer_bytes = 0;
  // When listening: how many connections wait unaccepted.
  int backlog = 128;
};

UniqueFd connect_tcp(const TcpOptions& options, Deadline deadline);

UniqueFd listen_tcp(const TcpOptions& options);
UniqueFd accept_tcp(int listener, Deadline deadline);

// The port a socket is bound to.
std::uint16_t local_port(int socket);

}  // namespace kit

#endif  // GRADER_HARNESS_TCP_SOCKET_H_
