// Client: a person's end of the line. What is typed goes to the server, what the server sends is
// printed, both at any time.
//
// Neither side may wait for the other: the server may send while the user thinks, and it may go
// away then, too. So there are two threads. The one that calls run() waits for input and sends; a
// second one waits for the server and prints. Each can tell the other that it is over: the reader
// by an eventfd(2), which the writer watches together with its input; the writer by
// Stream::shutdown(), which ends the reader's waiting.
//
// Ownership: the client owns its connection.
// Thread-safety: construct and run on one thread.
// Errors: support::UsageError for a name that cannot be one. std::exception with a sentence for the
// user when the server cannot be reached, denies entry, or goes away.
#ifndef RING_BUFFER_SERVER_CLIENT_H_
#define RING_BUFFER_SERVER_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "labs/support/deadline.h"
#include "labs/support/fd.h"
#include "labs/support/stream.h"
#include "line_scanner.h"

namespace ring {

struct ClientOptions {
  std::string host = "localhost";
  std::uint16_t port = 7400;
  std::string name;
  std::optional<std::string> secret;
  std::string tls_ca;  // a PEM file; empty: no TLS
};

class Client {
 public:
  // Connects and does the handshake.
  explicit Client(const ClientOptions& options);

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  // Sends the commands that come from the descriptor `input`, and writes to the descriptor `output`
  // what the server sends, from its WELCOME on. Returns after `quit` or the end of the input, when
  // the server has said goodbye. Throws std::runtime_error when the server goes away before.
  void run(int input, int output);

 private:
  // TODO(step 5): The connection, and what the two threads tell each other.
};

}  // namespace ring

#endif  // RING_BUFFER_SERVER_CLIENT_H_
