#include "labs/support/gfserver/server.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "labs/support/error.h"
#include "labs/support/gfserver/places.h"
#include "labs/support/gfserver/request_parser.h"
#include "labs/support/socket.h"

namespace gfs {

using support::Deadline;

// A connection that is not a handler's yet, or never will be.
struct Server::Connection {
  support::UniqueFd fd;
  std::shared_ptr<void> place;
  RequestParser parser;
  Deadline deadline;
  bool is_watched = false;  // epoll knows it
  bool is_refused = false;
  Connections::iterator self{};  // where in its list it is
};

namespace {

// How many clients are accepted in a row before the requests of others are looked at again.
constexpr int kAcceptsInARow = 64;

// How long to leave new clients waiting when there is no descriptor or memory for them.
constexpr std::int64_t kShortageMs = 100;

// How long a client that was refused may go on sending. If its connection were closed while it
// does, the reset that follows could reach it before it has read why (RFC 2525, 2.17).
constexpr std::int64_t kRefusedMs = 500;

// What an event belongs to: one of these, or else it is the address of a Connection.
enum Source : std::uint64_t { kStop, kListener, kFreed, kFirstAddress };

void control(int epoll, int operation, int fd, std::uint32_t events, std::uint64_t source) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = source;
  if (::epoll_ctl(epoll, operation, fd, &event) < 0) support::throw_errno("epoll_ctl");
}

support::UniqueFd make_epoll(int listener, int freed) {
  support::UniqueFd fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!fd) support::throw_errno("epoll_create1");
  control(fd.get(), EPOLL_CTL_ADD, listener, 0, kListener);  // 0: not before serve() runs
  control(fd.get(), EPOLL_CTL_ADD, freed, EPOLLIN, kFreed);
  return fd;
}

// What is there, without waiting: a count of bytes, 0 at the end, std::nullopt when nothing is
// there yet. A broken connection is an end, too.
std::optional<std::size_t> read_now(int fd, std::span<char> buffer) {
  for (;;) {
    ssize_t count = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN) return std::nullopt;
    if (errno != EINTR) return 0;
  }
}

}  // namespace

Server::Server(const ServerOptions& options, Handler handler)
    : options_(options),
      handler_(std::move(handler)),
      listener_(support::listen_on(options.port)),
      places_(std::make_shared<Places>(options.max_connections)),
      epoll_(make_epoll(listener_.get(), places_->freed_fd())) {}

Server::~Server() = default;

std::uint16_t Server::port() const { return support::local_port(listener_.get()); }

void Server::serve(int stop_fd) {
  control(epoll_.get(), EPOLL_CTL_ADD, stop_fd, EPOLLIN, kStop);
  while (wait_for_events()) {
    end_late_ones();
  }
  control(epoll_.get(), EPOLL_CTL_DEL, stop_fd, 0, kStop);
  reading_.clear();
  refused_.clear();
}

// Sleeps until something happens, and deals with it. False when it is time to go.
bool Server::wait_for_events() {
  listen_or_not();
  std::array<epoll_event, 64> events;
  int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), sleep_ms());
  if (count < 0 && errno != EINTR) support::throw_errno("epoll_wait");
  for (const epoll_event& event :
       std::span(events).first(static_cast<std::size_t>(std::max(count, 0)))) {
    switch (event.data.u64) {
      case kStop:
        return false;
      case kListener:
        accept_clients();
        break;
      case kFreed:
        places_->forget_freed();
        break;
      default:
        hear(*static_cast<Connection*>(event.data.ptr));
    }
  }
  return true;
}

// Until the next deadline of anything.
int Server::sleep_ms() const {
  Deadline next = Deadline::never();
  if (!reading_.empty()) next = std::min(next, reading_.front().deadline);
  if (!refused_.empty()) next = std::min(next, refused_.front().deadline);
  if (!listen_again_.has_passed()) next = std::min(next, listen_again_);
  return next.left_ms();
}

// While there is no room for a client, the listening socket is left out: it would be ready all the
// time, and epoll_wait() would return at once, again and again.
void Server::listen_or_not() {
  bool should_listen = !places_->are_all_taken() && listen_again_.has_passed();
  if (should_listen == is_listening_) return;
  control(epoll_.get(), EPOLL_CTL_MOD, listener_.get(), should_listen ? EPOLLIN : 0u, kListener);
  is_listening_ = should_listen;
}

