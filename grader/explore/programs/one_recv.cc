// One recv() taken for a whole message.
#include <sys/socket.h>
#include <unistd.h>

#include <cassert>
#include <cstring>
#include <thread>

int main() {
  int pair[2];
  assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  std::thread sender([&] {
    send(pair[0], "he", 2, 0);
    send(pair[0], "llo", 3, 0);
  });
  char text[5] = {};
  ssize_t got = recv(pair[1], text, sizeof text, 0);
#ifdef FIXED
  while (got < 5) got += recv(pair[1], text + got, sizeof text - static_cast<size_t>(got), 0);
#endif
  assert(got == 5 && std::memcmp(text, "hello", 5) == 0);
  sender.join();
}
