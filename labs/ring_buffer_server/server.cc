#include "server.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "handshake.h"
#include "labs/support/error.h"
#include "labs/support/socket.h"

namespace ring {

// TODO(step 4): Bind the port. Functions of your own can stand here, too.
Server::Server(ServerOptions options) {
  (void)options;
  throw std::logic_error("not implemented yet (step 4)");
}

Server::~Server() {
  // TODO(step 4): No thread may outlive the server, on whatever way it ends.
}

std::uint16_t Server::port() const {
  // TODO(step 4): support::local_port() asks the kernel.
  return 0;
}

void Server::serve(int stop_fd) {
  // TODO(step 4): Wait, accept, start a thread; join those that have ended; and at the end, end
  // every connection. Stream::shutdown() wakes a thread that waits in its stream.
  (void)stop_fd;
}

// TODO(step 4): The parts of serve().

}  // namespace ring
