#include "shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

// TODO(step 1): Headers that you need for this step.
#include <stdexcept>

namespace proxy_cache {

SharedMemory SharedMemory::create(const std::string& name, std::size_t bytes) {
  // TODO(step 1): shm_open(3), which must not take an object that is there already. From the
  // moment it is made, it must be unlinked if something goes wrong. posix_fallocate(3) gives it
  // its size.
  (void)name;
  (void)bytes;
  throw std::logic_error("not implemented yet (step 1)");
}

SharedMemory SharedMemory::open(const std::string& name) {
  // TODO(step 1): shm_open(3) again. fstat(2) says how large it is.
  (void)name;
  throw std::logic_error("not implemented yet (step 1)");
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : name_(std::move(other.name_)),
      fd_(std::move(other.fd_)),
      memory_(std::exchange(other.memory_, {})),
      is_owner_(std::exchange(other.is_owner_, false)) {}

SharedMemory::~SharedMemory() {
  // TODO(step 1): Undo what was done: the mapping, and the name if it is ours. (The descriptor
  // sees to itself.)
}

void SharedMemory::map(std::size_t bytes) {
  // TODO(step 1): mmap(2). No bytes cannot be mapped; an object may be without any.
  (void)bytes;
}

}  // namespace proxy_cache
