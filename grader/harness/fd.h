// A file descriptor with one owner.
//
// Ownership: UniqueFd closes its descriptor when it goes away. Moving hands it on; a moved-from or
// default UniqueFd holds -1 and closes nothing.
// Thread-safety: a value like any other; two threads may not change the same one at once.
// Errors: none. A failed close(2) is not told: Linux has freed the number all the same, and trying
// again could close a descriptor that another thread has opened since (close(2), "Dealing with
// error returns from close()").
#ifndef GRADER_HARNESS_FD_H_
#define GRADER_HARNESS_FD_H_

#include <unistd.h>

#include <utility>

namespace kit {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

  // Gives the descriptor away: the caller closes it.
  int release() { return std::exchange(fd_, -1); }

  void reset(int fd = -1) {
    if (fd_ >= 0) static_cast<void>(::close(fd_));
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace kit

#endif  // GRADER_HARNESS_FD_H_
