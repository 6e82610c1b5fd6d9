// TCP sockets: listen, accept, connect, and the calls that move bytes.
//
// The kernel's calls have corners that every program must know: a signal interrupts them (EINTR),
// they move fewer bytes than asked for, and writing to a peer that has gone raises SIGPIPE, which
// kills the process. They are dealt with here, once.
//
// Ownership: what makes a descriptor returns a UniqueFd; what uses one borrows the number.
// Thread-safety: the functions keep no state. Two threads may use one socket at the same time, one
// reading and one writing.
// Errors: std::system_error with the name of the call that failed, unless stated otherwise.
// Source: socket(7), tcp(7), ip(7), ipv6(7), getaddrinfo(3), accept(2), send(2), recv(2).
#ifndef LABS_SUPPORT_SOCKET_H_
#define LABS_SUPPORT_SOCKET_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "labs/support/deadline.h"
#include "labs/support/fd.h"

namespace support {

// A socket that listens on `port` of every address of this machine, IPv6 and IPv4; port 0 takes a
// free one, which local_port() tells. The socket does not block: see accept_one().
UniqueFd listen_on(std::uint16_t port);

// The same on one address only, IPv4 or IPv6, written in digits ("127.0.0.1", "::1", "0.0.0.0").
// Throws std::invalid_argument when it is not one.
UniqueFd listen_on(const std::string& address, std::uint16_t port);

// The port that a socket was bound to.
std::uint16_t local_port(int fd);

// The next connection, set to send small replies at once (TCP_NODELAY). Empty when none waits: a
// client may come and be gone again between poll() and accept(). An empty result is also what a
// connection that failed on its way in comes to.
// Throws when the machine is short of something: EMFILE, ENFILE, ENOBUFS, ENOMEM.
std::optional<UniqueFd> accept_one(int listener);

// Connects to a name or a numeric address; all the addresses of the name are tried in turn.
// Throws std::runtime_error when the name is unknown, std::system_error of the last address tried.
UniqueFd connect_to(const std::string& host, std::uint16_t port, Deadline deadline);

// Receives what is there, at most buffer.size() bytes: 0 is the end of the stream. Blocks while
// nothing is there. std::nullopt when the deadline passed first.
std::optional<std::size_t> receive_some(int fd, std::span<char> buffer, Deadline deadline);

// Sends some of the bytes of `pieces`, in order, and returns how many: it may be fewer than all.
// Blocks while the socket's buffer is full. Never raises SIGPIPE: a peer that has gone is EPIPE.
std::size_t send_some(int fd, std::span<const iovec> pieces);

}  // namespace support

#endif  // LABS_SUPPORT_SOCKET_H_
