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

//~ begin step 4: Bind the port. Functions of your own can stand here, too.
//~| Server::Server(ServerOptions options) {
//~|   (void)options;
//~|   throw std::logic_error("not implemented yet (step 4)");
//~| }
namespace {

using support::Deadline;

// Threads beyond max_clients: clients that are being told that the house is full, and those that
// have said goodbye and not closed yet.
constexpr std::size_t kSpareThreads = 128;

// How long to leave new connections waiting when there is no descriptor for them.
constexpr std::int64_t kShortageMs = 100;

std::optional<TlsContext> load_tls(const ServerOptions& options) {
  if (options.tls_cert.empty()) return std::nullopt;
  return TlsContext::for_server(options.tls_cert, options.tls_key);
}

support::UniqueFd make_eventfd() {
  support::UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) support::throw_errno("eventfd");
  return fd;
}

}  // namespace

Server::Server(ServerOptions options)
    : options_(std::move(options)),
      tls_(load_tls(options_)),
      shared_(options_.capacity),
      guests_(options_.max_clients),
      listener_(support::listen_on(options_.port)),
      ended_fd_(make_eventfd()) {
  ended_.reserve(max_threads());  // so that a thread's last act cannot fail for want of memory
}
//~ end

Server::~Server() {
  //~ begin step 4: No thread may outlive the server, on whatever way it ends.
  end_all();
  //~ end
}

std::uint16_t Server::port() const {
  //~ begin step 4: support::local_port() asks the kernel.
  //~| return 0;
  return support::local_port(listener_.get());
  //~ end
}

void Server::serve(int stop_fd) {
  //~ begin step 4: Wait, accept, start a thread; join those that have ended; and at the end, end
  //~   every connection. Stream::shutdown() wakes a thread that waits in its stream.
  //~| (void)stop_fd;
  while (wait_for_events(stop_fd)) {
  }
  listener_.reset();
  end_all();
  //~ end
}

//~ begin step 4: The parts of serve().
std::size_t Server::max_threads() const { return options_.max_clients + kSpareThreads; }

// Sleeps until something happens, and deals with it. False when it is time to go.
bool Server::wait_for_events(int stop_fd) {
  // After a shortage of descriptors the listening socket is left out for a moment: it is readable
  // all the time, and poll() would return at once, again and again. (A negative number is passed
  // over by poll().)
  bool accepting = accept_again_.has_passed();
  std::array<pollfd, 3> events{{{stop_fd, POLLIN, 0},
                                {ended_fd_.get(), POLLIN, 0},
                                {accepting ? listener_.get() : -1, POLLIN, 0}}};
  if (::poll(events.data(), events.size(), accepting ? -1 : accept_again_.left_ms()) < 0) {
    if (errno == EINTR) return true;
    support::throw_errno("poll");
  }
  if (events[0].revents != 0) return false;
  if (events[1].revents != 0) join_ended();
  if (events[2].revents != 0) accept_connection();
  return true;
}

void Server::accept_connection() {
  try {
    std::optional<support::UniqueFd> fd = support::accept_one(listener_.get());
    if (fd) start(std::move(*fd));
  } catch (const std::exception&) {
    // Too many open files, or no memory. It passes when a connection ends; the client waits in the
    // listening socket's queue.
    accept_again_ = Deadline::after_ms(kShortageMs);
  }
}

void Server::start(support::UniqueFd fd) {
  std::unique_ptr<support::Stream> stream;
  if (tls_) {
    stream = std::make_unique<TlsStream>(*tls_, std::move(fd));
  } else {
    stream = std::make_unique<support::SocketStream>(std::move(fd));
  }
  if (connections_.size() >= max_threads()) return turn_away(*stream);
  auto connection = connections_.insert(connections_.end(), Connection{std::move(stream), {}});
  try {
    // The seat is taken here and not by the thread, so that who comes first is served first.
    connection->thread = std::thread(&Server::converse, this, connection, guests_.take_seat());
  } catch (const std::system_error&) {
    // The system has no thread left for us.
    turn_away(*connection->stream);
    connections_.erase(connection);
  }
}

// Says "full" without a thread. It does not block: so few bytes have room in a new socket's buffer.
// TLS would have to exchange messages first; there the client only finds the connection closed.
void Server::turn_away(support::Stream& stream) noexcept {
  if (tls_) return;
  try {
    stream.write_all(Handshake(std::nullopt).greeting() + "DENIED full\n");
  } catch (const std::exception&) {
    // The client has gone by itself.
  }
}

// What a connection's thread does.
void Server::converse(Connections::iterator connection, Guests::Seat seat) {
  Session(*connection->stream, std::move(seat), shared_, options_.session).run();
  {
    std::lock_guard lock(mutex_);
    ended_.push_back(connection);
  }
  // Fails only when the counter is full, and then the descriptor is readable already.
  static_cast<void>(::eventfd_write(ended_fd_.get(), 1));
}

// Joins the threads that have reported their end: they have nothing left to do, so join() does not
// wait. A thread that is not joined keeps its stack.
void Server::join_ended() {
  eventfd_t ignored;
  static_cast<void>(::eventfd_read(ended_fd_.get(), &ignored));
  std::vector<Connections::iterator> ended;
  {
    std::lock_guard lock(mutex_);
    ended = ended_;
    ended_.clear();  // keeps the room that the constructor made
  }
  for (Connections::iterator connection : ended) {
    connection->thread.join();
    connections_.erase(connection);
  }
  accept_again_ = Deadline::after_ms(0);  // there are descriptors again
}

void Server::end_all() {
  for (Connection& connection : connections_) connection.stream->shutdown();
  for (Connection& connection : connections_) connection.thread.join();
  connections_.clear();
  ended_.clear();  // no thread is left that could use it, so no lock
}
//~ end

}  // namespace ring
