// Input and output that may block, on pipes, sockets and whatever else can be polled; see io.h.
//
// These definitions are weak: a program may have functions of these names of its own.
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "grader/explore/runtime/io.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/shadow.h"

using kit::explore::carry_out;
using kit::explore::Entry;
using kit::explore::is_mine;
using kit::explore::Op;

#define KIT_WEAK __attribute__((weak))

namespace kit::explore {
namespace {

std::size_t bytes_of(const iovec* parts, std::size_t count) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) bytes += parts[i].iov_len;
  return bytes;
}

// What is left of parts when `done` bytes are gone, and no more than `bytes`.
class Parts {
 public:
  Parts(const iovec* parts, std::size_t count, std::size_t done, std::size_t bytes) {
    for (std::size_t i = 0; i < count && size_ < kMost && bytes > 0; ++i) {
      const std::size_t skipped = done < parts[i].iov_len ? done : parts[i].iov_len;
      done -= skipped;
      const std::size_t left = parts[i].iov_len - skipped;
      if (left == 0) continue;
      const std::size_t taken = left < bytes ? left : bytes;
      parts_[size_++] = {static_cast<char*>(parts[i].iov_base) + skipped, taken};
      bytes -= taken;
    }
  }
  iovec* begin() { return parts_; }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kMost = 64;
  iovec parts_[kMost];
  std::size_t size_ = 0;
};

// What the kernel has put into a buffer, the calling thread has written.
ssize_t filled(void* to, ssize_t bytes, void* pc) {
  const int error = errno;
  if (bytes > 0) touch_range(to, static_cast<std::size_t>(bytes), Touch::kWrite, pc);
  errno = error;
  return bytes;
}

// With MSG_WAITALL: as many waits as it takes.
ssize_t receive_all(int fd, char* to, std::size_t bytes, int flags) {
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t got = carry_out(fd, Op::kIoRead, 0, KIT_PC, [&](std::size_t) {
      return KIT_REAL(recv)(fd, to + done, bytes - done, flags & ~MSG_WAITALL);
    });
    if (got <= 0 && done == 0) return got;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
    if ((flags & MSG_PEEK) != 0) break;
  }
  return static_cast<ssize_t>(done);
}

}  // namespace
}  // namespace kit::explore

using kit::explore::carry_out_now;
using kit::explore::carry_out_whole;
using kit::explore::filled;
using kit::explore::Parts;
using kit::explore::receive_all;
using kit::explore::Touch;
using kit::explore::touch_range;

