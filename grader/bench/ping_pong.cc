// The least that a server with a thread for each connection can do: ping_pong
//
// "g <n>\n" is answered by "<n>\n" and n bytes, "p <n>\n" and n bytes are answered by "0\n".
// Nothing is stored, nothing is locked: what a lab's server takes longer than this is its own work,
// and the rest is the kernel's.
//
// Prints "listening on <port>". Ends when it is killed.
#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "grader/harness/deadline.h"
#include "grader/harness/tcp_socket.h"

namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

bool send_all(int fd, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
  return true;
}

// One request, which may come in pieces, with nothing behind it: the client waits for the answer.
void serve(kit::UniqueFd fd) {
  std::vector<char> buffer(kBufferBytes);
  std::size_t have = 0;
  for (;;) {
    const ssize_t count = recv(fd.get(), buffer.data() + have, buffer.size() - have, 0);
    if (count <= 0) return;
    have += static_cast<std::size_t>(count);
    const void* end = std::memchr(buffer.data(), '\n', have);
    if (end == nullptr) continue;
    const auto line = static_cast<std::size_t>(static_cast<const char*>(end) - buffer.data()) + 1;
    const std::size_t length = std::strtoull(buffer.data() + 2, nullptr, 10);
    const bool is_get = buffer[0] == 'g';
    if (line + length > buffer.size()) return;
    if (!is_get && have < line + length) continue;
    const std::string answer =
        is_get ? std::to_string(length) + '\n' + std::string(length, 'x') : "0\n";
    if (!send_all(fd.get(), answer)) return;
    have = 0;
  }
}

}  // namespace

int main() {
  const kit::UniqueFd listener = kit::listen_tcp({});
  std::printf("listening on %d\n", kit::local_port(listener.get()));
  std::fflush(stdout);
  for (;;) {
    kit::UniqueFd fd = kit::accept_tcp(listener.get(), kit::Deadline::after_ms(24 * 3'600'000));
    const int flags = fcntl(fd.get(), F_GETFL);
    if (flags < 0 || fcntl(fd.get(), F_SETFL, flags & ~O_NONBLOCK) != 0) continue;
    std::thread(serve, std::move(fd)).detach();
  }
}
