#include "grader/explore/runtime/io.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/trace.h"
#include "grader/explore/runtime/waits.h"

namespace kit::explore {
namespace {

constexpr std::uint64_t kMsNs = 1'000'000;

struct stat first[STDERR_FILENO + 1];

bool is_as_at_first(int fd, const struct stat& about) {
  return fd <= STDERR_FILENO && about.st_dev == first[fd].st_dev &&
         about.st_ino == first[fd].st_ino;
}

bool can_block(int fd) {
  struct stat about {};
  if (fd < 0 || fstat(fd, &about) != 0 || is_as_at_first(fd, about)) return false;
  return S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode) || S_ISCHR(about.st_mode) ||
         (about.st_mode & S_IFMT) == 0;
}

// A descriptor's own time limit (SO_RCVTIMEO, SO_SNDTIMEO), in virtual time; 0: none.
std::uint64_t time_limit_ns(int fd, short events) {
  timeval limit{};
  socklen_t size = sizeof limit;
  const int which = events == POLLIN ? SO_RCVTIMEO : SO_SNDTIMEO;
  if (getsockopt(fd, SOL_SOCKET, which, &limit, &size) != 0) return 0;
  return (static_cast<std::uint64_t>(limit.tv_sec) * 1000 +
          static_cast<std::uint64_t>(limit.tv_usec) / 1000) *
         kMsNs;
}

bool is_ready(pollfd* fds, int count) {
  return KIT_REAL(poll)(fds, static_cast<nfds_t>(count), 0) != 0;
}

// Only a stream may be read or written in part. A pipe takes up to PIPE_BUF bytes whole, and a
// socket does so with little: a send that is cut short is one of much.
bool may_be_short(int fd, Op op, std::size_t bytes) {
  struct stat about {};
  if (!g_channel->plan.short_io || bytes < 2 || fstat(fd, &about) != 0) return false;
  if (op == Op::kIoWrite && bytes <= PIPE_BUF) return false;
  if (S_ISFIFO(about.st_mode)) return true;
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

}  // namespace

void note_first_descriptors() {
  for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
    if (fstat(fd, &first[fd]) != 0) first[fd] = {};
  }
}

NonBlocking::NonBlocking(int fd) : fd_(fd), flags_(KIT_REAL(fcntl)(fd, F_GETFL)) {
  KIT_REAL(fcntl)(fd, F_SETFL, flags_ | O_NONBLOCK);
}

NonBlocking::~NonBlocking() { KIT_REAL(fcntl)(fd_, F_SETFL, flags_); }

bool is_mine(int fd) { return is_explored() && can_block(fd); }

bool is_nonblocking(int fd) {
  const int flags = KIT_REAL(fcntl)(fd, F_GETFL);
  return flags >= 0 && (flags & O_NONBLOCK) != 0;
}

bool wait_until_ready(Op op, pollfd* fds, int count, std::uint64_t limit_ns) {
  const bool has_deadline = limit_ns > 0;
  const std::uint64_t deadline = g_world->now_ns + limit_ns;
  while (true) {
    t_self->is_woken = false;
    const Why why = point({.op = op,
                           .key = kIoKey,
                           .wait = Wait::kFds,
                           .has_deadline = has_deadline,
                           .deadline_ns = deadline,
                           .fds = fds,
                           .fd_count = count});
    if (is_ready(fds, count)) return true;
    if (why == Why::kTimeout) return false;
  }
}

bool prepare_call(int fd, Op op) {
  const short events = op == Op::kIoWrite ? POLLOUT : POLLIN;
  if (is_nonblocking(fd)) {
    point({.op = op, .key = kIoKey});
    return true;
  }
  pollfd one{fd, events, 0};
  return wait_until_ready(op, &one, 1, time_limit_ns(fd, events));
}

std::size_t shortened(int fd, Op op, std::size_t bytes) {
  if (!may_be_short(fd, op, bytes)) return bytes;
  if (pick(4) != 1) return bytes;
  return 1 + static_cast<std::size_t>(pick(bytes > 64 ? 64 : static_cast<int>(bytes) - 1));
}

void note_call(int fd, Op op) {
  record(op, kIoKey, fd);
  if (op == Op::kIoWrite) {
    release(g_world->io_clock);
  } else {
    acquire(g_world->io_clock);
  }
  note_output();
}

}  // namespace kit::explore