extern "C" {

KIT_WEAK ssize_t read(int fd, void* to, size_t bytes) {
  if (!is_mine(fd)) return KIT_REAL(read)(fd, to, bytes);
  const ssize_t got = carry_out(fd, Op::kIoRead, bytes, KIT_PC,
                                [&](size_t n) { return KIT_REAL(read)(fd, to, n); });
  return filled(to, got, KIT_PC);
}

KIT_WEAK ssize_t write(int fd, const void* from, size_t bytes) {
  if (!is_mine(fd)) return KIT_REAL(write)(fd, from, bytes);
  touch_range(from, bytes, Touch::kRead, KIT_PC);
  return carry_out_whole(fd, bytes, KIT_PC, [&](size_t done, size_t n) {
    return KIT_REAL(write)(fd, static_cast<const char*>(from) + done, n);
  });
}

KIT_WEAK ssize_t readv(int fd, const iovec* parts, int count) {
  if (!is_mine(fd)) return KIT_REAL(readv)(fd, parts, count);
  return carry_out(fd, Op::kIoRead, 0, KIT_PC,
                   [&](size_t) { return KIT_REAL(readv)(fd, parts, count); });
}

KIT_WEAK ssize_t writev(int fd, const iovec* parts, int count) {
  if (!is_mine(fd)) return KIT_REAL(writev)(fd, parts, count);
  return carry_out_whole(fd, kit::explore::bytes_of(parts, count), KIT_PC,
                         [&](size_t done, size_t n) {
                           Parts rest(parts, static_cast<size_t>(count), done, n);
                           return KIT_REAL(writev)(fd, rest.begin(), static_cast<int>(rest.size()));
                         });
}

KIT_WEAK ssize_t recv(int fd, void* to, size_t bytes, int flags) {
  if (!is_mine(fd)) return KIT_REAL(recv)(fd, to, bytes, flags);
  if ((flags & MSG_DONTWAIT) != 0) {
    const ssize_t got = carry_out_now(fd, Op::kIoRead, KIT_PC,
                                      [&] { return KIT_REAL(recv)(fd, to, bytes, flags); });
    return filled(to, got, KIT_PC);
  }
  if ((flags & MSG_WAITALL) != 0) {
    return filled(to, receive_all(fd, static_cast<char*>(to), bytes, flags), KIT_PC);
  }
  const ssize_t got = carry_out(fd, Op::kIoRead, bytes, KIT_PC,
                                [&](size_t n) { return KIT_REAL(recv)(fd, to, n, flags); });
  return filled(to, got, KIT_PC);
}

KIT_WEAK ssize_t recvfrom(int fd, void* __restrict to, size_t bytes, int flags,
                          sockaddr* __restrict from, socklen_t* __restrict size) {
  if (!is_mine(fd)) return KIT_REAL(recvfrom)(fd, to, bytes, flags, from, size);
  if ((flags & MSG_DONTWAIT) != 0) {
    return carry_out_now(fd, Op::kIoRead, KIT_PC,
                         [&] { return KIT_REAL(recvfrom)(fd, to, bytes, flags, from, size); });
  }
  return carry_out(fd, Op::kIoRead, 0, KIT_PC,
                   [&](size_t) { return KIT_REAL(recvfrom)(fd, to, bytes, flags, from, size); });
}

KIT_WEAK ssize_t recvmsg(int fd, msghdr* message, int flags) {
  if (!is_mine(fd)) return KIT_REAL(recvmsg)(fd, message, flags);
  if ((flags & MSG_DONTWAIT) != 0) {
    return carry_out_now(fd, Op::kIoRead, KIT_PC,
                         [&] { return KIT_REAL(recvmsg)(fd, message, flags); });
  }
  return carry_out(fd, Op::kIoRead, 0, KIT_PC,
                   [&](size_t) { return KIT_REAL(recvmsg)(fd, message, flags); });
}

KIT_WEAK ssize_t send(int fd, const void* from, size_t bytes, int flags) {
  if (!is_mine(fd)) return KIT_REAL(send)(fd, from, bytes, flags);
  touch_range(from, bytes, Touch::kRead, KIT_PC);
  if ((flags & MSG_DONTWAIT) != 0) {
    return carry_out_now(fd, Op::kIoWrite, KIT_PC,
                         [&] { return KIT_REAL(send)(fd, from, bytes, flags); });
  }
  return carry_out_whole(fd, bytes, KIT_PC, [&](size_t done, size_t n) {
    return KIT_REAL(send)(fd, static_cast<const char*>(from) + done, n, flags);
  });
}

KIT_WEAK ssize_t sendto(int fd, const void* from, size_t bytes, int flags, const sockaddr* to,
                        socklen_t size) {
  if (to == nullptr || size == 0) return send(fd, from, bytes, flags);
  if (!is_mine(fd)) return KIT_REAL(sendto)(fd, from, bytes, flags, to, size);
  return carry_out(fd, Op::kIoWrite, 0, KIT_PC,
                   [&](size_t) { return KIT_REAL(sendto)(fd, from, bytes, flags, to, size); });
}

// What goes with the bytes (descriptors, for one) goes with the first of them.
KIT_WEAK ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (!is_mine(fd)) return KIT_REAL(sendmsg)(fd, message, flags);
  if ((flags & MSG_DONTWAIT) != 0) {
    return carry_out_now(fd, Op::kIoWrite, KIT_PC,
                         [&] { return KIT_REAL(sendmsg)(fd, message, flags); });
  }
  const size_t bytes = kit::explore::bytes_of(message->msg_iov, message->msg_iovlen);
  return carry_out_whole(fd, bytes, KIT_PC, [&](size_t done, size_t n) {
    Parts rest(message->msg_iov, message->msg_iovlen, done, n);
    msghdr part = *message;
    part.msg_iov = rest.begin();
    part.msg_iovlen = rest.size();
    if (done > 0) part.msg_controllen = 0;
    return KIT_REAL(sendmsg)(fd, &part, flags);
  });
}

KIT_WEAK int accept(int fd, sockaddr* __restrict from, socklen_t* __restrict size) {
  if (!is_mine(fd)) return KIT_REAL(accept)(fd, from, size);
  return carry_out(fd, Op::kIoRead, 0, KIT_PC,
                   [&](size_t) { return KIT_REAL(accept)(fd, from, size); });
}

KIT_WEAK int accept4(int fd, sockaddr* __restrict from, socklen_t* __restrict size, int flags) {
  if (!is_mine(fd)) return KIT_REAL(accept4)(fd, from, size, flags);
  return carry_out(fd, Op::kIoRead, 0, KIT_PC,
                   [&](size_t) { return KIT_REAL(accept4)(fd, from, size, flags); });
}

// An address that the schedule before this one used is free again at once.
KIT_WEAK int bind(int fd, const sockaddr* to, socklen_t size) {
  const int yes = 1;
  if (kit::explore::is_explored()) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  return KIT_REAL(bind)(fd, to, size);
}

// On this machine a connection is made at once, or refused.
KIT_WEAK int connect(int fd, const sockaddr* to, socklen_t size) {
  if (!kit::explore::is_explored()) return KIT_REAL(connect)(fd, to, size);
  int result = 0;
  int error = 0;
  {
    Entry entry(KIT_PC);
    kit::explore::point({.op = Op::kIoWrite, .key = kit::explore::kIoKey});
    result = KIT_REAL(connect)(fd, to, size);
    error = errno;
    kit::explore::note_call(fd, Op::kIoWrite);
  }
  if (result < 0) errno = error;
  return result;
}

// The other side sees the end: so it is output.
KIT_WEAK int close(int fd) {
  if (!is_mine(fd)) return KIT_REAL(close)(fd);
  Entry entry(KIT_PC);
  kit::explore::point({.op = Op::kIoWrite, .key = kit::explore::kIoKey});
  const int result = KIT_REAL(close)(fd);
  kit::explore::note_call(fd, Op::kIoWrite);
  return result;
}

KIT_WEAK int shutdown(int fd, int how) {
  if (!is_mine(fd)) return KIT_REAL(shutdown)(fd, how);
  Entry entry(KIT_PC);
  kit::explore::point({.op = Op::kIoWrite, .key = kit::explore::kIoKey});
  const int result = KIT_REAL(shutdown)(fd, how);
  kit::explore::note_call(fd, Op::kIoWrite);
  return result;
}

}  // extern "C"
