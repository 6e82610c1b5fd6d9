// Reading, writing and connections: delays around them, short transfers, interruptions, and a word
// when something is sent while a lock is held.
#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>

#include "grader/harness/interpose/perturb.h"
#include "grader/harness/interpose/real.h"
#include "grader/harness/interpose/watch.h"

namespace kit {
namespace {

constexpr std::size_t kMaxParts = 64;

void watch_send(int fd) {
  if (!must_report_under_lock()) return;
  const int kept = errno;
  int type = 0;
  socklen_t length = sizeof(type);
  const bool is_socket = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
  errno = kept;
  if (is_socket) report_under_lock(UnderLock::kSend, static_cast<std::uint64_t>(fd));
}

std::size_t total_bytes(const iovec* parts, std::size_t count) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) total += parts[i].iov_len;
  return total;
}

// The first `bytes` of a list of parts. What is beyond kMaxParts is left out as well, which only
// makes a short transfer shorter.
class Parts {
 public:
  Parts(const iovec* parts, std::size_t count, std::size_t bytes) {
    for (std::size_t i = 0; i < count && count_ < kMaxParts && bytes > 0; ++i) {
      parts_[count_] = parts[i];
      if (parts_[count_].iov_len > bytes) parts_[count_].iov_len = bytes;
      bytes -= parts_[count_++].iov_len;
    }
  }
  iovec* data() { return parts_; }
  std::size_t count() const { return count_; }

 private:
  iovec parts_[kMaxParts];
  std::size_t count_ = 0;
};

}  // namespace
}  // namespace kit

KIT_INTERPOSE(ssize_t, read, (int fd, void* bytes, size_t count)) {
  const kit::Delayed delayed;
  if (kit::interrupted(fd, 0)) return -1;
  return KIT_REAL(read)(fd, bytes, kit::allowed_bytes(fd, count, 0));
}

KIT_INTERPOSE(ssize_t, write, (int fd, const void* bytes, size_t count)) {
  const kit::Delayed delayed;
  kit::watch_send(fd);
  if (kit::interrupted(fd, 0)) return -1;
  return KIT_REAL(write)(fd, bytes, kit::allowed_bytes(fd, count, 0));
}

KIT_INTERPOSE(ssize_t, recv, (int fd, void* bytes, size_t count, int flags)) {
  const kit::Delayed delayed;
  if (kit::interrupted(fd, flags)) return -1;
  return KIT_REAL(recv)(fd, bytes, kit::allowed_bytes(fd, count, flags), flags);
}

KIT_INTERPOSE(ssize_t, send, (int fd, const void* bytes, size_t count, int flags)) {
  const kit::Delayed delayed;
  kit::watch_send(fd);
  if (kit::interrupted(fd, flags)) return -1;
  return KIT_REAL(send)(fd, bytes, kit::allowed_bytes(fd, count, flags), flags);
}

KIT_INTERPOSE(ssize_t, recvfrom,
              (int fd, void* bytes, size_t count, int flags, sockaddr* from, socklen_t* length)) {
  const kit::Delayed delayed;
  if (kit::interrupted(fd, flags)) return -1;
  return KIT_REAL(recvfrom)(fd, bytes, kit::allowed_bytes(fd, count, flags), flags, from, length);
}

KIT_INTERPOSE(ssize_t, sendto,
              (int fd, const void* bytes, size_t count, int flags, const sockaddr* to,
               socklen_t length)) {
  const kit::Delayed delayed;
  kit::watch_send(fd);
  if (kit::interrupted(fd, flags)) return -1;
  return KIT_REAL(sendto)(fd, bytes, kit::allowed_bytes(fd, count, flags), flags, to, length);
}

KIT_INTERPOSE(ssize_t, readv, (int fd, const iovec* parts, int count)) {
  const kit::Delayed delayed;
  if (kit::interrupted(fd, 0)) return -1;
  if (count <= 0) return KIT_REAL(readv)(fd, parts, count);
  const std::size_t total = kit::total_bytes(parts, static_cast<std::size_t>(count));
  const std::size_t allowed = kit::allowed_bytes(fd, total, 0);
  if (allowed == total) return KIT_REAL(readv)(fd, parts, count);
  kit::Parts fewer(parts, static_cast<std::size_t>(count), allowed);
  return KIT_REAL(readv)(fd, fewer.data(), static_cast<int>(fewer.count()));
}

