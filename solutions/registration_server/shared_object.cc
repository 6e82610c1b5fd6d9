#include "shared_object.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "labs/support/error.h"
#include "wire.h"

namespace registration {

//~ begin step 1: Functions of your own can stand here.
namespace {

// Opens the object; empty when there is none. Readable and writable by this user alone.
support::UniqueFd open_object(const std::string& name, int flags) {
  support::UniqueFd fd(::shm_open(name.c_str(), O_RDWR | flags, 0600));  // sets FD_CLOEXEC
  if (!fd && errno == EEXIST) throw ObjectExists(name + ": exists already");
  if (!fd && errno != ENOENT) support::throw_errno("shm_open " + name);
  return fd;
}

struct stat status_of(int fd) {
  struct stat status;
  if (::fstat(fd, &status) < 0) support::throw_errno("fstat");
  return status;
}

// A new object that is ours. Between our making it and our locking it, somebody who clears away
// what dead servers left may take it for such a one. Then it has no name any more, or will not have
// it for long, and we make another one.
support::UniqueFd claim(const std::string& name) {
  for (;;) {
    support::UniqueFd fd = open_object(name, O_CREAT | O_EXCL);
    bool is_locked = fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
    if (fd && !is_locked && errno != EWOULDBLOCK) support::throw_errno("flock");
    if (is_locked && status_of(fd.get()).st_nlink != 0) return fd;
  }
}

// Without this, the object would be a promise: a page that cannot be had when it is first touched
// ends the process with SIGBUS.
void reserve(int fd, std::size_t bytes) {
  int error;
  do {
    error = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  } while (error == EINTR);
  if (error != 0) support::throw_error(error, "reserve shared memory");
}

void* map(int fd, std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) support::throw_errno("mmap");
  return memory;
}

// Whether it is published. Throws when it is, but as something else.
bool is_open(const std::string& name, const wire::Header& header, std::uint64_t magic) {
  if (header.state.load(std::memory_order_acquire) == wire::ObjectState::kBeingMade) return false;
  if (header.magic == magic && header.version == wire::kVersion) return true;
  throw NoObject(name + ": is not what it should be");
}

// Between two looks at what has nothing to wait on.
void pause_a_moment() {
  constexpr timespec kMoment = {0, 1'000'000};
  static_cast<void>(::nanosleep(&kMoment, nullptr));  // woken by a signal: we look sooner
}

}  // namespace
//~ end

SharedObject SharedObject::create(const std::string& name, std::size_t bytes, std::uint64_t magic) {
  //~ begin step 1: Make the object, and nobody else's; lock its file; reserve and map its memory.
  //~   Write the magic and the version; the state comes with publish().
  //~| (void)name;
  //~| (void)bytes;
  //~| (void)magic;
  //~| throw std::logic_error("not implemented yet (step 1)");
  SharedObject object(claim(name));
  object.created_name_ = name;  // from here on, the destructor removes it
  reserve(object.fd_.get(), bytes);
  object.memory_ = map(object.fd_.get(), bytes);
  object.bytes_ = bytes;
  object.as<wire::Header>().magic = magic;
  object.as<wire::Header>().version = wire::kVersion;
  return object;
  //~ end
}

SharedObject SharedObject::open(const std::string& name, std::size_t bytes, std::uint64_t magic,
                                support::Deadline deadline) {
  //~ begin step 1: Look at least once, and until the deadline. There may be no object, an empty
  //~   one, or one that is not published: touch its memory only when there is enough of it.
  //~| (void)name;
  //~| (void)bytes;
  //~| (void)magic;
  //~| (void)deadline;
  //~| throw std::logic_error("not implemented yet (step 1)");
  for (;;) {
    // Anew each time: what has the name may be another object by now.
    SharedObject object(open_object(name, 0));
    if (object.fd_ && static_cast<std::size_t>(status_of(object.fd_.get()).st_size) >= bytes) {
      object.memory_ = map(object.fd_.get(), bytes);
      object.bytes_ = bytes;
      if (is_open(name, object.as<wire::Header>(), magic)) return object;
    }
    if (deadline.has_passed()) throw NoObject(name + ": is not there, or not ready");
    pause_a_moment();
  }
  //~ end
}

//~ begin step 1: Moving: the object that was moved from owns nothing.
//~| SharedObject::SharedObject(SharedObject&& other) noexcept : memory_(other.memory_) {}
SharedObject::SharedObject(SharedObject&& other) noexcept
    : fd_(std::move(other.fd_)),
      memory_(std::exchange(other.memory_, nullptr)),
      bytes_(other.bytes_),
      created_name_(std::exchange(other.created_name_, std::string())) {}
//~ end

SharedObject::~SharedObject() {
  //~ begin step 1: Remove the name if it is ours, and unmap.
  // The name first, while we have the file lock: after that it may be somebody else's object's.
  remove_name();
  if (memory_ != nullptr) static_cast<void>(::munmap(memory_, bytes_));
  //~ end
}

void SharedObject::publish() {
  //~ begin step 1: Who sees this must see all that was written before.
  as<wire::Header>().state.store(wire::ObjectState::kOpen, std::memory_order_release);
  //~ end
}

void SharedObject::remove_name() noexcept {
  //~ begin step 1: Once, and only by the one who made it.
  if (created_name_.empty()) return;
  // Fails only if somebody has removed it by hand, and then there is nothing to do.
  static_cast<void>(::shm_unlink(created_name_.c_str()));
  created_name_.clear();
  //~ end
}

}  // namespace registration
