// Server: accepts GETFILE clients, reads their requests, and hands each request to a handler.
//
// One thread does it, the one that calls serve(). It never waits for a single client: it sleeps in
// epoll_wait(2) until any of its connections has something to read, so a client that sends one byte
// a second is in nobody's way. Once a request is complete it becomes a Context, and the handler
// gets it. From there on the connection is the handler's.
//
//     Server server(options, [](std::unique_ptr<Context> context) {
//       context->send_header(Status::kFileNotFound);
//     });
//     std::printf("listening on %d\n", server.port());
//     server.serve(stop_fd);
//
// The handler runs on the server's thread, and no request is read meanwhile. That is fine for a
// first server. A server for many clients lets the handler only pass the context on, to a queue
// that worker threads take from: the boss and the workers.
//
// What clients may not do: take longer for the request than request_timeout_ms, or make its header
// longer than kMaxHeader. They are told INVALID, as are those whose request makes no sense (in the
// stock dialect the connection is closed without a word). When max_connections are open, further
// clients wait in the kernel's queue until one of them has ended.
//
// Ownership: owns the listening socket and the connections whose requests are not complete. A
// context belongs to whom the handler gave it; it may outlive the server.
// Thread-safety: construct, serve() and destroy on one thread.
// Errors: the constructor throws what went wrong at the start, a port that is taken for example
// (std::system_error). While it serves, trouble with one connection, or a shortage of descriptors
// or memory, ends nothing; what a handler throws ends its own request only. Source: epoll(7),
// accept(2), tcp(7).
#ifndef LABS_SUPPORT_GFSERVER_SERVER_H_
#define LABS_SUPPORT_GFSERVER_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>

#include "labs/support/deadline.h"
#include "labs/support/fd.h"
#include "labs/support/gfserver/context.h"
#include "labs/support/gfserver/wire.h"

namespace gfs {

struct ServerOptions {
  std::uint16_t port = 25362;  // 0: any free one. IPv6 and IPv4, all addresses of this machine
  Wire wire = Wire::kDocumented;
  std::size_t max_connections = 4096;        // those whose contexts still exist count, too
  std::int64_t request_timeout_ms = 10'000;  // from accepting the connection to the whole request
};

class Places;  // places.h

class Server {
 public:
  // Takes a request over. The context is never null.
  using Handler = std::function<void(std::unique_ptr<Context>)>;

  // Binds the port: clients may connect from now on, and are answered once serve() runs.
  Server(const ServerOptions& options, Handler handler);
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port that was bound.
  std::uint16_t port() const;

  // Serves until `stop_fd` is readable (an eventfd or a signalfd; it is not read). Then it stops
  // accepting and closes what it still owns before it returns.
  void serve(int stop_fd);

 private:
  struct Connection;
  // Each list is in the order of its deadlines, since all that come into it get the same time.
  using Connections = std::list<Connection>;

  bool wait_for_events();
  int sleep_ms() const;
  void listen_or_not();
  void accept_clients();
  bool accept_client();
  void watch(Connection& connection);
  void hear(Connection& connection);
  void read_request(Connection& connection);
  void hand_over(Connection& connection);
  void refuse(Connection& connection);
  void drain(Connection& connection);
  void end_late_ones();

  const ServerOptions options_;
  const Handler handler_;
  const support::UniqueFd listener_;
  const std::shared_ptr<Places> places_;  // shared with the contexts
  const support::UniqueFd epoll_;
  bool is_listening_ = false;
  support::Deadline listen_again_ = support::Deadline::after_ms(0);
  Connections reading_;  // whose requests are not complete
  Connections refused_;  // who were told INVALID and have not closed yet
};

}  // namespace gfs

#endif  // LABS_SUPPORT_GFSERVER_SERVER_H_