void Server::accept_clients() {
  try {
    for (int i = 0; i < kAcceptsInARow && !places_->are_all_taken() && accept_client(); ++i) {
    }
  } catch (const std::exception&) {
    // Too many open files, or no memory. It passes when a connection ends; the clients wait in the
    // listening socket's queue.
    listen_again_ = Deadline::after_ms(kShortageMs);
  }
}

// False when nobody waits to be accepted.
bool Server::accept_client() {
  std::optional<support::UniqueFd> fd = support::accept_one(listener_.get());
  if (!fd) return false;
  Deadline deadline = Deadline::after_ms(options_.request_timeout_ms);
  reading_.push_back({std::move(*fd), places_->take(), RequestParser(options_.wire), deadline});
  Connection& connection = reading_.back();
  connection.self = std::prev(reading_.end());
  // Clients send as soon as they are connected, so the request is likely to be here. Then epoll
  // need not hear of this connection at all.
  read_request(connection);
  return true;
}

// Asks epoll for one event of this connection (EPOLLONESHOT). After that one it is silent until it
// is asked again, so a connection that was handed over needs no call to be taken out: it leaves
// when it is closed.
void Server::watch(Connection& connection) {
  control(epoll_.get(), connection.is_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, connection.fd.get(),
          EPOLLIN | EPOLLONESHOT, reinterpret_cast<std::uint64_t>(&connection));
  connection.is_watched = true;
}

void Server::hear(Connection& connection) {
  try {
    connection.is_refused ? drain(connection) : read_request(connection);
  } catch (const std::exception&) {
    // epoll could not go on with it, for want of memory. It ends with its deadline.
  }
}

void Server::read_request(Connection& connection) {
  std::array<char, 4096> buffer;
  RequestParser::State state = RequestParser::State::kIncomplete;
  while (state == RequestParser::State::kIncomplete) {
    std::optional<std::size_t> count = read_now(connection.fd.get(), buffer);
    if (!count) return connection.deadline.has_passed() ? refuse(connection) : watch(connection);
    if (*count == 0) return refuse(connection);
    state = connection.parser.feed(std::string_view(buffer.data(), *count));
  }
  state == RequestParser::State::kComplete ? hand_over(connection) : refuse(connection);
}

void Server::hand_over(Connection& connection) {
  auto context = std::make_unique<Context>(std::move(connection.fd), options_.wire,
                                           connection.parser.path(), std::move(connection.place));
  reading_.erase(connection.self);
  try {
    handler_(std::move(context));
  } catch (const std::exception&) {
    // The request ended with its context. The server goes on.
  }
}

// Says INVALID, and nothing in the stock dialect, and then waits for the client to close.
void Server::refuse(Connection& connection) {
  std::string answer = format_header(options_.wire, Status::kInvalid, 0);
  int fd = connection.fd.get();
  // So few bytes have room in a socket that nothing was sent to. If it fails, the client has gone.
  static_cast<void>(::send(fd, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  static_cast<void>(::shutdown(fd, SHUT_WR));
  connection.is_refused = true;
  connection.deadline = Deadline::after_ms(kRefusedMs);
  refused_.splice(refused_.end(), reading_, connection.self);
  drain(connection);
}

// Reads and forgets what a refused client still sends; ends when it has closed its end.
void Server::drain(Connection& connection) {
  std::array<char, 4096> ignored;
  std::optional<std::size_t> count;
  int rounds = 0;  // one that sends without end must not keep us here
  do {
    count = read_now(connection.fd.get(), ignored);
  } while (count && *count > 0 && ++rounds < 16);
  if (count && *count == 0) {
    refused_.erase(connection.self);
  } else {
    watch(connection);
  }
}

// A request may be here although its time is over: while a handler keeps this thread, nobody reads.
// So it is read once more before it is refused.
void Server::end_late_ones() {
  while (!reading_.empty() && reading_.front().deadline.has_passed()) hear(reading_.front());
  while (!refused_.empty() && refused_.front().deadline.has_passed()) refused_.pop_front();
}

}  // namespace gfs
