#include "grader/harness/tcp_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <stdexcept>
#include <system_error>

#include "grader/harness/peer_error.h"

namespace kit {
namespace {

[[noreturn]] void throw_errno(const std::string& call, int error = errno) {
  throw std::system_error(error, std::generic_category(), call);
}

struct Address {
  sockaddr_storage storage = {};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Address address_of(const TcpOptions& options) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, options.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(options.port);
    address.length = sizeof(*v4);
  } else if (inet_pton(AF_INET6, options.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(options.port);
    address.length = sizeof(*v6);
  } else {
    throw std::invalid_argument("not an address: " + options.host);
  }
  return address;
}

std::string name_of(const TcpOptions& options) {
  return options.host + " port " + std::to_string(options.port);
}

void set_option(int socket, int level, int option, int value, const char* name) {
  if (setsockopt(socket, level, option, &value, sizeof(value)) != 0) {
    throw_errno(std::string("setsockopt ") + name);
  }
}

UniqueFd make_socket(const TcpOptions& options, const Address& address) {
  UniqueFd fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) throw_errno("socket");
  if (options.receive_buffer_bytes > 0) {
    set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, options.receive_buffer_bytes, "SO_RCVBUF");
  }
  return fd;
}

// True when poll(2) has something to say about `fd`, false when the deadline passed.
bool wait_ready(int fd, short events, Deadline deadline) {
  while (true) {
    pollfd entry = {fd, events, 0};
    const int ready = poll(&entry, 1, deadline.remaining_ms());
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) throw_errno("poll");
    if (deadline.expired()) return false;
  }
}

int pending_error(int socket) {
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) != 0) throw_errno("getsockopt");
  return error;
}

// Each piece a check sends shall go out as a segment of its own, not be gathered with the next.
void send_at_once(int socket) { set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY"); }

}  // namespace

UniqueFd connect_tcp(const TcpOptions& options, Deadline deadline) {
  const Address address = address_of(options);
  UniqueFd fd = make_socket(options, address);
  send_at_once(fd.get());
  if (connect(fd.get(), address.get(), address.length) == 0) return fd;
  // EINTR leaves the connection under way just as EINPROGRESS does (connect(2)).
  if (errno != EINPROGRESS && errno != EINTR) throw_errno("connect to " + name_of(options));
  if (!wait_ready(fd.get(), POLLOUT, deadline)) {
    throw Timeout("no connection to " + name_of(options) + " within " +
                  std::to_string(deadline.limit_ms()) + " ms");
  }
  const int error = pending_error(fd.get());
  if (error != 0) throw_errno("connect to " + name_of(options), error);
  return fd;
}

UniqueFd listen_tcp(const TcpOptions& options) {
  const Address address = address_of(options);
  UniqueFd fd = make_socket(options, address);
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
  if (bind(fd.get(), address.get(), address.length) != 0) throw_errno("bind " + name_of(options));
  if (listen(fd.get(), options.backlog) != 0) throw_errno("listen");
  return fd;
}

UniqueFd accept_tcp(int listener, Deadline deadline) {
  while (wait_ready(listener, POLLIN, deadline)) {
    UniqueFd fd(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd.valid()) {
      send_at_once(fd.get());
      return fd;
    }
    // ECONNABORTED: it was there and went away again. Both mean: wait for the next.
    if (errno != EINTR && errno != EAGAIN && errno != ECONNABORTED) throw_errno("accept");
  }
  throw Timeout("nobody connected within " + std::to_string(deadline.limit_ms()) + " ms");
}

std::uint16_t local_port(int socket) {
  sockaddr_storage storage = {};
  socklen_t length = sizeof(storage);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    throw_errno("getsockname");
  }
  // The port lies at the same place in both families (ip(7), ipv6(7)).
  return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

}  // namespace kit
