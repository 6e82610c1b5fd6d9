// Waiting for many descriptors at once, and message queues, whose descriptors can be polled as
// well; see io.h. Weak definitions, as in interpose_io.cc.
#include <errno.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

#include "grader/explore/runtime/io.h"
#include "grader/explore/runtime/locks.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

constexpr std::uint64_t kMsNs = 1'000'000;

int poll_here(pollfd* fds, nfds_t count, int timeout_ms) {
  if (timeout_ms == 0) {
    point({.op = Op::kPoll, .key = kIoKey});
  } else {
    wait_until_ready(Op::kPoll, fds, static_cast<int>(count),
                     timeout_ms < 0 ? 0 : static_cast<std::uint64_t>(timeout_ms) * kMsNs);
  }
  record(Op::kPoll, kIoKey);
  acquire(g_world->io_clock);
  return KIT_REAL(poll)(fds, count, 0);
}

// As poll() sees it.
int to_pollfds(int count, const fd_set* reads, const fd_set* writes, pollfd* fds) {
  int used = 0;
  for (int fd = 0; fd < count; ++fd) {
    short events = 0;
    if (reads != nullptr && FD_ISSET(fd, reads)) events |= POLLIN;
    if (writes != nullptr && FD_ISSET(fd, writes)) events |= POLLOUT;
    if (events != 0) fds[used++] = {fd, events, 0};
  }
  return used;
}

int select_here(int count, fd_set* reads, fd_set* writes, fd_set* errors, const timeval* limit) {
  pollfd fds[FD_SETSIZE];
  const int used = to_pollfds(count, reads, writes, fds);
  const std::uint64_t limit_us = limit == nullptr
                                     ? 0
                                     : static_cast<std::uint64_t>(limit->tv_sec) * 1'000'000 +
                                           static_cast<std::uint64_t>(limit->tv_usec);
  if (limit != nullptr && limit_us == 0) {
    point({.op = Op::kPoll, .key = kIoKey});
  } else {
    wait_until_ready(Op::kPoll, fds, used, limit_us * 1000);
  }
  record(Op::kPoll, kIoKey);
  acquire(g_world->io_clock);
  timeval none{0, 0};
  return KIT_REAL(select)(count, reads, writes, errors, &none);
}

// An epoll descriptor can itself be polled: it is readable when it has something to tell.
int epoll_here(int fd, epoll_event* events, int count, int timeout_ms) {
  pollfd one{fd, POLLIN, 0};
  if (timeout_ms == 0) {
    point({.op = Op::kPoll, .key = kIoKey});
  } else {
    wait_until_ready(Op::kPoll, &one, 1,
                     timeout_ms < 0 ? 0 : static_cast<std::uint64_t>(timeout_ms) * kMsNs);
  }
  record(Op::kPoll, kIoKey, fd);
  acquire(g_world->io_clock);
  return KIT_REAL(epoll_wait)(fd, events, count, 0);
}

int to_ms(const timespec* limit) {
  if (limit == nullptr) return -1;
  return static_cast<int>(limit->tv_sec * 1000 + (limit->tv_nsec + 999'999) / 1'000'000);
}

// A message queue's descriptor can be polled, too. `abstime` may be null.
template <typename Call>
auto carry_out_message(mqd_t queue, Op op, const timespec* abstime, void* pc, Call call) {
  decltype(call()) result = -1;
  int error = ETIMEDOUT;
  {
    Entry entry(pc);
    pollfd one{queue, static_cast<short>(op == Op::kIoWrite ? POLLOUT : POLLIN), 0};
    std::uint64_t limit_ns = 0;
    if (abstime != nullptr) limit_ns = deadline_ns(*abstime, CLOCK_REALTIME) - g_world->now_ns + 1;
    const bool waits = !is_nonblocking(queue);
    if (!waits) point({.op = op, .key = kIoKey});
    if (!waits || wait_until_ready(op, &one, 1, limit_ns)) {
      result = call();
      error = errno;
      note_call(queue, op);
    }
  }
  if (result < 0) errno = error;
  return result;
}

}  // namespace
}  // namespace kit::explore

using kit::explore::Entry;
using kit::explore::Op;
using kit::explore::OuterCall;

#define KIT_WEAK __attribute__((weak))

