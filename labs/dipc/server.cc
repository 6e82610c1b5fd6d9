#include "server.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "labs/support/error.h"
#include "labs/support/socket.h"

namespace dipc {

// TODO(step 4): Bind the port, then make the mailboxes. Functions of your own can stand here, too.
Server::Server(const ServerOptions& options, Log& log) {
  (void)options;
  (void)log;
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
  // every connection.
  (void)stop_fd;
}

// TODO(step 4): The parts of serve().

}  // namespace dipc
