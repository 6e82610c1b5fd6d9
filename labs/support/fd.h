// UniqueFd: a file descriptor that closes itself.
//
// A descriptor is a number that the kernel gave us and wants back. An early return or an exception
// between open() and close() loses it for good, and a server that loses one per connection stops
// after a thousand of them. So each descriptor has exactly one owner, and the owner's destructor
// closes it.
//
// Ownership: a UniqueFd owns its descriptor; moving it hands the ownership over, copying is not
// possible. get() lends the number to a system call.
// Thread-safety: none; one thread owns it. (Closing a descriptor that another thread is blocked in
// does not wake that thread, and the number may be given to somebody else at once. Shut the socket
// down first, join the thread, then close: shutdown(2), close(2).)
// Errors: none. close() may report one, but the descriptor is gone either way on Linux.
#ifndef LABS_SUPPORT_FD_H_
#define LABS_SUPPORT_FD_H_

#include <unistd.h>

#include <utility>

namespace support {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  // Gives the descriptor away: the caller closes it from now on.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

  // Closes what it holds and takes over `fd` (-1: nothing).
  void reset(int fd = -1) {
    // EINTR is not tried again: Linux has freed the number already (close(2), NOTES), and a second
    // close() could hit a descriptor that another thread was given in between.
    if (fd_ >= 0) static_cast<void>(::close(fd_));
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace support

#endif  // LABS_SUPPORT_FD_H_
