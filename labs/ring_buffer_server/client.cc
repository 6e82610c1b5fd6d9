#include "client.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <thread>
#include <utility>

#include "handshake.h"
#include "labs/support/error.h"
#include "labs/support/options.h"
#include "labs/support/socket.h"
#include "tls.h"

namespace ring {

// TODO(step 5): Connect and do the handshake. Functions of your own can stand here, too.
Client::Client(const ClientOptions& options) {
  (void)options;
  throw std::logic_error("not implemented yet (step 5)");
}

Client::~Client() = default;

void Client::run(int input, int output) {
  // TODO(step 5): Start the reader, send until the input ends or the reader does, and bring both
  // to an end: no thread may be left, on whatever way run() is left.
  (void)input;
  (void)output;
}

// TODO(step 5): The handshake.

// TODO(step 5): The writer.

// TODO(step 5): The reader.

}  // namespace ring
