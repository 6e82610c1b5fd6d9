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

//~ begin step 4: Bind the port, then make the mailboxes. Functions of your own can stand here, too.
//~| Server::Server(const ServerOptions& options, Log& log) {
//~|   (void)options;
//~|   (void)log;
//~|   throw std::logic_error("not implemented yet (step 4)");
//~| }
namespace {

using support::Deadline;

// How long to leave new connections waiting when there is no descriptor or thread for them.
constexpr std::int64_t kShortageMs = 100;

// How long the clients have to close their side when the server ends.
constexpr std::int64_t kGoodbyeMs = 500;

support::UniqueFd make_eventfd() {
  support::UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) support::throw_errno("eventfd");
  return fd;
}

}  // namespace

Server::Server(const ServerOptions& options, Log& log)
    : options_(options),
      log_(log),
      listener_(support::listen_on(options.bind_address, options.port)),
      mailboxes_(port(), options.mailboxes, options.mailbox_bytes, options.lock_timeout_ms),
      ended_fd_(make_eventfd()) {
  ended_.reserve(kMaxConnections);  // so that a thread's last act cannot fail for want of memory
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
  //~   every connection.
  //~| (void)stop_fd;
  while (wait_for_events(stop_fd)) {
  }
  listener_.reset();
  end_all();
  //~ end
}

//~ begin step 4: The parts of serve().
bool Server::may_accept() const {
  return clients_.size() < kMaxConnections && accept_again_.has_passed();
}

// Sleeps until something happens, and deals with it. False when it is time to go.
bool Server::wait_for_events(int stop_fd) {
  // While no client can be taken, the listening socket is left out: it is readable all the time,
  // and poll() would return at once, again and again. (Negative numbers are passed over by poll().)
  bool accepting = may_accept();
  std::array<pollfd, 3> events{{{stop_fd, POLLIN, 0},
                                {ended_fd_.get(), POLLIN, 0},
                                {accepting ? listener_.get() : -1, POLLIN, 0}}};
  int timeout_ms = accept_again_.has_passed() ? -1 : accept_again_.left_ms();
  if (::poll(events.data(), events.size(), timeout_ms) < 0) {
    if (errno == EINTR) return true;
    support::throw_errno("poll");
  }
  if (events[0].revents != 0) return false;
  if (events[1].revents != 0) join_ended();
  if (events[2].revents != 0) accept_client();
  return true;
}

void Server::accept_client() {
  Clients::iterator client = clients_.end();
  try {
    std::optional<support::UniqueFd> fd = support::accept_one(listener_.get());
    if (!fd) return;
    client = clients_.emplace(clients_.end(), std::move(*fd), mailboxes_, options_.connection);
    client->thread = std::thread(&Server::converse, this, client);
  } catch (const std::exception& error) {
    // No descriptor, no memory, or no thread to be had. It passes when others end; until then, new
    // clients wait in the listening socket's queue.
    log_.write(std::string("cannot take a client: ") + error.what());
    if (client != clients_.end()) clients_.erase(client);
    accept_again_ = Deadline::after_ms(kShortageMs);
  }
}

// What a client's thread does.
void Server::converse(Clients::iterator client) {
  client->connection.run();
  {
    std::lock_guard lock(mutex_);
    ended_.push_back(client);
  }
  // Fails only when the counter is full, and then the descriptor is readable already.
  static_cast<void>(::eventfd_write(ended_fd_.get(), 1));
}

// Joins the threads that have reported their end: they have nothing left to do, so join() does not
// wait. A thread that is not joined keeps its stack.
void Server::join_ended() {
  eventfd_t ignored;
  static_cast<void>(::eventfd_read(ended_fd_.get(), &ignored));
  std::vector<Clients::iterator> ended;
  {
    std::lock_guard lock(mutex_);
    ended = ended_;
    ended_.clear();  // keeps the room that the constructor made
  }
  for (Clients::iterator client : ended) {
    client->thread.join();
    clients_.erase(client);
  }
  accept_again_ = Deadline::after_ms(0);  // there are descriptors again
}

// First kindly: each client gets the replies that are on their way, and then the end of the stream.
// Who has not closed its side after a while is cut off, or one that does not read could keep us.
void Server::end_all() {
  for (Client& client : clients_) client.connection.stop();
  Deadline deadline = Deadline::after_ms(kGoodbyeMs);
  while (!clients_.empty() && support::wait_for(ended_fd_.get(), POLLIN, deadline)) join_ended();
  for (Client& client : clients_) client.stream.shutdown();
  for (Client& client : clients_) client.thread.join();
  clients_.clear();
  ended_.clear();  // no thread is left that could use it, so no lock
}
//~ end

}  // namespace dipc
