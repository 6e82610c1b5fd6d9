// Server: accepts connections and gives each a thread of its own.
//
// One thread, the one that calls serve(), accepts connections, starts their threads, and joins each
// thread soon after it has ended. It sleeps in poll(2) on three descriptors: the listening socket,
// one that tells that threads have ended, and the one that tells that it is time to go.
//
// Ownership: the server owns the listening socket, the ring, and every connection and its thread.
// Thread-safety: construct, serve() and destroy on one thread.
// Errors: the constructor throws what went wrong at the start, a port that is taken for example.
// While it serves, trouble with one connection, or a shortage of descriptors or threads, ends
// nothing.
#ifndef RING_BUFFER_SERVER_SERVER_H_
#define RING_BUFFER_SERVER_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "guests.h"
#include "labs/support/deadline.h"
#include "labs/support/fd.h"
#include "labs/support/stream.h"
#include "session.h"
#include "tls.h"

namespace ring {

struct ServerOptions {
  std::uint16_t port = 7400;  // 0: any free one
  std::size_t capacity = 64;
  std::size_t max_clients = 1024;
  std::string tls_cert;  // PEM files; empty: no TLS
  std::string tls_key;
  SessionOptions session;
};

class Server {
 public:
  // Binds the port: clients may connect from now on, and are answered once serve() runs.
  explicit Server(ServerOptions options);
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port that was bound.
  std::uint16_t port() const;

  // Serves until `stop_fd` is readable. Then it stops accepting, ends every connection, and joins
  // every thread before it returns.
  void serve(int stop_fd);

 private:
  // TODO(step 4): What the server has, and the parts of its work.
};

}  // namespace ring

#endif  // RING_BUFFER_SERVER_SERVER_H_
