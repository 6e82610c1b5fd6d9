#include "grader/harness/tcp_peer.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

namespace kit {
namespace {

[[noreturn]] void throw_errno(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

bool means_gone(int error) {
  return error == ECONNRESET || error == EPIPE || error == ENOTCONN || error == ETIMEDOUT;
}

std::string within(Deadline deadline) {
  return " within " + std::to_string(deadline.limit_ms()) + " ms";
}

// Turns a stop token into something that poll(2) can wait for.
class StopFd {
 public:
  explicit StopFd(const std::stop_token& stop) : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!fd_.valid()) throw_errno("eventfd");
    callback_.emplace(stop, Wake{fd_.get()});
  }
  int get() const { return fd_.get(); }

 private:
  struct Wake {
    int fd;
    void operator()() const {
      // It cannot fail: the counter of an eventfd has room for more than one.
      static_cast<void>(eventfd_write(fd, 1));
    }
  };

  UniqueFd fd_;
  std::optional<std::stop_callback<Wake>> callback_;  // goes before the descriptor it writes to
};

// `unit` many times over, so that a flood of short lines is not one call of send a line.
std::string repeated(std::string_view unit) {
  constexpr std::size_t kChunkBytes = 64 * 1024;
  std::string chunk(unit);
  while (!unit.empty() && chunk.size() + unit.size() <= kChunkBytes) chunk += unit;
  return chunk;
}

}  // namespace

TcpPeer::TcpPeer(UniqueFd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

short TcpPeer::wait_ready(short events, Deadline deadline, int wake_fd) const {
  while (true) {
    pollfd entries[] = {{fd_.get(), events, 0}, {wake_fd, POLLIN, 0}};
    const int ready = poll(entries, 2, deadline.remaining_ms());
    if (ready > 0) return entries[0].revents;
    if (ready < 0 && errno != EINTR) throw_errno("poll");
    if (deadline.expired()) return 0;
  }
}

// --- Sending.

// Returns how many bytes the kernel took; 0 when it takes none now. Throws PeerReset.
std::size_t TcpPeer::try_send(std::string_view bytes) {
  const ssize_t sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (errno == EAGAIN || errno == EINTR) return 0;
  if (!means_gone(errno)) throw_errno("send");
  transcript_.note("connection lost while sending");
  throw PeerReset(name_ + " broke the connection off while something was sent to it; " + so_far());
}

void TcpPeer::throw_unsent(std::size_t sent, std::size_t all, Deadline deadline) const {
  throw Timeout(name_ + " took " + std::to_string(sent) + " of " + std::to_string(all) + " bytes" +
                within(deadline) + ", and then no more");
}

void TcpPeer::send_all(std::string_view bytes, Deadline deadline) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const std::size_t sent = try_send(bytes.substr(done));
    transcript_.sent(bytes.substr(done, sent));
    done += sent;
    if (sent == 0 && wait_ready(POLLOUT, deadline) == 0) {
      throw_unsent(done, bytes.size(), deadline);
    }
  }
}

void TcpPeer::send_bytewise(std::string_view bytes, Deadline deadline) {
  for (std::size_t i = 0; i < bytes.size(); ++i) send_all(bytes.substr(i, 1), deadline);
}

void TcpPeer::send_pieces(const std::vector<std::string>& pieces, int pause_ms, Deadline deadline) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    send_all(pieces[i], deadline);
    if (i + 1 == pieces.size()) return;
    const Deadline pause = deadline.but_at_most_ms(pause_ms);
    while (!pause.expired()) {
      if (poll(nullptr, 0, pause.remaining_ms()) < 0 && errno != EINTR) throw_errno("poll");
    }
  }
}

void TcpPeer::send_while_reading(std::string_view bytes, Deadline deadline) {
  std::size_t done = 0;
  bool more_to_read = true;
  while (done < bytes.size()) {
    const short reading = more_to_read ? POLLIN : 0;
    const short ready = wait_ready(static_cast<short>(POLLOUT | reading), deadline);
    if (ready == 0) throw_unsent(done, bytes.size(), deadline);
    if (more_to_read && (ready & POLLIN) != 0) more_to_read = take_received() == Got::kData;
    if ((ready & (POLLOUT | POLLERR | POLLHUP)) == 0) continue;
    const std::size_t sent = try_send(bytes.substr(done));
    transcript_.sent(bytes.substr(done, sent));
    done += sent;
  }
}

TcpPeer::Flood TcpPeer::flood(std::string_view unit, Replies replies, const std::stop_token& stop,
                              Deadline deadline) {
  transcript_.note("flood of \"" + escaped(unit.substr(0, 60)) + "\", over and over");
  const StopFd stop_fd(stop);
  const std::string chunk = repeated(unit);
  const bool discard = replies == Replies::kDiscard;
  Flood result;
  std::size_t at = 0;  // in the chunk: a unit is never left half sent and begun anew
  while (!stop.stop_requested()) {
    if (deadline.expired()) return result;
    const short ready =
        wait_ready(static_cast<short>(POLLOUT | (discard ? POLLIN : 0)), deadline, stop_fd.get());
    if (discard && (ready & POLLIN) != 0) {
      const Got got = take_received();
      result.discarded_bytes += std::exchange(buffer_, {}).size();
      if (got != Got::kData) {
        result.end = Flood::End::kPeerGone;
        return result;
      }
    }
    if ((ready & (POLLOUT | POLLERR | POLLHUP)) == 0) continue;
    try {
      const std::size_t sent = try_send(std::string_view(chunk).substr(at));
      result.sent_bytes += sent;
      at = (at + sent) % chunk.size();
    } catch (const PeerReset&) {
      result.end = Flood::End::kPeerGone;
      return result;
    }
  }
  result.end = Flood::End::kStopped;
  return result;
}

