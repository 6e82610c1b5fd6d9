#include "grader/harness/tcp_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <system_error>

#include "grader/harness/peer_error.h"

namespace kit {
namespace {

Deadline soon() { return Deadline::after_ms(10'000); }

TEST(TcpSocket, ConnectsToAListener) {
  const UniqueFd listener = listen_tcp({});
  const std::uint16_t port = local_port(listener.get());
  EXPECT_NE(port, 0);
  const UniqueFd client = connect_tcp({.port = port}, soon());
  const UniqueFd server = accept_tcp(listener.get(), soon());
  EXPECT_TRUE(client.valid());
  EXPECT_EQ(local_port(server.get()), port);
}

TEST(TcpSocket, ConnectsByIpv6) {
  UniqueFd listener;
  try {
    listener = listen_tcp({.host = "::1"});
  } catch (const std::system_error&) {
    GTEST_SKIP() << "no IPv6 on this machine";
  }
  const UniqueFd client = connect_tcp({.host = "::1", .port = local_port(listener.get())}, soon());
  EXPECT_TRUE(accept_tcp(listener.get(), soon()).valid());
}

TEST(TcpSocket, NobodyListens) {
  std::uint16_t port = 0;
  {
    const UniqueFd listener = listen_tcp({});
    port = local_port(listener.get());
  }
  try {
    connect_tcp({.port = port}, soon());
    FAIL() << "connected to a closed port";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::connection_refused);
    EXPECT_NE(std::string(error.what()).find("connect to 127.0.0.1 port "), std::string::npos);
  }
}

// With a full backlog, Linux does not answer a further SYN at all.
TEST(TcpSocket, FullBacklogEndsInTimeout) {
  const UniqueFd listener = listen_tcp({.backlog = 0});
  const TcpOptions options = {.port = local_port(listener.get())};
  const UniqueFd taken = connect_tcp(options, soon());
  EXPECT_THROW(
      {
        const UniqueFd a = connect_tcp(options, Deadline::after_ms(50));
        const UniqueFd b = connect_tcp(options, Deadline::after_ms(50));
      },
      Timeout);
}

TEST(TcpSocket, AcceptWithoutAClientEndsInTimeout) {
  const UniqueFd listener = listen_tcp({});
  EXPECT_THROW(accept_tcp(listener.get(), Deadline::after_ms(20)), Timeout);
}

TEST(TcpSocket, HostNameIsRefused) {
  EXPECT_THROW(connect_tcp({.host = "localhost"}, soon()), std::invalid_argument);
}

TEST(TcpSocket, SmallReceiveBufferIsSet) {
  const UniqueFd listener = listen_tcp({});
  const UniqueFd client =
      connect_tcp({.port = local_port(listener.get()), .receive_buffer_bytes = 4'096}, soon());
  int bytes = 0;
  socklen_t length = sizeof(bytes);
  ASSERT_EQ(getsockopt(client.get(), SOL_SOCKET, SO_RCVBUF, &bytes, &length), 0);
  EXPECT_EQ(bytes, 2 * 4'096);  // the kernel doubles it for its own use (socket(7))
}

}  // namespace
}  // namespace kit
