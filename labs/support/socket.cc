#include "labs/support/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "labs/support/error.h"

namespace support {
namespace {

void set_option(int fd, int level, int option, int value, const char* name) {
  if (::setsockopt(fd, level, option, &value, sizeof value) < 0) {
    throw_errno(std::string("setsockopt ") + name);
  }
}

UniqueFd make_socket(int family) {
  UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) throw_errno("socket");
  return fd;
}

void bind_and_listen(int fd, const sockaddr* address, socklen_t size) {
  // Without it, a restarted server could not bind for a minute: the old connections of the port
  // are still in TIME_WAIT. A port that somebody listens on stays refused.
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
  if (::bind(fd, address, size) < 0) {
    // Both kinds of address have the port at the same place.
    int port = ntohs(reinterpret_cast<const sockaddr_in*>(address)->sin_port);
    throw_errno("bind to port " + std::to_string(port));
  }
  // The kernel cuts this down to net.core.somaxconn. A short queue makes a burst of clients wait
  // for a whole second: the SYN that found no room is sent again only then.
  if (::listen(fd, SOMAXCONN) < 0) throw_errno("listen");
}

UniqueFd listen_on_ipv6(std::uint16_t port) {
  UniqueFd fd = make_socket(AF_INET6);
  // IPv4 clients too: they appear as ::ffff:1.2.3.4. The system's default may differ, so say it.
  set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0, "IPV6_V6ONLY");
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_any;
  address.sin6_port = htons(port);
  bind_and_listen(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  return fd;
}

UniqueFd listen_on_ipv4(std::uint16_t port) {
  UniqueFd fd = make_socket(AF_INET);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  address.sin_port = htons(port);
  bind_and_listen(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  return fd;
}

// The addresses of a name, freed with freeaddrinfo() when the pointer goes.
using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

AddressList look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* first = nullptr;
  int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &first);
  if (error != 0) throw std::runtime_error(host + ": " + ::gai_strerror(error));
  return AddressList(first, &::freeaddrinfo);
}

// Waits for a connect() that is under way, and returns the error number it came to.
int finish_connect(int fd, Deadline deadline) {
  if (!wait_for(fd, POLLOUT, deadline)) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0) return errno;
  return error;
}

int connect_one(int fd, const addrinfo& address, Deadline deadline) {
  if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return 0;
  // After EINTR the connection goes on being made, too: calling connect() again is an error.
  if (errno != EINPROGRESS && errno != EINTR) return errno;
  return finish_connect(fd, deadline);
}

void make_blocking(int fd) {
  int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0) throw_errno("fcntl");
}

// accept(2): errors of one connection that was lost on its way in. The next one may be well.
bool concerns_one_connection(int error) {
  return error == ECONNABORTED || error == EPROTO || error == ENETDOWN || error == ENOPROTOOPT ||
         error == EHOSTDOWN || error == ENONET || error == EHOSTUNREACH || error == EOPNOTSUPP ||
         error == ENETUNREACH || error == EPERM;
}

}  // namespace

UniqueFd listen_on(std::uint16_t port) {
  try {
    return listen_on_ipv6(port);
  } catch (const std::system_error& error) {
    // A machine without IPv6 says so in one of these two ways.
    int number = error.code().value();
    if (number != EAFNOSUPPORT && number != EADDRNOTAVAIL) throw;
  }
  return listen_on_ipv4(port);
}

UniqueFd listen_on(const std::string& address, std::uint16_t port) {
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(port);
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(port);
  UniqueFd fd;
  if (::inet_pton(AF_INET, address.c_str(), &ipv4.sin_addr) == 1) {
    fd = make_socket(AF_INET);
    bind_and_listen(fd.get(), reinterpret_cast<sockaddr*>(&ipv4), sizeof ipv4);
  } else if (::inet_pton(AF_INET6, address.c_str(), &ipv6.sin6_addr) == 1) {
    fd = make_socket(AF_INET6);
    bind_and_listen(fd.get(), reinterpret_cast<sockaddr*>(&ipv6), sizeof ipv6);
  } else {
    throw std::invalid_argument("'" + address + "' is not an address in digits");
  }
  return fd;
}

std::uint16_t local_port(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) < 0) {
    throw_errno("getsockname");
  }
  // The port stands at the same place in both kinds of address.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

std::optional<UniqueFd> accept_one(int listener) {
  UniqueFd fd(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  if (!fd) {
    if (errno == EAGAIN || errno == EINTR || concerns_one_connection(errno)) return std::nullopt;
    throw_errno("accept");
  }
  // Nagle's algorithm would hold a small reply back until the one before it is acknowledged.
  set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
  return fd;
}

UniqueFd connect_to(const std::string& host, std::uint16_t port, Deadline deadline) {
  AddressList addresses = look_up(host, port);
  int error = ETIMEDOUT;
  for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
    UniqueFd fd = make_socket(address->ai_family);
    error = connect_one(fd.get(), *address, deadline);
    if (error != 0) continue;
    make_blocking(fd.get());
    set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
    return fd;
  }
  throw_error(error, "connect to " + host + " port " + std::to_string(port));
}

std::optional<std::size_t> receive_some(int fd, std::span<char> buffer, Deadline deadline) {
  // Without a deadline recv() itself waits. With one, it is asked first and poll() only when it has
  // nothing: most of the time the bytes are there, and then poll() is one call less.
  int flags = deadline.is_never() ? 0 : MSG_DONTWAIT;
  for (;;) {
    ssize_t count = ::recv(fd, buffer.data(), buffer.size(), flags);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EINTR) continue;
    if (errno != EAGAIN) throw_errno("recv");
    // poll() may say "ready" for bytes that are then thrown away (select(2), BUGS): hence the loop.
    if (!wait_for(fd, POLLIN, deadline)) return std::nullopt;
  }
}

std::size_t send_some(int fd, std::span<const iovec> pieces) {
  msghdr message{};
  // sendmsg() reads the pieces and does not change them, whatever its declaration says.
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = std::min<std::size_t>(pieces.size(), IOV_MAX);
  for (;;) {
    ssize_t count = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) throw_errno("send");
  }
}

}  // namespace support
