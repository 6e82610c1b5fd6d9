// More is sent than fits: send() may take a part, and the rest is forgotten.
#include <sys/socket.h>
#include <unistd.h>

#include <cassert>
#include <thread>
#include <vector>

constexpr std::size_t kBytes = 300'000;

void send_all(int socket, const std::vector<char>& data) {
  std::size_t done = 0;
  do {
    const ssize_t taken = send(socket, data.data() + done, data.size() - done, MSG_NOSIGNAL);
    assert(taken > 0);
    done += static_cast<std::size_t>(taken);
#ifdef FIXED
  } while (done < data.size());
#else
  } while (false);
#endif
  shutdown(socket, SHUT_WR);
}

int main() {
  int sockets[2];
  assert(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
  std::thread sender([&] { send_all(sockets[0], std::vector<char>(kBytes, 'x')); });
  std::size_t got = 0;
  std::vector<char> part(65536);
  for (ssize_t n = 0; (n = recv(sockets[1], part.data(), part.size(), 0)) > 0;)
    got += static_cast<std::size_t>(n);
  sender.join();
  assert(got == kBytes);
}
