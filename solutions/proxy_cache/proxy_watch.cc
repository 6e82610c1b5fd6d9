#include "proxy_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "labs/support/deadline.h"
#include "labs/support/error.h"

namespace proxy_cache {
namespace {

// A descriptor for a process, by its number. Empty when there is no process of that number, or
// there are no such descriptors here.
support::UniqueFd open_process(pid_t pid) {
  support::UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!fd && errno != ESRCH && errno != ENOSYS) support::throw_errno("pidfd_open");
  return fd;
}

support::UniqueFd open_event() {
  support::UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) support::throw_errno("eventfd");
  return fd;
}

}  // namespace

ProxyWatch::ProxyWatch(const Board& board) : fd_(open_process(board.proxy_pid())) {
  // The number may have been given to another process before we opened it. Not if the proxy lives
  // now.
  if (fd_ && board.proxy_is_alive()) return;
  fd_ = open_event();
  end_ = open_event();
  thread_ = std::thread([this, &board] { look(board); });
}

ProxyWatch::~ProxyWatch() {
  if (!thread_.joinable()) return;
  static_cast<void>(::eventfd_write(end_.get(), 1));  // cannot fail: it was 0
  thread_.join();
}

void ProxyWatch::look(const Board& board) const {
  while (board.proxy_is_alive()) {
    using support::Deadline;
    if (support::wait_for(end_.get(), POLLIN, Deadline::after_ms(Peer::kLookMs))) return;
  }
  static_cast<void>(::eventfd_write(fd_.get(), 1));
}

}  // namespace proxy_cache