extern "C" {

KIT_WEAK int poll(pollfd* fds, nfds_t count, int timeout_ms) {
  if (!kit::explore::is_explored()) return KIT_REAL(poll)(fds, count, timeout_ms);
  Entry entry(KIT_PC);
  return kit::explore::poll_here(fds, count, timeout_ms);
}

KIT_WEAK int select(int count, fd_set* __restrict reads, fd_set* __restrict writes,
                    fd_set* __restrict errors, timeval* __restrict limit) {
  if (!kit::explore::is_explored()) return KIT_REAL(select)(count, reads, writes, errors, limit);
  Entry entry(KIT_PC);
  return kit::explore::select_here(count, reads, writes, errors, limit);
}

KIT_WEAK int epoll_wait(int fd, epoll_event* events, int count, int timeout_ms) {
  if (!kit::explore::is_explored()) return KIT_REAL(epoll_wait)(fd, events, count, timeout_ms);
  Entry entry(KIT_PC);
  return kit::explore::epoll_here(fd, events, count, timeout_ms);
}

// The signal masks of these make no difference: signals come when the schedule says so.
KIT_WEAK int ppoll(pollfd* fds, nfds_t count, const timespec* limit, const sigset_t* mask) {
  if (!kit::explore::is_explored()) return KIT_REAL(ppoll)(fds, count, limit, mask);
  const OuterCall outer(KIT_PC);
  return poll(fds, count, kit::explore::to_ms(limit));
}

KIT_WEAK int pselect(int count, fd_set* __restrict reads, fd_set* __restrict writes,
                     fd_set* __restrict errors, const timespec* __restrict limit,
                     const sigset_t* __restrict mask) {
  if (!kit::explore::is_explored())
    return KIT_REAL(pselect)(count, reads, writes, errors, limit, mask);
  const OuterCall outer(KIT_PC);
  timeval coarse{};
  if (limit != nullptr) coarse = {limit->tv_sec, (limit->tv_nsec + 999) / 1000};
  return select(count, reads, writes, errors, limit == nullptr ? nullptr : &coarse);
}

KIT_WEAK int epoll_pwait(int fd, epoll_event* events, int count, int timeout_ms,
                         const sigset_t* mask) {
  if (!kit::explore::is_explored())
    return KIT_REAL(epoll_pwait)(fd, events, count, timeout_ms, mask);
  const OuterCall outer(KIT_PC);
  return epoll_wait(fd, events, count, timeout_ms);
}

KIT_WEAK int epoll_pwait2(int fd, epoll_event* events, int count, const timespec* limit,
                          const sigset_t* mask) {
  if (!kit::explore::is_explored()) return KIT_REAL(epoll_pwait2)(fd, events, count, limit, mask);
  const OuterCall outer(KIT_PC);
  return epoll_wait(fd, events, count, kit::explore::to_ms(limit));
}

KIT_WEAK int eventfd_read(int fd, eventfd_t* value) {
  const OuterCall outer(KIT_PC);
  return read(fd, value, sizeof *value) == sizeof *value ? 0 : -1;
}

KIT_WEAK int eventfd_write(int fd, eventfd_t value) {
  const OuterCall outer(KIT_PC);
  return write(fd, &value, sizeof value) == sizeof value ? 0 : -1;
}

KIT_WEAK int mq_send(mqd_t queue, const char* from, size_t bytes, unsigned priority) {
  if (!kit::explore::is_explored()) return KIT_REAL(mq_send)(queue, from, bytes, priority);
  return kit::explore::carry_out_message(queue, Op::kIoWrite, nullptr, KIT_PC, [&] {
    return KIT_REAL(mq_send)(queue, from, bytes, priority);
  });
}

KIT_WEAK int mq_timedsend(mqd_t queue, const char* from, size_t bytes, unsigned priority,
                          const timespec* abstime) {
  if (!kit::explore::is_explored())
    return KIT_REAL(mq_timedsend)(queue, from, bytes, priority, abstime);
  return kit::explore::carry_out_message(queue, Op::kIoWrite, abstime, KIT_PC, [&] {
    return KIT_REAL(mq_send)(queue, from, bytes, priority);
  });
}

KIT_WEAK ssize_t mq_receive(mqd_t queue, char* to, size_t bytes, unsigned* priority) {
  if (!kit::explore::is_explored()) return KIT_REAL(mq_receive)(queue, to, bytes, priority);
  return kit::explore::carry_out_message(queue, Op::kIoRead, nullptr, KIT_PC, [&] {
    return KIT_REAL(mq_receive)(queue, to, bytes, priority);
  });
}

KIT_WEAK ssize_t mq_timedreceive(mqd_t queue, char* __restrict to, size_t bytes,
                                 unsigned* __restrict priority,
                                 const timespec* __restrict abstime) {
  if (!kit::explore::is_explored())
    return KIT_REAL(mq_timedreceive)(queue, to, bytes, priority, abstime);
  return kit::explore::carry_out_message(queue, Op::kIoRead, abstime, KIT_PC, [&] {
    return KIT_REAL(mq_receive)(queue, to, bytes, priority);
  });
}

}  // extern "C"
