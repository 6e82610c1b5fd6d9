// Sends back what it gets, one connection at a time. Ends on SIGTERM.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

int main() {
  //~ begin step 2: Listen on a free port, print `listening on <port>`, send back what comes.
  //~| std::fputs("echo: not written yet (step 2)\n", stderr);
  //~| return 1;
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0) return 1;
  if (listen(listener, 16) != 0) return 1;
  if (getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 1;
  std::printf("listening on %d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  while (true) {
    const int fd = accept(listener, nullptr, nullptr);
    if (fd < 0) return 1;
    char buffer[256];
    ssize_t got = 0;
    while ((got = recv(fd, buffer, sizeof buffer, 0)) > 0) {
      if (send(fd, buffer, got, MSG_NOSIGNAL) != got) break;
    }
    close(fd);
  }
  //~ end
}
