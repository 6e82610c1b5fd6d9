#include "client.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

#include "labs/support/error.h"
#include "labs/support/socket.h"

namespace dipc {

// TODO(step 6): Connect. Functions of your own can stand here, too.
Client::Client(const std::string& host, std::uint16_t port) {
  (void)host;
  (void)port;
  throw std::logic_error("not implemented yet (step 6)");
}

Client::~Client() = default;

void Client::run(int input, int output) {
  // TODO(step 6): Line by line: ask the server, await its answer, print it.
  (void)input;
  (void)output;
}

// TODO(step 6): The user's side.

// TODO(step 6): The server's side.

}  // namespace dipc
