#include "labs/support/stream.h"

#include <sys/socket.h>

#include <array>
#include <system_error>

#include "labs/support/socket.h"

namespace support {
namespace {

// Takes `count` bytes off the front of the pieces.
std::span<iovec> skip_front(std::span<iovec> pieces, std::size_t count) {
  while (!pieces.empty() && count >= pieces.front().iov_len) {
    count -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (!pieces.empty()) {
    pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + count;
    pieces.front().iov_len -= count;
  }
  return pieces;
}

}  // namespace

void Stream::write_all(std::string_view bytes) {
  // iovec serves reading as well as writing and so has no const; nobody writes through it here.
  iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  write_all(std::span<iovec>(&piece, 1));
}

void Stream::write_all(std::span<iovec> pieces) {
  pieces = skip_front(pieces, 0);  // passes over empty pieces
  while (!pieces.empty()) pieces = skip_front(pieces, write_some(pieces));
}

void Stream::linger(Deadline deadline) noexcept {
  end_writing();
  std::array<char, 4096> ignored;
  try {
    while (!deadline.has_passed() && read_some(ignored, deadline).value_or(0) > 0) {
    }
  } catch (const std::exception&) {
    // The peer broke off. It is told nothing more, and that was the plan.
  }
}

std::optional<std::size_t> SocketStream::read_some(std::span<char> buffer, Deadline deadline) {
  return receive_some(fd_.get(), buffer, deadline);
}

std::size_t SocketStream::write_some(std::span<const iovec> pieces) {
  return send_some(fd_.get(), pieces);
}

// Both of these fail only when the peer has gone already (ENOTCONN), and then there is nobody to
// tell.
void SocketStream::end_writing() noexcept { static_cast<void>(::shutdown(fd_.get(), SHUT_WR)); }

void SocketStream::shutdown() noexcept { static_cast<void>(::shutdown(fd_.get(), SHUT_RDWR)); }

}  // namespace support
