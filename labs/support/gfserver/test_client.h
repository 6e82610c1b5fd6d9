// TestClient: the client's end of a connection, for the tests.
#ifndef LABS_SUPPORT_GFSERVER_TEST_CLIENT_H_
#define LABS_SUPPORT_GFSERVER_TEST_CLIENT_H_

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "labs/support/deadline.h"
#include "labs/support/error.h"
#include "labs/support/fd.h"
#include "labs/support/socket.h"

namespace gfs {

// How long a test waits for something that should come at once. Only a failing one waits that long.
inline constexpr std::int64_t kPatienceMs = 20'000;

class TestClient {
 public:
  explicit TestClient(support::UniqueFd fd) : fd_(std::move(fd)) {}
  explicit TestClient(std::uint16_t port, const std::string& host = "127.0.0.1")
      : fd_(support::connect_to(host, port, support::Deadline::after_ms(kPatienceMs))) {}

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
      bytes.remove_prefix(support::send_some(fd_.get(), std::span(&piece, 1)));
    }
  }

  // Byte by byte, each in a packet of its own as far as the kernel lets us say so.
  void send_slowly(std::string_view bytes) {
    for (char byte : bytes) send(std::string_view(&byte, 1));
  }

  void end_sending() { static_cast<void>(::shutdown(fd_.get(), SHUT_WR)); }

  // Up to `count` bytes; fewer only when the server closed the connection.
  std::string receive(std::size_t count) {
    std::string bytes;
    std::array<char, 64 * 1024> buffer;
    while (bytes.size() < count) {
      std::size_t wanted = std::min(buffer.size(), count - bytes.size());
      std::optional<std::size_t> got = support::receive_some(
          fd_.get(), std::span(buffer).first(wanted), support::Deadline::after_ms(kPatienceMs));
      if (!got) throw std::runtime_error("nothing comes");
      if (*got == 0) break;
      bytes.append(buffer.data(), *got);
    }
    return bytes;
  }

  // All there is until the server closes the connection.
  std::string receive_all() { return receive(SIZE_MAX); }

 private:
  support::UniqueFd fd_;
};

// A connection within this process: the server's end, and the client's.
inline std::pair<support::UniqueFd, TestClient> make_connection() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
    support::throw_errno("socketpair");
  }
  return {support::UniqueFd(ends[0]), TestClient(support::UniqueFd(ends[1]))};
}

}  // namespace gfs

#endif  // LABS_SUPPORT_GFSERVER_TEST_CLIENT_H_