// --- Reading.

TcpPeer::Got TcpPeer::take_received() {
  char bytes[64 * 1024];
  const ssize_t count = recv(fd_.get(), bytes, sizeof(bytes), MSG_DONTWAIT);
  if (count > 0) {
    const std::string_view got(bytes, static_cast<std::size_t>(count));
    transcript_.received(got);
    buffer_ += got;
    return Got::kData;
  }
  if (count == 0) {
    transcript_.note("closed by " + name_);
    return Got::kEof;
  }
  if (errno == EAGAIN || errno == EINTR) return Got::kData;  // nothing yet: the caller waits on
  if (!means_gone(errno)) throw_errno("recv");
  transcript_.note("broken off by " + name_);
  return Got::kReset;
}

TcpPeer::Got TcpPeer::receive(Deadline deadline) {
  return wait_ready(POLLIN, deadline) == 0 ? Got::kTimeout : take_received();
}

std::string TcpPeer::so_far() const {
  constexpr std::size_t kShownBytes = 200;
  if (buffer_.empty()) return "nothing had come so far";
  const std::string shown = escaped(std::string_view(buffer_).substr(0, kShownBytes));
  return "so far had come: \"" + shown + (buffer_.size() > kShownBytes ? "\"... (" : "\" (") +
         std::to_string(buffer_.size()) + " bytes)";
}

// Waits for more, and says what for if that does not come.
void TcpPeer::require(std::string_view what, Deadline deadline) {
  const std::string wanted(what);
  switch (receive(deadline)) {
    case Got::kData:
      return;
    case Got::kEof:
      throw PeerClosed(name_ + " closed the connection where " + wanted + " was expected; " +
                       so_far());
    case Got::kReset:
      throw PeerReset(name_ + " broke the connection off where " + wanted + " was expected; " +
                      so_far());
    case Got::kTimeout:
      throw Timeout(name_ + " did not send " + wanted + within(deadline) + "; " + so_far());
  }
}

std::string TcpPeer::take(std::size_t bytes) {
  std::string taken = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return taken;
}

std::string TcpPeer::read_line(Deadline deadline, std::size_t max_bytes) {
  std::size_t looked_at = 0;
  while (true) {
    const std::size_t newline = buffer_.find('\n', looked_at);
    if (newline != std::string::npos) {
      std::string line = take(newline + 1);
      line.pop_back();
      return line;
    }
    looked_at = buffer_.size();
    if (buffer_.size() > max_bytes) {
      throw PeerTooMuch(name_ + " sent a line that does not end; " + so_far());
    }
    require("a line", deadline);
  }
}

std::string TcpPeer::read_exact(std::size_t bytes, Deadline deadline) {
  while (buffer_.size() < bytes) require(std::to_string(bytes) + " bytes", deadline);
  return take(bytes);
}

std::string TcpPeer::read_until_eof(Deadline deadline, std::size_t max_bytes) {
  while (buffer_.size() <= max_bytes) {
    try {
      require("the end of the connection", deadline);
    } catch (const PeerClosed&) {
      return std::exchange(buffer_, {});
    }
  }
  throw PeerTooMuch(name_ + " sends without end; " + so_far());
}

std::string TcpPeer::read_for_ms(int time_ms) {
  const Deadline deadline = Deadline::after_ms(time_ms);
  while (receive(deadline) == Got::kData) {
  }
  return std::exchange(buffer_, {});
}

TcpPeer::End TcpPeer::wait_for_end(Deadline deadline) {
  while (true) {
    const Got got = receive(deadline);
    if (got == Got::kEof) return End::kClosed;
    if (got == Got::kReset) return End::kReset;
    if (got == Got::kTimeout) {
      throw Timeout(name_ + " did not end the connection" + within(deadline) + "; " + so_far());
    }
    buffer_.erase(0, buffer_.size() - std::min<std::size_t>(buffer_.size(), 200));
  }
}

// --- Ending.

void TcpPeer::half_close() {
  transcript_.note("half-closed: nothing more will be sent");
  if (shutdown(fd_.get(), SHUT_WR) != 0 && !means_gone(errno)) throw_errno("shutdown");
}

void TcpPeer::reset() {
  transcript_.note("reset");
  const linger at_once = {1, 0};
  if (setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) != 0) {
    throw_errno("setsockopt SO_LINGER");
  }
  fd_.reset();
}

void TcpPeer::close() {
  transcript_.note("closed");
  fd_.reset();
}

}  // namespace kit
