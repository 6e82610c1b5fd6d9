#include "grader/explore/driver/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <system_error>

namespace kit::explore {
namespace {

[[noreturn]] void throw_errno(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

void make_pipe(UniqueFd& read_end, UniqueFd& write_end) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) throw_errno("pipe2");
  read_end.reset(fds[0]);
  write_end.reset(fds[1]);
}

}  // namespace

Link::Link() {
  memory_.reset(memfd_create("kit-explore", MFD_CLOEXEC));
  if (!memory_.valid()) throw_errno("memfd_create");
  if (ftruncate(memory_.get(), sizeof(Channel)) != 0) throw_errno("ftruncate");
  void* memory =
      mmap(nullptr, sizeof(Channel), PROT_READ | PROT_WRITE, MAP_SHARED, memory_.get(), 0);
  if (memory == MAP_FAILED) throw_errno("mmap");
  channel_ = static_cast<Channel*>(memory);
  make_pipe(go_read_, go_write_);
  make_pipe(done_read_, done_write_);
}

Link::~Link() { munmap(channel_, sizeof(Channel)); }

std::vector<int> Link::inherited_fds() const {
  return {memory_.get(), go_read_.get(), done_write_.get()};
}

std::string Link::variable() const {
  return std::to_string(memory_.get()) + ',' + std::to_string(go_read_.get()) + ',' +
         std::to_string(done_write_.get());
}

void Link::close_program_ends() {
  go_read_.reset();
  done_write_.reset();
}

bool Link::run(int timeout_ms) {
  const char word = 'g';
  if (write(go_write_.get(), &word, 1) != 1) return false;
  pollfd done{done_read_.get(), POLLIN, 0};
  int ready = 0;
  do {
    ready = poll(&done, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  char answer = 0;
  return ready == 1 && read(done_read_.get(), &answer, 1) == 1;
}

}  // namespace kit::explore