KIT_INTERPOSE(ssize_t, writev, (int fd, const iovec* parts, int count)) {
  const kit::Delayed delayed;
  kit::watch_send(fd);
  if (kit::interrupted(fd, 0)) return -1;
  if (count <= 0) return KIT_REAL(writev)(fd, parts, count);
  const std::size_t total = kit::total_bytes(parts, static_cast<std::size_t>(count));
  const std::size_t allowed = kit::allowed_bytes(fd, total, 0);
  if (allowed == total) return KIT_REAL(writev)(fd, parts, count);
  kit::Parts fewer(parts, static_cast<std::size_t>(count), allowed);
  return KIT_REAL(writev)(fd, fewer.data(), static_cast<int>(fewer.count()));
}

KIT_INTERPOSE(ssize_t, recvmsg, (int fd, msghdr* message, int flags)) {
  const kit::Delayed delayed;
  if (kit::interrupted(fd, flags)) return -1;
  const std::size_t total = kit::total_bytes(message->msg_iov, message->msg_iovlen);
  const std::size_t allowed = kit::allowed_bytes(fd, total, flags);
  if (allowed == total) return KIT_REAL(recvmsg)(fd, message, flags);
  kit::Parts fewer(message->msg_iov, message->msg_iovlen, allowed);
  msghdr shorter = *message;
  shorter.msg_iov = fewer.data();
  shorter.msg_iovlen = fewer.count();
  const ssize_t received = KIT_REAL(recvmsg)(fd, &shorter, flags);
  // The caller gets all that the kernel said, with its own list of parts.
  shorter.msg_iov = message->msg_iov;
  shorter.msg_iovlen = message->msg_iovlen;
  *message = shorter;
  return received;
}

KIT_INTERPOSE(ssize_t, sendmsg, (int fd, const msghdr* message, int flags)) {
  const kit::Delayed delayed;
  kit::watch_send(fd);
  if (kit::interrupted(fd, flags)) return -1;
  const std::size_t total = kit::total_bytes(message->msg_iov, message->msg_iovlen);
  const std::size_t allowed = kit::allowed_bytes(fd, total, flags);
  if (allowed == total) return KIT_REAL(sendmsg)(fd, message, flags);
  kit::Parts fewer(message->msg_iov, message->msg_iovlen, allowed);
  msghdr shorter = *message;
  shorter.msg_iov = fewer.data();
  shorter.msg_iovlen = fewer.count();
  return KIT_REAL(sendmsg)(fd, &shorter, flags);
}

KIT_INTERPOSE(int, bind, (int fd, const sockaddr* address, socklen_t length)) {
  const kit::Delayed delayed;
  return KIT_REAL(bind)(fd, address, length);
}

KIT_INTERPOSE(int, listen, (int fd, int backlog)) {
  const kit::Delayed delayed;
  return KIT_REAL(listen)(fd, backlog);
}

KIT_INTERPOSE(int, accept, (int fd, sockaddr* address, socklen_t* length)) {
  const kit::Delayed delayed;
  if (kit::interrupted(fd, 0)) return -1;
  return KIT_REAL(accept)(fd, address, length);
}

KIT_INTERPOSE(int, accept4, (int fd, sockaddr* address, socklen_t* length, int flags)) {
  const kit::Delayed delayed;
  if (kit::interrupted(fd, 0)) return -1;
  return KIT_REAL(accept4)(fd, address, length, flags);
}

KIT_INTERPOSE(int, close, (int fd)) {
  const kit::Delayed delayed;
  return KIT_REAL(close)(fd);
}

KIT_INTERPOSE(int, shutdown, (int fd, int how)) {
  const kit::Delayed delayed;
  return KIT_REAL(shutdown)(fd, how);
}

// What _FORTIFY_SOURCE makes of read and recv when it knows the size of the buffer. The check is
// theirs: a count that is too large goes to them as it is, and they end the program.
KIT_INTERPOSE(ssize_t, __read_chk, (int fd, void* bytes, size_t count, size_t size)) {
  const kit::Delayed delayed;
  if (count <= size && kit::interrupted(fd, 0)) return -1;
  const std::size_t allowed = count <= size ? kit::allowed_bytes(fd, count, 0) : count;
  return KIT_REAL(__read_chk)(fd, bytes, allowed, size);
}

KIT_INTERPOSE(ssize_t, __recv_chk, (int fd, void* bytes, size_t count, size_t size, int flags)) {
  const kit::Delayed delayed;
  if (count <= size && kit::interrupted(fd, flags)) return -1;
  const std::size_t allowed = count <= size ? kit::allowed_bytes(fd, count, flags) : count;
  return KIT_REAL(__recv_chk)(fd, bytes, allowed, size, flags);
}
