// Server: the mailboxes, the listening socket, and a thread for each client.
//
// One thread, the one that calls serve(), accepts connections, starts their threads, and joins each
// thread soon after it has ended. accept(2) is never called to wait: the thread sleeps in poll(2)
// on three descriptors, and one of them tells that it is time to go. So nobody has to connect to
// the server to wake it from accept().
//
// Ownership: the server owns the socket, the mailboxes, and every connection and its thread.
// Thread-safety: construct, serve() and destroy on one thread.
// Errors: the constructor throws what went wrong at the start, and leaves nothing behind. While it
// serves, trouble with one connection, or a shortage of descriptors or threads, ends nothing.
#ifndef DIPC_SERVER_H_
#define DIPC_SERVER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "connection.h"
#include "labs/support/deadline.h"
#include "labs/support/fd.h"
#include "labs/support/stream.h"
#include "log.h"
#include "mailboxes.h"

namespace dipc {

struct ServerOptions {
  std::uint64_t mailboxes = 0;
  std::uint64_t mailbox_bytes = 0;
  std::uint16_t port = 0;  // 0: any free one
  std::string bind_address = "127.0.0.1";
  std::int64_t lock_timeout_ms = 5000;
  ConnectionOptions connection;
};

class Server {
 public:
  // So many clients are served at a time. Further ones wait to be accepted. There are a few more
  // places in the queues of the locks, so that there is one for every thread.
  static constexpr std::size_t kMaxConnections = 1000;

  // Binds the port, then makes the mailboxes: whose port is taken must not touch them. Clients may
  // connect from now on, and are answered once serve() runs.
  Server(const ServerOptions& options, Log& log);
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port that was bound.
  std::uint16_t port() const;

  // Serves until `stop_fd` is readable. Then it stops accepting, ends every connection, and joins
  // every thread before it returns.
  void serve(int stop_fd);

 private:
  //~ begin step 4: What the server has, and the parts of its work.
  struct Client {
    Client(support::UniqueFd fd, Mailboxes& mailboxes, const ConnectionOptions& options)
        : stream(std::move(fd)), connection(stream, mailboxes, options) {}

    support::SocketStream stream;
    Connection connection;
    std::thread thread;
  };
  using Clients = std::list<Client>;  // its iterators stay valid while others come and go

  bool may_accept() const;
  bool wait_for_events(int stop_fd);
  void accept_client();
  void converse(Clients::iterator client);
  void join_ended();
  void end_all();

  const ServerOptions options_;
  Log& log_;
  support::UniqueFd listener_;
  Mailboxes mailboxes_;
  const support::UniqueFd ended_fd_;  // an eventfd: readable when ended_ is not empty
  support::Deadline accept_again_ = support::Deadline::after_ms(0);
  Clients clients_;  // used by serve()'s thread only

  std::mutex mutex_;
  std::vector<Clients::iterator> ended_;  // guarded by mutex_: whose threads are at their end
  //~ end
};

}  // namespace dipc

#endif  // DIPC_SERVER_H_
