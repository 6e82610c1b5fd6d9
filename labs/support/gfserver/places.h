// Places: how many connections may be open at a time, and how many are.
//
// The server takes a place for each connection it accepts, and the place goes with the connection:
// to the handler, through a queue, to another thread. Wherever the connection ends, its place is
// free again. When all were taken, the server must be told that one is free; it waits for a
// descriptor, so that is how it is told.
//
// Ownership: a place keeps its Places alive, so it may outlive the server.
// Thread-safety: take() on one thread; places may be given back on any.
// Errors: the constructor and take() throw when the system is short of something.
#ifndef LABS_SUPPORT_GFSERVER_PLACES_H_
#define LABS_SUPPORT_GFSERVER_PLACES_H_

#include <sys/eventfd.h>

#include <atomic>
#include <cstddef>
#include <memory>

#include "labs/support/error.h"
#include "labs/support/fd.h"

namespace gfs {

class Places : public std::enable_shared_from_this<Places> {
 public:
  explicit Places(std::size_t count)
      : free_(count), freed_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!freed_fd_) support::throw_errno("eventfd");
  }

  bool are_all_taken() const { return free_ == 0; }

  // A place; call it only when not all are taken. It is given back when the last pointer to it
  // goes.
  std::shared_ptr<void> take() {
    std::shared_ptr<void> place(this, [self = shared_from_this()](void*) { self->give_back(); });
    --free_;
    return place;
  }

  // Readable when a place was given back while all were taken.
  int freed_fd() const { return freed_fd_.get(); }

  // Makes it unreadable again. Ask are_all_taken() after that, not before: a place may be given
  // back in between.
  void forget_freed() {
    eventfd_t ignored;
    static_cast<void>(::eventfd_read(freed_fd_.get(), &ignored));
  }

 private:
  void give_back() {
    // Fails only when the counter is full, and then the descriptor is readable already.
    if (free_++ == 0) static_cast<void>(::eventfd_write(freed_fd_.get(), 1));
  }

  std::atomic<std::size_t> free_;
  const support::UniqueFd freed_fd_;
};

}  // namespace gfs

#endif  // LABS_SUPPORT_GFSERVER_PLACES_H_
