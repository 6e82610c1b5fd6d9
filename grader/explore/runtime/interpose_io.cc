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

using kit::explore::carry_out;
using kit::explore::Entry;
using kit::explore::is_mine;
using kit::explore::Op;

#define KIT_WEAK __attribute__((weak))

extern "C" {

KIT_WEAK ssize_t read(int fd, void* to, size_t bytes) {
  if (!is_mine(fd)) return KIT_REAL(read)(fd, to, bytes);
  return carry_out(fd, Op::kIoRead, bytes, KIT_PC,
                   [&](size_t n) { return KIT_REAL(read)(fd, to, n); });
}

KIT_WEAK ssize_t write(int fd, const void* from, size_t bytes) {
  if (!is_mine(fd)) return KIT_REAL(write)(fd, from, bytes);
  return carry_out(fd, Op::kIoWrite, bytes, KIT_PC,
                   [&](size_t n) { return KIT_REAL(write)(fd, from, n); });
}

KIT_WEAK ssize_t readv(int fd, const iovec* parts, int count) {
  if (!is_mine(fd)) return KIT_REAL(readv)(fd, parts, count);
  return carry_out(fd, Op::kIoRead, 0, KIT_PC,
                   [&](size_t) { return KIT_REAL(readv)(fd, parts, count); });
}

KIT_WEAK ssize_t writev(int fd, const iovec* parts, int count) {
  if (!is_mine(fd)) return KIT_REAL(writev)(fd, parts, count);
  return carry_out(fd, Op::kIoWrite, 0, KIT_PC,
                   [&](size_t) { return KIT_REAL(writev)(fd, parts, count); });
}

KIT_WEAK ssize_t recv(int fd, void* to, size_t bytes, int flags) {
  if (!is_mine(fd) || (flags & MSG_DONTWAIT) != 0) return KIT_REAL(recv)(fd, to, bytes, flags);
  const bool is_whole = (flags & MSG_WAITALL) != 0;
  return carry_out(fd, Op::kIoRead, is_whole ? 0 : bytes, KIT_PC,
                   [&](size_t n) { return KIT_REAL(recv)(fd, to, is_whole ? bytes : n, flags); });
}

KIT_WEAK ssize_t recvfrom(int fd, void* __restrict to, size_t bytes, int flags,
                          sockaddr* __restrict from, socklen_t* __restrict size) {
  if (!is_mine(fd) || (flags & MSG_DONTWAIT) != 0)
    return KIT_REAL(recvfrom)(fd, to, bytes, flags, from, size);
  return carry_out(fd, Op::kIoRead, 0, KIT_PC,
                   [&](size_t) { return KIT_REAL(recvfrom)(fd, to, bytes, flags, from, size); });
}

KIT_WEAK ssize_t recvmsg(int fd, msghdr* message, int flags) {
  if (!is_mine(fd) || (flags & MSG_DONTWAIT) != 0) return KIT_REAL(recvmsg)(fd, message, flags);
  return carry_out(fd, Op::kIoRead, 0, KIT_PC,
                   [&](size_t) { return KIT_REAL(recvmsg)(fd, message, flags); });
}

KIT_WEAK ssize_t send(int fd, const void* from, size_t bytes, int flags) {
  if (!is_mine(fd) || (flags & MSG_DONTWAIT) != 0) return KIT_REAL(send)(fd, from, bytes, flags);
  return carry_out(fd, Op::kIoWrite, bytes, KIT_PC,
                   [&](size_t n) { return KIT_REAL(send)(fd, from, n, flags); });
}

KIT_WEAK ssize_t sendto(int fd, const void* from, size_t bytes, int flags, const sockaddr* to,
                        socklen_t size) {
  if (!is_mine(fd) || (flags & MSG_DONTWAIT) != 0)
    return KIT_REAL(sendto)(fd, from, bytes, flags, to, size);
  return carry_out(fd, Op::kIoWrite, 0, KIT_PC,
                   [&](size_t) { return KIT_REAL(sendto)(fd, from, bytes, flags, to, size); });
}

KIT_WEAK ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (!is_mine(fd) || (flags & MSG_DONTWAIT) != 0) return KIT_REAL(sendmsg)(fd, message, flags);
  return carry_out(fd, Op::kIoWrite, 0, KIT_PC,
                   [&](size_t) { return KIT_REAL(sendmsg)(fd, message, flags); });
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
