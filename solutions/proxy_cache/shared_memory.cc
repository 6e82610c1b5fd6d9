#include "shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

//~ begin step 1: Headers that you need for this step.
//~| #include <stdexcept>
#include "labs/support/error.h"
//~ end

namespace proxy_cache {

SharedMemory SharedMemory::create(const std::string& name, std::size_t bytes) {
  //~ begin step 1: shm_open(3), which must not take an object that is there already. From the
  //~   moment it is made, it must be unlinked if something goes wrong. posix_fallocate(3) gives it
  //~   its size.
  //~| (void)name;
  //~| (void)bytes;
  //~| throw std::logic_error("not implemented yet (step 1)");
  SharedMemory memory(name, support::UniqueFd(::shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL,
                                                         S_IRUSR | S_IWUSR)));
  if (!memory.fd_) support::throw_errno("shm_open " + name);
  memory.is_owner_ = true;
  int error;
  do {
    error = ::posix_fallocate(memory.fd(), 0, static_cast<off_t>(bytes));
  } while (error == EINTR);
  if (error != 0) support::throw_error(error, "posix_fallocate " + name);
  memory.map(bytes);
  return memory;
  //~ end
}

SharedMemory SharedMemory::open(const std::string& name) {
  //~ begin step 1: shm_open(3) again. fstat(2) says how large it is.
  //~| (void)name;
  //~| throw std::logic_error("not implemented yet (step 1)");
  SharedMemory memory(name, support::UniqueFd(::shm_open(name.c_str(), O_RDWR, 0)));
  if (!memory.fd_) support::throw_errno("shm_open " + name);
  struct stat status;
  if (::fstat(memory.fd(), &status) < 0) support::throw_errno("fstat " + name);
  memory.map(static_cast<std::size_t>(status.st_size));
  return memory;
  //~ end
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : name_(std::move(other.name_)),
      fd_(std::move(other.fd_)),
      memory_(std::exchange(other.memory_, {})),
      is_owner_(std::exchange(other.is_owner_, false)) {}

SharedMemory::~SharedMemory() {
  //~ begin step 1: Undo what was done: the mapping, and the name if it is ours. (The descriptor
  //~   sees to itself.)
  // The name first, while all the rest still stands: nobody can find an object that is half gone.
  if (is_owner_) static_cast<void>(::shm_unlink(name_.c_str()));
  if (!memory_.empty()) static_cast<void>(::munmap(memory_.data(), memory_.size()));
  //~ end
}

void SharedMemory::map(std::size_t bytes) {
  //~ begin step 1: mmap(2). No bytes cannot be mapped; an object may be without any.
  //~| (void)bytes;
  if (bytes == 0) return;
  void* address = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd(), 0);
  if (address == MAP_FAILED) support::throw_errno("mmap " + name_);
  memory_ = {static_cast<char*>(address), bytes};
  //~ end
}

}  // namespace proxy_cache
