#include "grader/bench/load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "grader/harness/deadline.h"
#include "grader/harness/tcp_socket.h"

namespace kit::bench {
namespace {

// In place of a connection's number: the descriptor that tells to stop.
constexpr std::uint64_t kStop = UINT64_MAX;

// A whole large answer at a time, if it is there.
constexpr std::size_t kBufferBytes = 256 * 1024;

[[noreturn]] void throw_errno(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

void set_option(int fd, int level, int option, int value) {
  if (setsockopt(fd, level, option, &value, sizeof value) != 0) throw_errno("setsockopt");
}

UniqueFd connect_to(std::uint16_t port) {
  UniqueFd fd = connect_tcp({.port = port}, Deadline::after_ms(kPatienceMs));
  // A large request should fit, or the generator has to come back for the rest of it.
  set_option(fd.get(), SOL_SOCKET, SO_SNDBUF, kBufferBytes);
  return fd;
}

// Does not wait until the connection is there: other connections have answers to be read.
UniqueFd start_connecting(std::uint16_t port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) throw_errno("socket");
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int result = connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (result != 0 && errno != EINPROGRESS) throw_errno("connect");
  return fd;
}

// The 99th of a hundred, nearest rank.
double p99_us(std::vector<std::int64_t>& latencies_ns) {
  if (latencies_ns.empty()) return 0;
  const auto rank = latencies_ns.begin() + (latencies_ns.size() * 99 - 1) / 100;
  std::nth_element(latencies_ns.begin(), rank, latencies_ns.end());
  return static_cast<double>(*rank) / 1e3;
}

}  // namespace

Load::Load(const Endpoint& endpoint, int connections, int stop_fd)
    : port_(endpoint.port),
      connects_each_time_(endpoint.connects_each_time),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      connections_(connections),
      buffer_(kBufferBytes) {
  if (!epoll_.valid()) throw_errno("epoll_create1");
  epoll_event stop = {.events = EPOLLIN, .data = {.u64 = kStop}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, stop_fd, &stop) != 0) throw_errno("epoll_ctl");
  if (!connects_each_time_) connect_all(endpoint);
}

void Load::connect_all(const Endpoint& endpoint) {
  for (Connection& connection : connections_) {
    connection.fd = connect_to(endpoint.port);
    watch(connection, EPOLL_CTL_ADD, EPOLLIN);
    if (!endpoint.hello) continue;
    const Operation hello = endpoint.hello();
    end_ns_ = 0;  // once is enough
    begin(connection, hello, monotonic_ns());
    wait_for_all();
  }
}

// On loopback the connection is there at once, and the request leaves without a turn of the loop.
// Where it is not, send() says EAGAIN, and the request waits for the socket to be writable.
void Load::connect_anew(Connection& connection) {
  connection.fd = start_connecting(port_);
  connection.waits_to_send = false;
  watch(connection, EPOLL_CTL_ADD, EPOLLIN);
}

Figures Load::run(const std::vector<Operation>& operations, std::int64_t duration_ms) {
  latencies_ns_.clear();
  const std::int64_t start_ns = monotonic_ns();
  end_ns_ = start_ns + duration_ms * 1'000'000;
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    begin(connections_[i], operations[i % operations.size()], monotonic_ns());
  }
  wait_for_all();
  const double seconds = static_cast<double>(monotonic_ns() - start_ns) / 1e9;
  return {static_cast<double>(latencies_ns_.size()) / seconds, p99_us(latencies_ns_)};
}

void Load::watch(Connection& connection, int control, std::uint32_t events) {
  const auto number = static_cast<std::uint64_t>(&connection - connections_.data());
  epoll_event event = {.events = events, .data = {.u64 = number}};
  if (epoll_ctl(epoll_.get(), control, connection.fd.get(), &event) != 0) throw_errno("epoll_ctl");
}

void Load::begin(Connection& connection, const Operation& operation, std::int64_t now_ns) {
  connection.operation = &operation;
  connection.sent = 0;
  connection.started_ns = now_ns;
  connection.reader.expect(operation);
  ++busy_;
  if (connects_each_time_) connect_anew(connection);
  send_more(connection);
}

void Load::send_more(Connection& connection) {
  const std::string_view rest =
      std::string_view(connection.operation->request).substr(connection.sent);
  const ssize_t count =
      send(connection.fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count < 0 && errno != EAGAIN && errno != EINTR) throw_errno("send");
  if (count > 0) connection.sent += count;
  const bool waits = connection.sent < connection.operation->request.size();
  if (waits == connection.waits_to_send) return;
  connection.waits_to_send = waits;
  watch(connection, EPOLL_CTL_MOD, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

// True when the answer is complete.
bool Load::receive(Connection& connection) {
  const ssize_t count = recv(connection.fd.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (count == 0) throw BadReply("the server has closed the connection");
  if (count > 0) return connection.reader.feed({buffer_.data(), static_cast<std::size_t>(count)});
  if (errno != EAGAIN && errno != EINTR) throw_errno("recv");
  return false;
}

void Load::serve(std::uint64_t number, std::uint32_t events) {
  if (number == kStop) throw Interrupted();
  Connection& connection = connections_[number];
  if ((events & EPOLLOUT) != 0) send_more(connection);
  if ((events & ~EPOLLOUT) != 0 && receive(connection)) finish(connection);
}

void Load::finish(Connection& connection) {
  const std::int64_t now_ns = monotonic_ns();
  latencies_ns_.push_back(now_ns - connection.started_ns);
  --busy_;
  if (connects_each_time_) connection.fd.reset();
  if (now_ns < end_ns_) begin(connection, *connection.operation, now_ns);
}

void Load::wait_for_all() {
  std::array<epoll_event, 64> events;
  while (busy_ > 0) {
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(), kPatienceMs);
    if (count == 0) throw Stalled("no answer within " + std::to_string(kPatienceMs) + " ms");
    if (count < 0 && errno != EINTR) throw_errno("epoll_wait");
    for (int i = 0; i < count; ++i) serve(events[i].data.u64, events[i].events);
  }
}

}  // namespace kit::bench
