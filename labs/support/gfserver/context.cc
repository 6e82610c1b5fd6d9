#include "labs/support/gfserver/context.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "labs/support/deadline.h"

namespace gfs {
namespace {

using support::Deadline;

// How long a client of the stock dialect may take to close its end. See say_goodbye().
constexpr std::int64_t kGoodbyeMs = 200;

int fail(int error) {
  errno = error;
  return -1;
}

iovec make_piece(std::string_view bytes) {
  // iovec serves reading as well as writing and so has no const; nobody writes through it here.
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

// Reads and forgets what the client has sent, but not without end. True when it has also closed its
// end, or broken off.
bool drain(int fd) {
  std::array<char, 4096> ignored;
  for (int rounds = 0; rounds < 16; ++rounds) {
    ssize_t count = ::recv(fd, ignored.data(), ignored.size(), MSG_DONTWAIT);
    if (count == 0) return true;
    if (count < 0 && errno != EINTR) return errno != EAGAIN;
  }
  return false;
}

}  // namespace

Context::Context(support::UniqueFd fd, Wire wire, std::string path, std::shared_ptr<void> place)
    : place_(std::move(place)), fd_(std::move(fd)), wire_(wire), path_(std::move(path)) {}

Context::~Context() {
  if (fd_ && !is_aborted()) say_goodbye();
}

int Context::send_header(Status status, std::uint64_t length) {
  if (header_sent_) return fail(EINVAL);
  header_sent_ = true;
  header_ = format_header(wire_, status, length);
  bytes_left_ = status == Status::kOk ? length : 0;
  // With content to come, the header waits for it: one call and one packet instead of two.
  return bytes_left_ > 0 ? 0 : flush_header();
}

ssize_t Context::send(std::string_view bytes, int flags) {
  if (bytes.empty()) return 0;
  if (bytes.size() > bytes_left_) return fail(EINVAL);
  for (;;) {
    std::array<iovec, 2> pieces{make_piece(header_), make_piece(bytes)};
    // Mostly the header has left long ago, and then there is one piece only.
    ssize_t count = send_some(std::span(pieces).subspan(header_.empty() ? 1 : 0), flags);
    if (count < 0) return -1;
    std::size_t of_header = std::min(static_cast<std::size_t>(count), header_.size());
    header_.erase(0, of_header);
    count -= static_cast<ssize_t>(of_header);
    bytes_left_ -= static_cast<std::uint64_t>(count);
    if (count > 0) return count;
  }
}

int Context::flush_header() {
  while (!header_.empty()) {
    iovec piece = make_piece(header_);
    ssize_t count = send_some(std::span(&piece, 1), 0);
    if (count < 0) return -1;
    header_.erase(0, static_cast<std::size_t>(count));
  }
  return 0;
}

// One sendmsg(2) that sends something. It is asked not to wait, and poll(2) waits instead: only
// then is there an end to the waiting, and a large write comes back as soon as a part of it is
// done.
ssize_t Context::send_some(std::span<const iovec> pieces, int flags) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // sendmsg() does not change them
  message.msg_iovlen = pieces.size();
  for (;;) {
    if (is_aborted()) return fail(ECANCELED);
    ssize_t count = ::sendmsg(fd_.get(), &message, flags | MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) return count;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return is_aborted() ? fail(ECANCELED) : -1;
    if (!support::wait_for(fd_.get(), POLLOUT, Deadline::after_ms(kSendTimeoutMs))) {
      return fail(ETIMEDOUT);
    }
  }
}

bool Context::client_has_gone() const {
  // A client that has only ended its own sending (POLLRDHUP) may still want its answer.
  pollfd entry{fd_.get(), 0, 0};
  return ::poll(&entry, 1, 0) > 0 && (entry.revents & (POLLERR | POLLHUP)) != 0;
}

void Context::abort() noexcept {
  aborted_.store(true, std::memory_order_release);
  // Wakes a thread that waits in poll(2) for this socket. It fails only when the client has gone.
  if (fd_) static_cast<void>(::shutdown(fd_.get(), SHUT_RDWR));
}

// A socket that is closed with unread bytes in it sends a reset (RFC 2525, 2.17), and a reset may
// throw away the end of the answer in the client's buffers. So what has come is read first. In the
// stock dialect, a newline ends the request and a further one may still be on its way: there it is
// waited for, until the client closes too. (One that was not answered has nothing to lose.)
void Context::say_goodbye() noexcept {
  // A header that promised content and then none came. The client is to learn what it has missed.
  // If there is no room for the header, then the client has not read for a long time.
  if (!header_.empty()) {
    static_cast<void>(
        ::send(fd_.get(), header_.data(), header_.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  }
  bool has_closed = drain(fd_.get());
  if (has_closed || wire_ != Wire::kStock || !header_sent_) return;
  static_cast<void>(::shutdown(fd_.get(), SHUT_WR));
  Deadline deadline = Deadline::after_ms(kGoodbyeMs);
  while (support::wait_for(fd_.get(), POLLIN, deadline) && !drain(fd_.get())) {
  }
}

}  // namespace gfs
